// SPDX-License-Identifier: MIT
/** lp64 as kernel code meets it; the expected places are typed from the psABI and from compiler output. */
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
import { registers } from '../registers.js';

const { place, places } = placementBy(abi);

describe('registers by role', () => {
  test('x1 to x31 in manual order; x0 is not stored', () => {
    expect(registers.names).toEqual([
      ...['ra', 'sp', 'gp', 'tp', 't0', 't1', 't2', 's0', 's1'],
      ...['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'],
      ...['s2', 's3', 's4', 's5', 's6', 's7', 's8', 's9', 's10', 's11', 't3', 't4', 't5', 't6'],
    ]);
  });

  test.each([
    ['x1', 'ra'],
    ['x2', 'sp'],
    ['x3', 'gp'],
    ['x4', 'tp'],
    ['x5', 't0'],
    ['x7', 't2'],
    ['x8', 's0'],
    ['fp', 's0'],
    ['x9', 's1'],
    ['x10', 'a0'],
    ['x17', 'a7'],
    ['x18', 's2'],
    ['x27', 's11'],
    ['x28', 't3'],
    ['x31', 't6'],
  ])('%s is %s', (alias, name) => {
    expect((registers.aliases as Record<string, string>)[alias]).toBe(name);
  });

  test('integer arguments are in a0 to a7, in order', () => {
    expect(abi.argumentRegisters).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7']);
  });

  test('results are in a0, the second word in a1', () => {
    expect(abi.returnRegisters).toEqual(['a0', 'a1']);
  });

  test('s0 to s11 are preserved, s0 is the frame pointer', () => {
    expect(abi.calleeSaved).toEqual([
      ...['s0', 's1', 's2', 's3', 's4', 's5', 's6', 's7', 's8', 's9', 's10', 's11'],
    ]);
    expect(abi.framePointer).toBe('s0');
  });

  test('ra, t0 to t6 and a0 to a7 may be clobbered', () => {
    expect([...abi.callerSaved].sort()).toEqual(
      [
        ...['ra', 't0', 't1', 't2', 't3', 't4', 't5', 't6'],
        ...['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'],
      ].sort(),
    );
  });

  test('gp and tp are nobody’s to touch', () => {
    expect(abi.reserved).toEqual(['gp', 'tp']);
  });

  test('every register has exactly one role', () => {
    const all = [abi.stackPointer, ...abi.calleeSaved, ...abi.callerSaved, ...abi.reserved];
    expect([...all].sort()).toEqual([...registers.names].sort());
  });

  test('the return address is in ra, nothing is pushed', () => {
    expect(abi.linkRegister).toBe('ra');
    expect(abi.stackArguments).toBe(0);
    expect(abi.returnInstruction).toBe('ret');
  });

  test('SP is a multiple of 16 at calls', () => {
    expect(abi.stackAlignment).toEqual({ modulus: 16, remainder: 0 });
  });

  test('little-endian', () => {
    expect(abi.byteOrder).toBe('little');
  });
});

test('s0 is S; the saved ra is at s0-8, the saved s0 at s0-16', () => {
  const { size, saves, framePointer } = abi.frame;
  expect(framePointer).toBe(size);
  expect(saves).toContainEqual({ what: 'returnAddress', at: framePointer - 8 });
  expect(saves).toContainEqual({ what: 'framePointer', at: framePointer - 16 });
  expect(saves).toHaveLength(2);
  expect(size % 16).toBe(0);
});

test('the producer extends to 32 bits by the type, then copies bit 31, for arguments and results alike', () => {
  expect(abi.narrowArgument).toEqual({ to: 32, rest: 'sign' });
  expect(abi.narrowResult).toEqual({ to: 32, rest: 'sign' });
});

describe('placement of arguments', () => {
  const words = (count: number) => Array.from({ length: count }, () => u64);

  test('eight words in registers, the ninth at S+0, the tenth at S+8', () => {
    expect(places(...words(10))).toEqual([
      ...['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'],
      ...['S+0', 'S+8'],
    ]);
    expect(place(nothing, ...words(10)).stackBytes).toBe(16);
    expect(place(nothing, ...words(8)).stackBytes).toBe(0);
  });

  test('narrow integers take a register each', () => {
    expect(places(u8, s8, int, pointer)).toEqual(['a0[1]', 'a1[1]', 'a2[4]', 'a3']);
  });

  test('a narrow stack argument occupies a full slot of 8 bytes', () => {
    expect(places(...words(8), u8, u32, u64).slice(8)).toEqual(['S+0[1]', 'S+8[4]', 'S+16']);
  });

  test('f(int, i128): a1:a2, no even alignment for named arguments', () => {
    expect(places(int, i128, int)).toEqual(['a0[4]', 'a1:a2', 'a3[4]']);
  });

  test('with only a7 left the low half is in a7, the high half at S+0, the next argument at S+8', () => {
    expect(places(...words(7), i128, u64).slice(7)).toEqual(['a7:S+0', 'S+8']);
    expect(place(nothing, ...words(7), i128, u64).stackBytes).toBe(16);
    expect(place(nothing, ...words(7), i128).parameters[7]?.pieces).toEqual([
      { in: 'register', register: 'a7', offset: 0, size: 8 },
      { in: 'stack', at: 0, offset: 8, size: 8 },
    ]);
  });

  test('a 128-bit stack argument goes to a slot aligned to 16', () => {
    expect(places(...words(9), i128, u64).slice(8)).toEqual(['S+0', 'S+16:S+24', 'S+32']);
  });

  test('a struct of up to 16 bytes takes consecutive registers', () => {
    expect(places(int, pair)).toEqual(['a0[4]', 'a1:a2']);
    expect(places(int, struct(8, 4, [0, u32], [4, u32]))).toEqual(['a0[4]', 'a1']);
    expect(places(int, struct(12, 4, [0, u32], [4, u32], [8, u32]))).toEqual(['a0[4]', 'a1:a2[4]']);
    expect(places(int, struct(16, 16, [0, i128]))).toEqual(['a0[4]', 'a1:a2']);
  });

  test('a struct splits between a7 and the stack like a 128-bit integer', () => {
    expect(places(...words(7), pair, u64).slice(7)).toEqual(['a7:S+0', 'S+8']);
    expect(places(...words(7), struct(12, 4, [0, u32], [4, u32], [8, u32]), u64).slice(7)).toEqual([
      'a7:S+0[4]',
      'S+8',
    ]);
  });

  test('a struct above 16 bytes is passed by the address of a copy in the next argument slot', () => {
    expect(places(int, triple, int)).toEqual(['a0[4]', '*a1', 'a2[4]']);
    expect(places(...words(8), triple, u64).slice(8)).toEqual(['*S+0', 'S+8']);
  });
});

describe('placement of results', () => {
  test.each([
    [u8, 'a0[1]'],
    [u64, 'a0'],
    [i128, 'a0:a1'],
    [pair, 'a0:a1'],
    [nothing, ''],
  ])('%o in %s', (type, expected) => {
    const { result, hidden } = place(type);
    expect(pieces(result)).toBe(expected);
    expect(hidden).toBeNull();
  });

  test('a large struct is returned through a0; declared arguments shift to a1; a0 need not be given back', () => {
    const { result, hidden, parameters } = place(triple, u64, u64);
    expect(result).toEqual([]);
    expect(hidden).toEqual({ register: 'a0', returned: null });
    expect(parameters.map(({ pieces: list }) => pieces(list))).toEqual(['a1', 'a2']);
  });
});

test('text, C functions and data are within 2 GiB; the stack is aligned to THREAD_SIZE, 16 KiB', () => {
  const { text, c, data, stack, threadSize } = abi.memory;
  for (const address of [c, data]) expect(address - text).toBeLessThan(0x7fff_0000n);
  expect(threadSize).toBe(16384);
  expect(stack % 16384n).toBe(0n);
});

test.each([0xffff_ffff_8000_0000n, 0xffff_ffff_8000_0001n, 0xffff_ffff_ffff_ffffn])(
  '%s, a sign-extended u32, is below or beyond all text, C and data',
  (value) => {
    const { text, data } = abi.memory;
    expect(value < text || value > data + 0x100_0000n).toBe(true);
  },
);
