// SPDX-License-Identifier: MIT
/**
 * Breakpoint kprobes: BRK #4, a slot that ends in BRK #6, and the pt_regs of the exception. Typed from linux 6.1, 6.12, 7.2
 * arch/arm64/kernel/probes/kprobes.c, arch/arm64/include/asm/brk-imm.h, asm/ptrace.h.
 */
import { describe, expect, test } from 'vitest';
import type { Displaced } from '../../../harness/backend/contract.js';
import { flatMachine } from '../../../harness/backend/test/flat-machine.js';
import { MOV_X9_X30, wordBytes } from '../encoding.js';
import { kprobes } from '../kprobes.js';
import { config } from './support.js';

const F = 0xffff800008000000n;
const REGS = 0xffff800010000000n;

test('never on the record; the entry is the symbol', () => {
  const machine = flatMachine('little');
  expect(kprobes.ftrace).toBeNull();
  const at = (offset: number) =>
    kprobes.address({ machine, config: config(), symbol: F, offset, ip: F + 4n });
  expect(at(0)).toEqual({ at: F, entry: true });
  expect(at(4)).toEqual({ at: F + 4n, entry: false });
});

test('the MOV goes to a slot, followed by the second breakpoint', () => {
  const machine = flatMachine('little');
  machine.store(F, wordBytes(MOV_X9_X30));
  const { original, breakpoint, slot, simulate } = kprobes.prepare(machine, F) as Displaced;
  expect([...original]).toEqual([...wordBytes(MOV_X9_X30)]);
  expect([...breakpoint]).toEqual([0x80, 0x00, 0x20, 0xd4]);
  expect([...(slot?.bytes ?? [])]).toEqual([...wordBytes(MOV_X9_X30), 0xc0, 0x00, 0x20, 0xd4]);
  expect(slot?.stepped).toBe(4);
  expect(simulate).toBeNull();
});

test('not on a word: -EINVAL', () => {
  for (const offset of [1n, 2n, 3n]) expect(kprobes.prepare(flatMachine('little'), F + offset)).toBe(-22);
});

describe.each(['6.1', '6.12', '7.2'] as const)('the pt_regs of %s', (revision) => {
  const machine = flatMachine('little');
  const regs = { machine, config: config({}, revision), address: REGS };
  const api = kprobes.regs;

  test('pc and pstate are those of the trap', () => {
    machine.write('nzcv', 0xdead4e60_a0000000n);
    expect(kprobes.exception.save(machine, F)).toEqual({ pc: F, pstate: 0xa0000005n });
    machine.storeWord(REGS + 264n, 8, 0x6000_0005n);
    kprobes.exception.restore(regs);
    expect(machine.read('nzcv')).toBe(0x6000_0000n);
  });

  test('instruction pointer, stack pointer, arguments and result are read where it has them', () => {
    for (let n = 0; n < 31; n++) machine.storeWord(REGS + BigInt(8 * n), 8, BigInt(100 + n));
    machine.storeWord(REGS + 248n, 8, 0x5000n);
    machine.storeWord(REGS + 256n, 8, F);
    expect([api.getInstructionPointer(regs), api.getStackPointer(regs)]).toEqual([F, 0x5000n]);
    expect([api.getReturnValue(regs), api.getFramePointer(regs)]).toEqual([100n, 129n]);
    expect([0, 7, 8].map((n) => api.getArgument(regs, n))).toEqual([100n, 107n, 0n]);
    api.overrideWithReturn(regs);
    expect(api.getInstructionPointer(regs)).toBe(130n);
    api.setReturnValue(regs, 7n);
    api.setInstructionPointer(regs, F + 8n);
    expect([machine.loadWord(REGS, 8), machine.loadWord(REGS + 256n, 8)]).toEqual([7n, F + 8n]);
  });
});
