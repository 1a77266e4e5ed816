// SPDX-License-Identifier: MIT
/**
 * Unified diff of an expectation against an outcome. A field the expectation leaves open is printed as it
 * was observed, so that every line with a sign is a real difference.
 */
import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff/lib/patch/create.js';
import type { FieldText, Observation } from '../target/outcome.js';
import { align } from './align.js';
import { ANY, fieldMatches, satisfies } from './match.js';
import { type Fields, normalLine } from './normal.js';

/** Lines of context around a difference. */
const CONTEXT = 3;

/** `null` when the outcome satisfies the expectations. `name` heads the observed side. */
export function diffExpected(
  expected: readonly Fields[],
  observed: readonly Observation[],
  name: string,
): string | null {
  const [left, right]: [string[], string[]] = [[], []];
  for (const [want, got] of align(expected, observed, (want, got) => satisfies(got, want))) {
    if (want !== null) left.push(normalLine(got === null ? want : completed(want, got)));
    if (got !== null) right.push(normalLine(got));
  }
  return diffLines('expected', left, name, right);
}

/** `null` when the lists of lines are equal. No final newline. */
export function diffLines(
  leftName: string,
  left: readonly string[],
  rightName: string,
  right: readonly string[],
): string | null {
  const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');
  const patch = structuredPatch(leftName, rightName, text(left), text(right), undefined, undefined, {
    context: CONTEXT,
  });
  return patch.hunks.length === 0 ? null : formatPatch(patch, FILE_HEADERS_ONLY).trimEnd();
}

/** The expected line in the order and with the open fields of what was observed. */
function completed(want: Fields, got: Observation): Fields {
  const fields: Record<string, FieldText> = {};
  for (const [name, seen] of Object.entries(got.fields)) {
    const wanted = want.fields[name];
    fields[name] = wanted === undefined || fieldMatches(wanted, seen) ? seen : open(wanted, seen);
  }
  for (const [name, wanted] of Object.entries(want.fields)) fields[name] ??= wanted;
  return { kind: want.kind, fields };
}

/** Elements that match are printed in the observed spelling. */
function open(wanted: FieldText, seen: FieldText): FieldText {
  if (typeof wanted === 'string' || typeof seen === 'string') return wanted;
  return wanted.map((text, index) => {
    const observed = seen[index];
    return observed !== undefined && (text === ANY || fieldMatches(text, observed)) ? observed : text;
  });
}
