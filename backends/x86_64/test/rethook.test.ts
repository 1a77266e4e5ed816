// SPDX-License-Identifier: MIT
/**
 * arch_rethook_trampoline executed, its C side played by the record. Statements typed from linux 6.1, 6.12 and 7.2
 * arch/x86/kernel/rethook.c, arch/x86/kernel/kprobes/common.h.
 */

import { describe, expect, test } from 'vitest';
import type { Config } from '../../../harness/backend/contract.js';
import { isPoison } from '../../../harness/machine/poison.js';
import { abi } from '../abi.js';
import { graph } from '../graph.js';
import { rethook } from '../rethook.js';
import { boot, F, type Kernel, P, S, valueIn } from './kernel.js';
import { builds } from './support.js';

/** RSP right after the traced function's RET, and the handler's pt_regs. */
const R = S + 8n;
const REGS = R - 176n;

/** Register → offset in pt_regs. */
const OFFSETS = {
  r15: 0x00n,
  r14: 0x08n,
  r13: 0x10n,
  r12: 0x18n,
  rbp: 0x20n,
  rbx: 0x28n,
  r11: 0x30n,
  r10: 0x38n,
  r9: 0x40n,
  r8: 0x48n,
  rax: 0x50n,
  rcx: 0x58n,
  rdx: 0x60n,
  rsi: 0x68n,
  rdi: 0x70n,
} as const;
const [ORIG_AX, IP, CS, FLAGS, SP, SS] = [0x78n, 0x80n, 0x88n, 0x90n, 0x98n, 0xa0n];

/** A call whose return is hooked, up to rethook_handler; every register keeps its value of entry. */
function returning(config: Config): Kernel {
  const kernel = boot(config);
  const { machine, symbol, site } = kernel;
  kernel.apply({ stores: [{ address: site.ip, bytes: Uint8Array.of(0x0f, 0x1f, 0x44, 0, 0) }] });
  kernel.enter();
  expect(kernel.reach()).toBe('body');
  machine.storeWord(S, 8, symbol('arch_rethook_trampoline'));
  machine.poison(machine.read('rsp') - 0x400n, machine.read('rsp'));
  machine.pc = F + 0x40n;
  expect(kernel.reach()).toBe('rethook_handler');
  return kernel;
}

describe.each(builds)('at $revision', ({ revision, orc, framePointer }) => {
  test('the entry hook: slot and frame key are regs->sp, mcount or not', () => {
    const kernel = boot(orc);
    kernel.trace(kernel.symbol('ftrace_regs_caller'));
    kernel.enter();
    kernel.reach();
    const regs = kernel.fregs(kernel.machine.read('rcx'));
    const { prepare } = rethook as import('../../../harness/backend/contract.js').Rethook;
    expect(prepare(regs, true)).toEqual({ slot: S, frame: S });
    expect(prepare(regs, false)).toEqual({ slot: S, frame: S });
    expect(rethook.trampoline()).toBe('arch_rethook_trampoline');
    expect(rethook.handler).toBe('rethook_handler');
  });

  describe('the trampoline', () => {
    const { machine, symbol } = returning(orc);
    const word = (offset: bigint) => machine.loadWord(REGS + offset, 8);

    test('rdi = regs = R - 176', () => {
      expect(machine.read('rdi')).toBe(REGS);
      expect(machine.read('rsp')).toBe(REGS - 8n);
    });

    test.each(Object.entries(OFFSETS))('%s is real, at +0x%x', (register, offset) => {
      expect(word(offset)).toBe(valueIn(register));
    });

    test('flags as at entry, ss 0x18, sp = R - 16, the fake slot holds its own address', () => {
      expect(word(FLAGS)).toBe(valueIn('flags'));
      expect(word(SS)).toBe(0x18n);
      expect(word(SP)).toBe(R - 16n);
      expect(word(168n)).toBe(symbol('arch_rethook_trampoline'));
    });

    test('cs, ip, orig_ax are left unwritten', () => {
      for (const offset of [CS, IP, ORIG_AX]) expect(isPoison(word(offset))).toBe(true);
    });
  });

  describe('what handlers see', () => {
    const kernel = returning(orc);
    const { machine, symbol } = kernel;
    const regs = kernel.fregs(REGS);
    const garbage = machine.loadWord(REGS + CS, 8);
    rethook.enter(regs);
    const word = (offset: bigint) => machine.loadWord(REGS + offset, 8);

    test('sp = R, orig_ax all ones, ss 0x18', () => {
      expect(word(SP)).toBe(R);
      expect(word(ORIG_AX)).toBe(0xffff_ffff_ffff_ffffn);
      expect(word(SS)).toBe(0x18n);
    });

    test('ip: the trampoline, until the core knows better', () => {
      expect(word(IP)).toBe(symbol('arch_rethook_trampoline'));
    });

    test(revision === '6.1' ? 'cs 0x10, all 8 bytes' : 'cs 0x10, 16 bits of it', () => {
      expect(word(CS)).toBe(revision === '6.1' ? 0x10n : (garbage & ~0xffffn) | 0x10n);
    });

    test('the frame key is that of the entry hook: F', () => expect(rethook.frame(regs)).toBe(S));
  });

  /** After `edit` of the pt_regs, back in the parent. */
  const finished = (config: Config, edit: (put: (offset: bigint, value: bigint) => void) => void) => {
    const kernel = returning(config);
    const { machine } = kernel;
    const regs = kernel.fregs(REGS);
    rethook.enter(regs);
    edit((offset, value) => machine.storeWord(REGS + offset, 8, value));
    expect(rethook.finish(regs, P)).toBe(0n);
    kernel.leave();
    expect(kernel.reach()).toBe('parent');
    return machine;
  };

  test.each([
    ['ORC', orc],
    ['frame pointers', framePointer],
  ] as const)(
    'afterwards: RSP = R, all registers and flags as the function left them, %s',
    (_name, config) => {
      const machine = finished(config, () => {});
      expect(machine.read('rsp')).toBe(R);
      for (const register of Object.keys(OFFSETS)) expect(machine.read(register)).toBe(valueIn(register));
      expect(machine.read('flags')).toBe(valueIn('flags'));
    },
  );

  test.each(Object.entries(OFFSETS))('an edit of %s is honoured', (register, offset) => {
    expect(finished(orc, (put) => put(offset, 0xed17n)).read(register)).toBe(0xed17n);
  });

  test('an edit of flags is honoured', () => {
    expect(finished(orc, (put) => put(FLAGS, 0x1_0000_0ed7n)).read('flags')).toBe(0x1_0000_0ed7n);
  });

  test('edits of ip, sp, cs, ss and orig_ax are ignored', () => {
    const machine = finished(orc, (put) => {
      for (const offset of [IP, SP, CS, SS, ORIG_AX]) put(offset, 0xed17n);
    });
    expect(machine.read('rsp')).toBe(R);
    expect(machine.read('flags')).toBe(valueIn('flags'));
  });

  test('frame pointers: rbp = regs + 1 in the handler', () => {
    expect(returning(framePointer).machine.read('rbp')).toBe(REGS + 1n);
  });

  test('a trace from a handler goes through the fake slot, its address the cookie', () => {
    const { machine, config, program, symbol } = returning(orc);
    const sp = machine.read('rsp');
    const seen: (readonly [address: bigint, cookie: bigint])[] = [];
    const trace = graph.unwind({
      memory: abi.memory,
      machine,
      config,
      text: program,
      symbol: (name) => program.symbol(name) as bigint,
      pc: machine.loadWord(sp, 8),
      sp: sp + 8n,
      fp: machine.read('rbp'),
      symbolOf: (address) => (address === P ? { name: 'parent', offset: 0 } : program.symbolOf(address)),
      entrySpOf: () => undefined,
      recover: (address, cookie) => {
        seen.push([address, cookie]);
        return address === symbol('arch_rethook_trampoline') ? P : address;
      },
    });
    expect(rethook.unwinds).toBe(true);
    expect(seen[0]).toEqual([symbol('arch_rethook_trampoline'), S]);
    expect(program.symbolOf(trace[0] as bigint)?.name).toBe('arch_rethook_trampoline');
    expect(trace.slice(1)).toEqual([P]);
  });
});
