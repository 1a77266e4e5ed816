// SPDX-License-Identifier: MIT
/**
 * return_to_handler and arch_rethook_trampoline executed on poisoned registers; statements typed from linux 6.12 and
 * 7.2 arch/loongarch/kernel/mcount_dyn.S and rethook_trampoline.S.
 */
import { describe, expect, test } from 'vitest';
import type { Config } from '../../../harness/backend/contract.js';
import { isPoison } from '../../../harness/machine/poison.js';
import { rethook } from '../rethook.js';
import { ARGUMENTS, boot, live, P, S, SAVED } from './kernel.js';
import { config as configured, current, old, revisions } from './support.js';

/** A function has just returned to the hook `symbol`, up to its C function. */
function returned(config: Config, symbol: string) {
  const kernel = boot(config);
  kernel.enter();
  kernel.machine.write('ra', kernel.symbol(symbol));
  kernel.machine.pc = kernel.symbol(symbol);
  const reached = kernel.reach();
  const { machine } = kernel;
  const regs = machine.read('a0');
  return { ...kernel, reached, regs, at: (offset: number) => kernel.word(regs, offset) };
}

describe.each(revisions)('%s return_to_handler', (_revision, config) => {
  const hook = returned(config, 'return_to_handler');

  test('calls ftrace_return_to_handler with a0 = SP = entry SP - 320', () => {
    expect(hook.reached).toBe('ftrace_return_to_handler');
    expect(hook.regs).toBe(S - 320n);
    expect(hook.machine.read('sp')).toBe(hook.regs);
  });

  test('stores a0 at +32, a1 at +40, zero at +176, and nothing else: sp and ra are not to be had', () => {
    expect(hook.at(32)).toBe(live('a0'));
    expect(hook.at(40)).toBe(live('a1'));
    expect(hook.at(176)).toBe(0n);
    const stored: number[] = [];
    for (let at = 0; at < 320; at += 8) if (!isPoison(hook.at(at))) stored.push(at);
    expect(stored).toEqual([32, 40, 176]);
  });

  test('goes on at the address the handler returns, with ra there, SP, a0 and a1', () => {
    const kernel = returned(config, 'return_to_handler');
    kernel.leave(P);
    expect(kernel.reach()).toBe('parent');
    expect(kernel.machine.read('ra')).toBe(P);
    expect(kernel.machine.read('sp')).toBe(S);
    for (const name of ['a0', 'a1', ...SAVED, 'tp', 'u0']) expect(kernel.machine.read(name)).toBe(live(name));
  });

  test('results written by the handler are the function’s; ra, fp and era written are ignored', () => {
    const kernel = returned(config, 'return_to_handler');
    for (const [offset, value] of [
      [8n, 0x1111n],
      [32n, 0x2222n],
      [40n, 0x3333n],
      [176n, 0x4444n],
      [264n, 0x5555n],
    ] as const) {
      kernel.machine.storeWord(kernel.regs + offset, 8, value);
    }
    kernel.leave(P);
    expect(kernel.reach()).toBe('parent');
    expect(kernel.machine.read('a0')).toBe(0x2222n);
    expect(kernel.machine.read('a1')).toBe(0x3333n);
    expect(kernel.machine.read('fp')).toBe(live('fp'));
  });
});

/** Offset in pt_regs, register; what the rethook trampoline saves at every revision. */
const BASE: readonly (readonly [number, string])[] = [
  [16, 'tp'],
  ...ARGUMENTS.map((name, n) => [32 + 8 * n, name] as const),
  ...['t0', 't1', 't2', 't3', 't4', 't5', 't6', 't7', 't8'].map((name, n) => [96 + 8 * n, name] as const),
  ...SAVED.map((name, n) => [176 + 8 * n, name] as const),
];

describe.each(revisions)('%s arch_rethook_trampoline', (_revision, config) => {
  const hook = returned(config, 'arch_rethook_trampoline');

  test('calls the handler with a0 = SP = entry SP - 320', () => {
    expect(hook.reached).toBe('rethook_handler');
    expect(hook.regs).toBe(S - 320n);
    expect(hook.machine.read('sp')).toBe(hook.regs);
  });

  test.each(BASE)('at %i: %s', (offset, name) => {
    expect(hook.at(offset)).toBe(live(name));
  });

  test('regs[1] is ra on arrival: the address of the trampoline itself', () => {
    expect(hook.at(8)).toBe(hook.symbol('arch_rethook_trampoline'));
  });

  test('regs[3] is sp after the function returned', () => {
    expect(hook.at(24)).toBe(S);
  });

  test('csr_crmd is CRMD & 7', () => {
    expect(hook.at(280)).toBe(live('crmd') & 7n);
  });

  test.each([
    ['regs[0]', 0],
    ['orig_a0', 256],
    ['csr_era', 264],
    ['csr_badvaddr', 272],
    ['csr_prmd', 288],
    ['csr_euen', 296],
    ['csr_ecfg', 304],
    ['csr_estat', 312],
  ])('%s is stale', (_field, offset) => {
    expect(isPoison(hook.at(offset))).toBe(true);
  });

  test('goes on at the address the handler returns; all but t0 and t1 come back', () => {
    const kernel = returned(config, 'arch_rethook_trampoline');
    kernel.leave(P);
    expect(kernel.reach()).toBe('parent');
    const { machine } = kernel;
    expect(machine.read('ra')).toBe(P);
    expect(machine.read('sp')).toBe(S);
    for (const [, name] of BASE.filter(([offset]) => offset !== 96 && offset !== 104)) {
      expect(machine.read(name)).toBe(live(name));
    }
    expect(machine.read('t1')).toBe(7n);
  });

  test('CRMD bits 2..0 are exchanged back to their saved value, the others stay as they are', () => {
    const kernel = returned(config, 'arch_rethook_trampoline');
    kernel.machine.write('crmd', 0xb0n);
    kernel.leave(P);
    kernel.reach();
    expect(kernel.machine.read('crmd')).toBe(0xb0n | (live('crmd') & 7n));
    expect(kernel.machine.read('t0')).toBe(0xb0n);
  });

  test('registers the handler writes reach the caller, even tp', () => {
    const kernel = returned(config, 'arch_rethook_trampoline');
    kernel.machine.storeWord(kernel.regs + 32n, 8, 0x2222n);
    kernel.machine.storeWord(kernel.regs + 16n, 8, 0x3333n);
    kernel.leave(P);
    kernel.reach();
    expect(kernel.machine.read('a0')).toBe(0x2222n);
    expect(kernel.machine.read('tp')).toBe(0x3333n);
  });
});

describe('u0, the per-CPU base', () => {
  /** The function ran on another CPU when the handler is done. */
  const migrated = (config: Config) => {
    const kernel = returned(config, 'arch_rethook_trampoline');
    const saved = kernel.at(168);
    kernel.machine.write('u0', 0x4444n);
    kernel.leave(P);
    kernel.reach();
    return { saved, after: kernel.machine.read('u0') };
  };

  test('6.12: saved and restored, stale after a migration', () => {
    expect(migrated(old)).toEqual({ saved: live('u0'), after: live('u0') });
  });

  test('7.2: neither', () => {
    const { saved, after } = migrated(current);
    expect(isPoison(saved)).toBe(true);
    expect(after).toBe(0x4444n);
  });
});

describe('rethook', () => {
  const kernel = boot(current);
  const regs = { machine: kernel.machine, config: current, address: S - 320n };

  test('prepare: ret_addr is regs[1], frame 0; the mcount flag is ignored', () => {
    expect(rethook.prepare(regs)).toEqual({ slot: S - 312n, frame: 0n });
    expect(rethook.frame()).toBe(0n);
  });

  test('the generic handler sets csr_era to the real return address, which the trampoline jumps to', () => {
    expect(rethook.finish(regs, P)).toBe(P);
    expect(kernel.word(S - 320n, 264)).toBe(P);
  });

  test('the unwinder does not translate its address', () => {
    expect(rethook.unwinds).toBe(false);
  });

  test('the symbol, where rethook is built', () => {
    expect(rethook.trampoline(old)).toBe('arch_rethook_trampoline');
    expect(rethook.trampoline(current)).toBe('arch_rethook_trampoline');
    expect(rethook.trampoline(configured('7.2', { RETHOOK: false }))).toBeNull();
  });
});
