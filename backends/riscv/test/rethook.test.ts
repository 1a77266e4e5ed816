// SPDX-License-Identifier: MIT
/**
 * The trampoline of hooked returns executed: kretprobes' own at 6.1, arch_rethook_trampoline later. Typed from linux
 * 6.1, 6.12, 7.2 arch/riscv/kernel/probes/.
 */
import { describe, expect, test } from 'vitest';
import { isPoison } from '../../../harness/machine/poison.js';
import { rethook } from '../rethook.js';
import { boot, P, S, valueIn } from './kernel.js';
import { gcc, v61, v612 } from './support.js';

/** Offsets in pt_regs. */
const REAL = {
  ...{ gp: 24, tp: 32, t0: 40, t1: 48, t2: 56, s0: 64, s1: 72, a0: 80, a1: 88, a2: 96, a3: 104, a4: 112 },
  ...{ a5: 120, a6: 128, a7: 136, s2: 144, s3: 152, s4: 160, s5: 168, s6: 176, s7: 184, s8: 192, s9: 200 },
  ...{ s10: 208, s11: 216, t3: 224, t4: 232, t5: 240, t6: 248 },
} as const;

describe.each([
  // revision, configuration, symbol, whether sp is stored, whether there is a frame key
  ['6.1', v61, '__kretprobe_trampoline', true, false],
  ['6.12', v612, 'arch_rethook_trampoline', false, true],
  ['7.2', gcc, 'arch_rethook_trampoline', true, true],
] as const)('%s', (_revision, config, symbol, storesSp, keyed) => {
  /** A hooked function has just returned, up to the C handler. */
  const returned = () => {
    const kernel = boot(config);
    kernel.enter();
    kernel.machine.pc = kernel.symbol(symbol);
    kernel.machine.write('ra', kernel.symbol(symbol));
    expect(kernel.reach()).toBe('rethook_handler');
    const address = kernel.machine.read('a0');
    const word = (offset: number) => kernel.machine.loadWord(address + BigInt(offset), 8);
    return { ...kernel, regs: { machine: kernel.machine, config, address }, word };
  };

  test('is the hook', () => {
    expect(rethook.trampoline(config)).toBe(symbol);
    expect(rethook.handler).toBe('rethook_handler');
  });

  test('SP -= 288, a0 = SP is the pt_regs', () => {
    const { machine, regs } = returned();
    expect(regs.address).toBe(S - 288n);
    expect(machine.read('sp')).toBe(S - 288n);
  });

  test('gp, tp, t0 to t6, s0 to s11, a0 to a7 are real; ra is the trampoline', () => {
    const { word, symbol: find } = returned();
    for (const [name, offset] of Object.entries(REAL))
      expect([name, word(offset)]).toEqual([name, valueIn(name)]);
    expect(word(8)).toBe(find(symbol));
  });

  test(`sp is ${storesSp ? 'S' : 'stale'}`, () => {
    const { word } = returned();
    if (storesSp) expect(word(16)).toBe(S);
    else expect(isPoison(word(16))).toBe(true);
  });

  test.each([0, 256, 264, 272, 280])('%i is stale: epc, status, badaddr, cause, orig_a0', (offset) => {
    expect(isPoison(returned().word(offset))).toBe(true);
  });

  test(`the frame key is ${keyed ? 's0' : 'NULL'}, and epc becomes the return address`, () => {
    const { regs, word } = returned();
    expect(rethook.frame(regs)).toBe(keyed ? valueIn('s0') : 0n);
    expect(rethook.finish(regs, P)).toBe(P);
    expect(word(0)).toBe(P);
  });

  test('entry replaces ra of the pt_regs', () => {
    const { regs } = returned();
    for (const mcount of [false, true]) {
      expect(rethook.prepare(regs, mcount)).toEqual({
        slot: regs.address + 8n,
        frame: keyed ? valueIn('s0') : 0n,
      });
    }
  });

  test('goes on at the result with everything restored', () => {
    const kernel = returned();
    kernel.leave(rethook.finish(kernel.regs, P));
    expect(kernel.reach()).toBe('parent');
    for (const name of Object.keys(REAL))
      expect([name, kernel.machine.read(name)]).toEqual([name, valueIn(name)]);
    expect(kernel.machine.read('sp')).toBe(S);
    expect(kernel.machine.read('ra')).toBe(P);
  });

  test.each(Object.entries(REAL))('a handler that changes %s at %i changes the register', (name, offset) => {
    const kernel = returned();
    kernel.machine.storeWord(kernel.regs.address + BigInt(offset), 8, 0x99n);
    kernel.leave(P);
    kernel.reach();
    expect(kernel.machine.read(name)).toBe(0x99n);
  });

  test('changed ra and sp are ignored', () => {
    const kernel = returned();
    for (const offset of [8n, 16n]) kernel.machine.storeWord(kernel.regs.address + offset, 8, 0x99n);
    kernel.leave(P);
    expect(kernel.reach()).toBe('parent');
    expect(kernel.machine.read('sp')).toBe(S);
  });
});

test('the unwinder does not translate its address', () => {
  expect(rethook.unwinds).toBe(false);
});
