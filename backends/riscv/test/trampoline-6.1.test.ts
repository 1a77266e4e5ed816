// SPDX-License-Identifier: MIT
/**
 * ftrace_caller and ftrace_regs_caller of 6.1 executed on poisoned registers, with the second patched call for
 * function graph; typed from linux 6.1 arch/riscv/kernel/mcount-dyn.S and ftrace.c.
 */
import { describe, expect, test } from 'vitest';
import type { Config } from '../../../harness/backend/contract.js';
import { isPoison } from '../../../harness/machine/poison.js';
import { abi } from '../abi.js';
import { accessors } from '../accessors.js';
import { graph } from '../graph.js';
import { boot, F, type Kernel, P, S, STACK_ARGUMENTS, valueIn } from './kernel.js';
import { config, v61, v61NoFramePointer, v612 } from './support.js';

const ARGUMENTS = ['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'];
const SAVED = ['s0', 's1', 's2', 's3', 's4', 's5', 's6', 's7', 's8', 's9', 's10', 's11'];
const TEMPORARIES = ['t1', 't2', 't3', 't4', 't5', 't6'];

function start(trampoline: string, of: Config = v61): Kernel {
  const kernel = boot(of);
  kernel.trace(trampoline);
  kernel.enter();
  return kernel;
}

function traced(trampoline: string, of: Config = v61) {
  const kernel = start(trampoline, of);
  expect(kernel.reach()).toBe('callback');
  const address = kernel.machine.read('a3');
  const fregs = { machine: kernel.machine, config: of, address };
  return { ...kernel, fregs, word: (offset: number) => kernel.machine.loadWord(address + BigInt(offset), 8) };
}

/** Patches both slots for the graph tracer. */
function switchGraph(kernel: Kernel, on: boolean): void {
  const entry = graph.entry(v61);
  if (entry.by !== 'trampoline') throw new Error('no second call');
  kernel.apply(entry.toggle(kernel.site, on, kernel.symbol(entry.symbol)));
}

describe.each(['ftrace_caller', 'ftrace_regs_caller'])('%s', (trampoline) => {
  test('ip = t0 - 8 = F, parent_ip = P, the value of function_trace_op, SP', () => {
    const { machine, symbol } = traced(trampoline);
    expect(machine.read('a0')).toBe(F);
    expect(machine.read('a1')).toBe(P);
    expect(machine.read('a2')).toBe(symbol('ops'));
    expect(machine.read('a3')).toBe(machine.read('sp'));
  });

  test('the body gets the arguments, s0 to s11, gp, tp, SP = S, ra = P and t0 = F+8', () => {
    const kernel = traced(trampoline);
    kernel.leave();
    expect(kernel.reach()).toBe('body');
    for (const name of [...ARGUMENTS, ...SAVED, 'gp', 'tp']) {
      expect([name, kernel.machine.read(name)]).toEqual([name, valueIn(name)]);
    }
    expect(kernel.machine.read('sp')).toBe(S);
    expect(kernel.machine.read('ra')).toBe(P);
    expect(kernel.machine.read('t0')).toBe(F + 8n);
  });

  test('a trace from the callback has neither the traced function nor P', () => {
    const { machine, symbol } = start(trampoline);
    machine.write('s0', S + 0x100n);
    machine.storeWord(S + 0x100n - 16n, 8, 0n);
    machine.storeWord(S + 0x100n - 8n, 8, symbol('callback'));
    machine.run();
    const pc = machine.read('ra');
    const trace = graph.unwind({
      memory: abi.memory,
      ...{ machine, config: v61, pc, sp: machine.read('sp'), fp: machine.read('s0') },
      symbolOf: () => ({ name: 'f', offset: 0 }),
      entrySpOf: () => undefined,
      recover: (address) => address,
    });
    expect(trace).toEqual([pc, symbol('callback')]);
  });
});

describe('ftrace_caller: a save area of 80 bytes, typed as pt_regs', () => {
  const kernel = traced('ftrace_caller');

  test('lies at S - 80: a0 to a7 from 0, t0 = F+8 at 64, ra = P at 72', () => {
    expect(kernel.fregs.address).toBe(S - 80n);
    for (const [n, name] of ARGUMENTS.entries()) expect(kernel.word(8 * n)).toBe(valueIn(name));
    expect(kernel.word(64)).toBe(F + 8n);
    expect(kernel.word(72)).toBe(P);
  });

  test('ftrace_get_regs gives it out all the same', () => {
    expect(accessors.getRegs(kernel.fregs)).toBe(S - 80n);
  });

  test('read as pt_regs, epc is a0, ra a1, sp a2, s0 is F+8, and a0 to a7 are the stack from S on', () => {
    expect(accessors.getInstructionPointer(kernel.fregs)).toBe(valueIn('a0'));
    expect(accessors.getReturnAddress(kernel.fregs)).toBe(valueIn('a1'));
    expect(accessors.getStackPointer(kernel.fregs)).toBe(valueIn('a2'));
    expect(accessors.getFramePointer(kernel.fregs)).toBe(F + 8n);
    for (const [n, value] of STACK_ARGUMENTS.entries())
      expect(accessors.getArgument(kernel.fregs, n)).toBe(value);
    expect(isPoison(accessors.getArgument(kernel.fregs, 4))).toBe(true);
  });

  test('so setting the instruction pointer changes an argument and goes nowhere', () => {
    const other = traced('ftrace_caller');
    accessors.setInstructionPointer(other.fregs, 0x7777n);
    other.leave();
    expect(other.reach()).toBe('body');
    expect(other.machine.read('a0')).toBe(0x7777n);
  });

  test('t1 to t6 are lost to the callback', () => {
    const other = traced('ftrace_caller');
    other.leave();
    other.reach();
    for (const name of TEMPORARIES) expect(isPoison(other.machine.read(name))).toBe(true);
  });
});

describe('ftrace_regs_caller: a pt_regs of 288 bytes', () => {
  const kernel = traced('ftrace_regs_caller');

  test('lies at S - 288', () => {
    expect(kernel.fregs.address).toBe(S - 288n);
  });

  test('epc and t0 are F+8, ra is P, sp is the address of the structure itself', () => {
    expect([kernel.word(0), kernel.word(40)]).toEqual([F + 8n, F + 8n]);
    expect(kernel.word(8)).toBe(P);
    expect(kernel.word(16)).toBe(S - 288n);
  });

  test.each([
    ...['gp', 'tp'].map((name, n) => [name, 24 + 8 * n] as const),
    ...['t1', 't2', 's0', 's1', ...ARGUMENTS].map((name, n) => [name, 48 + 8 * n] as const),
    ...SAVED.slice(2).map((name, n) => [name, 144 + 8 * n] as const),
    ...['t3', 't4', 't5', 't6'].map((name, n) => [name, 224 + 8 * n] as const),
  ])('%s at %i is real', (name, offset) => {
    expect(kernel.word(offset)).toBe(valueIn(name));
  });

  test.each([256, 264, 272, 280])('%i is stale: status and what follows', (offset) => {
    expect(isPoison(kernel.word(offset))).toBe(true);
  });

  test('the wrong sp: word 0 of the stack is epc, word 1 ra, and stack argument 0 is word 36', () => {
    expect(accessors.getKernelStackNth(kernel.fregs, 0)).toBe(F + 8n);
    expect(accessors.getKernelStackNth(kernel.fregs, 1)).toBe(P);
    expect(accessors.getKernelStackNth(kernel.fregs, 36)).toBe(STACK_ARGUMENTS[0]);
  });

  test.each([
    ...[['ra', 8] as const, ['gp', 24] as const, ['tp', 32] as const],
    ...['t1', 't2', 's0', 's1', ...ARGUMENTS].map((name, n) => [name, 48 + 8 * n] as const),
    ...SAVED.slice(2).map((name, n) => [name, 144 + 8 * n] as const),
    ...['t3', 't4', 't5', 't6'].map((name, n) => [name, 224 + 8 * n] as const),
  ])('a changed %s reaches the body', (name, offset) => {
    const other = traced('ftrace_regs_caller');
    other.machine.storeWord(other.fregs.address + BigInt(offset), 8, 0x7777n);
    other.leave();
    expect(other.reach()).toBe('body');
    expect(other.machine.read(name)).toBe(0x7777n);
  });

  test('t1 to t6 survive the callback', () => {
    const other = traced('ftrace_regs_caller');
    other.leave();
    other.reach();
    for (const name of TEMPORARIES) expect(other.machine.read(name)).toBe(valueIn(name));
  });

  test('epc is where execution goes on; a changed t0 is not reloaded', () => {
    const other = traced('ftrace_regs_caller');
    other.machine.storeWord(other.fregs.address + 40n, 8, 0x7777n);
    accessors.overrideWithReturn(other.fregs);
    accessors.setReturnValue(other.fregs, 0x55n);
    other.leave();
    expect(other.reach()).toBe('parent');
    expect(other.machine.read('t0')).toBe(P);
    expect(other.machine.read('a0')).toBe(0x55n);
  });

  test('a changed sp corrupts the restore: later registers are loaded relative to it', () => {
    const other = traced('ftrace_regs_caller');
    const { address } = other.fregs;
    other.machine.storeWord(address + 16n, 8, address - 64n);
    other.leave();
    expect(other.reach()).toBe('body');
    expect(other.machine.read('sp')).toBe(S - 64n);
    // t6 is read 64 bytes too low, where s7 is.
    expect(other.machine.read('t6')).toBe(other.machine.loadWord(address + 184n, 8));
    expect(other.machine.read('t6')).toBe(valueIn('s7'));
  });
});

describe.each([
  // trampoline, slot below S, slot that is patched
  ['ftrace_caller', 8n, 'ftrace_graph_call'],
  ['ftrace_regs_caller', 280n, 'ftrace_graph_regs_call'],
] as const)('the second call of %s', (trampoline, below, label) => {
  const toHook = (of: Config = v61) => {
    const kernel = start(trampoline, of);
    switchGraph(kernel, true);
    expect(kernel.reach()).toBe('callback');
    kernel.leave();
    expect(kernel.reach()).toBe('prepare_ftrace_return');
    return kernel;
  };
  const decode = (kernel: Kernel) => {
    const entry = graph.entry(v61);
    if (entry.by !== 'trampoline') throw new Error('no second call');
    return entry.decode(
      kernel.machine,
      ARGUMENTS.map((name) => kernel.machine.read(name)),
    );
  };

  test('gets (parent slot, F, s0), after the function callback', () => {
    const kernel = toHook();
    expect(['a0', 'a1', 'a2'].map((name) => kernel.machine.read(name))).toEqual([
      S - below,
      F,
      valueIn('s0'),
    ]);
    expect(decode(kernel)).toEqual({
      slot: S - below,
      parent: P,
      ip: F,
      framePointer: valueIn('s0'),
      retp: S - below,
    });
  });

  test('without FRAME_POINTER the third argument is what the callback left in a2', () => {
    const kernel = toHook(v61NoFramePointer);
    expect(isPoison(kernel.machine.read('a2'))).toBe(true);
  });

  test('a replaced slot is where the function returns to', () => {
    const kernel = toHook();
    kernel.machine.storeWord(S - below, 8, kernel.symbol('return_to_handler'));
    kernel.leave();
    expect(kernel.reach()).toBe('body');
    expect(kernel.machine.read('ra')).toBe(kernel.symbol('return_to_handler'));
    for (const name of [...ARGUMENTS, ...SAVED]) expect(kernel.machine.read(name)).toBe(valueIn(name));
  });

  test('is a stub at first and two NOPs when switched off', () => {
    const kernel = boot(v61);
    const slot = kernel.symbol(label);
    expect(kernel.machine.instructionAt(slot)?.text).toBe('call ftrace_stub');
    switchGraph(kernel, true);
    switchGraph(kernel, false);
    expect([0n, 4n].map((at) => kernel.machine.loadWord(slot + at, 4))).toEqual([0x13n, 0x13n]);
    kernel.trace(trampoline);
    kernel.enter();
    expect(kernel.reach()).toBe('callback');
    kernel.leave();
    expect(kernel.reach()).toBe('body');
  });

  test('is AUIPC ra, JALR ra when switched on', () => {
    const kernel = boot(v61);
    switchGraph(kernel, true);
    const slot = kernel.symbol(label);
    expect(kernel.machine.loadWord(slot, 4) & 0xfffn).toBe(0x097n);
    expect(kernel.machine.loadWord(slot + 4n, 4) & 0xfffffn).toBe(0x080e7n);
  });

  test('is not there without FUNCTION_GRAPH_TRACER', () => {
    const kernel = boot(config({ FUNCTION_GRAPH_TRACER: false }, '6.1'));
    expect(() => kernel.symbol(label)).toThrow();
  });
});

test('plain ftrace_caller: the slot, S-8, is where a frame-pointer prologue then puts ra: the unwinder finds it', () => {
  const kernel = start('ftrace_caller');
  switchGraph(kernel, true);
  kernel.reach();
  kernel.leave();
  kernel.reach();
  const slot = kernel.machine.read('a0');
  const { size, saves } = abi.frame;
  const ra = saves.find(({ what }) => what === 'returnAddress')?.at ?? 0;
  expect(slot).toBe(S - BigInt(size - ra));
});

test('there are no direct calls at 6.1, and the later revisions have no second call', () => {
  expect(() => boot(v61).symbol('direct_tramp_0')).toThrow();
  expect(() => boot(v61).symbol('ftrace_stub_direct_tramp')).toThrow();
  expect(graph.entry(v612)).toEqual({ by: 'ops' });
});
