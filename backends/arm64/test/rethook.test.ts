// SPDX-License-Identifier: MIT
/**
 * The kretprobe trampoline, executed: at 6.1 a pt_regs of 336 bytes built by hand, later a breakpoint. Typed from
 * linux 6.1, 6.12, 7.2 arch/arm64/kernel/probes/kprobes_trampoline.S and kprobes.c.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Rig } from '../../../harness/backend/smoke/rig.js';
import { memoryPoison } from '../../../harness/machine/poison.js';
import { rethook } from '../rethook.js';
import { config, rig } from './support.js';

let at: Rig;
let before: Map<string, bigint>;
let regs: bigint;
const field = (offset: number) => at.word(regs + BigInt(offset));
const was = (name: string) => before.get(name) as bigint;
const TRAMPOLINE = '__kretprobe_trampoline';

/** A hooked function has just returned. */
function returned(revision: '6.1' | '6.12' | '7.2'): void {
  at = rig({}, revision);
  at.enter(at.symbol(TRAMPOLINE));
  at.machine.write('x30', at.symbol(TRAMPOLINE));
  before = at.snapshot();
}

describe('6.1', () => {
  beforeEach(() => {
    returned('6.1');
    expect(at.run()).toBe('rethook_handler');
    regs = at.read('x0');
  });

  test('is the hook', () => {
    expect([rethook.trampoline(), rethook.by(at.config)]).toEqual([TRAMPOLINE, 'call']);
    expect(rethook.handler).toBe('rethook_handler');
  });

  test('SP -= 336, and x0 is the pt_regs there', () => {
    expect(regs).toBe(at.read('sp'));
    expect(at.s - regs).toBe(336n);
  });

  test('x0 to x29 are real, x30 is the address of the trampoline', () => {
    for (let n = 0; n <= 29; n++) expect(field(8 * n)).toBe(was(`x${n}`));
    expect(field(240)).toBe(at.symbol(TRAMPOLINE));
  });

  test('sp is SP at the return, pc is 0', () => {
    expect(field(248)).toBe(at.s);
    expect(field(256)).toBe(0n);
  });

  test('pstate is constructed: the flags, and 5 for EL1 on its own stack pointer', () => {
    expect(field(264)).toBe((was('nzcv') & 0xf000_0000n) | 0x5n);
  });

  test.each([272, 280, 288, 296, 304, 312, 320, 328])('%i is stale', (offset) => {
    expect(field(offset)).toBe(memoryPoison(regs + BigInt(offset)));
  });

  test('x29 is SP + 232, so that regs[29] and regs[30] are a frame record', () => {
    expect(at.read('x29')).toBe(regs + 232n);
  });

  test('the frame key is regs[29], and pc becomes the return address', () => {
    expect(rethook.frame(at.fregs(regs))).toBe(at.fp);
    expect(rethook.finish(at.fregs(regs), at.parent)).toBe(at.parent);
    expect(field(256)).toBe(at.parent);
  });

  test('afterwards x0 to x29, SP and the flags are back, x30 is the return address', () => {
    at.returnFromC(rethook.finish(at.fregs(regs), at.parent));
    expect(at.run()).toBe('parent');
    for (let n = 0; n <= 29; n++) expect(at.read(`x${n}`)).toBe(was(`x${n}`));
    expect(at.read('sp')).toBe(at.s);
    expect(at.read('x30')).toBe(at.parent);
    expect(at.read('nzcv')).toBe(was('nzcv') & 0xf000_0000n);
  });

  test.each([0, 1, 8, 17, 18, 19, 28, 29])('a handler that changes x%i changes the register', (n) => {
    at.machine.storeWord(regs + BigInt(8 * n), 8, 0x99n);
    at.returnFromC(at.parent);
    at.run();
    expect(at.read(`x${n}`)).toBe(0x99n);
  });

  test('a changed pstate changes the flags, nothing else of it is taken', () => {
    at.machine.storeWord(regs + 264n, 8, 0x6000_03c5n);
    at.returnFromC(at.parent);
    at.run();
    expect(at.read('nzcv')).toBe(0x6000_0000n);
  });

  test('a changed sp is ignored', () => {
    at.machine.storeWord(regs + 248n, 8, 0x99n);
    at.returnFromC(at.parent);
    expect(at.run()).toBe('parent');
    expect(at.read('sp')).toBe(at.s);
  });
});

describe.each(['6.12', '7.2'] as const)('%s', (revision) => {
  test('there is no trampoline that runs: the function returns into BRK #7', () => {
    returned(revision);
    expect([rethook.trampoline(), rethook.by(at.config)]).toEqual([TRAMPOLINE, 'trap']);
    expect(at.machine.run()).toMatchObject({ kind: 'trap', pc: at.symbol(TRAMPOLINE), why: 'BRK #0x7' });
  });
});

test.each(['6.1', '6.12', '7.2'] as const)(
  '%s: entry replaces regs[30]; the frame is regs[29]',
  (revision) => {
    at = rig({}, revision);
    const address = at.symbol('function_trace_op') + 0x3000n;
    at.machine.storeWord(address + 232n, 8, 0xf9n);
    const of = { machine: at.machine, config: config({}, revision), address };
    for (const mcount of [false, true]) {
      expect(rethook.prepare(of, mcount)).toEqual({ slot: address + 240n, frame: 0xf9n });
    }
  },
);
