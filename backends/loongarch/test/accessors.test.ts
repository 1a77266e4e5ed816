// SPDX-License-Identifier: MIT
/**
 * The ftrace_regs API, typed from linux 6.12 and 7.2 arch/loongarch/include/asm/ftrace.h, asm/ptrace.h and
 * lib/error-inject.c.
 */
import { describe, expect, test } from 'vitest';
import type { Config } from '../../../harness/backend/contract.js';
import { accessors } from '../accessors.js';
import { boot, F, live, P, S, STACK_ARGUMENTS } from './kernel.js';
import { current, revisions } from './support.js';

/** A structure at S-512 whose word n holds 0xf000 + n, with sp = S. */
function structure(config: Config) {
  const kernel = boot(config);
  kernel.enter();
  const address = S - 512n;
  for (let n = 0; n < 40; n++) kernel.machine.storeWord(address + BigInt(8 * n), 8, 0xf000n + BigInt(n));
  kernel.machine.storeWord(address + 24n, 8, S);
  const fregs = { machine: kernel.machine, config, address };
  return { ...kernel, fregs, at: (offset: number) => kernel.word(address, offset) };
}

describe.each(revisions)('%s', (_revision, config) => {
  test('arch_ftrace_get_regs: always the embedded pt_regs, never NULL', () => {
    const { fregs } = structure(config);
    expect(accessors.getRegs(fregs)).toBe(fregs.address);
  });

  test('never NULL even for the partial trampoline', () => {
    const kernel = boot(config);
    kernel.trace('ftrace_caller');
    kernel.enter();
    kernel.reach();
    const address = kernel.machine.read('a3');
    expect(accessors.getRegs({ machine: kernel.machine, config, address })).toBe(address);
  });

  test('the instruction pointer is csr_era', () => {
    const { fregs, at } = structure(config);
    expect(accessors.getInstructionPointer(fregs)).toBe(at(264));
    accessors.setInstructionPointer(fregs, 0x1234n);
    expect(at(264)).toBe(0x1234n);
  });

  test('arguments 0 to 7 are regs[4+n]', () => {
    const { fregs, at } = structure(config);
    expect(accessors.argumentFields).toEqual(['r4', 'r5', 'r6', 'r7', 'r8', 'r9', 'r10', 'r11']);
    for (let n = 0; n < 8; n++) expect(accessors.getArgument(fregs, n)).toBe(at(32 + 8 * n));
  });

  test('arguments from 8 on are stack words counted from regs[3]', () => {
    const { fregs } = structure(config);
    for (const [n, value] of STACK_ARGUMENTS.entries()) {
      expect(accessors.getArgument(fregs, 8 + n)).toBe(value);
      expect(accessors.getKernelStackNth(fregs, n)).toBe(value);
    }
  });

  test('0 if the address leaves the THREAD_SIZE-aligned stack block', () => {
    const { fregs, machine } = structure(config);
    // S is 0x2000 above the bottom of 0x4000 bytes: word 1023 is the last one inside.
    machine.storeWord(S + 8n * 1023n, 8, 0x77n);
    expect(accessors.getKernelStackNth(fregs, 1023)).toBe(0x77n);
    expect(accessors.getArgument(fregs, 8 + 1023)).toBe(0x77n);
    expect(accessors.getKernelStackNth(fregs, 1024)).toBe(0n);
    expect(accessors.getArgument(fregs, 8 + 1024)).toBe(0n);
  });

  test('stack pointer regs[3], frame pointer regs[22]', () => {
    const { fregs, at } = structure(config);
    expect(accessors.getStackPointer(fregs)).toBe(S);
    expect(accessors.getFramePointer(fregs)).toBe(at(176));
  });

  test('the return value is regs[4]', () => {
    const { fregs, at } = structure(config);
    expect(accessors.getReturnValue(fregs)).toBe(at(32));
    accessors.setReturnValue(fregs, 0x4321n);
    expect(at(32)).toBe(0x4321n);
  });

  test('override_function_with_return: csr_era = regs[1]', () => {
    const { fregs, at } = structure(config);
    accessors.overrideWithReturn(fregs);
    expect(at(264)).toBe(0xf001n);
    expect(at(8)).toBe(0xf001n);
  });

  test('set_direct_caller writes regs[13]', () => {
    const { fregs, at } = structure(config);
    accessors.setDirectCaller(fregs, 0x9999n);
    expect(at(104)).toBe(0x9999n);
  });
});

describe('get_return_address', () => {
  test('is the 8-byte word loaded from the address in regs[1]', () => {
    const { fregs, machine } = structure(current);
    machine.storeWord(P, 8, 0x0280_0063_29c0_2061n);
    machine.storeWord(fregs.address + 8n, 8, P);
    expect(accessors.getReturnAddress(fregs)).toBe(0x0280_0063_29c0_2061n);
  });

  test('faults where regs[1] is no address', () => {
    expect(() => accessors.getReturnAddress(structure(current).fregs)).toThrow(/unmapped/);
  });
});

test('ftrace_partial_regs: the embedded pt_regs as it is; its update and fill_perf_regs do nothing', () => {
  const { fregs, at } = structure(current);
  const words = () => Array.from({ length: 40 }, (_, n) => at(8 * n));
  const before = words();
  expect(accessors.partialRegs(fregs)).toBe(fregs.address);
  accessors.partialRegsUpdate();
  accessors.fillPerfRegs();
  expect(words()).toEqual(before);
});

test.each([
  [0n, false],
  [1n, false],
  [2n, false],
  [3n, true],
  [7n, true],
])('user_mode() with csr_prmd %s is %s: csr_prmd & 3 == 3', (prmd, user) => {
  const { fregs, machine } = structure(current);
  machine.storeWord(fregs.address + 288n, 8, prmd);
  expect(accessors.userMode(fregs)).toBe(user);
});

test('csr_prmd lies at entry sp - 32: what the stack holds there decides user_mode() in a callback', () => {
  for (const [prmd, user] of [
    [3n, true],
    [0n, false],
  ] as const) {
    const kernel = boot(current);
    kernel.trace();
    kernel.enter();
    kernel.machine.storeWord(S - 32n, 8, prmd);
    kernel.reach();
    const address = kernel.machine.read('a3');
    expect(accessors.userMode({ machine: kernel.machine, config: current, address })).toBe(user);
  }
});

describe('query_register_offset', () => {
  const { fregs } = structure(current);
  const query = (name: string) => accessors.queryRegisterOffset(fregs, name);

  test.each([
    ...Array.from({ length: 32 }, (_, n) => [`r${n}`, 8 * n] as const),
    ...([
      ['orig_a0', 256],
      ['csr_era', 264],
      ['csr_badvaddr', 272],
      ['csr_crmd', 280],
    ] as const),
    ...([
      ['csr_prmd', 288],
      ['csr_euen', 296],
      ['csr_ecfg', 304],
      ['csr_estat', 312],
    ] as const),
  ])('%s is at %i', (name, offset) => {
    expect(query(name)).toBe(offset);
    expect(accessors.ptRegsOffset(current, name)).toBe(offset);
  });

  test.each(['a0', 'sp', 'ra', 'r32', 'era', ''])('`%s` is no name: -EINVAL', (name) => {
    expect(query(name)).toBe(-22);
    expect(accessors.ptRegsOffset(current, name)).toBe(-22);
  });
});

test.each(revisions)('%s: in a callback the accessors show the traced function', (_revision, config) => {
  const { machine, ...kernel } = boot(config);
  kernel.trace();
  kernel.enter();
  kernel.reach();
  const fregs = { machine, config, address: machine.read('a3') };
  expect(accessors.getInstructionPointer(fregs)).toBe(F + 8n);
  expect(accessors.getArgument(fregs, 7)).toBe(live('a7'));
  expect(accessors.getArgument(fregs, 9)).toBe(STACK_ARGUMENTS[1]);
  expect(accessors.getStackPointer(fregs)).toBe(S);
  expect(accessors.getFramePointer(fregs)).toBe(live('fp'));
  expect(accessors.getKernelStackNth(fregs, 2)).toBe(STACK_ARGUMENTS[2]);
});
