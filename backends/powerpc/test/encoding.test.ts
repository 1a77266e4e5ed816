// SPDX-License-Identifier: MIT
/** Words as an assembler gives them, ranges of branches, long branches, and what text each patched word has. */
import { describe, expect, test } from 'vitest';
import {
  branchTarget,
  decode,
  encodeBranch,
  encodeLongBranch,
  encodeTocSetup,
  highAdjusted,
  inBranchRange,
  isTocSetup,
  low,
  MFLR_R0,
  MTLR_R0,
  NOP,
  pointerBytes,
  reach,
  STD_R0_16_R1,
  TRAP,
  wordBytes,
} from '../encoding.js';

const HERE = 0xc000_0000_0010_0000n;

test('fixed words', () => {
  expect(NOP).toBe(0x60000000);
  expect(MFLR_R0).toBe(0x7c0802a6);
  expect(MTLR_R0).toBe(0x7c0803a6);
  expect(STD_R0_16_R1).toBe(0xf8010010);
  expect(TRAP).toBe(0x7fe00008);
});

test('words and pointers are little-endian', () => {
  expect([...wordBytes(0x7c0802a6)]).toEqual([0xa6, 0x02, 0x08, 0x7c]);
  expect([...pointerBytes(0xc000000001100000n)]).toEqual([0, 0, 0x10, 0x01, 0, 0, 0, 0xc0]);
});

describe('branches', () => {
  test.each([
    [0n, true],
    [0x1fffffcn, true],
    [0x2000000n, false],
    [-0x2000000n, true],
    [-0x2000004n, false],
    [2n, false],
  ])('offset %i in range: %s', (offset, expected) => {
    expect(inBranchRange(HERE, HERE + offset)).toBe(expected);
  });

  test.each([
    ['bl', 0x10n, 0x48000011],
    ['bl', -4n, 0x4bfffffd],
    ['b', 0x10n, 0x48000010],
    ['b', 0x1fffffcn, 0x49fffffc],
    ['b', -0x2000000n, 0x4a000000],
  ] as const)('%s .%i', (kind, offset, word) => {
    expect(encodeBranch(kind, HERE, HERE + offset)).toBe(word);
    expect(branchTarget(word, HERE)).toEqual({ kind, to: HERE + offset });
  });

  test('out of range is refused', () => {
    expect(() => encodeBranch('b', HERE, HERE + 0x2000000n)).toThrow(RangeError);
  });

  test('an absolute branch is none of ours', () => {
    expect(branchTarget(0x48000012, HERE)).toBeNull();
    expect(branchTarget(NOP, HERE)).toBeNull();
  });
});

describe('TOC', () => {
  test('ha and l add up to the offset', () => {
    for (const offset of [0n, 0x7fffn, 0x8000n, 0xffffn, 0x12348000n, -1n, -0x8001n]) {
      const high = BigInt.asIntN(16, BigInt(highAdjusted(offset))) << 16n;
      expect(high + BigInt.asIntN(16, BigInt(low(offset)))).toBe(offset);
    }
  });

  test('the set-up of a function computes the TOC base from r12', () => {
    expect(encodeTocSetup(HERE, HERE + 0x1008010n)).toEqual([0x3c4c0101, 0x38428010]);
  });

  test.each([
    // addis r2,r12 or lis r2; addi r2,r2
    [0x3c4c0101, 0x38428010, true],
    [0x3c400101, 0x38428010, true],
    [0x3c4c0101, NOP, false],
    [0x3c4c0101, 0x38638010, false],
    [0x38428010, 0x38428010, false],
    [NOP, NOP, false],
    // ld r2,-8(r12); add r2,r2,r12
    [0xe84cfff8, 0x7c426214, true],
    [0xe84cfff8, 0x38428010, false],
    [0xe84cfff0, 0x7c426214, false],
  ])('%i, %i is a set-up: %s', (first, second, expected) => {
    expect(isTocSetup(first, second)).toBe(expected);
  });

  test('a long branch: ld r12,kernel_toc(r13); addis; addi; mtctr; bctr', () => {
    expect(encodeLongBranch(8, HERE + 0x1000010n, HERE)).toEqual([
      0xe98d0008, 0x3d8cff00, 0x398cfff0, 0x7d8903a6, 0x4e800420,
    ]);
    expect(() => encodeLongBranch(8, 0n, 0x8000_0000n)).toThrow(RangeError);
  });
});

describe('reaching a target', () => {
  const caller = HERE;
  const regsCaller = HERE + 0x400n;
  const far = HERE + 0x3000000n;
  const fixed = [HERE + 0x2800000n];
  const core = { caller, regsCaller, fixed, direct: false };

  test('in range: itself', () => {
    expect(reach(HERE + 0x1000n, regsCaller, core)).toBe(regsCaller);
  });

  test('core text out of range: a fixed trampoline, whatever was asked for', () => {
    expect(reach(far, caller, core)).toBe(fixed[0]);
    expect(reach(far, regsCaller, core)).toBe(fixed[0]);
  });

  test('no trampoline in range: nothing', () => {
    expect(reach(far + 0x4000000n, caller, core)).toBeNull();
  });

  test('a module: its own stub for each', () => {
    const module = { caller: far + 0x100n, regsCaller: far + 0x200n };
    expect(reach(far, caller, { ...core, module })).toBe(module.caller);
    expect(reach(far, regsCaller, { ...core, module })).toBe(module.regsCaller);
  });

  test('a direct trampoline out of range becomes ftrace_caller, which finds it again', () => {
    const direct = { ...core, direct: true };
    expect(reach(HERE + 0x1000n, far, direct)).toBe(caller);
    expect(reach(far, HERE + 0x1000n, direct)).toBe(fixed[0]);
  });

  test('an unknown target out of range is refused without direct calls', () => {
    expect(reach(HERE + 0x1000n, far, core)).toBeNull();
  });
});

describe('text of words', () => {
  test.each([
    [0x60000000, 'nop'],
    [0x7c0802a6, 'mflr r0'],
    [0x7c0803a6, 'mtlr r0'],
    [0x48000011, 'bl 0xc000000000100010'],
    [0x4bfffff0, 'b 0xc0000000000ffff0'],
    [0x3c4c0101, 'addis r2, r12, 257'],
    [0x3c40c110, 'lis r2, -16112'],
    [0x38428010, 'addi r2, r2, -32752'],
    [0xf8010010, 'std r0, 16(r1)'],
    [0xe84cfff8, 'ld r2, -8(r12)'],
    [0xf821ffe1, undefined],
    [0x7d8903a6, 'mtctr r12'],
    [0x4e800420, 'bctr'],
    [0x7fe00008, 'trap'],
    [0xffffffff, undefined],
    [0x00000000, undefined],
  ])('%i is %s', (word, text) => {
    expect(decode(wordBytes(word), HERE)?.text).toBe(text);
  });

  test('fewer than four bytes are no instruction', () => {
    expect(decode(Uint8Array.of(0, 0, 0), HERE)).toBeUndefined();
  });
});
