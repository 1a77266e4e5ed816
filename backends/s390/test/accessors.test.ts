// SPDX-License-Identifier: MIT
/**
 * The ftrace_regs API, against offsets and rules of linux 6.12 and 7.2 arch/s390/include/asm/ftrace.h and ptrace.h,
 * typed here. At 6.1 only ftrace_get_regs() and the setting of the instruction pointer exist; the structure is the same.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Fregs } from '../../../harness/backend/contract.js';
import type { Rig } from '../../../harness/backend/smoke/rig.js';
import { abi } from '../abi.js';
import { accessors } from '../accessors.js';
import { config, REVISIONS, rig, withCc } from './support.js';

const EINVAL = -22;

describe.each(REVISIONS)('ftrace_regs at %s', (revision) => {
  let at: Rig;
  let fregs: Fregs;
  const word = (offset: number) => at.word(fregs.address + BigInt(offset));

  /** Every word of the block its offset, r15 = S; the words from S up count from 1000. */
  beforeEach(() => {
    at = rig(revision);
    fregs = at.fregs(at.s - 224n);
    for (let offset = 0; offset < 200; offset += 8) {
      at.machine.storeWord(fregs.address + BigInt(offset), 8, BigInt(offset));
    }
    at.machine.storeWord(fregs.address + 144n, 8, at.s);
    for (let n = 0; n < 40; n++) at.machine.storeWord(at.s + BigInt(8 * n), 8, BigInt(1000 + n));
  });

  test('the instruction pointer is psw.addr at 16', () => {
    expect(accessors.getInstructionPointer(fregs)).toBe(16n);
    accessors.setInstructionPointer(fregs, 0x55n);
    expect(word(16)).toBe(0x55n);
  });

  test.each([
    [0, 40n],
    [1, 48n],
    [2, 56n],
    [3, 64n],
    [4, 72n],
  ])('argument %i is the word at %i', (n, value) => expect(accessors.getArgument(fregs, n)).toBe(value));

  test.each([
    [5, 1020n],
    [6, 1021n],
    [11, 1026n],
  ])('argument %i is in memory, from 160 above the stack pointer on', (n, value) => {
    expect(accessors.getArgument(fregs, n)).toBe(value);
  });

  test('beyond the THREAD_SIZE block of the stack pointer arguments and stack words are 0', () => {
    const end = abi.memory.stack + 16384n;
    const last = Number((end - at.s) / 8n) - 1;
    expect(accessors.getKernelStackNth(fregs, last + 1)).toBe(0n);
    expect(accessors.getArgument(fregs, last + 1 - 15)).toBe(0n);
    at.machine.storeWord(end - 8n, 8, 7n);
    expect(accessors.getKernelStackNth(fregs, last)).toBe(7n);
    expect(accessors.getArgument(fregs, last - 15)).toBe(7n);
  });

  test('stack words count from the stack pointer', () => {
    expect(accessors.getKernelStackNth(fregs, 0)).toBe(1000n);
    expect(accessors.getKernelStackNth(fregs, 20)).toBe(1020n);
  });

  test('stack and frame pointer are gprs[15] at 144', () => {
    expect(accessors.getStackPointer(fregs)).toBe(at.s);
    expect(accessors.getFramePointer(fregs)).toBe(at.s);
  });

  test('the return value is gprs[2] at 40, the return address gprs[14] at 136', () => {
    expect(accessors.getReturnValue(fregs)).toBe(40n);
    accessors.setReturnValue(fregs, 0x66n);
    expect(word(40)).toBe(0x66n);
    expect(accessors.getReturnAddress(fregs)).toBe(136n);
  });

  test('overriding copies gprs[14] to psw.addr', () => {
    accessors.overrideWithReturn(fregs, 0x77n);
    expect(word(16)).toBe(136n);
  });

  test('the direct caller goes to orig_gpr2 at 152', () => {
    accessors.setDirectCaller(fregs, 0x88n);
    expect(word(152)).toBe(0x88n);
  });

  test.each([
    [0n, false],
    [0x10n, true],
    [0x0fn, false],
    [0xffff_ffff_ffff_ffefn, false],
    [0xdead_57ac_0000_0010n, true],
  ])('with flags 0x%x there is a pt_regs: %s', (flags, full) => {
    at.machine.storeWord(fregs.address + 176n, 8, flags);
    expect(accessors.getRegs(fregs)).toBe(full ? fregs.address : 0n);
  });

  test('partial regs are the block, untouched', () => {
    const before = at.machine.load(fregs.address, 200);
    expect(accessors.partialRegs(fregs, abi.memory.data)).toBe(fregs.address);
    accessors.partialRegsUpdate(fregs, fregs.address);
    expect(at.machine.load(fregs.address, 200)).toEqual(before);
  });

  test('perf regs: mask 0, instruction address and stack pointer', () => {
    const regs = abi.memory.data + 0x800n;
    at.machine.storeWord(regs + 8n, 8, 5n);
    accessors.fillPerfRegs(fregs, regs);
    expect([at.word(regs + 8n), at.word(regs + 16n), at.word(regs + 144n)]).toEqual([0n, 16n, at.s]);
    expect(at.word(regs + 40n)).toBe(0n);
    expect(accessors.userMode(at.fregs(regs))).toBe(false);
  });

  test.each([
    [withCc(0n), false],
    [0x0705_c001_8000_0000n, true],
    [0xdead_57ac_0000_0000n, true],
  ])('a mask of 0x%x is user mode: %s', (mask, user) => {
    at.machine.storeWord(fregs.address + 8n, 8, mask);
    expect(accessors.userMode(fregs)).toBe(user);
  });

  test.each([
    ['r0', 0],
    ['r2', 2],
    ['r15', 15],
    ['r16', EINVAL],
    ['ip', EINVAL],
    ['sp', EINVAL],
    ['r', EINVAL],
    ['2', EINVAL],
    ['r-1', EINVAL],
    ['psw', EINVAL],
  ])('register %s is number %i', (name, number) => {
    expect(accessors.queryRegisterOffset(fregs, name)).toBe(number);
    expect(accessors.ptRegsOffset(config(revision), name)).toBe(number);
  });
});

test('tracers print six arguments, though five are in registers', () => {
  expect(accessors.maxArgs).toBe(6);
  expect(accessors.argumentFields).toEqual(['gprs[2]', 'gprs[3]', 'gprs[4]', 'gprs[5]', 'gprs[6]']);
});
