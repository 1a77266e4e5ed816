// SPDX-License-Identifier: MIT
/**
 * The integer types of a prototype under the LP64 data model. Facts: C11 6.7.2 (type specifiers in any
 * order); linux 7.2 include/uapi/asm-generic/int-ll64.h (u8 … s64), include/linux/types.h (size_t, bool,
 * u128, s128), Makefile (-funsigned-char: plain `char` is unsigned since 6.2).
 */
import type { IntegerType } from './types.js';

type Size = IntegerType['size'];

const typedefs: ReadonlyMap<string, readonly [Size, boolean]> = new Map([
  ['bool', [1, false]],
  ['_Bool', [1, false]],
  ['u8', [1, false]],
  ['u16', [2, false]],
  ['u32', [4, false]],
  ['u64', [8, false]],
  ['u128', [16, false]],
  ['s8', [1, true]],
  ['s16', [2, true]],
  ['s32', [4, true]],
  ['s64', [8, true]],
  ['s128', [16, true]],
  ['size_t', [8, false]],
  ['ssize_t', [8, true]],
]);

const specifiers = new Set(['unsigned', 'signed', 'char', 'short', 'int', 'long', '__int128']);

/** Names offered when a type is not known. */
export const typeNames: readonly string[] = [...typedefs.keys(), ...specifiers, 'void', 'struct'];

/** Whether a word can only be part of a type, never the name of a parameter. */
export function isTypeWord(word: string): boolean {
  return typedefs.has(word) || specifiers.has(word) || word === 'void' || word === 'struct';
}

/** Size of `char`, `short`, `int`, `long`, `long long`, `__int128` with the sign words removed. */
const bases: ReadonlyMap<string, Size> = new Map([
  ['char', 1],
  ['short', 2],
  ['short int', 2],
  ['', 4],
  ['int', 4],
  ['long', 8],
  ['long int', 8],
  ['long long', 8],
  ['long long int', 8],
  ['__int128', 16],
]);

const baseOrder = ['short', 'long', 'char', '__int128', 'int'];

/**
 * The integer type spelled by `name`: one typedef, or C's specifiers in any order, separated by blanks
 * (`unsigned long`, `long int unsigned`). `undefined` if it is not an integer type.
 */
export function integerType(name: string): IntegerType | undefined {
  const words = name.split(/\s+/).filter((word) => word !== '');
  const spelled = words.join(' ');
  const typedef = typedefs.get(spelled);
  if (typedef) {
    return {
      kind: 'integer',
      name: spelled === '_Bool' ? 'bool' : spelled,
      size: typedef[0],
      signed: typedef[1],
    };
  }
  const signs = words.filter((word) => word === 'unsigned' || word === 'signed');
  const base = words
    .filter((word) => word !== 'unsigned' && word !== 'signed')
    .sort((a, b) => baseOrder.indexOf(a) - baseOrder.indexOf(b))
    .join(' ');
  const size = bases.get(base);
  if (size === undefined || signs.length > 1 || words.length === 0) return undefined;
  const signed = signs.length === 1 ? signs[0] === 'signed' : base !== 'char';
  return { kind: 'integer', name: spelled, size, signed };
}
