// SPDX-License-Identifier: MIT
/** The direct-call stubs executed from a call site: what their C code sees, and what the traced call notices. */
import { describe, expect, test } from 'vitest';
import { graph } from '../graph.js';
import { layouts } from '../layout.js';
import { boot, F, type Kernel, P, S, STACK_ARGUMENTS, valueIn } from './kernel.js';
import { orc } from './support.js';

const ARGUMENTS = ['rdi', 'rsi', 'rdx', 'rcx', 'r8', 'r9'];
const SAVED = ['rbx', 'rbp', 'r12', 'r13', 'r14', 'r15'];
const stubs = layouts.stubs(orc);

/** A call of F whose site calls the stub, up to the stub's first C function. */
function called(stub: string): Kernel {
  const kernel = boot(orc);
  kernel.trace(kernel.symbol(stub));
  kernel.enter();
  return kernel;
}

function expectUndisturbed({ machine }: Kernel, sp: bigint): void {
  expect(machine.read('rsp')).toBe(sp);
  for (const register of [...ARGUMENTS, ...SAVED]) expect(machine.read(register)).toBe(valueIn(register));
  for (const [n, value] of STACK_ARGUMENTS.entries()) {
    expect(machine.loadWord(sp + BigInt(8 + 8 * n), 8)).toBe(value);
  }
}

function traceFrom({ machine, config, program }: Kernel): readonly bigint[] {
  const sp = machine.read('rsp');
  return graph.unwind({
    machine,
    config,
    pc: machine.loadWord(sp, 8),
    sp: sp + 8n,
    fp: machine.read('rbp'),
    symbolOf: (at) => (at === F + 5n ? { name: 'f', offset: 5 } : program.symbolOf(at)),
    entrySpOf: () => undefined,
    recover: (address) => address,
  });
}

test('ftrace_stub_direct_tramp only resumes', () => {
  const kernel = called('ftrace_stub_direct_tramp');
  expect(kernel.reach()).toBe('body');
  expectUndisturbed(kernel, S);
  expect(kernel.machine.read('flags')).toBe(valueIn('flags'));
});

describe.each([0, 1, 2, 3])('direct_tramp_%i', (n) => {
  const kernel = called(`direct_tramp_${n}`);
  const reached = kernel.reach();
  const { machine } = kernel;

  test('calls its C function with the arguments of the traced one', () => {
    expect(reached).toBe(`direct_func_${n}`);
    for (const register of ARGUMENTS) expect(machine.read(register)).toBe(valueIn(register));
  });

  test('keeps the resume address where the layout says', () => {
    expect(machine.loadWord(machine.read('rsp') + BigInt(stubs.direct.selfIp), 8)).toBe(F + 5n);
  });

  test('can be unwound through', () => {
    expect(traceFrom(kernel).slice(1)).toEqual([F + 5n, P]);
  });

  test('resumes the body as the caller called it, rax included', () => {
    kernel.leave();
    expect(kernel.reach()).toBe('body');
    expectUndisturbed(kernel, S);
    expect(machine.read('rax')).toBe(valueIn('rax'));
  });
});

/** What a program sees from its context. */
function expectContext(kernel: Kernel, context: bigint, result: bigint): void {
  const { machine } = kernel;
  const { selfIp, arguments: args, result: at } = stubs.bpf;
  const words = Array.from({ length: 12 }, (_, n) => machine.loadWord(context + BigInt(args + 8 * n), 8));
  expect(words).toEqual([...ARGUMENTS.map(valueIn), ...STACK_ARGUMENTS]);
  expect(machine.loadWord(context + BigInt(selfIp), 8)).toBe(F + 5n);
  expect(machine.loadWord(context - 8n, 8)).toBe(12n);
  expect(machine.loadWord(context + BigInt(at), 8)).toBe(result);
}

describe.each([0, 1, 2, 3])('bpf_fentry_%i', (n) => {
  const kernel = called(`bpf_fentry_${n}`);

  test('shows the program twelve argument words in order', () => {
    expect(kernel.reach()).toBe(`bpf_entry_func_${n}`);
    expectContext(kernel, kernel.machine.read('rdi'), 0n);
    expect(traceFrom(kernel).slice(1)).toEqual([F + 5n, P]);
  });

  test('resumes the body as the caller called it', () => {
    kernel.leave();
    expect(kernel.reach()).toBe('body');
    expectUndisturbed(kernel, S);
  });
});

describe.each([0, 1, 2, 3])('bpf_fexit_%i', (n) => {
  const kernel = called(`bpf_fexit_${n}`);
  const { machine, symbol } = kernel;

  test('runs the entry program', () => {
    expect(kernel.reach()).toBe(`bpf_entry_func_${n}`);
    expectContext(kernel, machine.read('rdi'), 0n);
  });

  test('calls the body itself, stack arguments copied', () => {
    kernel.leave();
    expect(kernel.reach()).toBe('body');
    const inner = machine.read('rsp');
    expect(inner).toBeLessThan(S);
    expect(machine.loadWord(inner, 8)).toBe(symbol(`bpf_fexit_${n}_called`));
    for (const register of ARGUMENTS) expect(machine.read(register)).toBe(valueIn(register));
    for (const [k, value] of STACK_ARGUMENTS.entries()) {
      expect(machine.loadWord(inner + BigInt(8 + 8 * k), 8)).toBe(value);
    }
    expect(traceFrom(kernel).slice(0, 3)).toEqual([symbol(`bpf_fexit_${n}_called`), F + 5n, P]);
  });

  test('shows the exit program the return value, and lets it change it', () => {
    kernel.finish(0x77n);
    expect(kernel.reach()).toBe(`bpf_exit_func_${n}`);
    const context = machine.read('rdi');
    expectContext(kernel, context, 0x77n);
    machine.storeWord(context + BigInt(stubs.bpf.result), 8, 0x88n);
  });

  test('returns to the parent, not into the body a second time', () => {
    kernel.leave();
    expect(kernel.reach()).toBe('parent');
    expect(machine.read('rax')).toBe(0x88n);
    expect(machine.read('rsp')).toBe(S + 8n);
    for (const register of SAVED) expect(machine.read(register)).toBe(valueIn(register));
  });
});
