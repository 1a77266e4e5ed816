// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integerType } from './integer.js';
import { parseStruct } from './prototype.js';
import type { IntegerType, PointerType } from './types.js';
import { formatValue, rangeOf, truncate, zeroOf } from './value.js';

const type = (name: string) => integerType(name) as IntegerType;
const pointer: PointerType = { kind: 'pointer', name: 'void *', size: 8 };
const hex = (address: bigint) => `0x${address.toString(16)}`;

describe('truncation', () => {
  it.each([
    ['u8', 256n, 0n],
    ['u8', -1n, 255n],
    ['s8', 128n, -128n],
    ['s8', 255n, -1n],
    ['char', -1n, 255n],
    ['u64', -1n, 0xffff_ffff_ffff_ffffn],
    ['s64', 1n << 63n, -(1n << 63n)],
    ['u128', 1n << 128n, 0n],
    ['bool', 256n, 1n],
    ['bool', 0n, 0n],
  ])('to %s of %i is %i', (name, value, held) => {
    expect(truncate(value, type(name))).toBe(held);
  });

  it('of pointers is to 64 bits', () => {
    expect(truncate(-22n, pointer)).toBe((1n << 64n) - 22n);
  });

  it('of structs is by member', () => {
    expect(truncate([257n, -1n], parseStruct('s', 'u8 a; s64 b'))).toEqual([1n, -1n]);
    expect(() => truncate([1n], parseStruct('s', 'u8 a; s64 b'))).toThrow(TypeError);
    expect(() => truncate([1n], type('u8'))).toThrow(TypeError);
  });

  it('is into the range, congruent, and nothing more when repeated', () => {
    const name = fc.constantFrom(
      'u8',
      's8',
      'u16',
      's16',
      'u32',
      's32',
      'u64',
      's64',
      'u128',
      's128',
      'char',
      'int',
    );
    fc.assert(
      fc.property(name, fc.bigInt(-(1n << 140n), 1n << 140n), (spelled, value) => {
        const integer = type(spelled);
        const held = truncate(value, integer) as bigint;
        const { min, max } = rangeOf(integer);
        expect(held >= min && held <= max).toBe(true);
        expect((held - value) % (1n << BigInt(integer.size * 8))).toBe(0n);
        expect(truncate(held, integer)).toBe(held);
      }),
    );
  });
});

describe('the printed form', () => {
  it.each([
    ['s32', -5n, '-5'],
    ['u32', -5n, '4294967291'],
    ['bool', 7n, '1'],
    ['u128', -1n, '340282366920938463463374607431768211455'],
  ])('of %s %i is %s', (name, value, text) => {
    expect(formatValue(value, type(name), hex)).toBe(text);
  });

  it('names addresses', () => {
    expect(formatValue(0n, pointer, hex)).toBe('NULL');
    expect(formatValue(0x1000n, pointer, () => 'buffer')).toBe('buffer');
    expect(formatValue(-22n, pointer, hex)).toBe('0xffffffffffffffea');
  });

  it('lists the members of a struct', () => {
    const struct = parseStruct('s', 'u8 a; s64 b; void *c');
    expect(formatValue([1n, -2n, 0n], struct, hex)).toBe('{1, -2, NULL}');
    expect(formatValue(zeroOf(struct), struct, hex)).toBe('{0, 0, NULL}');
    expect(zeroOf(pointer)).toBe(0n);
  });

  it('reads back as the truncated value', () => {
    fc.assert(
      fc.property(fc.constantFrom('u8', 's8', 'u32', 's64', 'u128', 'bool'), fc.bigInt(), (name, value) => {
        expect(BigInt(formatValue(value, type(name), hex))).toBe(truncate(value, type(name)));
      }),
    );
  });
});
