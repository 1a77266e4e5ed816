// SPDX-License-Identifier: MIT
/**
 * The odd-one-out sentence: which subjects stand apart, and the first thing they see differently.
 */
import type { Observation } from '../target/outcome.js';
import { fieldText } from './normal.js';
import { firstDifference } from './phrase.js';

/** Subjects with equal outcomes, by their name on the compared axis. */
export interface OddClass {
  readonly names: readonly string[];
  readonly observations: readonly Observation[];
}

/** `null` for one class. @param classes largest first */
export function oddOneOut(classes: readonly OddClass[]): string | null {
  const [first, second] = classes;
  if (first === undefined || second === undefined) return null;
  const tie = first.names.length === second.names.length;
  const head = tie && classes.length > 2 ? 'no majority: ' : '';
  return (
    head +
    classes
      .slice(1)
      .map((odd) => against(odd, first, tie))
      .join('; ')
  );
}

function against(odd: OddClass, usual: OddClass, tie: boolean): string {
  const who = listed(odd.names);
  const others = tie ? listed(usual.names) : 'the others';
  const fault = [odd, usual].map(({ observations }) => observations.find(({ kind }) => kind === 'fault'));
  if (fault[0] !== undefined && fault[1] === undefined)
    return `${tie ? '' : 'only '}${who} faults: ${facts(fault[0])}`;
  if (fault[1] !== undefined && fault[0] === undefined && tie) {
    return `${listed(usual.names)} faults: ${facts(fault[1])}`;
  }
  const found = firstDifference(odd.observations, usual.observations, true);
  if (found === undefined) return `${who} and ${others} differ`;
  const { lead, left, right } = found;
  const verb = odd.names.length === 1 ? 'differs' : 'differ';
  const start = tie ? `${who} and ${listed(usual.names)} differ` : `only ${who} ${verb}`;
  if (lead !== '') {
    const as = / as$/.test(lead) ? ' as' : '';
    return tie
      ? `${start}: ${lead} ${left} on ${who},${as} ${right} on ${others}`
      : `${start}: ${lead} ${left}, ${others}${as} ${right}`;
  }
  if (right === 'nothing') return `${start}: ${left} is seen on ${who} and not on ${others}`;
  return `${start}: ${right} is not seen on ${who}${tie ? ` but on ${others}` : ''}`;
}

/** `store of 8 bytes to unmapped 0x10, at ftrace_caller+0x14` */
export function facts({ fields }: Observation): string {
  const { why, at, ...rest } = fields;
  return [
    ...(why === undefined ? [] : [String(why)]),
    ...(at === undefined ? [] : [`at ${fieldText(at)}`]),
    ...Object.entries(rest).map(([name, value]) => `${name} ${fieldText(value)}`),
  ].join(', ');
}

/** `a`, `a and b`, `a, b and c` */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
