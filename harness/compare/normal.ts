// SPDX-License-Identifier: MIT
/**
 * Normal form: one line of text per observation. Two observations are equal if their lines are. The form
 * is a contract with stored logs: `kind probe function(arguments) field=text …`, fields in the order in
 * which the target gives them.
 */
import type { FieldText, Observation } from '../target/outcome.js';

/** What an observation and an expectation have in common. */
export interface Fields {
  readonly kind: string;
  readonly fields: Readonly<Record<string, FieldText>>;
}

/** Fields printed without their name, at the head of the line and in this order. */
const HEAD = ['call', 'counter', 'by', 'probe'] as const;
/** Fields printed after `=` instead of their name. */
const VALUE: ReadonlySet<string> = new Set(['value', 'code']);
const PLACED: ReadonlySet<string> = new Set([...HEAD, 'function', 'arguments']);

/** `entry watch sum3(1, 2, 3) parent=caller stack_pointer=sp+0`; `error register watch = -EINVAL` */
export function normalLine({ kind, fields }: Fields): string {
  let line = kind;
  for (const name of HEAD) {
    const value = fields[name];
    if (value !== undefined) line += ` ${bare(value)}`;
  }
  const { function: called, arguments: values } = fields;
  if (called !== undefined) line += ` ${bare(called)}`;
  if (values !== undefined) line += `${called === undefined ? ' ' : ''}(${[values].flat().join(', ')})`;
  for (const name in fields) {
    if (PLACED.has(name)) continue;
    line += VALUE.has(name) ? ' = ' : ` ${name}=`;
    line += fieldText(fields[name] as FieldText);
  }
  return line;
}

export function normalForm(observations: readonly Observation[]): string[] {
  return observations.map(normalLine);
}

/** Whether two lists have equal text, without writing it. False where only their spelling differs, which text may not show. */
export function sameLists(left: readonly Observation[], right: readonly Observation[]): boolean {
  return (
    left === right ||
    (left.length === right.length &&
      left.every((observation, index) => sameFields(observation, right[index] as Observation)))
  );
}

/** Their order counts. */
function sameFields(left: Fields, right: Fields): boolean {
  if (left.kind !== right.kind) return false;
  const names = Object.keys(right.fields);
  let count = 0;
  for (const name in left.fields) {
    if (names[count++] !== name) return false;
    const [a, b] = [left.fields[name], right.fields[name]];
    if (a === b) continue;
    if (typeof a === 'string' || typeof b === 'string' || a?.length !== b?.length) return false;
    if (a?.some((element, index) => element !== b?.[index])) return false;
  }
  return count === names.length;
}

/** `21`, `[a, b]`, or quoted where blanks would blur where the text ends. */
export function fieldText(value: FieldText): string {
  if (typeof value !== 'string') return `[${value.join(', ')}]`;
  return value === '' || (/[\s"=]/.test(value) && !value.startsWith('{')) ? JSON.stringify(value) : value;
}

function bare(value: FieldText): string {
  return typeof value === 'string' ? value : fieldText(value);
}
