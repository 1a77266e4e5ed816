// SPDX-License-Identifier: MIT
/**
 * The s390x ABI in the kernel's dialect; expected places as clang 19 and GCC 12 compile them with
 * -march=z13 -mpacked-stack -mbackchain -msoft-float.
 */
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
  test('five arguments, r2 to r6, the result in r2 alone', () => {
    expect(abi.argumentRegisters).toEqual(['r2', 'r3', 'r4', 'r5', 'r6']);
    expect(abi.returnRegisters).toEqual(['r2']);
  });

  test('r6 to r13 are preserved: r6 is an argument and preserved', () => {
    expect(abi.calleeSaved).toEqual(['r6', 'r7', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13']);
  });

  test('r0 to r5, r14 and the condition code may be clobbered', () => {
    expect(abi.callerSaved).toEqual(['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r14', 'cc']);
  });

  test('the return address is in r14, the stack pointer is r15 and serves as frame pointer', () => {
    expect(abi.linkRegister).toBe('r14');
    expect(abi.returnInstruction).toBe('br %r14');
    expect(abi.stackPointer).toBe('r15');
    expect(abi.framePointer).toBe('r15');
  });

  test('SP is a multiple of 8; stack arguments begin at 160', () => {
    expect(abi.stackAlignment).toEqual({ modulus: 8, remainder: 0 });
    expect(abi.stackArguments).toBe(160);
    expect(abi.memory.threadSize).toBe(16384);
  });

  test('big-endian', () => expect(abi.byteOrder).toBe('big'));
});

test('the smallest frame: 24 bytes, r14 at S+136, back chain at S+128', () => {
  const { size, saves } = abi.frame;
  expect(size).toBe(24);
  expect(saves.map(({ what, at }) => [what, at - size])).toEqual([
    ['returnAddress', 136],
    ['entrySp', 128],
  ]);
});

test('narrow integers are 64 bits wide for whoever gets them, by the sign of their type', () => {
  expect(abi.narrowArgument).toEqual({ to: 64, rest: 'sign' });
  expect(abi.narrowResult).toEqual({ to: 64, rest: 'sign' });
});

describe('placement of arguments', () => {
  const five = Array.from({ length: 5 }, () => u64);

  test('five words in registers, the sixth at S+160, the seventh at S+168', () => {
    expect(places(...five, u64, u64)).toEqual(['r2', 'r3', 'r4', 'r5', 'r6', 'S+160', 'S+168']);
    expect(place(nothing, ...five, u64, u64).stackBytes).toBe(16);
  });

  test('narrow integers take a register or a slot of 8 bytes each', () => {
    expect(places(u8, s8, int, pointer)).toEqual(['r2[1]', 'r3[1]', 'r4[4]', 'r5']);
    expect(places(...five, u8, u32, u64).slice(5)).toEqual(['S+160[1]', 'S+168[4]', 'S+176']);
  });

  test('a 128-bit integer is passed by the address of a copy', () => {
    expect(places(int, i128, int)).toEqual(['r2[4]', '*r3', 'r4[4]']);
    expect(places(...five, i128, u64).slice(5)).toEqual(['*S+160', 'S+168']);
  });

  test.each([
    [1, 'r2[1]'],
    [2, 'r2[2]'],
    [3, '*r2'],
    [4, 'r2[4]'],
    [5, '*r2'],
    [6, '*r2'],
    [7, '*r2'],
    [8, 'r2'],
    [9, '*r2'],
    [16, '*r2'],
  ])('a struct of %i bytes: %s', (size, expected) => {
    expect(places(struct(size, 1, [0, u8]))).toEqual([expected]);
  });

  test('larger structs are one word too', () => {
    expect(places(pair, triple, int)).toEqual(['*r2', '*r3', 'r4[4]']);
  });
});

describe('placement of results', () => {
  test.each([
    [u8, 'r2[1]'],
    [int, 'r2[4]'],
    [u64, 'r2'],
    [pointer, 'r2'],
    [nothing, ''],
  ])('%o in %s', (type, expected) => {
    const { result, hidden } = place(type);
    expect(pieces(result)).toBe(expected);
    expect(hidden).toBeNull();
  });

  test.each([
    ['128 bits', i128],
    ['a struct of one byte', struct(1, 1, [0, u8])],
    ['a struct of a word', struct(8, 8, [0, u64])],
    ['a struct of three words', triple],
  ])('%s through memory: its address in r2, arguments from r3 on', (_what, type) => {
    const { result, hidden, parameters } = place(type, u64, u64);
    expect(result).toEqual([]);
    expect(hidden).toEqual({ register: 'r2', returned: 'r2' });
    expect(parameters.map((parameter) => pieces(parameter.pieces))).toEqual(['r3', 'r4']);
  });

  test('with the address of a result, the fifth argument is the first on the stack', () => {
    const { parameters, stackBytes } = place(i128, u64, u64, u64, u64, u64);
    expect(parameters.map((parameter) => pieces(parameter.pieces))).toEqual([
      'r3',
      'r4',
      'r5',
      'r6',
      'S+160',
    ]);
    expect(stackBytes).toBe(8);
  });
});
