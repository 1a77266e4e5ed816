// SPDX-License-Identifier: MIT
/**
 * A changed nip. With LIVEPATCH_64 it is taken for a livepatch: TOC and return address go to a side stack of the task that
 * grows upwards, 24 bytes a level: [-24] r2, [-16] the parent, [-8] 0x57AC6E9D. linux 7.2
 * arch/powerpc/kernel/trace/ftrace_entry.S, arch/powerpc/include/asm/livepatch.h.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Rig } from '../../../harness/backend/smoke/rig.js';
import { accessors } from '../accessors.js';
import { ALL, type Form, gprs, NO_LIVEPATCH, rig } from './support.js';

const MAGIC = 0x57ac6e9dn;
const OTHER_TOC = 0xc008000000048000n;

let at: Rig;
let regs: bigint;
let before: Map<string, bigint>;
const sideStack = () => at.word(at.symbol('thread_info') + 8n);
const nip = (to: bigint) => accessors.setInstructionPointer(at.fregs(regs), to);

function toCallback(
  form: Form,
  turned: Readonly<Record<string, boolean>> = {},
  symbol = 'ftrace_caller',
): void {
  at = rig(form, turned);
  at.enable(at.symbol(symbol));
  at.enter(at.f + 8n);
  at.machine.write('r2', OTHER_TOC);
  before = at.snapshot();
  expect(at.run()).toBe('callback');
  regs = at.read('r6');
}

/** A function that runs instead: any callout will do. */
const instead = () => at.symbol('direct_func_0');

describe.each(ALL)('%s: another function', (form) => {
  const start = 0xc000000010010008n;
  beforeEach(() => {
    toCallback(form);
    nip(instead());
    at.returnFromC();
    expect(at.run()).toBe('direct_func_0');
  });

  test('is entered at its global entry, with the arguments and the stack of the call', () => {
    expect(at.read('r12')).toBe(instead());
    expect(at.read('r1')).toBe(at.s);
    for (const name of [...gprs(3, 10), ...gprs(14, 31)]) expect(at.read(name)).toBe(before.get(name));
  });

  test('one level of the side stack: r2, parent, magic', () => {
    expect(sideStack()).toBe(start + 24n);
    expect(at.word(start)).toBe(OTHER_TOC);
    expect(at.word(start + 8n)).toBe(at.parent);
    expect(at.word(start + 16n)).toBe(MAGIC);
  });

  test('returns through the handler: parent, TOC and side stack are as before', () => {
    expect(at.read('lr')).toBe(at.symbol('livepatch_handler_called'));
    at.returnFromC(0x77n);
    expect(at.run()).toBe('parent');
    expect(at.read('r2')).toBe(OTHER_TOC);
    expect(at.read('r3')).toBe(0x77n);
    expect(at.read('r1')).toBe(at.s);
    expect(sideStack()).toBe(start);
  });

  test('a trashed magic word traps', () => {
    at.machine.storeWord(start + 16n, 8, 0n);
    at.returnFromC(0x77n);
    expect(at.machine.run()).toMatchObject({ kind: 'trap', why: 'TDNE' });
  });
});

describe.each(ALL)('%s: override, nip = link', (form) => {
  test('returns at once, and leaks a level of the side stack', () => {
    toCallback(form);
    const start = sideStack();
    accessors.setReturnValue(at.fregs(regs), 0x77n);
    accessors.overrideWithReturn(at.fregs(regs));
    at.returnFromC();
    expect(at.run()).toBe('parent');
    expect(at.read('r3')).toBe(0x77n);
    expect(at.read('r1')).toBe(at.s);
    expect(at.read('r2')).toBe(OTHER_TOC);
    expect(sideStack()).toBe(start + 24n);
  });

  test('without LIVEPATCH_64 there is no leak', () => {
    toCallback(form, NO_LIVEPATCH);
    const start = sideStack();
    accessors.overrideWithReturn(at.fregs(regs));
    at.returnFromC();
    expect(at.run()).toBe('parent');
    expect(sideStack()).toBe(start);
  });
});

describe('7.2-C: a changed nip and a direct call on one function', () => {
  const prepare = (turned = {}) => {
    toCallback('7.2-C', turned, 'ftrace_regs_caller');
    accessors.setDirectCaller(at.fregs(regs), at.symbol('direct_tramp_1'));
    at.machine.setCallout(at.symbol('direct_tramp_1'));
    nip(instead());
    at.returnFromC();
    at.machine.run();
  };

  test('with LIVEPATCH_64 the direct call is passed over', () => {
    prepare();
    expect(at.machine.pc).toBe(instead());
  });

  test('without, the direct trampoline runs with LR = the new nip', () => {
    prepare(NO_LIVEPATCH);
    expect(at.machine.pc).toBe(at.symbol('direct_tramp_1'));
    expect(at.read('lr')).toBe(instead());
    expect(at.read('r0')).toBe(at.parent);
  });
});

describe('without LIVEPATCH_64, another function', () => {
  test('7.2-C: is entered with LR = itself, where its return loops', () => {
    toCallback('7.2-C', NO_LIVEPATCH);
    nip(instead());
    at.returnFromC();
    expect(at.run()).toBe('direct_func_0');
    expect(at.read('lr')).toBe(instead());
  });

  test.each(ALL.filter((form) => form !== '7.2-C'))('%s: returns to the parent', (form) => {
    toCallback(form, NO_LIVEPATCH);
    nip(instead());
    at.returnFromC();
    expect(at.run()).toBe('direct_func_0');
    expect(at.read('lr')).toBe(at.parent);
  });
});
