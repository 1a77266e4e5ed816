// SPDX-License-Identifier: MIT
/** ftrace_caller of 6.12 executed on poisoned registers; typed from linux 6.12 arch/riscv/kernel/mcount-dyn.S. */
import { describe, expect, test } from 'vitest';
import type { Config } from '../../../harness/backend/contract.js';
import { isPoison } from '../../../harness/machine/poison.js';
import { accessors } from '../accessors.js';
import { graph } from '../graph.js';
import { boot, F, type Kernel, P, S, valueIn } from './kernel.js';
import { v612, v612Clang, v612NoFramePointer } from './support.js';

const ARGUMENTS = ['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'];
const SAVED = ['s0', 's1', 's2', 's3', 's4', 's5', 's6', 's7', 's8', 's9', 's10', 's11'];

function traced(config: Config = v612): Kernel & { readonly fregs: bigint } {
  const kernel = boot(config);
  kernel.trace();
  kernel.enter();
  expect(kernel.reach()).toBe('callback');
  return { ...kernel, fregs: kernel.machine.read('a3') };
}

describe('the callback', () => {
  const kernel = traced();
  const { machine, fregs, symbol } = kernel;
  const word = (offset: bigint) => machine.loadWord(fregs + offset, 8);

  test('is called with ip = t0 - 8 = F, parent_ip = P, the value of function_trace_op, fregs = SP', () => {
    expect(machine.read('a0')).toBe(F);
    expect(machine.read('a1')).toBe(P);
    expect(machine.read('a2')).toBe(symbol('ops'));
    expect(fregs).toBe(machine.read('sp'));
  });

  test('has the structure in 112 bytes of stack', () => {
    expect(fregs).toBe(S - 112n);
  });

  test('epc 0 is F+8, ra 8 is P, sp 16 is S, s0 24 is FP0, t1 32 is 0, a0 to a7 from 40', () => {
    expect([word(0n), word(8n), word(16n), word(24n), word(32n)]).toEqual([F + 8n, P, S, valueIn('s0'), 0n]);
    for (const [n, name] of ARGUMENTS.entries()) expect(word(40n + BigInt(8 * n))).toBe(valueIn(name));
  });

  test('the padding at 104 is not written', () => {
    expect(isPoison(word(104n))).toBe(true);
  });

  test('t4 has become S', () => {
    expect(machine.read('t4')).toBe(S);
  });

  test('no frame record: s0 to s11, gp and tp are the function’s', () => {
    for (const name of [...SAVED, 'gp', 'tp']) expect(machine.read(name)).toBe(valueIn(name));
  });

  test('graph: slot and retp S-104, fp s0, func F', () => {
    const at = { machine, config: v612, address: fregs };
    expect(graph.entry(v612)).toEqual({ by: 'ops' });
    expect(graph.parentSlot(at)).toBe(S - 104n);
    expect(graph.retp(at)).toBe(S - 104n);
    expect(graph.framePointer(at)).toBe(valueIn('s0'));
    expect(graph.returnArgument(v612)).toBe('fregs');
    expect(graph.fpTest(v612)).toBe(true);
    expect(graph.fpTest(v612NoFramePointer)).toBe(false);
  });
});

test('without FRAME_POINTER s0 is stale', () => {
  const { machine, fregs } = traced(v612NoFramePointer);
  expect(isPoison(machine.loadWord(fregs + 24n, 8))).toBe(true);
});

describe('the body afterwards', () => {
  const kernel = traced();
  kernel.leave();
  const reached = kernel.reach();
  const { machine } = kernel;

  test('is reached at F+8 with everything that C has live', () => {
    expect(reached).toBe('body');
    expect(machine.read('sp')).toBe(S);
    expect(machine.read('ra')).toBe(P);
    expect(machine.read('t0')).toBe(F + 8n);
    for (const name of [...ARGUMENTS, ...SAVED, 'gp', 'tp']) expect(machine.read(name)).toBe(valueIn(name));
  });

  test('t1 is 0: the function’s own is lost', () => {
    expect(machine.read('t1')).toBe(0n);
  });
});

test('clang: t2 to t6, where fastcc passes arguments, are lost to the callback', () => {
  const { machine, ...kernel } = traced(v612Clang);
  kernel.leave();
  expect(kernel.reach()).toBe('body');
  for (const name of ['t2', 't3', 't4', 't5', 't6']) expect(isPoison(machine.read(name))).toBe(true);
});

describe('what a callback changes', () => {
  test.each([
    ['ra', 8n],
    ['s0', 24n],
    ['a0', 40n],
    ['a7', 96n],
  ])('%s reaches the body', (name, offset) => {
    const kernel = traced();
    kernel.machine.storeWord(kernel.fregs + offset, 8, 0x7777n);
    kernel.leave();
    expect(kernel.reach()).toBe('body');
    expect(kernel.machine.read(name)).toBe(0x7777n);
  });

  test('sp is ignored', () => {
    const kernel = traced();
    kernel.machine.storeWord(kernel.fregs + 16n, 8, S - 64n);
    kernel.leave();
    expect(kernel.reach()).toBe('body');
    expect(kernel.machine.read('sp')).toBe(S);
  });

  test('epc is where execution goes on', () => {
    const kernel = traced();
    kernel.machine.storeWord(kernel.fregs, 8, P);
    kernel.leave();
    expect(kernel.reach()).toBe('parent');
  });

  test('t1, as arch_ftrace_set_direct_caller leaves it, is jumped to with t0 = F+8, ra = P, SP = S', () => {
    const kernel = traced();
    const target = kernel.symbol('direct_func_0');
    accessors.setDirectCaller({ machine: kernel.machine, config: v612, address: kernel.fregs }, target);
    kernel.leave();
    expect(kernel.reach()).toBe('direct_func_0');
    const { machine } = kernel;
    expect(machine.read('t1')).toBe(target);
    expect(machine.read('t0')).toBe(F + 8n);
    expect(machine.read('ra')).toBe(P);
    expect(machine.read('sp')).toBe(S);
    for (const name of ARGUMENTS) expect(machine.read(name)).toBe(valueIn(name));
  });
});

test('ops->direct_call is not looked at', () => {
  const kernel = boot(v612);
  kernel.trace();
  kernel.machine.storeWord(kernel.symbol('ops') + 192n, 8, kernel.symbol('direct_func_1'));
  kernel.enter();
  expect(kernel.reach()).toBe('callback');
});

test.each([
  ['direct_tramp_0', 'direct_func_0'],
  ['bpf_fentry_0', 'bpf_entry_func_0'],
])('a lone direct ops: the site calls %s itself, and the body runs as called', (stub, func) => {
  const kernel = boot(v612);
  kernel.trace(stub);
  kernel.enter();
  expect(kernel.reach()).toBe(func);
  kernel.leave();
  expect(kernel.reach()).toBe('body');
  for (const name of [...ARGUMENTS, ...SAVED]) expect(kernel.machine.read(name)).toBe(valueIn(name));
  expect(kernel.machine.read('ra')).toBe(P);
  expect(kernel.machine.read('sp')).toBe(S);
});
