// SPDX-License-Identifier: MIT
/** Instruction words, typed from arch/loongarch/include/asm/inst.h and from what assemblers emit. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  callable,
  decode,
  encodeB,
  encodeBl,
  encodePlt,
  GENERATION_FAILURE,
  inBranchRange,
  MOVE_T0_RA,
  NOP,
  wordBytes,
} from '../encoding.js';

const HERE = 0x9000_0000_0020_0000n;
const textOf = (word: number, here = HERE) => decode(wordBytes(word), here)?.text;

test.each([
  ['nop', 0x03400000, NOP],
  ['move $t0, $ra', 0x0015002c, MOVE_T0_RA],
  ['break 0', 0x002a0000, GENERATION_FAILURE],
])('%s is %i', (text, word, constant) => {
  expect(constant).toBe(word);
  expect(decode(wordBytes(word), HERE)).toEqual({ text, length: 4 });
});

test('words are stored little-endian', () => {
  expect([...wordBytes(0x0015002c, 0x03400000)]).toEqual([0x2c, 0x00, 0x15, 0x00, 0, 0, 0x40, 0x03]);
});

describe('b and bl', () => {
  test.each([
    ['bl +0x100', encodeBl, 0x100n, 0x54010000],
    ['bl -0x100', encodeBl, -0x100n, 0x57ff03ff],
    ['b +0x100', encodeB, 0x100n, 0x50010000],
  ])('%s', (text, encode, offset, word) => {
    expect(encode(HERE, HERE + offset)).toBe(word);
    expect(textOf(word)).toBe(`${text.split(' ')[0]} 0x${(HERE + offset).toString(16)}`);
  });

  test('offset[17:2] in bits 25..10, offset[27:18] in bits 9..0', () => {
    expect(encodeBl(HERE, HERE + 0x4n)).toBe(0x54000400);
    expect(encodeBl(HERE, HERE + 0x3fffcn)).toBe(0x54000000 + 0xffff * 0x400);
    expect(encodeBl(HERE, HERE + 0x40000n)).toBe(0x54000001);
    expect(encodeBl(HERE, HERE - 0x8000000n)).toBe(0x54000200);
  });

  test.each([
    [-0x800_0000n, true],
    [-0x800_0004n, false],
    [0x7ff_fffcn, true],
    [0x800_0000n, false],
  ])('an offset of %s is in range: %s', (offset, reached) => {
    expect(inBranchRange(HERE, HERE + offset)).toBe(reached);
    if (!reached) expect(() => encodeBl(HERE, HERE + offset)).toThrow(RangeError);
  });

  test('every branch in reach reads back', () => {
    fc.assert(
      fc.property(fc.integer({ min: -0x2000000, max: 0x1ffffff }), (words) => {
        const to = HERE + BigInt(words) * 4n;
        expect(textOf(encodeBl(HERE, to))).toBe(`bl 0x${to.toString(16)}`);
        expect(textOf(encodeB(HERE, to))).toBe(`b 0x${to.toString(16)}`);
      }),
    );
  });
});

describe('module PLT entry', () => {
  test('lu12i.w t1 ; lu32i.d t1 ; lu52i.d t1, t1 ; jirl zero, t1', () => {
    // 0x9000 0000 0123 4ab4: bits 31..12 01234, 51..32 0, 63..52 900, 11..0 ab4 = 0x2ad words.
    expect(encodePlt(0x9000_0000_0123_4ab4n)).toEqual([
      0x14000000 + 0x01234 * 0x20 + 13,
      0x16000000 + 13,
      0x03000000 + 0x900 * 0x400 + 13 * 0x20 + 13,
      0x4c000000 + 0x2ad * 0x400 + 13 * 0x20,
    ]);
  });

  test('reads back as text', () => {
    expect(encodePlt(0xffff_8000_fedc_b800n).map((word) => textOf(word))).toEqual([
      'lu12i.w $t1, -4661',
      'lu32i.d $t1, -32768',
      'lu52i.d $t1, $t1, -1',
      'jirl $zero, $t1, 2048',
    ]);
  });
});

describe('where a BL may go', () => {
  const from = 0x9000_0000_0400_0000n;
  const FAR = 0x1000_0000n;
  const near = { from, caller: from + 0x100n, regsCaller: from + 0x200n, plts: null };
  /** A module out of reach of the kernel image. */
  const far = { from, caller: from + FAR, regsCaller: from + FAR + 0x100n, plts: from + 0x1000n };

  test('a target in range: there', () => {
    expect(callable(near, from + 0x300n)).toBe(from + 0x300n);
    expect(callable(far, from + 0x300n)).toBe(from + 0x300n);
  });

  test('a custom trampoline out of range: ftrace_regs_caller, never ftrace_caller', () => {
    expect(callable(near, from + FAR)).toBe(near.regsCaller);
    expect(callable(far, from - FAR)).toBe(far.plts + 16n);
  });

  test('entry 0 of the module’s table is ftrace_caller, entry 1 ftrace_regs_caller', () => {
    expect(callable(far, far.caller)).toBe(far.plts);
    expect(callable(far, far.regsCaller)).toBe(far.plts + 16n);
  });

  test('kernel text out of range with no module: no way', () => {
    expect(callable({ ...far, plts: null }, far.caller)).toBeNull();
  });
});

test.each([
  ['jr t0', 0x4c000180],
  ['ret', 0x4c000020],
  ['andi t0, t0, 0', 0x03400000 + 12 * 0x20 + 12],
  ['zero', 0],
  ['ones', 0xffffffff],
])('%s is no word that is written at run time', (_name, word) => {
  expect(textOf(word)).toBeUndefined();
});

test('too few bytes are no instruction', () => {
  expect(decode(wordBytes(NOP).subarray(0, 3), HERE)).toBeUndefined();
});
