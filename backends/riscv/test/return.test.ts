// SPDX-License-Identifier: MIT
/** return_to_handler executed on poisoned registers; statements typed from linux 6.1, 6.12, 7.2 arch/riscv/kernel/mcount.S. */
import { describe, expect, test } from 'vitest';
import type { Config } from '../../../harness/backend/contract.js';
import { isPoison } from '../../../harness/machine/poison.js';
import { graph } from '../graph.js';
import { boot, P, S, valueIn } from './kernel.js';
import { cfi, clang, gcc, noFramePointer, v61, v61NoFramePointer, v612 } from './support.js';

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
  ['6.12', v612, 112n],
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
      config.revision === '7.2' && config.has('DYNAMIC_FTRACE_WITH_DIRECT_CALLS')
        ? [8n, 24n, 48n, 56n]
        : [8n, 24n, 40n, 48n],
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

describe('6.1', () => {
  const returned61 = (config: Config = v61) => {
    const kernel = boot(config);
    kernel.enter();
    kernel.machine.write('ra', kernel.symbol('return_to_handler'));
    kernel.machine.pc = kernel.symbol('return_to_handler');
    expect(kernel.reach()).toBe('ftrace_return_to_handler');
    return kernel;
  };

  test('SP -= 32, with a0 at 8, s0 at 16, ra at 24', () => {
    const { machine, symbol } = returned61();
    expect(machine.read('sp')).toBe(S - 32n);
    const words = [8n, 16n, 24n].map((at) => machine.loadWord(S - 32n + at, 8));
    expect(words).toEqual([valueIn('a0'), valueIn('s0'), symbol('return_to_handler')]);
    expect(isPoison(machine.loadWord(S - 32n, 8))).toBe(true);
  });

  test('s0 = SP + 32 is a valid frame record {s0 at -16, ra at -8}', () => {
    const { machine, symbol } = returned61();
    expect(machine.read('s0')).toBe(S);
    expect(machine.loadWord(S - 16n, 8)).toBe(valueIn('s0'));
    expect(machine.loadWord(S - 8n, 8)).toBe(symbol('return_to_handler'));
  });

  test('the argument is the frame pointer, s0 at the return', () => {
    expect(graph.returnArgument(v61)).toBe('framePointer');
    expect(returned61().machine.read('a0')).toBe(valueIn('s0'));
  });

  test('without FRAME_POINTER it is whatever a0 was: the result', () => {
    expect(returned61(v61NoFramePointer).machine.read('a0')).toBe(valueIn('a0'));
  });

  test('goes on at the address the handler returns, with SP, s0 and a0 as they were', () => {
    const kernel = returned61();
    kernel.leave(P);
    expect(kernel.reach()).toBe('parent');
    expect(kernel.machine.read('sp')).toBe(S);
    for (const name of ['s0', 'a0', 's1', 's11', 'gp', 'tp'])
      expect(kernel.machine.read(name)).toBe(valueIn(name));
  });

  test('a1, the second word of a result, is destroyed: it is the return address', () => {
    const kernel = returned61();
    kernel.leave(P);
    kernel.reach();
    expect(kernel.machine.read('a1')).toBe(P);
  });

  test('by JALR a1, which links: ra is the address after that instruction', () => {
    const kernel = returned61();
    const steps: { pc: bigint; text: string }[] = [];
    kernel.machine.trace(({ pc, text }) => steps.push({ pc, text }));
    kernel.leave(P);
    kernel.reach();
    expect(steps.at(-1)?.text).toBe('jalr a1');
    expect(kernel.machine.read('ra')).toBe((steps.at(-1)?.pc ?? 0n) + 4n);
  });
});
