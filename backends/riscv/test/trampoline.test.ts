// SPDX-License-Identifier: MIT
/**
 * ftrace_caller executed on poisoned registers: what the callback gets, what reaches the body. Statements typed
 * from linux 7.2 arch/riscv/kernel/mcount-dyn.S.
 */
import { describe, expect, test } from 'vitest';
import type { Config } from '../../../harness/backend/contract.js';
import { isPoison } from '../../../harness/machine/poison.js';
import { callsite } from '../callsite.js';
import { boot, F, type Kernel, P, S, valueIn } from './kernel.js';
import { cfi, clang, gcc, noDirectCalls, noFramePointer, uncompressed } from './support.js';

const ARGUMENTS = ['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'];
const SAVED = ['s0', 's1', 's2', 's3', 's4', 's5', 's6', 's7', 's8', 's9', 's10', 's11'];
const TEMPORARIES = ['t2', 't3', 't4', 't5', 't6'];

/** A traced call up to the callback. */
function traced(config: Config): Kernel & { readonly fregs: bigint } {
  const kernel = boot(config);
  kernel.trace();
  kernel.enter();
  // A CFI build patches the words before F: only a jump there shows what its trampoline does.
  if (!config.has('DYNAMIC_FTRACE_WITH_CALL_OPS')) {
    kernel.machine.write('t0', F + 8n);
    kernel.machine.pc = kernel.symbol('ftrace_caller');
  }
  expect(kernel.reach()).toBe('callback');
  return { ...kernel, fregs: kernel.machine.read('a3') };
}

const columns: readonly (readonly [string, Config, bigint])[] = [
  ['GCC', gcc, 112n],
  ['GCC without RVC', uncompressed, 112n],
  ['clang', clang, 160n],
  ['clang with CFI', cfi, 144n],
  ['GCC without direct calls', noDirectCalls, 112n],
  ['GCC without frame pointers', noFramePointer, 112n],
];

describe.each(columns)('%s: the callback', (_name, config, frame) => {
  const { machine, fregs, field, symbol } = traced(config);

  test('is called with ip = t0 - 4, parent_ip = P, the ops, and fregs = SP', () => {
    expect(machine.read('a0')).toBe(F + 4n);
    expect(machine.read('a1')).toBe(P);
    expect(machine.read('a2')).toBe(symbol('ops'));
    expect(machine.read('a3')).toBe(machine.read('sp'));
  });

  test('has the structure at the bottom of the frame', () => {
    expect(fregs).toBe(S - frame);
  });

  test('sees epc F+8, ra P, sp S, and a0 to a7', () => {
    expect(field(fregs, 'epc')).toBe(F + 8n);
    expect(field(fregs, 'ra')).toBe(P);
    expect(field(fregs, 'sp')).toBe(S);
    for (const name of ARGUMENTS) expect(field(fregs, name)).toBe(valueIn(name));
  });

  test('runs with s0 to s11, gp and tp untouched: no frame record is built', () => {
    for (const name of [...SAVED, 'gp', 'tp']) expect(machine.read(name)).toBe(valueIn(name));
  });

  test('returns into ftrace_caller', () => {
    expect(machine.read('ra')).toBeGreaterThan(symbol('ftrace_caller'));
    expect(machine.read('ra')).toBeLessThan(symbol('ftrace_stub'));
  });
});

describe('fields that depend on the configuration', () => {
  test('s0 is the frame pointer at entry', () => {
    const { fregs, field } = traced(gcc);
    expect(field(fregs, 's0')).toBe(valueIn('s0'));
  });

  test('s0 is stale without FRAME_POINTER', () => {
    const { fregs, field } = traced(noFramePointer);
    expect(isPoison(field(fregs, 's0'))).toBe(true);
  });

  test('t1 with CALL_OPS and DIRECT_CALLS is 0, with CALL_OPS alone the ops, with neither the function’s own', () => {
    const t1 = (config: Config) => {
      const { fregs, field } = traced(config);
      return field(fregs, 't1');
    };
    expect(t1(gcc)).toBe(0n);
    expect(t1(noDirectCalls)).toBe(boot(noDirectCalls).symbol('ops'));
    expect(t1(cfi)).toBe(valueIn('t1'));
  });

  test('direct_tramp is never written', () => {
    const { fregs, field } = traced(gcc);
    expect(isPoison(field(fregs, 'direct_tramp'))).toBe(true);
  });

  test.each([
    ['clang', clang],
    ['clang with CFI', cfi],
  ])('%s saves t2 to t6', (_name, config) => {
    const { fregs, field } = traced(config);
    for (const name of TEMPORARIES) expect(field(fregs, name)).toBe(valueIn(name));
  });
});

describe.each(columns)('%s: the body afterwards', (_name, config) => {
  const kernel = traced(config);
  kernel.leave();
  const reached = kernel.reach();
  const { machine } = kernel;

  test('is reached at F+8 with SP = S, ra = P and every argument', () => {
    expect(reached).toBe('body');
    expect(machine.pc).toBe(F + 8n);
    expect(machine.read('sp')).toBe(S);
    expect(machine.read('ra')).toBe(P);
    for (const name of [...ARGUMENTS, ...SAVED, 'gp', 'tp']) expect(machine.read(name)).toBe(valueIn(name));
  });

  test('finds t0 = F+8', () => {
    expect(machine.read('t0')).toBe(F + 8n);
  });
});

describe('temporaries in the body', () => {
  const temporaries = (config: Config) => {
    const kernel = traced(config);
    kernel.leave();
    kernel.reach();
    return TEMPORARIES.map((name) => kernel.machine.read(name));
  };

  test('GCC: t2 to t6 are lost to the callback', () => {
    expect(temporaries(gcc).every(isPoison)).toBe(true);
  });

  test.each([
    ['clang', clang],
    ['clang with CFI', cfi],
  ])('%s: t2 to t6 survive', (_name, config) => {
    expect(temporaries(config)).toEqual(TEMPORARIES.map(valueIn));
  });
});

describe('what a callback changes', () => {
  const changed = (config: Config, name: string, value: bigint) => {
    const kernel = traced(config);
    const offset = { epc: 0n, ra: 8n, sp: 16n, s0: 24n, t1: 32n, a0: 48n, a7: 104n, t2: 112n, t6: 144n }[
      name
    ];
    kernel.machine.storeWord(kernel.fregs + (offset as bigint), 8, value);
    kernel.leave();
    return kernel;
  };

  test.each([
    ['ra', gcc],
    ['s0', gcc],
    ['a0', gcc],
    ['a7', gcc],
    ['t2', clang],
    ['t6', clang],
  ] as const)('%s reaches the body', (name, config) => {
    const kernel = changed(config, name, 0x7777n);
    expect(kernel.reach()).toBe('body');
    expect(kernel.machine.read(name)).toBe(0x7777n);
  });

  test('epc is where execution goes on, with t0 = the new address and ra = P', () => {
    const kernel = changed(gcc, 'epc', P);
    expect(kernel.reach()).toBe('parent');
    expect(kernel.machine.read('t0')).toBe(P);
    expect(kernel.machine.read('ra')).toBe(P);
  });

  test('sp is ignored', () => {
    const kernel = changed(gcc, 'sp', S - 64n);
    expect(kernel.reach()).toBe('body');
    expect(kernel.machine.read('sp')).toBe(S);
  });

  test('s0 is ignored without FRAME_POINTER', () => {
    const kernel = changed(noFramePointer, 's0', 0x7777n);
    expect(kernel.reach()).toBe('body');
    expect(kernel.machine.read('s0')).toBe(valueIn('s0'));
  });

  test('a t1 that is not zero is jumped to, with t0 = F+8, ra = P, SP = S and the arguments', () => {
    const kernel = changed(gcc, 't1', boot(gcc).symbol('direct_func_0'));
    expect(kernel.reach()).toBe('direct_func_0');
    const { machine } = kernel;
    expect(machine.read('t1')).toBe(kernel.symbol('direct_func_0'));
    expect(machine.read('t0')).toBe(F + 8n);
    expect(machine.read('ra')).toBe(P);
    expect(machine.read('sp')).toBe(S);
    for (const name of ARGUMENTS) expect(machine.read(name)).toBe(valueIn(name));
  });

  test('t1 is only a register without DIRECT_CALLS', () => {
    const kernel = changed(noDirectCalls, 't1', 0x7777n);
    expect(kernel.reach()).toBe('body');
    expect(kernel.machine.read('t1')).toBe(0x7777n);
  });
});

describe('ops->direct_call', () => {
  test('is gone to at once, with nothing saved and nothing called', () => {
    const kernel = boot(gcc);
    kernel.trace();
    const target = kernel.symbol('direct_func_1');
    kernel.machine.storeWord(kernel.symbol('ops') + 192n, 8, target);
    kernel.enter();
    expect(kernel.reach()).toBe('direct_func_1');
    const { machine } = kernel;
    expect(machine.read('t1')).toBe(target);
    expect(machine.read('t0')).toBe(F + 8n);
    expect(machine.read('ra')).toBe(P);
    expect(machine.read('sp')).toBe(S);
    expect(isPoison(machine.loadWord(S - 8n, 8))).toBe(true);
    for (const name of [...ARGUMENTS, ...SAVED, ...TEMPORARIES]) {
      expect(machine.read(name)).toBe(valueIn(name));
    }
  });

  test('is not looked at without DIRECT_CALLS', () => {
    const kernel = boot(noDirectCalls);
    kernel.trace();
    kernel.machine.storeWord(kernel.symbol('ops') + 192n, 8, kernel.symbol('direct_func_1'));
    kernel.enter();
    expect(kernel.reach()).toBe('callback');
  });
});

test('with CALL_OPS the callee is the literal’s ops->func; function_trace_op is not read', () => {
  const kernel = boot(gcc);
  kernel.trace();
  kernel.machine.storeWord(kernel.symbol('function_trace_op'), 8, 0n);
  kernel.machine.storeWord(kernel.symbol('ftrace_call_dest'), 8, 0n);
  kernel.enter();
  expect(kernel.reach()).toBe('callback');
});

test('without CALL_OPS the callee is ftrace_call_dest and the ops function_trace_op', () => {
  const kernel = boot(cfi);
  kernel.apply(callsite.updateFtraceFunc(kernel.site, kernel.symbol('direct_func_2')));
  kernel.machine.storeWord(kernel.symbol('function_trace_op'), 8, 0x4242n);
  kernel.enter();
  kernel.machine.write('t0', F + 8n);
  kernel.machine.pc = kernel.symbol('ftrace_caller');
  expect(kernel.reach()).toBe('direct_func_2');
  expect(kernel.machine.read('a2')).toBe(0x4242n);
});

test('CFI: an enabled site is patched before F, and calls of F never get there', () => {
  const kernel = boot(cfi);
  kernel.trace();
  kernel.enter();
  expect(kernel.reach()).toBe('body');
});

test('ftrace_stub returns; ftrace_stub_direct_tramp, right behind ftrace_caller, is JR t0', () => {
  const kernel = boot(gcc);
  kernel.enter();
  kernel.machine.pc = kernel.symbol('ftrace_stub');
  expect(kernel.reach()).toBe('parent');
  kernel.machine.write('t0', F + 8n);
  kernel.machine.pc = kernel.symbol('ftrace_stub_direct_tramp');
  expect(kernel.reach()).toBe('body');
  const distance = kernel.symbol('ftrace_stub_direct_tramp') - kernel.symbol('ftrace_caller');
  expect(distance).toBeLessThanOrEqual(2047n);
});

test('direct-call stubs are out of reach of a JALR towards ftrace_caller, as targets in modules are', () => {
  const { symbol } = boot(gcc);
  for (const n of [0, 1, 2, 3]) {
    for (const name of ['direct_tramp', 'bpf_fentry', 'bpf_fexit']) {
      expect(symbol(`${name}_${n}`) - symbol('ftrace_caller')).toBeGreaterThan(2047n);
    }
  }
});
