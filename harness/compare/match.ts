// SPDX-License-Identifier: MIT
/**
 * When an observation satisfies an expectation: same kind, and every field the expectation names is equal.
 * Field equality knows numbers in any spelling, structs `{…}`, lists, and `any`.
 */
import { type FieldText, isAbsent, type Observation } from '../target/outcome.js';
import type { Fields } from './normal.js';

/** Matches whatever was observed, also as an element of a list. */
export const ANY = 'any';

const INTEGER = /^([+-]?)(0[xX][0-9a-fA-F]+|\d+)$/;

/** Value of a decimal or hexadecimal integer with optional sign; `undefined` for other texts. */
export function integerOf(text: string): bigint | undefined {
  const [, sign, digits] = INTEGER.exec(text.trim()) ?? [];
  if (digits === undefined) return undefined;
  const value = BigInt(digits);
  return sign === '-' ? -value : value;
}

export function textMatches(expected: string, observed: string): boolean {
  if (expected === observed || expected === ANY) return true;
  const number = integerOf(expected);
  if (number !== undefined) return number === integerOf(observed);
  const [left, right] = [structMembers(expected), structMembers(observed)];
  return left !== undefined && right !== undefined && listMatches(left, right);
}

export function fieldMatches(expected: FieldText, observed: FieldText | undefined): boolean {
  if (isAbsent(observed)) return true;
  if (expected === ANY) return observed !== undefined;
  if (observed === undefined) return false;
  if (typeof expected === 'string' || typeof observed === 'string') {
    return typeof expected === 'string' && typeof observed === 'string' && textMatches(expected, observed);
  }
  return listMatches(expected, observed);
}

export function satisfies(observed: Observation, expected: Fields): boolean {
  if (observed.kind !== expected.kind) return false;
  for (const name in expected.fields) {
    if (!fieldMatches(expected.fields[name] as FieldText, observed.fields[name])) return false;
  }
  return true;
}

function listMatches(expected: readonly string[], observed: readonly string[]): boolean {
  return (
    expected.length === observed.length &&
    expected.every((text, index) => textMatches(text, observed[index] as string))
  );
}

/** Members of `{1, {2, 3}}` at the outer level; `undefined` if the text is no struct. */
function structMembers(text: string): string[] | undefined {
  const inner = /^\{(.*)\}$/s.exec(text.trim())?.[1];
  if (inner === undefined) return undefined;
  const members = [''];
  let depth = 0;
  for (const character of inner) {
    if (character === '{') depth++;
    if (character === '}') depth--;
    if (character === ',' && depth === 0) members.push('');
    else members[members.length - 1] += character;
  }
  return members.map((member) => member.trim());
}
