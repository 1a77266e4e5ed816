// SPDX-License-Identifier: MIT
/** Function graph entry and the unwinder, typed from linux 7.2 arch/riscv/kernel/ftrace.c and stacktrace.c. */

import { describe, expect, test } from 'vitest';
import type { Config } from '../../../harness/backend/contract.js';
import { abi } from '../abi.js';
import { graph } from '../graph.js';
import { boot, F, P, S, valueIn } from './kernel.js';
import { cfi, clang, config, gcc, noFramePointer } from './support.js';

function inCallback(of: Config) {
  const kernel = boot(of);
  kernel.trace();
  kernel.enter();
  if (of === cfi) {
    kernel.machine.write('t0', F + 8n);
    kernel.machine.pc = kernel.symbol('ftrace_caller');
  }
  kernel.reach();
  const fregs = { machine: kernel.machine, config: of, address: kernel.machine.read('a3') };
  return { ...kernel, fregs };
}

describe.each([
  ['GCC', gcc, 104n],
  ['clang', clang, 152n],
  ['clang with CFI', cfi, 136n],
])('%s: function_graph_enter', (_name, of, below) => {
  const { fregs, machine } = inCallback(of);

  test(`the parent slot, and with it retp, is S-${below} and holds P`, () => {
    expect(graph.parentSlot(fregs)).toBe(S - below);
    expect(graph.retp(fregs)).toBe(S - below);
    expect(machine.loadWord(S - below, 8)).toBe(P);
  });

  test('the frame pointer is s0', () => {
    expect(graph.framePointer(fregs)).toBe(valueIn('s0'));
  });

  test('function_get_true_parent_ip passes S, which never matches', () => {
    expect(graph.trueParentRetp(fregs)).toBe(S);
  });

  test('what is put in the slot is where the function returns to', () => {
    const kernel = inCallback(of);
    kernel.machine.storeWord(graph.parentSlot(kernel.fregs), 8, kernel.symbol('return_to_handler'));
    kernel.leave();
    expect(kernel.reach()).toBe('body');
    expect(kernel.machine.read('ra')).toBe(kernel.symbol('return_to_handler'));
  });
});

test('the frame pointer test needs FUNCTION_GRAPH_TRACER and FRAME_POINTER', () => {
  expect(graph.fpTest(gcc)).toBe(true);
  expect(graph.fpTest(noFramePointer)).toBe(false);
  expect(graph.fpTest(config({ FUNCTION_GRAPH_TRACER: false }))).toBe(false);
});

describe('unwinding', () => {
  const START = 0xffff_ffff_8000_0060n;
  /** Return addresses inside these are known text. */
  const TEXT = [0xf00d_1000n, 0xf00d_2000n, 0xf00d_3000n];
  const kernel = boot(gcc);
  const { machine } = kernel;
  const record = (fp: bigint, previous: bigint, ra: bigint) => {
    machine.storeWord(fp - 16n, 8, previous);
    machine.storeWord(fp - 8n, 8, ra);
  };
  const unwind = (
    fp: bigint,
    recover: (address: bigint, cookie: bigint) => bigint = (address) => address,
    sp = S - 0x400n,
  ) =>
    graph.unwind({
      memory: abi.memory,
      ...{ machine, config: gcc, pc: START, sp, fp },
      symbolOf: (address) => (TEXT.includes(address) ? { name: 'f', offset: 4 } : undefined),
      entrySpOf: () => undefined,
      recover,
    });
  record(S - 0x300n, S - 0x200n, 0xf00d_1000n);
  record(S - 0x200n, S - 0x100n, 0xf00d_2000n);
  record(S - 0x100n, 0n, 0xf00d_3000n);

  test('follows ra at fp-8 and s0 at fp-16 until s0 is no frame pointer', () => {
    expect(unwind(S - 0x300n)).toEqual([START, ...TEXT]);
  });

  test('asks for each return address with the address of the saved ra as cookie', () => {
    const asked: (readonly [bigint, bigint])[] = [];
    unwind(S - 0x300n, (address, cookie) => {
      asked.push([address, cookie]);
      return address;
    });
    expect(asked).toEqual([
      [0xf00d_1000n, S - 0x308n],
      [0xf00d_2000n, S - 0x208n],
      [0xf00d_3000n, S - 0x108n],
    ]);
  });

  test('shows the recovered address', () => {
    const recover = (address: bigint) => (address === 0xf00d_1000n ? 0xf00d_3000n : address);
    expect(unwind(S - 0x300n, recover)[1]).toBe(0xf00d_3000n);
  });

  test('stops before an address that is no text', () => {
    record(S - 0x200n, S - 0x100n, 0x1234n);
    expect(unwind(S - 0x300n)).toEqual([START, 0xf00d_1000n]);
  });

  test.each([
    ['zero', 0n],
    ['below the stack pointer', S - 0x500n],
    ['without room for a record', S - 0x400n + 8n],
    ['misaligned', S - 0x300n + 4n],
    ['beyond the stack', S + 0x2008n],
    ['poison', 0xdead_57ac_0000_0000n],
  ])('a frame pointer that is %s ends the trace', (_name, fp) => {
    expect(unwind(fp)).toEqual([START]);
  });

  test('a record at the very top of the stack counts', () => {
    record(S + 0x2000n, 0n, 0xf00d_1000n);
    expect(unwind(S + 0x2000n)).toEqual([START, 0xf00d_1000n]);
  });

  test('from a callback: ftrace_caller, then what lies above the entry frame pointer; F and P are missing', () => {
    const traced = boot(gcc);
    traced.trace();
    traced.enter();
    // The caller of the traced function has a frame record at its s0, above S.
    traced.machine.write('s0', S + 0x100n);
    traced.machine.storeWord(S + 0x100n - 16n, 8, 0n);
    traced.machine.storeWord(S + 0x100n - 8n, 8, traced.symbol('callback'));
    traced.reach();
    const pc = traced.machine.read('ra');
    const trace = graph.unwind({
      memory: abi.memory,
      ...{ machine: traced.machine, config: gcc, pc, sp: traced.machine.read('sp') },
      fp: traced.machine.read('s0'),
      symbolOf: () => ({ name: 'f', offset: 0 }),
      entrySpOf: () => undefined,
      recover: (address) => address,
    });
    expect(trace).toEqual([pc, traced.symbol('callback')]);
    expect(trace).not.toContain(P);
    expect(pc > traced.symbol('ftrace_caller') && pc < traced.symbol('ftrace_stub')).toBe(true);
  });
});

test('headers of fprobes carry the top bits of kernel addresses, all ones', () => {
  expect(graph.fprobeHeaderMsb).toBe(0xfn);
});
