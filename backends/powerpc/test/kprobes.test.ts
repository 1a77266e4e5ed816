// SPDX-License-Identifier: MIT
/**
 * kprobes on the ftrace location and on the words before it. Typed from linux 6.1, 6.12, 7.2 arch/powerpc/kernel/kprobes.c,
 * kprobes-ftrace.c, arch/powerpc/lib/sstep.c.
 */
import { describe, expect, test } from 'vitest';
import type { Displaced } from '../../../harness/backend/contract.js';
import { flatMachine } from '../../../harness/backend/test/flat-machine.js';
import { ADDI_R2_R2, ADDIS_R2_R12, MFLR_R0, NOP, wordBytes } from '../encoding.js';
import { kprobes } from '../kprobes.js';
import { config } from './support.js';

const F = 0xc000000000100000n;
const REGS = 0xc000000000200000n;
const gpr = (n: number) => REGS + BigInt(8 * n);
const NIP = REGS + 256n;
const LINK = REGS + 288n;

test('on a call site: four bytes back and forth, relative to what nip is', () => {
  expect(kprobes.ftrace.pre(F + 16n)).toBe(F + 12n);
  expect(kprobes.ftrace.post(0x5000n)).toBe(0x5004n);
  expect(kprobes.ftrace.resume(F, 0x5004n)).toBe(0x5004n);
});

describe('the address', () => {
  const machine = flatMachine('little');
  const at = (form: '6.12-A' | '7.2-A', offset: number, ip: bigint | null = F + 12n) =>
    kprobes.address({ machine, config: config(form), symbol: F, offset, ip });

  test('by the name alone is the ftrace location within 16 bytes', () => {
    expect(at('6.12-A', 0)).toEqual({ at: F + 12n, entry: true });
    expect(at('7.2-A', 0)).toEqual({ at: F + 12n, entry: true });
    expect(at('6.12-A', 0, null)).toEqual({ at: F, entry: true });
    expect(at('6.12-A', 0, F + 20n)).toEqual({ at: F, entry: true });
  });

  test('counts as the entry up to 16 bytes, at 7.2 up to the ftrace location', () => {
    expect([4, 8, 16, 20].map((offset) => at('6.12-A', offset).entry)).toEqual([true, true, true, false]);
    expect([4, 8, 12, 16].map((offset) => at('7.2-A', offset).entry)).toEqual([true, true, true, false]);
    expect(at('7.2-A', 4).at).toBe(F + 4n);
  });
});

describe('a displaced instruction is emulated', () => {
  const machine = flatMachine('little');
  const regs = { machine, config: config('6.12-A'), address: REGS };
  const emulate = (word: number) => {
    machine.store(F, wordBytes(word));
    const { breakpoint, slot, simulate } = kprobes.prepare(machine, F) as Displaced;
    expect([...breakpoint]).toEqual([0x08, 0x00, 0xe0, 0x7f]);
    expect(slot).toBeNull();
    machine.storeWord(NIP, 8, F);
    simulate?.(regs);
    expect(machine.loadWord(NIP, 8)).toBe(F + 4n);
  };

  test('NOP', () => emulate(NOP));

  test('MFLR r0', () => {
    machine.storeWord(LINK, 8, 0x7777n);
    emulate(MFLR_R0);
    expect(machine.loadWord(gpr(0), 8)).toBe(0x7777n);
  });

  test('ADDIS r2,r12 and ADDI r2,r2', () => {
    machine.storeWord(gpr(12), 8, 0x1_0000_0000n);
    emulate(ADDIS_R2_R12 | 0xfffe);
    expect(machine.loadWord(gpr(2), 8)).toBe(0xfffe_0000n);
    emulate(ADDI_R2_R2 | 0x8000);
    expect(machine.loadWord(gpr(2), 8)).toBe(0xfffd_8000n);
  });

  test('not on a word: -EINVAL', () => {
    for (const offset of [1n, 2n, 3n]) expect(kprobes.prepare(machine, F + offset)).toBe(-22);
  });
});

test('the result of a kretprobe is read as that of a system call, at every revision', () => {
  for (const form of ['6.1-A', '6.12-A', '7.2-A'] as const) {
    const machine = flatMachine('little');
    const regs = { machine, config: config(form), address: REGS };
    machine.storeWord(gpr(3), 8, 5n);
    expect(kprobes.regs.getReturnValue(regs)).toBe(5n);
    machine.storeWord(REGS + 304n, 8, 0x1000_0000n);
    expect(kprobes.regs.getReturnValue(regs)).toBe(0xffff_ffff_ffff_fffbn);
  }
});
