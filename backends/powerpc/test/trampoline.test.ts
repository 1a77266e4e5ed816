// SPDX-License-Identifier: MIT
/**
 * ftrace_caller and ftrace_regs_caller, executed on poisoned registers from a patched call site, in every form. Statements
 * and numbers as in linux 6.1 arch/powerpc/kernel/trace/ftrace_mprofile.S, linux 6.12 and 7.2
 * arch/powerpc/kernel/trace/ftrace_entry.S.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Rig } from '../../../harness/backend/smoke/rig.js';
import { memoryPoison } from '../../../harness/machine/poison.js';
import { ALL, type Form, gprs, NO_LIVEPATCH, rig } from './support.js';

const [NIP, MSR, ORIG_GPR3, CTR, LINK, XER, CCR] = [256n, 264n, 272n, 280n, 288n, 296n, 304n];
const GPR = (n: number) => BigInt(8 * n);

let at: Rig;
let before: Map<string, bigint>;
/** pt_regs of the stopped callback. */
let regs: bigint;

const field = (offset: bigint) => at.word(regs + offset);
const put = (offset: bigint, value: bigint) => at.machine.storeWord(regs + offset, 8, value);
const was = (name: string) => before.get(name) as bigint;
const stale = (offset: bigint) => field(offset) === memoryPoison(regs + offset);
const differing = (names: readonly string[]) => names.filter((name) => at.read(name) !== was(name));
/** What a module's function has in r2: any other TOC than the kernel's. */
const OTHER_TOC = 0xc008000000048000n;

function toCallback(form: Form, symbol: string, turned: Readonly<Record<string, boolean>> = {}): void {
  at = rig(form, turned);
  at.enable(at.symbol(symbol));
  at.enter(at.f + 8n);
  at.machine.write('r2', OTHER_TOC);
  before = at.snapshot();
  expect(at.run()).toBe('callback');
  regs = at.read('r6');
}
const both = ALL.flatMap((form) =>
  (['ftrace_caller', 'ftrace_regs_caller'] as const).map((name) => ({ form, name })),
);

describe.each(both)('$form $name', ({ form, name }) => {
  const total = form === '6.1-A' ? 528n : 464n;
  const offset = form === '6.1-A' ? 112n : 48n;
  const own = total - 32n;
  const all = name === 'ftrace_regs_caller';
  beforeEach(() => toCallback(form, name));

  test('the callback gets rec->ip, the parent, the ops, the pt_regs', () => {
    expect(at.read('r3')).toBe(at.ip);
    expect(at.read('r4')).toBe(at.parent);
    expect(at.read('r5')).toBe(at.ops);
    expect(at.read('r6')).toBe(at.read('r1') + offset);
  });

  test('it runs with the kernel TOC and the PACA; a global entry finds itself in r12', () => {
    expect(at.read('r2')).toBe(at.symbol('kernel_toc_base'));
    expect(at.read('r13')).toBe(at.symbol('paca'));
    if (form === '7.2-C') expect(at.read('r12')).toBe(at.symbol('callback'));
  });

  test(`${total} bytes of stack, pt_regs 416 below entry r1`, () => {
    expect(at.s - at.read('r1')).toBe(total);
    expect(at.s - regs).toBe(416n);
    expect(at.read('r1') % 16n).toBe(0n);
  });

  test('back chain: this frame, a frame of 32 bytes for the traced function, the caller', () => {
    const r1 = at.read('r1');
    expect(at.word(r1)).toBe(r1 + own);
    expect(at.word(r1 + own)).toBe(at.s);
  });

  test('LR slots: ip + 4 for the traced function, the parent for its caller; the TOC slot', () => {
    const r1 = at.read('r1');
    expect(at.word(r1 + own + 16n)).toBe(at.ip + 4n);
    expect(at.word(at.s + 16n)).toBe(at.parent);
    expect(at.word(r1 + 24n)).toBe(OTHER_TOC);
  });

  test('gpr[0] and link = parent, gpr[1] = entry r1, gpr[3..10], nip = ip + 4', () => {
    expect(field(GPR(0))).toBe(at.parent);
    expect(field(LINK)).toBe(at.parent);
    expect(field(GPR(1))).toBe(at.s);
    for (let n = 3; n <= 10; n++) expect(field(GPR(n))).toBe(was(`r${n}`));
    expect(field(NIP)).toBe(at.ip + 4n);
    expect(field(NIP)).toBe(at.resume);
  });

  test('msr: 0 marks a partial block', () => {
    expect(field(MSR)).toBe(all ? was('msr') : 0n);
  });

  test('the direct-call mailbox is cleared where there are direct calls', () => {
    if (form === '7.2-C') expect(field(ORIG_GPR3)).toBe(0n);
    else expect(stale(ORIG_GPR3)).toBe(true);
  });

  test('gpr[2] and gpr[11..31]', () => {
    const kept = form === '7.2-C' ? [14, 15] : [14];
    for (const n of [2, ...Array.from({ length: 21 }, (_, i) => 11 + i)]) {
      if (all || kept.includes(n)) expect([n, field(GPR(n))]).toEqual([n, was(`r${n}`)]);
      else expect([n, stale(GPR(n))]).toEqual([n, true]);
    }
  });

  test('ctr, xer, ccr', () => {
    if (!all) {
      expect([CTR, XER, CCR].map(stale)).toEqual([true, true, true]);
      return;
    }
    expect(field(CTR)).toBe(was('ctr'));
    expect(field(XER)).toBe(was('xer'));
    // CR0 has been spent on the test of the PACA byte (greater); the other seven are the function's.
    const expected = ['cr1', 'cr2', 'cr3', 'cr4', 'cr5', 'cr6', 'cr7'].reduce(
      (word, cr) => (word << 4n) | (was(cr) & 0xfn),
      0x4n,
    );
    expect(field(CCR)).toBe(expected);
  });

  test('softe, trap, dar, dsisr, result and above are never written', () => {
    for (let offset = 312n; offset < 384n; offset += 8n) expect(stale(offset)).toBe(true);
  });

  test('back in the body as if nothing had been', () => {
    at.returnFromC();
    expect(at.run()).toBe('body');
    const live = [...gprs(1, 10), ...gprs(13, 31), 'cr2', 'cr3', 'cr4', 'msr'];
    expect(differing(live)).toEqual([]);
    expect(at.read('lr')).toBe(at.parent);
    expect(at.read('r0')).toBe(at.parent);
  });

  test.each(gprs(3, 10))('a changed %s is honoured', (register) => {
    put(GPR(Number(register.slice(1))), 0x55n);
    at.returnFromC();
    expect(at.run()).toBe('body');
    expect(at.read(register)).toBe(0x55n);
  });

  test('a changed link is honoured', () => {
    put(LINK, at.symbol('return_to_handler'));
    at.returnFromC();
    expect(at.run()).toBe('body');
    expect(at.read('lr')).toBe(at.symbol('return_to_handler'));
    expect(at.read('r0')).toBe(at.symbol('return_to_handler'));
    // The slot is the function's own to write.
    expect(at.word(at.s + 16n)).toBe(at.parent);
  });

  test('gpr[11..31]: honoured with all registers, else only those it needs itself', () => {
    const kept = form === '7.2-C' ? [14, 15] : [14];
    const numbers = Array.from({ length: 18 }, (_, n) => 14 + n);
    for (const n of numbers) put(GPR(n), 0x5500n + BigInt(n));
    at.returnFromC();
    expect(at.run()).toBe('body');
    for (const n of numbers) {
      const due = all || kept.includes(n) ? 0x5500n + BigInt(n) : was(`r${n}`);
      expect([n, at.read(`r${n}`)]).toEqual([n, due]);
    }
  });

  test('r13, the PACA, comes from memory with all registers', () => {
    put(GPR(13), 0x5513n);
    at.returnFromC();
    at.run();
    expect(at.read('r13')).toBe(all ? 0x5513n : was('r13'));
  });

  test('changes of gpr[0], gpr[1], gpr[2] are lost', () => {
    for (const n of [0, 1, 2]) put(GPR(n), 0x55n);
    at.returnFromC();
    expect(at.run()).toBe('body');
    expect([at.read('r0'), at.read('r1'), at.read('r2')]).toEqual([at.parent, at.s, OTHER_TOC]);
  });

  test('msr, ctr, xer and the condition register are never restored', () => {
    for (const offset of [MSR, CTR, XER, CCR]) put(offset, 0x1234n);
    at.returnFromC();
    const left = at.snapshot();
    expect(at.run()).toBe('body');
    for (const register of ['msr', 'xer', 'cr5', 'cr6', 'cr7']) {
      expect([register, at.read(register)]).toEqual([register, left.get(register)]);
    }
    expect(at.read('ctr')).not.toBe(0x1234n);
  });

  test('with the PACA byte ftrace_enabled clear: straight to the body', () => {
    at = rig(form);
    at.enable(at.symbol(name));
    at.machine.storeWord(at.symbol('paca') + 24n, 1, 0n);
    at.enter(at.f + 8n);
    before = at.snapshot();
    expect(at.run()).toBe('body');
    expect(differing([...gprs(1, 10), ...gprs(13, 31), 'cr2', 'cr3', 'cr4'])).toEqual([]);
    expect(at.read('lr')).toBe(at.parent);
  });
});

describe.each(ALL.filter((form) => form !== '7.2-C'))('%s without LIVEPATCH_64', (form) => {
  test('gpr[14] is not saved', () => {
    toCallback(form, 'ftrace_caller', NO_LIVEPATCH);
    expect(stale(GPR(14))).toBe(true);
    at.returnFromC();
    expect(at.run()).toBe('body');
  });
});

test('CALL_OPS: the callee is chosen per site, by the stub', () => {
  at = rig('7.2-C');
  at.enable(at.symbol('ftrace_caller'));
  at.machine.storeWord(at.site().stub, 8, at.nopOps);
  at.enter();
  expect(at.run()).toBe('body');
});

test('without CALL_OPS the ops is function_trace_op, whatever the site', () => {
  at = rig('6.12-A');
  at.enable(at.symbol('ftrace_caller'));
  at.machine.storeWord(at.symbol('function_trace_op'), 8, at.nopOps);
  at.enter();
  expect(at.run()).toBe('callback');
  expect(at.read('r5')).toBe(at.nopOps);
});

test('rec->ip is decoded from the branch back, also when the stub lies behind the function', () => {
  at = rig('7.2-C');
  const stub = at.f - 128n;
  const site = { ...at.site(), stub };
  const callsite = at.build.loaded.backend.callsite;
  at.apply(callsite.initNop({ ...site, ops: at.nopOps }));
  at.apply(callsite.makeCall(site, at.symbol('ftrace_caller')));
  at.enter();
  expect(at.run()).toBe('callback');
  expect(at.read('r3')).toBe(at.ip);
  expect(at.word(at.read('r6') + NIP)).toBe(at.resume);
});

test.each(ALL)('%s: the fixed long branch leads to ftrace_regs_caller, by way of r12 and CTR', (form) => {
  toCallback(form, 'ftrace_tramp_text');
  const caller = at.symbol('ftrace_regs_caller');
  expect([field(GPR(12)), field(CTR)]).toEqual([caller, caller]);
  expect(field(GPR(11))).toBe(was('r11'));
  expect(field(MSR)).toBe(was('msr'));
  expect(at.read('r3')).toBe(at.ip);
  at.returnFromC();
  expect(at.run()).toBe('body');
});

describe.each(ALL)('%s: the program check of a TRAP in a module', (form) => {
  const PC = 0xc008000000040000n;

  beforeEach(() => {
    at = rig(form);
    at.enter(at.symbol('program_check'));
    for (const [register, value] of Object.entries({
      r2: OTHER_TOC,
      ctr: 0xc7n,
      lr: 0x1an,
      srr0: PC,
      srr1: 0x9033n,
    }))
      at.machine.write(register, value);
    before = at.snapshot();
    expect(at.run()).toBe('program_check_exception');
    regs = at.read('r3');
  });

  test('C runs with the TOC of the kernel', () => {
    expect(at.read('r2')).toBe(at.symbol('kernel_toc_base'));
  });

  test('all registers are in the pt_regs', () => {
    expect(Array.from({ length: 32 }, (_, n) => field(GPR(n)))).toEqual(gprs(0, 31).map(was));
    expect([NIP, MSR, CTR, LINK].map(field)).toEqual([PC, 0x9033n, 0xc7n, 0x1an]);
  });

  test('what C leaves there is what goes on', () => {
    put(NIP, at.resume);
    put(CTR, 0xc8n);
    at.returnFromC();
    expect(at.run()).toBe('body');
    expect(at.read('ctr')).toBe(0xc8n);
    expect(differing([...gprs(0, 31), 'lr'])).toEqual([]);
  });
});
