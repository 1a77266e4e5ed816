// SPDX-License-Identifier: MIT
/**
 * kprobes on ftrace at 6.1, by EBREAK later, with AUIPC and JALR simulated. Typed from linux 6.1
 * arch/riscv/kernel/probes/ftrace.c; linux 6.12 arch/riscv/kernel/probes/kprobes.c, simulate-insn.c.
 */
import { describe, expect, test } from 'vitest';
import type { Displaced } from '../../../harness/backend/contract.js';
import { flatMachine } from '../../../harness/backend/test/flat-machine.js';
import { encodeAuipc, encodeJalr, NOP, wordBytes } from '../encoding.js';
import { kprobes } from '../kprobes.js';
import { gcc } from './support.js';

const F = 0xffffffff80000000n;
const REGS = 0xff60000000000000n;
const EPC = REGS;
const T0 = REGS + 40n;

test('on a call site: its address, eight bytes on, and what ftrace had put there', () => {
  expect(kprobes.ftrace.pre(0n, F)).toBe(F);
  expect(kprobes.ftrace.post(0n, F)).toBe(F + 8n);
  expect(kprobes.ftrace.resume(F + 8n)).toBe(F + 8n);
});

describe('a displaced instruction', () => {
  const machine = flatMachine('little');
  const regs = { machine, config: gcc, address: REGS };
  const prepared = (word: number) => {
    machine.store(F, wordBytes(word));
    return kprobes.prepare(machine, F, F) as Displaced;
  };

  test('is replaced by the long EBREAK', () => {
    expect([...prepared(NOP).breakpoint]).toEqual([0x73, 0x00, 0x10, 0x00]);
  });

  test('NOP: a slot that ends in an EBREAK', () => {
    const { slot, simulate } = prepared(NOP);
    expect([...(slot?.bytes ?? [])]).toEqual([0x13, 0, 0, 0, 0x73, 0x00, 0x10, 0x00]);
    expect([slot?.stepped, simulate]).toEqual([4, null]);
  });

  test('AUIPC: relative to the probe, whatever a handler has made of epc', () => {
    const { slot, simulate } = prepared(encodeAuipc(0x12345n));
    machine.storeWord(EPC, 8, 0xbadn);
    simulate?.(regs);
    expect(slot).toBeNull();
    expect([machine.loadWord(T0, 8), machine.loadWord(EPC, 8)]).toEqual([F + 0x12000n, F + 4n]);
  });

  test('JALR: to t0 and its offset, t0 the next address', () => {
    const { simulate } = prepared(encodeJalr(-0x10n));
    machine.storeWord(T0, 8, 0x4000n);
    simulate?.(regs);
    expect([machine.loadWord(T0, 8), machine.loadWord(EPC, 8)]).toEqual([F + 4n, 0x3ff0n]);
  });

  test('none begins within a word: -EILSEQ', () => {
    for (const offset of [1n, 2n, 3n]) expect(kprobes.prepare(machine, F + offset, F)).toBe(-84);
  });
});

test('the exception comes from the kernel, by a breakpoint', () => {
  expect(kprobes.exception.save(flatMachine('little'), F)).toEqual({ epc: F, status: 0x120n, cause: 3n });
});

test('instruction pointer, stack pointer, arguments and result are read where pt_regs has them', () => {
  const machine = flatMachine('little');
  const regs = { machine, config: gcc, address: REGS };
  const api = kprobes.regs;
  for (let n = 0; n < 36; n++) machine.storeWord(REGS + BigInt(8 * n), 8, BigInt(100 + n));
  expect([api.getInstructionPointer(regs), api.getStackPointer(regs)]).toEqual([100n, 102n]);
  expect([api.getFramePointer(regs), api.getReturnValue(regs)]).toEqual([108n, 110n]);
  expect([0, 7, 8].map((n) => api.getArgument(regs, n))).toEqual([110n, 117n, 0n]);
  api.overrideWithReturn(regs);
  expect(api.getInstructionPointer(regs)).toBe(101n);
  api.setReturnValue(regs, 7n);
  expect(machine.loadWord(REGS + 80n, 8)).toBe(7n);
});
