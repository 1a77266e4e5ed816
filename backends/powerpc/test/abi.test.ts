// SPDX-License-Identifier: MIT
/** ELFv2 as kernel code meets it; the expected places are typed from the OpenPOWER 64-bit ELF V2 ABI, 2.2. */
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
import { gprs } from './support.js';

const { place, places } = placementBy(abi);

describe('registers by role', () => {
  test('integer arguments are in r3 to r10, results in r3 and r4', () => {
    expect(abi.argumentRegisters).toEqual(gprs(3, 10));
    expect(abi.returnRegisters).toEqual(['r3', 'r4']);
  });

  test('r1, r14 to r31 and CR2 to CR4 are preserved', () => {
    expect(abi.calleeSaved).toEqual([...gprs(14, 31), 'cr2', 'cr3', 'cr4']);
    expect(abi.stackPointer).toBe('r1');
  });

  test('r0, r3 to r12, LR, CTR, XER, CR0, CR1 and CR5 to CR7 may be clobbered', () => {
    expect(abi.callerSaved).toEqual(
      expect.arrayContaining(['r0', ...gprs(3, 12), 'lr', 'ctr', 'xer', 'cr0', 'cr1', 'cr5', 'cr6', 'cr7']),
    );
  });

  test('r2 is the TOC, r13 the PACA, r12 the address of the function at its entry', () => {
    expect(abi.fixedRegisters).toMatchObject({ r2: 'kernel_toc_base', r13: 'paca' });
    expect(abi.reserved).toEqual(['r2', 'r13', 'msr']);
    expect(abi.entryRegister).toBe('r12');
  });

  test('the return address is in LR, nothing is pushed; no frame pointer', () => {
    expect(abi.linkRegister).toBe('lr');
    expect(abi.framePointer).toBe('r1');
    expect(abi.returnInstruction).toBe('blr');
  });
});

describe('the stack', () => {
  test('16-byte aligned, little-endian', () => {
    expect(abi.stackAlignment).toEqual({ modulus: 16, remainder: 0 });
    expect(abi.byteOrder).toBe('little');
  });

  test('a frame: back chain at 0, the return address in the LR slot of the caller, 16 above S', () => {
    expect(abi.frame).toEqual({
      size: 32,
      saves: [
        { what: 'returnAddress', at: 48 },
        { what: 'entrySp', at: 0 },
      ],
      framePointer: null,
    });
  });

  test('a header of 32 bytes; with stack arguments, places for eight words more', () => {
    expect(abi.callerArea).toBe(32);
    expect(abi.stackArguments).toBe(96);
  });

  test('fprobe pointers have the top nibble 0xc', () => {
    expect(abi.memory.data >> 60n).toBe(0xcn);
  });
});

test('the caller extends narrow integers to 64 bits by the sign of their type', () => {
  expect(abi.narrowArgument).toEqual({ to: 64, rest: 'sign' });
  expect(abi.narrowResult).toEqual({ to: 64, rest: 'sign' });
});

const words = (n: number) => Array.from({ length: n }, () => u64);

describe('placement of arguments', () => {
  test('eight words in registers, the n-th at S + 32 + 8n', () => {
    expect(places(...words(12))).toEqual([...gprs(3, 10), 'S+96', 'S+104', 'S+112', 'S+120']);
    expect(place(nothing, ...words(12)).stackBytes).toBe(32);
    expect(place(nothing, ...words(8)).stackBytes).toBe(0);
  });

  test('narrow integers take a word each, on the stack too', () => {
    expect(places(u8, s8, int, pointer)).toEqual(['r3[1]', 'r4[1]', 'r5[4]', 'r6']);
    expect(places(...words(8), u8, u32, u64).slice(8)).toEqual(['S+96[1]', 'S+104[4]', 'S+112']);
  });

  test('a 128-bit integer takes two consecutive registers, no even rule', () => {
    expect(places(int, i128, int)).toEqual(['r3[4]', 'r4:r5', 'r6[4]']);
  });

  test('it may be half in r10 and half at S+96', () => {
    expect(places(...words(7), i128, u64).slice(7)).toEqual(['r10:S+96', 'S+104']);
  });

  test('on the stack it is aligned to 8 only', () => {
    expect(places(...words(9), i128).slice(8)).toEqual(['S+96', 'S+104:S+112']);
  });

  test('a struct aligned to 16 skips to an even position', () => {
    const aligned = struct(16, 16, [0, i128]);
    expect(places(int, aligned)).toEqual(['r3[4]', 'r5:r6']);
    expect(places(...words(9), aligned).slice(8)).toEqual(['S+96', 'S+112:S+120']);
  });

  test('a struct of 24 bytes after one word is in r4, r5, r6', () => {
    expect(places(u64, triple, u64)).toEqual(['r3', 'r4:r5:r6', 'r7']);
  });

  test('overflow of a struct continues in the parameter area', () => {
    expect(places(...words(6), triple, u64).slice(6)).toEqual(['r9:r10:S+96', 'S+104']);
    expect(places(...words(8), pair).slice(8)).toEqual(['S+96:S+104']);
  });

  test('a small struct is in the low-order bytes of its word', () => {
    expect(
      places(struct(3, 1, [0, u8], [1, u8], [2, u8]), struct(12, 4, [0, u32], [4, u32], [8, u32])),
    ).toEqual(['r3[3]', 'r4:r5[4]']);
  });
});

describe('placement of results', () => {
  test.each([
    [u8, 'r3[1]'],
    [u64, 'r3'],
    [i128, 'r3:r4'],
    [pair, 'r3:r4'],
    [nothing, ''],
  ])('%o in %s', (type, expected) => {
    const { result, hidden } = place(type);
    expect(pieces(result)).toBe(expected);
    expect(hidden).toBeNull();
  });

  test('more than 16 bytes: a hidden pointer in r3, arguments from r4 on', () => {
    const { result, hidden, parameters } = place(triple, u64);
    expect(result).toEqual([]);
    expect(hidden?.register).toBe('r3');
    expect(pieces(parameters[0]?.pieces ?? [])).toBe('r4');
  });
});
