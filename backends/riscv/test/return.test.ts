// SPDX-License-Identifier: MIT
/** return_to_handler executed on poisoned registers; statements typed from linux 7.2 arch/riscv/kernel/mcount.S. */
import { describe, expect, test } from 'vitest';
import type { Config } from '../../../harness/backend/contract.js';
import { isPoison } from '../../../harness/machine/poison.js';
import { boot, P, S, valueIn } from './kernel.js';
import { cfi, clang, gcc, noFramePointer } from './support.js';

/** A traced function has just returned to return_to_handler, up to the C handler. */
function returned(config: Config) {
  const kernel = boot(config);
  kernel.enter();
  kernel.machine.write('ra', kernel.symbol('return_to_handler'));
  kernel.machine.pc = kernel.symbol('return_to_handler');
  expect(kernel.reach()).toBe('ftrace_return_to_handler');
  return { ...kernel, fregs: kernel.machine.read('a0') };
}

describe.each([
  ['GCC', gcc, 112n],
  ['clang', clang, 160n],
  ['clang with CFI', cfi, 144n],
  ['GCC without frame pointers', noFramePointer, 112n],
])('%s', (_name, config, frame) => {
  const { machine, fregs, field, symbol } = returned(config);

  test('SP is lowered by the size of ftrace_regs, and a0 = fregs = SP', () => {
    expect(fregs).toBe(S - frame);
    expect(machine.read('sp')).toBe(fregs);
  });

  test('s0 is SP + size while the handler runs', () => {
    expect(machine.read('s0')).toBe(fregs + frame);
  });

  test('the words a frame record would have at s0-8 and s0-16 are stale', () => {
    const s0 = machine.read('s0');
    expect(isPoison(machine.loadWord(s0 - 8n, 8))).toBe(true);
    expect(isPoison(machine.loadWord(s0 - 16n, 8))).toBe(true);
  });

  test('only ra, s0, a0 and a1 are stored; ra is the address of return_to_handler itself', () => {
    expect(field(fregs, 'ra')).toBe(symbol('return_to_handler'));
    for (const name of ['s0', 'a0', 'a1']) expect(field(fregs, name)).toBe(valueIn(name));
    const stored: bigint[] = [];
    for (let at = fregs; at < fregs + frame; at += 8n) {
      if (!isPoison(machine.loadWord(at, 8))) stored.push(at - fregs);
    }
    expect(stored).toEqual(
      config.has('DYNAMIC_FTRACE_WITH_DIRECT_CALLS') ? [8n, 24n, 48n, 56n] : [8n, 24n, 40n, 48n],
    );
  });

  test('s1 to s11, gp and tp are untouched', () => {
    for (let n = 1; n <= 11; n++) expect(machine.read(`s${n}`)).toBe(valueIn(`s${n}`));
    for (const name of ['gp', 'tp']) expect(machine.read(name)).toBe(valueIn(name));
  });

  test('goes on at the address the handler returns, with SP, s0, a0 and a1 as they were', () => {
    const kernel = returned(config);
    kernel.leave(P);
    expect(kernel.reach()).toBe('parent');
    expect(kernel.machine.read('a2')).toBe(P);
    expect(kernel.machine.read('sp')).toBe(S);
    for (const name of ['s0', 'a0', 'a1', 's1', 's11']) expect(kernel.machine.read(name)).toBe(valueIn(name));
  });

  test('restores ra as well, although the last jump overwrites it', () => {
    const kernel = returned(config);
    const values: bigint[] = [];
    kernel.machine.trace(({ registers }) => {
      for (const [name, value] of registers) if (name === 'ra') values.push(value);
    });
    kernel.leave(P);
    kernel.reach();
    expect(values).toEqual([kernel.symbol('return_to_handler'), kernel.machine.read('ra')]);
  });

  test('by JALR a2, which links: ra is the address after that instruction, not the return address', () => {
    const kernel = returned(config);
    const steps: { pc: bigint; text: string }[] = [];
    kernel.machine.trace(({ pc, text }) => steps.push({ pc, text }));
    kernel.leave(P);
    kernel.reach();
    expect(steps.at(-1)?.text).toBe('jalr a2');
    expect(kernel.machine.read('ra')).toBe((steps.at(-1)?.pc ?? 0n) + 4n);
  });
});

test('a0 and a1 written by the handler are the results; epc and ra written are ignored', () => {
  const kernel = returned(gcc);
  for (const [offset, value] of [
    [0n, 0x1111n],
    [8n, 0x2222n],
    [48n, 0x3333n],
    [56n, 0x4444n],
  ] as const) {
    kernel.machine.storeWord(kernel.fregs + offset, 8, value);
  }
  kernel.leave(P);
  expect(kernel.reach()).toBe('parent');
  expect(kernel.machine.read('a0')).toBe(0x3333n);
  expect(kernel.machine.read('a1')).toBe(0x4444n);
});
