// SPDX-License-Identifier: MIT
/**
 * The odd-one-out sentence: which subjects stand apart, and the first thing they see differently.
 */
import type { Observation } from '../target/outcome.js';
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

/** `a`, `a and b`, `a, b and c` */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
