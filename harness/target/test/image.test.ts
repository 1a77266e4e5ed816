// SPDX-License-Identifier: MIT
/** C values as words, in both byte orders: vectors written out by hand, and the law that words give the value back. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Location, NarrowRule } from '../../backend/contract.js';
import type { IntegerType, ScalarType, StructType, Value, ValueType } from '../../ctype/types.js';
import { fromBytes, narrowImage, toBytes, valueOfWords, wordsOf } from '../session/image.js';

const integer = (size: IntegerType['size'], signed: boolean): IntegerType => ({
  kind: 'integer',
  name: `${signed ? 's' : 'u'}${8 * size}`,
  size,
  signed,
});
const [u8, u16, u32, s32, u64] = [
  integer(1, false),
  integer(2, false),
  integer(4, false),
  integer(4, true),
  integer(8, false),
];

/** Members by offset. */
function struct(size: number, ...members: readonly (readonly [number, ScalarType])[]): StructType {
  return {
    kind: 'struct',
    name: 's',
    size,
    align: 1,
    members: members.map(([offset, type], index) => ({ name: `m${index}`, type, offset })),
  };
}

/** One word for each eight bytes. */
function pieces(size: number): Location[] {
  return Array.from({ length: Math.ceil(size / 8) }, (_, word) => ({
    in: 'register' as const,
    register: `r${word}`,
    offset: 8 * word,
    size: Math.min(8, size - 8 * word),
  }));
}

const ANYTHING: NarrowRule = { to: 'type', rest: 'garbage' };
const WIDE: NarrowRule = { to: 64, rest: 'sign' };
const ORDERS = ['little', 'big'] as const;

describe('narrow integers', () => {
  test.each([
    ['s32 of -2, widened', s32, -2n, WIDE, 0xffff_ffff_ffff_fffen],
    ['u32 of 2^32 - 2, widened', u32, 0xffff_fffen, WIDE, 0xffff_fffen],
    ['u8 of 255, widened', u8, 255n, WIDE, 255n],
    ['s32 of -2, as it is', s32, -2n, ANYTHING, 0xbad1_bad2_ffff_fffen],
    ['u16 of 1, to 32 bits', u16, 1n, { to: 32, rest: 'garbage' } as const, 0xbad1_bad2_0000_0001n],
    [
      'u32 of 2^31, by its upper bit',
      u32,
      2n ** 31n,
      { to: 32, rest: 'sign' } as const,
      0xffff_ffff_8000_0000n,
    ],
  ])('%s', (_what, type, value, rule, word) => {
    expect(narrowImage(value, type, rule)).toBe(word);
    for (const order of ORDERS) expect(wordsOf(value, type, pieces(type.size), rule, order)).toEqual([word]);
  });
});

describe('a struct smaller than a word is in its low-order bits', () => {
  const two = struct(4, [0, u16], [2, u16]);

  test.each([
    ['little', 0xbad1_bad2_2222_1111n],
    ['big', 0xbad1_bad2_1111_2222n],
  ] as const)('%s-endian', (order, word) => {
    expect(wordsOf([0x1111n, 0x2222n], two, pieces(4), ANYTHING, order)).toEqual([word]);
    expect(valueOfWords([word], two, pieces(4), order)).toEqual([0x1111n, 0x2222n]);
  });
});

describe('padding is recognisable garbage, read as a word', () => {
  const padded = struct(8, [0, u8], [4, u32]);

  test.each([
    ['little', 0x2222_2222_bad3_baa1n],
    ['big', 0xa1d1_bad2_2222_2222n],
  ] as const)('%s-endian', (order, word) => {
    expect(wordsOf([0xa1n, 0x2222_2222n], padded, pieces(8), ANYTHING, order)).toEqual([word]);
  });
});

test.each([
  ['little', [2n, 1n]],
  ['big', [1n, 2n]],
] as const)('%s-endian, the first word of a 128-bit integer', (order, words) => {
  const u128 = integer(16, false);
  expect(wordsOf((1n << 64n) | 2n, u128, pieces(16), ANYTHING, order)).toEqual(words);
});

test.each(ORDERS)('words and bytes give the value back, %s-endian', (order) => {
  const types: readonly ValueType[] = [
    struct(3, [0, u8], [1, u8], [2, u8]),
    struct(6, [0, u16], [2, u16], [4, u16]),
    struct(12, [0, u64], [8, s32]),
    struct(16, [0, u8], [2, u16], [4, u32], [8, u64]),
    integer(16, true),
    u64,
  ];
  const valueIn = ({ size, ...type }: ScalarType): fc.Arbitrary<bigint> => {
    const bits = BigInt(8 * size);
    const negative = type.kind === 'integer' && type.signed;
    return negative
      ? fc.bigInt({ min: -(1n << (bits - 1n)), max: (1n << (bits - 1n)) - 1n })
      : fc.bigInt({ min: 0n, max: (1n << bits) - 1n });
  };
  for (const type of types) {
    const value: fc.Arbitrary<Value> =
      type.kind === 'struct'
        ? fc.tuple(...type.members.map((member) => valueIn(member.type)))
        : valueIn(type);
    fc.assert(
      fc.property(value, (given) => {
        const places = pieces(type.size);
        expect(valueOfWords(wordsOf(given, type, places, ANYTHING, order), type, places, order)).toEqual(
          given,
        );
        expect(fromBytes(toBytes(given, type, order), type, order)).toEqual(given);
      }),
      { numRuns: 30 },
    );
  }
});
