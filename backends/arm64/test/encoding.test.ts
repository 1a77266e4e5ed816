// SPDX-License-Identifier: MIT
/** Instruction words, typed from what clang 19 and GCC emit and from arch/arm64/include/asm/insn.h. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BTI_C,
  BTI_J,
  BTI_JC,
  decode,
  encodeBl,
  encodePlt,
  inBranchRange,
  MOV_X9_X30,
  modulePlt,
  NOP,
  wordBytes,
} from '../encoding.js';
import { config } from './support.js';

const textOf = (word: number, here = 0n) => decode(wordBytes(word), here)?.text;

describe('words of a call site', () => {
  test.each([
    ['nop', 0xd503201f, NOP],
    ['mov x9, x30', 0xaa1e03e9, MOV_X9_X30],
    ['bti c', 0xd503245f, BTI_C],
    ['bti j', 0xd503249f, BTI_J],
    ['bti jc', 0xd50324df, BTI_JC],
  ])('%s is %i', (text, word, constant) => {
    expect(constant).toBe(word);
    expect(textOf(word)).toBe(text);
  });

  test('words are stored little-endian', () => {
    expect([...wordBytes(0xaa1e03e9, 0xd503201f)]).toEqual([0xe9, 0x03, 0x1e, 0xaa, 0x1f, 0x20, 0x03, 0xd5]);
  });
});

describe('BL', () => {
  test.each([
    [0x1004n, 0x2004n, 0x94000400],
    [0x2004n, 0x1004n, 0x97fffc00],
    [0xffff800010000004n, 0xffff800010123400n, 0x94048cff],
    [0x1_0000_0000n, 0x1_07ff_fffcn, 0x95ffffff],
    [0x1_0000_0000n, 0x0_f800_0000n, 0x96000000],
  ])('from %s to %s is %i', (from, to, word) => {
    expect(encodeBl(from, to)).toBe(word);
    expect(textOf(word, from)).toBe(`bl 0x${to.toString(16)}`);
  });

  test('reaches from -128 MiB to below +128 MiB', () => {
    const site = 0xffff_8000_8000_0000n;
    expect(inBranchRange(site, site - 0x800_0000n)).toBe(true);
    expect(inBranchRange(site, site - 0x800_0004n)).toBe(false);
    expect(inBranchRange(site, site + 0x7ff_fffcn)).toBe(true);
    expect(inBranchRange(site, site + 0x800_0000n)).toBe(false);
    expect(() => encodeBl(site, site + 0x800_0000n)).toThrow(RangeError);
  });

  test('decoding gives back the target', () => {
    fc.assert(
      fc.property(fc.bigInt(-(1n << 25n), (1n << 25n) - 1n), (words) => {
        const site = 0xffff_8000_8000_0000n;
        const target = site + 4n * words;
        expect(textOf(encodeBl(site, target), site)).toBe(`bl 0x${target.toString(16)}`);
      }),
    );
  });
});

describe('module PLT entry', () => {
  test('same page: adrp x16 / add x16, x16, #lo12 / br x16', () => {
    expect(encodePlt(0x1000n, 0x1000n)).toEqual([0x90000010, 0x91000210, 0xd61f0200]);
  });

  test('the low twelve bits go to the ADD', () => {
    expect(encodePlt(0x1000n, 0x1abcn)).toEqual([0x90000010, 0x912af210, 0xd61f0200]);
  });

  // ADRP: immlo is bits 30:29, immhi bits 23:5 of the page difference.
  test.each([
    [0x1000n, 0x2000n, 0xb0000010],
    [0x1000n, 0x5000n, 0x90000030],
    [0x2000n, 0x1000n, 0xf0fffff0],
    [0xffff_8000_7800_0000n, 0xffff_8000_8000_0000n, 0x90040010],
  ])('page of %s seen from %s', (from, to, adrp) => {
    expect(encodePlt(from, to)[0]).toBe(adrp);
  });

  test('as text, wherever it goes', () => {
    for (const [from, to] of [
      [0x1000n, 0x5abcn],
      [0xffff_8000_c000_0010n, 0xffff_8000_8000_0480n],
    ] as const) {
      const [adrp, add, br] = encodePlt(from, to);
      expect(textOf(adrp, from)).toBe(`adrp x16, 0x${(to & ~0xfffn).toString(16)}`);
      expect(textOf(add, from + 4n)).toBe(`add x16, x16, #${to & 0xfffn}`);
      expect(textOf(br, from + 8n)).toBe('br x16');
    }
  });
});

test('breakpoints that kprobes and the generation failure use', () => {
  expect(textOf(0xd4200080)).toBe('brk #0x4');
  expect(textOf(0xd42000e0)).toBe('brk #0x7');
  expect(textOf(0xd4202000)).toBe('brk #0x100');
});

test('words that ftrace never writes are unknown', () => {
  for (const word of [0, 0xd65f03c0, 0xd503233f, 0xffffffff]) expect(textOf(word)).toBeUndefined();
  expect(decode(new Uint8Array(3), 0n)).toBeUndefined();
});

describe('the PLT entry of a module out of range of the core trampoline', () => {
  const CORE = '.text.ftrace_trampoline';
  const INIT = '.init.text.ftrace_trampoline';

  test.each([
    // target, call site in init text, section, bytes of the section, bytes from its start
    ['ftrace_caller', false, CORE, 24, 0],
    ['ftrace_caller', true, CORE, 24, 0],
    ['ftrace_regs_caller', false, CORE, 24, 12],
    ['ftrace_regs_caller', true, CORE, 24, 12],
  ] as const)('6.1: %s, init %s: by the target', (target, init, section, size, at) => {
    expect(modulePlt(config({}, '6.1'), target, init)).toEqual({ section, size, at });
  });

  test('6.1: none without ARM64_MODULE_PLTS, and none for another target', () => {
    expect(modulePlt(config({ ARM64_MODULE_PLTS: false }, '6.1'), 'ftrace_caller', false)).toBeNull();
    expect(modulePlt(config({}, '6.1'), 'direct_tramp_0', false)).toBeNull();
  });

  test.each(['6.12', '7.2'] as const)('%s: by where the call site lies', (revision) => {
    const of = config({}, revision);
    expect(modulePlt(of, 'ftrace_caller', false)).toEqual({ section: CORE, size: 12, at: 0 });
    expect(modulePlt(of, 'ftrace_caller', true)).toEqual({ section: INIT, size: 12, at: 0 });
    expect(modulePlt(of, 'direct_tramp_0', false)).toBeNull();
  });
});
