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

/** Edits above which lines are not paired up: the time grows with their square, and nobody reads the result. */
const MAX_EDITS = 1000;

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
    maxEditLength: MAX_EDITS,
  });
  if (patch === undefined) return apart(leftName, left, rightName, right);
  return patch.hunks.length === 0 ? null : formatPatch(patch, FILE_HEADERS_ONLY).trimEnd();
}

/** All between the equal ends, one side after the other. */
function apart(
  leftName: string,
  left: readonly string[],
  rightName: string,
  right: readonly string[],
): string {
  const shorter = Math.min(left.length, right.length);
  let head = 0;
  while (head < shorter && left[head] === right[head]) head++;
  let tail = 0;
  while (tail < shorter - head && left.at(-1 - tail) === right.at(-1 - tail)) tail++;
  const [from, rest] = [Math.max(0, head - CONTEXT), Math.min(tail, CONTEXT)];
  const middle = (lines: readonly string[]) => lines.slice(head, lines.length - tail);
  const signed = (sign: string, lines: readonly string[]) => lines.map((line) => sign + line);
  const range = (lines: readonly string[]) => `${from + 1},${lines.length - tail + rest - from}`;
  return [
    `--- ${leftName}`,
    `+++ ${rightName}`,
    `@@ -${range(left)} +${range(right)} @@`,
    ...signed(' ', left.slice(from, head)),
    ...signed('-', middle(left)),
    ...signed('+', middle(right)),
    ...signed(' ', left.slice(left.length - tail, left.length - tail + rest)),
  ].join('\n');
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
