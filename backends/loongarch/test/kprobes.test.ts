// SPDX-License-Identifier: MIT
/**
 * kprobes on the first word of a call site and in its second. Typed from linux 6.12, 7.2 arch/loongarch/kernel/ftrace_dyn.c,
 * arch/loongarch/kernel/kprobes.c, arch/loongarch/include/uapi/asm/break.h.
 */
import { describe, expect, test } from 'vitest';
import type { Displaced } from '../../../harness/backend/contract.js';
import { flatMachine } from '../../../harness/backend/test/flat-machine.js';
import { encodeBl, NOP, wordBytes } from '../encoding.js';
import { kprobes } from '../kprobes.js';
import { current } from './support.js';

const F = 0x9000000000200000n;
const REGS = 0x9000000000300000n;
const RA = REGS + 8n;
const ERA = REGS + 264n;

test('on a call site: F, then F+4, though execution resumes where ftrace wants it', () => {
  expect(kprobes.ftrace.pre(F + 8n, F)).toBe(F);
  expect(kprobes.ftrace.post(0n, F)).toBe(F + 4n);
  expect(kprobes.ftrace.resume(F + 8n)).toBe(F + 8n);
});

describe('a displaced instruction', () => {
  const machine = flatMachine('little');
  const regs = { machine, config: current, address: REGS };

  test('NOP: BREAK 10 in its place, BREAK 11 behind it in the slot', () => {
    machine.store(F + 4n, wordBytes(NOP));
    const { breakpoint, slot, simulate } = kprobes.prepare(machine, F + 4n) as Displaced;
    expect([...breakpoint]).toEqual([0x0a, 0x00, 0x2a, 0x00]);
    expect([...(slot?.bytes ?? [])]).toEqual([...wordBytes(NOP), 0x0b, 0x00, 0x2a, 0x00]);
    expect(simulate).toBeNull();
  });

  test('BL: simulated', () => {
    machine.store(F + 4n, wordBytes(encodeBl(F + 4n, F + 0x1000n)));
    const { slot, simulate } = kprobes.prepare(machine, F + 4n) as Displaced;
    machine.storeWord(ERA, 8, F + 4n);
    simulate?.(regs);
    expect(slot).toBeNull();
    expect([machine.loadWord(RA, 8), machine.loadWord(ERA, 8)]).toEqual([F + 8n, F + 0x1000n]);
  });

  test('not on a word: -EILSEQ', () => {
    for (const offset of [1n, 2n, 3n]) expect(kprobes.prepare(machine, F + offset)).toBe(-84);
  });
});

test('the exception comes from the kernel, by a BREAK', () => {
  const machine = flatMachine('little');
  machine.write('crmd', 0xb0n);
  expect(kprobes.exception.save(machine, F)).toEqual({
    csr_era: F,
    csr_crmd: 0xb0n,
    csr_prmd: 4n,
    csr_estat: 0xc0000n,
  });
  expect(kprobes.regs.userMode({ machine, config: current, address: REGS })).toBe(false);
});
