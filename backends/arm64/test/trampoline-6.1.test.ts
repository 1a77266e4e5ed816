// SPDX-License-Identifier: MIT
/**
 * ftrace_caller and ftrace_regs_caller of 6.1, executed on poisoned registers from a patched call site. Steps and
 * numbers as in linux 6.1 arch/arm64/kernel/entry-ftrace.S: 336 bytes of pt_regs, frame records at +304 and +336,
 * 352 bytes of stack, one patched BL for both.
 */

import { beforeEach, describe, expect, test } from 'vitest';
import type { Rig } from '../../../harness/backend/smoke/rig.js';
import { memoryPoison } from '../../../harness/machine/poison.js';
import { abi } from '../abi.js';
import { accessors } from '../accessors.js';
import { callsite } from '../callsite.js';
import { graph } from '../graph.js';
import { rig } from './support.js';

let at: Rig;
let before: Map<string, bigint>;
let regs: bigint;

const field = (offset: number) => at.word(regs + BigInt(offset));
const setField = (offset: number, value: bigint) => at.machine.storeWord(regs + BigInt(offset), 8, value);
const was = (name: string) => before.get(name) as bigint;
const stale = (offset: number) => memoryPoison(regs + BigInt(offset));

function toCallback(trampoline: string, turned: Readonly<Record<string, boolean>> = {}): void {
  at = rig(turned, '6.1');
  at.enable(at.symbol(trampoline));
  at.enter();
  before = at.snapshot();
  expect(at.run()).toBe('callback');
  regs = at.read('x3');
}

const CONFIGURATIONS = [
  ['ftrace_caller', 'no landing pad', {}],
  ['ftrace_caller', 'a landing pad', { ARM64_BTI_KERNEL: true }],
  ['ftrace_regs_caller', 'no landing pad', {}],
  ['ftrace_regs_caller', 'a landing pad', { ARM64_BTI_KERNEL: true }],
] as const;

describe.each(CONFIGURATIONS)('%s, %s', (trampoline, _pad, turned) => {
  beforeEach(() => toCallback(trampoline, turned));

  test('arguments of the callback: ip = the BL, parent, the value of function_trace_op, regs', () => {
    expect(at.read('x0')).toBe(at.ip);
    expect(at.read('x1')).toBe(at.parent);
    expect(at.read('x2')).toBe(at.ops);
    expect(at.read('x3')).toBe(at.read('sp'));
  });

  test('352 bytes of stack', () => {
    expect(at.s - at.read('sp')).toBe(352n);
  });

  test('x0 to x8 at 0 to 64, and 72 (x9) is P', () => {
    for (let n = 0; n <= 8; n++) expect(field(8 * n)).toBe(was(`x${n}`));
    expect(field(72)).toBe(at.parent);
  });

  test('x29 232 is FP0, lr 240 is P, sp 248 is S, pc 256 is ip + 4', () => {
    expect(field(232)).toBe(at.fp);
    expect(field(240)).toBe(at.parent);
    expect(field(248)).toBe(at.s);
    expect(field(256)).toBe(at.ip + 4n);
  });

  test.each([264, 272, 280, 288, 296, 320, 328])('%i is stale: pstate and what follows', (offset) => {
    expect(field(offset)).toBe(stale(offset));
  });

  test('frame records: {&that at +336, pc} at 304, {FP0, P} at +336, x29 at the first', () => {
    expect(field(304)).toBe(regs + 336n);
    expect(field(312)).toBe(at.resume);
    expect(field(336)).toBe(at.fp);
    expect(field(344)).toBe(at.parent);
    expect(at.read('x29')).toBe(regs + 304n);
  });

  test('a backtrace shows the traced function and its parent', () => {
    const trace = graph.unwind({
      memory: abi.memory,
      machine: at.machine,
      config: at.config,
      pc: at.f,
      sp: at.read('sp'),
      fp: at.read('x29'),
      symbolOf: () => undefined,
      entrySpOf: () => undefined,
      recover: (address) => address,
    });
    expect(trace).toEqual([at.f, at.resume, at.parent]);
  });

  test('back in the body: x0 to x8, x18 to x29, SP, x30 = P, x9 = the body', () => {
    at.returnFromC();
    expect(at.run()).toBe('body');
    const names = [...Array.from({ length: 9 }, (_, n) => `x${n}`), 'x18'];
    for (let n = 19; n <= 29; n++) names.push(`x${n}`);
    for (const name of names) expect([name, at.read(name)]).toEqual([name, was(name)]);
    expect(at.read('sp')).toBe(at.s);
    expect(at.read('x30')).toBe(at.parent);
    expect(at.read('x9')).toBe(at.resume);
  });

  test('x10 to x17 are as the callback left them', () => {
    at.returnFromC();
    const left = at.snapshot();
    at.run();
    for (let n = 10; n <= 17; n++) expect(at.read(`x${n}`)).toBe(left.get(`x${n}`));
  });

  test.each([
    ...Array.from({ length: 9 }, (_, n) => [`x${n}`, 8 * n] as const),
    ['x29', 232],
    ['x30', 240],
  ] as const)('a changed %s is honoured', (name, offset) => {
    setField(offset, 0x55n);
    at.returnFromC();
    expect(at.run()).toBe('body');
    expect(at.read(name)).toBe(0x55n);
  });

  test.each([
    ...Array.from({ length: 10 }, (_, n) => [`x${n + 19}`, 152 + 8 * n] as const),
    ['sp', 248],
  ] as const)('a changed %s is ignored', (name, offset) => {
    setField(offset, 0x55n);
    at.returnFromC();
    expect(at.run()).toBe('body');
    expect(at.read(name)).toBe(was(name));
  });

  test('a changed pc goes elsewhere, with x30 = P', () => {
    setField(256, at.symbol('ftrace_stub'));
    at.returnFromC();
    expect(at.run()).toBe('parent');
    expect(at.read('sp')).toBe(at.s);
  });

  test('an overridden function returns to its parent at once', () => {
    accessors.setReturnValue(at.fregs(regs), 0x77n);
    accessors.overrideWithReturn(at.fregs(regs));
    at.returnFromC();
    expect(at.run()).toBe('parent');
    expect(at.read('x0')).toBe(0x77n);
  });

  test('graph: slot regs[30] at 240, fp and retp FP0; a replaced lr reaches x30, not the record', () => {
    const fregs = at.fregs(regs);
    expect(graph.entry()).toEqual({ by: 'ops' });
    expect(graph.parentSlot(fregs)).toBe(regs + 240n);
    expect(graph.framePointer(fregs)).toBe(at.fp);
    expect(graph.retp(fregs)).toBe(at.fp);
    at.machine.storeWord(graph.parentSlot(fregs), 8, at.symbol('return_to_handler'));
    expect(field(344)).toBe(at.parent);
    at.returnFromC();
    expect(at.run()).toBe('body');
    expect(at.read('x30')).toBe(at.symbol('return_to_handler'));
  });
});

test('ftrace_caller leaves x10 to x28 stale', () => {
  toCallback('ftrace_caller');
  for (let n = 10; n <= 28; n++) expect(field(8 * n)).toBe(stale(8 * n));
});

test('ftrace_regs_caller stores x10 to x28 as they are at its entry', () => {
  toCallback('ftrace_regs_caller');
  for (let n = 10; n <= 28; n++) expect(field(8 * n)).toBe(was(`x${n}`));
});

test('one patched BL at ftrace_call, initially to ftrace_stub', () => {
  at = rig({}, '6.1');
  const slot = at.symbol('ftrace_call');
  expect(at.program.at(slot)?.text).toBe('bl ftrace_stub');
  const patch = callsite.updateFtraceFunc(at.site(), at.symbol('callback'));
  expect(patch).toMatchObject({ stores: [{ address: slot }] });
});

test('there are no direct calls, and ops->direct_call is not looked at', () => {
  at = rig({}, '6.1');
  expect(at.has('ftrace_stub_direct_tramp')).toBe(false);
  expect(at.has('direct_tramp_0')).toBe(false);
  at.direct(at.symbol('direct_func_0'));
  at.enable(at.symbol('ftrace_caller'));
  at.enter();
  expect(at.run()).toBe('callback');
});

describe('return_to_handler of 6.1', () => {
  beforeEach(() => {
    at = rig({}, '6.1');
    at.enterReturnHook();
    before = at.snapshot();
    expect(at.run()).toBe('ftrace_return_to_handler');
  });

  test('x0 is x29, the frame pointer; 64 bytes of stack with x0 to x7', () => {
    expect(graph.returnArgument(at.config)).toBe('framePointer');
    expect(at.read('x0')).toBe(at.fp);
    expect(at.s - at.read('sp')).toBe(64n);
    for (let n = 0; n < 8; n++) expect(at.word(at.read('sp') + BigInt(8 * n))).toBe(was(`x${n}`));
  });

  test('no frame record: x29 is not moved', () => {
    expect(at.read('x29')).toBe(at.fp);
  });

  test('back at the parent: x0 to x7, x18 to x29 and SP as the function left them, x30 the parent', () => {
    at.returnFromC(at.parent);
    expect(at.run()).toBe('parent');
    const names = [...Array.from({ length: 8 }, (_, n) => `x${n}`), 'sp'];
    for (let n = 18; n < 30; n++) names.push(`x${n}`);
    for (const name of names) expect([name, at.read(name)]).toEqual([name, was(name)]);
    expect(at.read('x30')).toBe(at.parent);
  });
});
