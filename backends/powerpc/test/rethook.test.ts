// SPDX-License-Identifier: MIT
/**
 * A hooked return, executed: the trampoline is a NOP with a kprobe on it and a BLR, the pt_regs an exception frame. Typed from
 * linux 6.1 arch/powerpc/kernel/kprobes.c, linux 6.12 and 7.2 arch/powerpc/kernel/rethook.c.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Displaced } from '../../../harness/backend/contract.js';
import type { Rig } from '../../../harness/backend/smoke/rig.js';
import { memoryPoison } from '../../../harness/machine/poison.js';
import { accessors } from '../accessors.js';
import { kprobes } from '../kprobes.js';
import { rethook } from '../rethook.js';
import { ALL, config, gprs, rig } from './support.js';

const [NIP, MSR, CTR, LINK, XER, CCR, TRAP] = [256n, 264n, 280n, 288n, 296n, 304n, 320n];

describe.each(ALL)('%s', (form) => {
  const old = form === '6.1-A';
  const symbol = old ? '__kretprobe_trampoline' : 'arch_rethook_trampoline';
  let at: Rig;
  let before: Map<string, bigint>;
  let regs: bigint;
  let nop: Displaced;
  const field = (offset: bigint) => at.word(regs + offset);

  beforeEach(() => {
    at = rig(form);
    at.enter(at.symbol(symbol));
    // A BLR to the trampoline leaves its address in LR.
    at.machine.write('lr', at.symbol(symbol));
    at.machine.write('r2', 0xc008000000048000n);
    // Such as no other value has.
    for (let n = 0; n < 8; n++) at.machine.write(`cr${n}`, BigInt(15 - n));
    const trampoline = at.symbol(symbol);
    nop = kprobes.prepare(at.machine, trampoline) as Displaced;
    expect([...nop.original]).toEqual([0, 0, 0, 0x60]);
    at.machine.store(trampoline, nop.breakpoint);
    before = at.snapshot();
    expect(at.machine.run()).toMatchObject({ kind: 'trap', pc: trampoline });
    kprobes.exception.deliver(at.machine, trampoline);
    at.machine.pc = at.symbol(kprobes.exception.symbol);
    expect(at.run()).toBe(kprobes.exception.handler);
    regs = at.read('r3');
  });

  /** kprobe_handler() after the pre_handler has returned 0. */
  function emulate(): void {
    expect(nop.slot).toBeNull();
    nop.simulate?.(at.fregs(regs));
  }

  test('symbol and frame key: none at 6.1, later the stack pointer', () => {
    expect(rethook.trampoline(config(form))).toBe(symbol);
    const { slot, frame } = rethook.prepare(at.fregs(regs));
    expect(slot).toBe(regs + LINK);
    expect(frame).toBe(old ? 0n : at.s);
    expect(rethook.frame(at.fregs(regs))).toBe(frame);
    expect([rethook.unwinds, rethook.by()]).toEqual([false, 'kprobe']);
  });

  test('the trampoline ends in a BLR', () => {
    expect(at.program.at(at.symbol(symbol) + 4n)?.text).toBe('blr');
  });

  test('all 32 general registers, as they were', () => {
    for (let n = 0; n < 32; n++) expect([n, field(BigInt(8 * n))]).toEqual([n, before.get(`r${n}`)]);
  });

  test('msr, ctr, xer, ccr real; trap 0x700; link the trampoline', () => {
    expect(field(MSR)).toBe(before.get('msr'));
    expect(accessors.getRegs(at.fregs(regs))).toBe(regs);
    expect([field(CTR), field(XER)]).toEqual([before.get('ctr'), before.get('xer')]);
    const ccr = Array.from({ length: 8 }, (_, n) => (before.get(`cr${n}`) as bigint) & 0xfn);
    expect(field(CCR)).toBe(ccr.reduce((word, bits) => (word << 4n) | bits, 0n));
    expect(field(TRAP)).toBe(0x700n);
    expect(field(LINK)).toBe(at.symbol(symbol));
    expect(field(NIP)).toBe(at.symbol(symbol));
  });

  test('the 288 bytes below r1 are left alone', () => {
    for (let offset = 8n; offset <= 288n; offset += 8n) {
      expect(at.word(at.s - offset)).toBe(memoryPoison(at.s - offset));
    }
    expect(regs + 384n <= at.s - 288n).toBe(true);
  });

  test('the fix-up: nip four short, link the real address; the NOP is emulated; everything is as before', () => {
    rethook.finish(at.fregs(regs), at.parent);
    expect([field(NIP), field(LINK)]).toEqual([at.parent - 4n, at.parent]);
    emulate();
    expect(field(NIP)).toBe(at.parent);
    at.returnFromC();
    expect(at.run()).toBe('parent');
    const same = [...gprs(0, 31), 'ctr', 'xer', 'msr'];
    for (const name of same) expect([name, at.read(name)]).toEqual([name, before.get(name)]);
    for (let n = 0; n < 8; n++) {
      expect(at.read(`cr${n}`) & 0xfn).toBe((before.get(`cr${n}`) as bigint) & 0xfn);
    }
    expect(at.read('lr')).toBe(at.parent);
  });

  test('what a handler changes takes effect', () => {
    for (let n = 3; n < 32; n++) {
      if (n !== 13) at.machine.storeWord(regs + BigInt(8 * n), 8, 0x7000n + BigInt(n));
    }
    rethook.finish(at.fregs(regs), at.parent);
    emulate();
    at.returnFromC();
    expect(at.run()).toBe('parent');
    for (let n = 3; n < 32; n++) if (n !== 13) expect(at.read(`r${n}`)).toBe(0x7000n + BigInt(n));
  });
});
