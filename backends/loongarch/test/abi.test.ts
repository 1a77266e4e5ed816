// SPDX-License-Identifier: MIT
/** LP64S as kernel code meets it; the expected places are typed from the psABI and from compiler output. */
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
import { qemu } from '../qemu.js';
import { registers } from '../registers.js';

const { place, places } = placementBy(abi);

/** Register, number. */
const NUMBERS: readonly (readonly [string, number])[] = [
  ...([
    ['ra', 1],
    ['tp', 2],
    ['sp', 3],
  ] as const),
  ...([
    ['a0', 4],
    ['a1', 5],
    ['a2', 6],
    ['a3', 7],
    ['a4', 8],
    ['a5', 9],
    ['a6', 10],
    ['a7', 11],
  ] as const),
  ...([
    ['t0', 12],
    ['t1', 13],
    ['t2', 14],
    ['t3', 15],
    ['t4', 16],
    ['t5', 17],
    ['t6', 18],
  ] as const),
  ...([
    ['t7', 19],
    ['t8', 20],
    ['u0', 21],
    ['fp', 22],
  ] as const),
  ...([
    ['s0', 23],
    ['s1', 24],
    ['s2', 25],
    ['s3', 26],
    ['s4', 27],
    ['s5', 28],
  ] as const),
  ...([
    ['s6', 29],
    ['s7', 30],
    ['s8', 31],
  ] as const),
];

describe('registers by role', () => {
  test.each(NUMBERS)('%s is r%i', (name, number) => {
    expect((registers.aliases as Record<string, string>)[`r${number}`]).toBe(name);
    expect(registers.names[number - 1]).toBe(name);
    expect((qemu.registers as Record<string, string>)[name]).toBe(`r${number}`);
  });

  test('s9 is fp; besides the general registers there is crmd only, which the remote protocol has not', () => {
    expect(registers.aliases.s9).toBe('fp');
    expect(registers.names.slice(31)).toEqual(['crmd']);
    expect(Object.keys(qemu.registers)).not.toContain('crmd');
  });

  test('integer arguments are in a0 to a7, in order; a0 and a1 are the first and second return value', () => {
    expect(abi.argumentRegisters).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7']);
    expect(abi.returnRegisters).toEqual(['a0', 'a1']);
  });

  test('fp and s0 to s8 are preserved', () => {
    expect(abi.calleeSaved).toEqual(['fp', 's0', 's1', 's2', 's3', 's4', 's5', 's6', 's7', 's8']);
    expect(abi.framePointer).toBe('fp');
  });

  test('ra, a0 to a7 and t0 to t8 may be clobbered', () => {
    expect([...abi.callerSaved].sort()).toEqual(
      [
        ...['ra', 'a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'],
        ...['t0', 't1', 't2', 't3', 't4', 't5', 't6', 't7', 't8'],
      ].sort(),
    );
  });

  test('tp and u0 are nobody’s to touch', () => {
    expect(abi.reserved).toEqual(['tp', 'u0', 'crmd']);
  });

  test('every register has exactly one role', () => {
    const all = [abi.stackPointer, ...abi.calleeSaved, ...abi.callerSaved, ...abi.reserved];
    expect([...all].sort()).toEqual([...registers.names].sort());
  });

  test('the return address is in ra, nothing is pushed; the ninth argument is at sp', () => {
    expect(abi.linkRegister).toBe('ra');
    expect(abi.stackArguments).toBe(0);
    expect(abi.returnInstruction).toBe('ret');
  });

  test('SP is a multiple of 16 at calls; little-endian', () => {
    expect(abi.stackAlignment).toEqual({ modulus: 16, remainder: 0 });
    expect(abi.byteOrder).toBe('little');
  });
});

test('a frame of N bytes has ra at N-8 and no link to another frame', () => {
  const { size, saves, framePointer } = abi.frame;
  expect(saves).toEqual([{ what: 'returnAddress', at: size - 8 }]);
  expect(framePointer).toBeNull();
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

  test('narrow integers take a register each, or a full slot of 8 bytes', () => {
    expect(places(u8, s8, int, pointer)).toEqual(['a0[1]', 'a1[1]', 'a2[4]', 'a3']);
    expect(places(...words(8), u8, u32, u64).slice(8)).toEqual(['S+0[1]', 'S+8[4]', 'S+16']);
  });

  test('128-bit integers: two consecutive registers, low half first, no even-register alignment', () => {
    expect(places(int, i128, int)).toEqual(['a0[4]', 'a1:a2', 'a3[4]']);
  });

  test('if only a7 is left, low half in a7 and high half at sp+0', () => {
    expect(places(...words(7), i128, u64).slice(7)).toEqual(['a7:S+0', 'S+8']);
  });

  test('wholly on the stack, 16-byte aligned: one long on the stack before it pushes it to sp+16', () => {
    expect(places(...words(9), i128, u64).slice(8)).toEqual(['S+0', 'S+16:S+24', 'S+32']);
  });

  test('structs up to 8 bytes: one register; 9 to 16 bytes: two', () => {
    expect(places(int, struct(8, 4, [0, u32], [4, u32]))).toEqual(['a0[4]', 'a1']);
    expect(places(int, struct(12, 4, [0, u32], [4, u32], [8, u32]))).toEqual(['a0[4]', 'a1:a2[4]']);
    expect(places(int, pair)).toEqual(['a0[4]', 'a1:a2']);
  });

  test('a 16-byte-aligned struct takes the next two registers without skipping one', () => {
    expect(places(int, struct(16, 16, [0, i128]))).toEqual(['a0[4]', 'a1:a2']);
  });

  test('structs may split between a7 and the stack', () => {
    expect(places(...words(7), pair, u64).slice(7)).toEqual(['a7:S+0', 'S+8']);
  });

  test('structs over 16 bytes: by reference, one slot', () => {
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

  test('larger through a hidden pointer passed in a0; arguments shift to a1', () => {
    const { result, hidden, parameters } = place(triple, u64, u64);
    expect(result).toEqual([]);
    expect(hidden).toEqual({ register: 'a0', returned: null });
    expect(parameters.map(({ pieces: list }) => pieces(list))).toEqual(['a1', 'a2']);
  });
});

test('text, C functions and data within 128 MiB; the stack aligned to 16 KiB, within one block of 4 GiB', () => {
  const { text, c, data, stack, threadSize } = abi.memory;
  expect(text).toBe(0x9000_0000_0020_0000n);
  expect(c).toBe(text + 0x10_0000n);
  expect(data).toBe(text + 0x100_0000n);
  expect(stack).toBe(0x9000_0001_0001_0000n);
  expect(threadSize).toBe(16384);
  expect(stack % 16384n).toBe(0n);
  expect(stack >> 32n).toBe((stack + 16384n) >> 32n);
});
