// SPDX-License-Identifier: MIT
/**
 * ftrace_caller, executed on poisoned registers from a patched call site: what lies where when the callback is
 * called, what is restored and what is not. Steps and numbers as in linux 6.12, 7.2 arch/arm64/kernel/entry-ftrace.S:
 * 112 bytes of ftrace_regs, frame records at +112 and +128, 144 bytes of stack.
 */

import { beforeEach, describe, expect, test } from 'vitest';
import type { Revision } from '../../../harness/backend/contract.js';
import type { Rig } from '../../../harness/backend/smoke/rig.js';
import { memoryPoison } from '../../../harness/machine/poison.js';
import { abi } from '../abi.js';
import { accessors } from '../accessors.js';
import { graph } from '../graph.js';
import { NO_CALL_OPS, rig } from './support.js';

let at: Rig;
let before: Map<string, bigint>;
/** ftrace_regs of the stopped callback. */
let fregs: bigint;

const field = (offset: number) => at.word(fregs + BigInt(offset));
const setField = (offset: number, value: bigint) => at.machine.storeWord(fregs + BigInt(offset), 8, value);
const was = (name: string) => before.get(name) as bigint;

/** Runs the enabled function up to its callback. */
function toCallback(turned: Readonly<Record<string, boolean>> = {}, revision: Revision = '7.2'): void {
  at = rig(turned, revision);
  at.enable(at.symbol('ftrace_caller'));
  at.enter();
  before = at.snapshot();
  expect(at.run()).toBe('callback');
  fregs = at.read('x3');
}

const CONFIGURATIONS = [
  ['CALL_OPS', {}],
  ['CALL_OPS behind a landing pad', { ARM64_BTI_KERNEL: true }],
  ['one global callee', NO_CALL_OPS],
  ['one global callee behind a landing pad', { ...NO_CALL_OPS, ARM64_BTI_KERNEL: true }],
] as const;
const COLUMNS = (['6.12', '7.2'] as const).flatMap((revision) =>
  CONFIGURATIONS.map(([name, turned]) => [revision, name, turned] as const),
);

describe.each(COLUMNS)('%s with %s', (revision, _name, turned) => {
  beforeEach(() => toCallback(turned, revision));

  test('arguments of the callback: ip = the BL, parent, ops, fregs', () => {
    expect(at.read('x0')).toBe(at.ip);
    expect(at.read('x1')).toBe(at.parent);
    expect(at.read('x2')).toBe(at.ops);
    expect(at.read('x3')).toBe(at.read('sp'));
  });

  test('144 bytes of stack, aligned to 16', () => {
    expect(at.s - at.read('sp')).toBe(144n);
    expect(at.read('sp') % 16n).toBe(0n);
  });

  test('ftrace_regs: x0 to x8 at 0 to 64', () => {
    for (let n = 0; n <= 8; n++) expect(field(8 * n)).toBe(was(`x${n}`));
  });

  test('fp 80 is FP0, lr 88 is P, sp 96 is S, pc 104 is ip + 4', () => {
    expect(field(80)).toBe(at.fp);
    expect(field(88)).toBe(at.parent);
    expect(field(96)).toBe(at.s);
    expect(field(104)).toBe(at.ip + 4n);
    expect(field(104)).toBe(at.resume);
  });

  test('frame records: {x29, P} at +128, {&that, body} at +112, x29 there', () => {
    expect(field(128)).toBe(at.fp);
    expect(field(136)).toBe(at.parent);
    expect(field(112)).toBe(fregs + 128n);
    expect(field(120)).toBe(at.resume);
    expect(at.read('x29')).toBe(fregs + 112n);
  });

  test('a backtrace shows the traced function and its parent', () => {
    const pc = at.symbol('ftrace_caller');
    const trace = graph.unwind({
      memory: abi.memory,
      machine: at.machine,
      config: at.config,
      pc,
      sp: at.read('sp'),
      fp: at.read('x29'),
      symbolOf: () => undefined,
      entrySpOf: () => undefined,
      recover: (address) => address,
    });
    expect(trace).toEqual([pc, at.resume, at.parent]);
  });

  test('back in the body: x0 to x8, x18 to x29, SP and x30 = P', () => {
    at.returnFromC();
    expect(at.run()).toBe('body');
    const names = [...Array.from({ length: 9 }, (_, n) => `x${n}`), 'x18'];
    for (let n = 19; n <= 29; n++) names.push(`x${n}`);
    for (const name of names) expect([name, at.read(name)]).toEqual([name, was(name)]);
    expect(at.read('sp')).toBe(at.s);
    expect(at.read('x30')).toBe(at.parent);
  });

  test('x9 is left as the address of the body', () => {
    at.returnFromC();
    at.run();
    expect(at.read('x9')).toBe(at.resume);
  });

  test('x10 to x16 and the flags are as the callback left them', () => {
    at.returnFromC();
    const left = at.snapshot();
    at.run();
    for (const name of ['x10', 'x11', 'x12', 'x13', 'x14', 'x15', 'x16', 'nzcv']) {
      expect([name, at.read(name)]).toEqual([name, left.get(name)]);
    }
  });

  test.each([
    ...Array.from({ length: 9 }, (_, n) => [`x${n}`, 8 * n] as const),
    ['x29', 80],
    ['x30', 88],
  ] as const)('a changed %s in fregs is honoured', (name, offset) => {
    setField(offset, 0x55n);
    at.returnFromC();
    expect(at.run()).toBe('body');
    expect(at.read(name)).toBe(0x55n);
  });

  test('a changed sp in fregs is ignored', () => {
    setField(96, at.s - 64n);
    at.returnFromC();
    expect(at.run()).toBe('body');
    expect(at.read('sp')).toBe(at.s);
  });

  test('a changed pc goes elsewhere, with x30 = P', () => {
    setField(104, at.symbol('ftrace_stub'));
    at.returnFromC();
    expect(at.run()).toBe('parent');
    expect(at.read('sp')).toBe(at.s);
    expect(at.read('x30')).toBe(at.parent);
  });

  test('an overridden function returns to its parent at once', () => {
    accessors.setReturnValue(at.fregs(fregs), 0x77n);
    accessors.overrideWithReturn(at.fregs(fregs));
    at.returnFromC();
    expect(at.run()).toBe('parent');
    expect(at.read('x0')).toBe(0x77n);
    expect(at.read('sp')).toBe(at.s);
  });

  test('the frame records keep the true parent when the lr field is replaced', () => {
    at.machine.storeWord(graph.parentSlot(at.fregs(fregs)), 8, at.symbol('return_to_handler'));
    expect(field(88)).toBe(at.symbol('return_to_handler'));
    expect(field(136)).toBe(at.parent);
    at.returnFromC();
    expect(at.run()).toBe('body');
    expect(at.read('x30')).toBe(at.symbol('return_to_handler'));
  });
});

describe('direct_tramp at 72', () => {
  test('is zero with direct calls', () => {
    toCallback();
    expect(field(72)).toBe(0n);
  });

  test('is not written without direct calls', () => {
    toCallback(NO_CALL_OPS);
    expect(field(72)).toBe(memoryPoison(fregs + 72n));
  });
});

test('with CALL_OPS, x4 is ops->func and x11 the ops at the call', () => {
  toCallback();
  expect(at.read('x4')).toBe(at.symbol('callback'));
  expect(at.read('x11')).toBe(at.ops);
});

test('the callee is chosen per site, by the literal', () => {
  at = rig();
  at.enable(at.symbol('ftrace_caller'));
  at.machine.storeWord(at.f - 8n, 8, at.nopOps);
  at.enter();
  expect(at.run()).toBe('body');
});

test('a disabled function runs neither ftrace_caller nor the callback, and x9 = x30 = P', () => {
  at = rig();
  at.enable(at.symbol('ftrace_caller'));
  at.machine.storeWord(at.ip, 4, 0xd503201fn);
  at.enter();
  before = at.snapshot();
  expect(at.run()).toBe('body');
  const after = at.snapshot();
  expect([...after].filter(([name, value]) => value !== was(name))).toEqual([['x9', at.parent]]);
});
