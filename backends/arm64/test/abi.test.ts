// SPDX-License-Identifier: MIT
/** AAPCS64 as kernel code meets it; the expected places are typed from the procedure call standard. */
import { describe, expect, test } from 'vitest';
import {
  i128,
  int,
  nothing,
  pair,
  pieces,
  placementBy,
  pointer,
  s8,
  struct,
  triple,
  u8,
  u32,
  u64,
} from '../../../test/prototypes.js';
import { abi } from '../abi.js';

const { place, places } = placementBy(abi);

describe('registers by role', () => {
  test('integer arguments are in x0 to x7, in order', () => {
    expect(abi.argumentRegisters).toEqual(['x0', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7']);
  });

  test('results are in x0, the second word in x1', () => {
    expect(abi.returnRegisters).toEqual(['x0', 'x1']);
  });

  test('x19 to x28 and the frame pointer x29 are preserved', () => {
    expect(abi.calleeSaved).toEqual([
      ...['x19', 'x20', 'x21', 'x22', 'x23', 'x24', 'x25', 'x26', 'x27', 'x28'],
      'x29',
    ]);
    expect(abi.framePointer).toBe('x29');
  });

  test('x0 to x17, x30 and the flags may be clobbered', () => {
    const expected = Array.from({ length: 18 }, (_, n) => `x${n}`);
    expect(abi.callerSaved).toEqual([...expected, 'x30', 'nzcv']);
  });

  test('x18 is the shadow call stack pointer: live, and nobody may touch it', () => {
    expect(abi.reserved).toEqual(['x18']);
  });

  test('the return address is in x30, nothing is pushed', () => {
    expect(abi.linkRegister).toBe('x30');
    expect(abi.stackArguments).toBe(0);
    expect(abi.returnInstruction).toBe('ret');
  });

  test('SP is a multiple of 16 at a function', () => {
    expect(abi.stackAlignment).toEqual({ modulus: 16, remainder: 0 });
  });

  test('little-endian', () => {
    expect(abi.byteOrder).toBe('little');
  });
});

test('a frame record is {previous x29, saved x30}, at the address in x29', () => {
  const { saves, framePointer } = abi.frame;
  expect(saves).toEqual([
    { what: 'framePointer', at: framePointer },
    { what: 'returnAddress', at: framePointer + 8 },
  ]);
});

test('bits above a narrow argument or result are unspecified: the consumer narrows', () => {
  expect(abi.narrowArgument).toEqual({ to: 'type', rest: 'garbage' });
  expect(abi.narrowResult).toEqual({ to: 'type', rest: 'garbage' });
});

describe('placement of arguments', () => {
  test('eight words in registers, the ninth at S+0, the tenth at S+8', () => {
    expect(places(...Array.from({ length: 10 }, () => u64))).toEqual([
      ...['x0', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7'],
      ...['S+0', 'S+8'],
    ]);
    expect(place(nothing, ...Array.from({ length: 10 }, () => u64)).stackBytes).toBe(16);
  });

  test('narrow integers take a register each', () => {
    expect(places(u8, s8, int, pointer)).toEqual(['x0[1]', 'x1[1]', 'x2[4]', 'x3']);
  });

  test('a narrow stack argument occupies a full slot of 8 bytes', () => {
    const eight = Array.from({ length: 8 }, () => u64);
    expect(places(...eight, u8, u32, u64).slice(8)).toEqual(['S+0[1]', 'S+8[4]', 'S+16']);
  });

  test('a 128-bit integer after one int takes x2:x3; x1 is skipped', () => {
    expect(places(int, i128)).toEqual(['x0[4]', 'x2:x3']);
  });

  test('x1 stays unused after the pair', () => {
    expect(places(int, i128, int)).toEqual(['x0[4]', 'x2:x3', 'x4[4]']);
  });

  test('7 ints, i128, u64: i128 at S+0, u64 at S+16, x7 unused', () => {
    const seven = Array.from({ length: 7 }, () => int);
    expect(places(...seven, i128, u64).slice(7)).toEqual(['S+0:S+8', 'S+16']);
  });

  test('a 128-bit stack argument goes to a slot aligned to 16', () => {
    const nine = Array.from({ length: 9 }, () => u64);
    expect(places(...nine, i128, u64).slice(8)).toEqual(['S+0', 'S+16:S+24', 'S+32']);
  });

  test('a struct of up to 16 bytes takes consecutive registers, without the even rule', () => {
    expect(places(int, pair)).toEqual(['x0[4]', 'x1:x2']);
    expect(places(int, struct(8, 4, [0, u32], [4, u32]))).toEqual(['x0[4]', 'x1']);
    expect(places(int, struct(12, 4, [0, u32], [4, u32], [8, u32]))).toEqual(['x0[4]', 'x1:x2[4]']);
  });

  test('a struct with a member of alignment 16 takes an even pair', () => {
    expect(places(int, struct(16, 16, [0, i128]))).toEqual(['x0[4]', 'x2:x3']);
  });

  test('a struct is never split between registers and stack', () => {
    const seven = Array.from({ length: 7 }, () => u64);
    expect(places(...seven, pair, u64).slice(7)).toEqual(['S+0:S+8', 'S+16']);
  });

  test('a struct above 16 bytes is passed by the address of a copy', () => {
    expect(places(int, triple, int)).toEqual(['x0[4]', '*x1', 'x2[4]']);
    const eight = Array.from({ length: 8 }, () => u64);
    expect(places(...eight, triple, u64).slice(8)).toEqual(['*S+0', 'S+8']);
  });
});

describe('placement of results', () => {
  test.each([
    [u8, 'x0[1]'],
    [u64, 'x0'],
    [i128, 'x0:x1'],
    [pair, 'x0:x1'],
    [nothing, ''],
  ])('%o in %s', (type, expected) => {
    const { result, hidden } = place(type);
    expect(pieces(result)).toBe(expected);
    expect(hidden).toBeNull();
  });

  test('a large struct is returned through x8; arguments keep their numbers; x8 is not given back', () => {
    const { result, hidden, parameters } = place(triple, u64);
    expect(result).toEqual([]);
    expect(hidden).toEqual({ register: 'x8', returned: null });
    expect(parameters[0]?.pieces).toEqual([{ in: 'register', register: 'x0', offset: 0, size: 8 }]);
  });
});
