// SPDX-License-Identifier: MIT
/**
 * The ftrace_regs API on a structure filled with distinct values, per revision: linux 6.1, 6.12, 7.2
 * arch/powerpc/include/asm/ftrace.h, arch/powerpc/include/asm/ptrace.h.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Fregs } from '../../../harness/backend/contract.js';
import { accessors } from '../accessors.js';
import { ALL, type Form, rig } from './support.js';

const [NIP, MSR, ORIG_GPR3, LINK, CCR, TRAP, RESULT] = [256n, 264n, 272n, 288n, 304n, 320n, 344n];
const GPR = (n: number) => BigInt(8 * n);
const EINVAL = -22;

let fregs: Fregs;
const get = (offset: bigint) => fregs.machine.loadWord(fregs.address + offset, 8);
const put = (offset: bigint, value: bigint) => fregs.machine.storeWord(fregs.address + offset, 8, value);

/** 48 distinct words in the middle of the stack, PACA in r13. */
function fresh(form: Form): void {
  const at = rig(form);
  at.enter();
  fregs = at.fregs(at.s - 1024n);
  for (let offset = 0n; offset < 384n; offset += 8n) put(offset, 0x1000n + offset);
}

describe.each(ALL)('%s', (form) => {
  beforeEach(() => fresh(form));

  test('instruction pointer: nip', () => {
    expect(accessors.getInstructionPointer(fregs)).toBe(0x1100n);
    accessors.setInstructionPointer(fregs, 0x55n);
    expect(get(NIP)).toBe(0x55n);
  });

  test('setting it says in the PACA that SRR0 and HSRR0 are no longer valid', () => {
    const paca = fregs.machine.read('r13');
    for (const flag of [25n, 26n]) fregs.machine.storeWord(paca + flag, 1, 1n);
    accessors.setInstructionPointer(fregs, 0x55n);
    for (const flag of [25n, 26n]) expect(fregs.machine.loadWord(paca + flag, 1)).toBe(0n);
    expect(fregs.machine.loadWord(paca + 24n, 1)).toBe(1n);
    for (const flag of [25n, 26n, 27n]) fregs.machine.storeWord(paca + flag, 1, 1n);
    accessors.setInstructionPointer(fregs, 0x55n);
    expect(fregs.machine.loadWord(paca + 27n, 1)).toBe(1n);
  });

  test('arguments 0 to 7: gpr[3] to gpr[10]; beyond: 0', () => {
    for (let n = 0; n < 8; n++) expect(accessors.getArgument(fregs, n)).toBe(0x1000n + GPR(3 + n));
    for (const n of [8, 9, 11]) expect(accessors.getArgument(fregs, n)).toBe(0n);
    expect(accessors.argumentFields).toEqual([3, 4, 5, 6, 7, 8, 9, 10].map((n) => `gpr${n}`));
  });

  test('stack pointer: gpr[1]; return address: link', () => {
    expect(accessors.getStackPointer(fregs)).toBe(0x1008n);
    expect(accessors.getReturnAddress(fregs)).toBe(0x1120n);
  });

  test('frame pointer: 0 before 7.2, then gpr[1]', () => {
    expect(accessors.getFramePointer(fregs)).toBe(form.startsWith('7.2') ? 0x1008n : 0n);
  });

  test('return value: gpr[3]', () => {
    put(CCR, 0n);
    expect(accessors.getReturnValue(fregs)).toBe(0x1018n);
    accessors.setReturnValue(fregs, 7n);
    expect(get(GPR(3))).toBe(7n);
  });

  test('override: nip = link, gpr[3] untouched', () => {
    accessors.overrideWithReturn(fregs);
    expect(get(NIP)).toBe(0x1120n);
    expect(get(GPR(3))).toBe(0x1018n);
  });

  test('get_regs: NULL if and only if msr is 0', () => {
    expect(accessors.getRegs(fregs)).toBe(fregs.address);
    put(MSR, 0n);
    expect(accessors.getRegs(fregs)).toBe(0n);
  });

  test('partial_regs: the block itself, msr as it is', () => {
    put(MSR, 0n);
    expect(accessors.partialRegs(fregs)).toBe(fregs.address);
    expect(get(MSR)).toBe(0n);
    expect(accessors.userMode(fregs)).toBe(false);
  });

  test('perf regs: result 0, nip, gpr[1], and the msr of now', () => {
    const at = fregs.address - 512n;
    const target = { ...fregs, address: at };
    accessors.fillPerfRegs(fregs, at);
    const of = (offset: bigint) => fregs.machine.loadWord(at + offset, 8);
    expect([of(RESULT), of(NIP), of(GPR(1))]).toEqual([0n, 0x1100n, 0x1008n]);
    expect(of(MSR)).toBe(fregs.machine.read('msr'));
    expect(accessors.userMode(target)).toBe(false);
  });

  test('user mode: problem state, 0x4000 of msr', () => {
    put(MSR, 0x4000n);
    expect(accessors.userMode(fregs)).toBe(true);
  });

  test('direct caller: orig_gpr3', () => {
    accessors.setDirectCaller(fregs, 0x99n);
    expect(get(ORIG_GPR3)).toBe(0x99n);
    expect(get(LINK)).toBe(0x1120n);
  });

  test('registers by name', () => {
    for (const [name, offset] of [
      ...Array.from({ length: 32 }, (_, n) => [`r${n}`, 8 * n] as const),
      ...Array.from({ length: 32 }, (_, n) => [`gpr${n}`, 8 * n] as const),
      ...([
        ['nip', 256],
        ['msr', 264],
        ['ctr', 280],
        ['link', 288],
        ['xer', 296],
        ['ccr', 304],
      ] as const),
      ...([
        ['softe', 312],
        ['trap', 320],
        ['dar', 328],
        ['dsisr', 336],
      ] as const),
    ] as const) {
      expect([name, accessors.queryRegisterOffset(fregs, name)]).toEqual([name, offset]);
      expect(accessors.ptRegsOffset(fregs.config, name)).toBe(offset);
    }
    for (const name of ['r32', 'sp', 'lr', 'orig_gpr3', 'result', 'mq', 'ppr', '']) {
      expect([name, accessors.queryRegisterOffset(fregs, name)]).toEqual([name, EINVAL]);
    }
  });

  test('stack words count from gpr[1], 0 in another THREAD_SIZE block', () => {
    const sp = fregs.address + 512n;
    put(GPR(1), sp);
    for (const [n, value] of [
      [0, 0xbac0n],
      [2, 0xcac0n],
      [12, 0x909n],
    ] as const) {
      fregs.machine.storeWord(sp + BigInt(8 * n), 8, value);
      expect(accessors.getKernelStackNth(fregs, n)).toBe(value);
    }
    expect(accessors.getKernelStackNth(fregs, 2048)).toBe(0n);
  });
});

test('tracers print six arguments', () => expect(accessors.maxArgs).toBe(6));

describe('the return value at 6.12 goes through the rule of system calls', () => {
  const [SO, VALUE] = [0x10000000n, 22n];

  test.each([
    // form, ccr, trap, read
    ['6.12-A', 0n, 0x700n, VALUE],
    ['6.12-A', SO, 0x700n, -VALUE],
    ['6.12-B', SO | 0x2n, 0xc00n, -VALUE],
    // scv reports errors otherwise.
    ['6.12-A', SO, 0x3000n, VALUE],
    ['6.12-A', SO, 0x3001n, VALUE],
    ['6.1-A', SO, 0x700n, VALUE],
    ['7.2-A', SO, 0x700n, VALUE],
    ['7.2-C', SO, 0x700n, VALUE],
  ] as const)('%s, ccr %i, trap %i: %i', (form, ccr, trap, value) => {
    fresh(form);
    put(GPR(3), VALUE);
    put(CCR, ccr);
    put(TRAP, trap);
    expect(accessors.getReturnValue(fregs)).toBe(BigInt.asUintN(64, value));
  });
});
