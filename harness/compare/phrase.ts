// SPDX-License-Identifier: MIT
/**
 * Says in kernel words where two observations part: `watch sees argument 5 of sum6 as 0, …`. Arguments
 * count from 0, as in ftrace_regs_get_argument().
 */
import type { FieldText } from '../target/outcome.js';
import { align } from './align.js';
import { fieldMatches } from './match.js';
import { type Fields, fieldText, normalLine } from './normal.js';

/** `${lead} ${left}` against `${right}`: a clause and the two texts that fill it. */
export interface Difference {
  /** `watch sees argument 5 of sum6 as` */
  readonly lead: string;
  readonly left: string;
  readonly right: string;
}

/**
 * First difference of two lists of observations; `undefined` if every field that `left` names agrees.
 * With `exact`, fields that only `right` has differ as well.
 */
export function firstDifference(
  left: readonly Fields[],
  right: readonly Fields[],
  exact: boolean,
): Difference | undefined {
  const parts = (a: Fields, b: Fields) => differingField(a, b, exact);
  for (const [a, b] of align(left, right, (a, b) => a.kind === b.kind && parts(a, b) === undefined)) {
    if (a === null) return { lead: '', left: 'nothing', right: `\`${normalLine(b as Fields)}\`` };
    if (b === null) return { lead: '', left: `\`${normalLine(a)}\``, right: 'nothing' };
    const name = parts(a, b);
    if (name !== undefined) return fieldDifference(a, b, name, exact);
  }
  return undefined;
}

function differingField(a: Fields, b: Fields, exact: boolean): string | undefined {
  const names = exact ? new Set([...Object.keys(a.fields), ...Object.keys(b.fields)]) : Object.keys(a.fields);
  for (const name of names) {
    const [left, right] = [a.fields[name], b.fields[name]];
    if (left === undefined || !agrees(left, right, exact)) return name;
  }
  return undefined;
}

function agrees(left: FieldText, right: FieldText | undefined, exact: boolean): boolean {
  return exact ? right !== undefined && fieldText(left) === fieldText(right) : fieldMatches(left, right);
}

function fieldDifference(a: Fields, b: Fields, name: string, exact: boolean): Difference {
  const [left, right] = [a.fields[name], b.fields[name]];
  if (isList(left) && isList(right) && left.length === right.length) {
    const index = left.findIndex((text, i) => !agrees(text, right[i], exact));
    return {
      lead: lead(b, listed(name, index)),
      left: fieldText(left[index] ?? ''),
      right: fieldText(right[index] ?? ''),
    };
  }
  return { lead: lead(b, NAMES[name] ?? name), left: present(left), right: present(right) };
}

function isList(value: FieldText | undefined): value is readonly string[] {
  return value !== undefined && typeof value !== 'string';
}

function present(value: FieldText | undefined): string {
  return value === undefined ? 'nothing' : fieldText(value);
}

const NAMES: Readonly<Record<string, string>> = {
  return: 'the return value',
  parent: 'the parent',
  data: 'the entry data',
  task_variable: 'the task variable',
  depth: 'the depth',
  duration: 'the duration',
  arguments: 'the arguments',
};

function listed(name: string, index: number): string {
  return name === 'arguments' ? `argument ${index}` : `${name}[${index}]`;
}

/** Who sees it, and what it is. */
function lead({ kind, fields }: Fields, what: string): string {
  const text = (name: string, otherwise: string) => {
    const value = fields[name];
    return value === undefined || what === name ? otherwise : fieldText(value);
  };
  const fn = text('function', '');
  switch (kind) {
    case 'entry':
    case 'post':
    case 'exit':
      return `at ${kind}, ${text('probe', 'a probe')} sees ${what}${fn && ` of ${fn}`} as`;
    case 'body':
      return `${fn || 'the function'} itself gets ${what} as`;
    case 'result':
      return `the caller${fn && ` of ${fn}`} gets`;
    case 'error':
      return what === 'code' ? `${String(fields.call ?? 'the step')} gives` : `an error comes from ${what}`;
    case 'count':
      return what === 'value'
        ? `${text('counter', 'the counter')}${counted(fields.probe)} is`
        : `${what} counted is`;
    case 'record':
      return `the record of ${fn || 'the function'} has ${what}`;
    case 'link_info':
      return `the link${counted(fields.probe)} has ${what} as`;
    case 'enabled_functions':
      return `enabled_functions has ${what} as`;
    case 'stack_trace':
      return `the stack trace${fields.by === undefined ? '' : ` by ${fieldText(fields.by)}`} has ${what} as`;
    default:
      return `${kind}${fn && ` of ${fn}`} has ${what}`;
  }
}

function counted(probe: FieldText | undefined): string {
  return probe === undefined ? '' : ` of ${fieldText(probe)}`;
}
