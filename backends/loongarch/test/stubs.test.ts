// SPDX-License-Identifier: MIT
/**
 * The direct-call stubs executed: the contract of a direct trampoline (linux 7.2 arch/loongarch/kernel/mcount_dyn.S,
 * samples/ftrace) and the shape of BPF trampolines (arch/loongarch/net/bpf_jit.c).
 */
import { describe, expect, test } from 'vitest';
import { isPoison } from '../../../harness/machine/poison.js';
import { callsite } from '../callsite.js';
import { layouts } from '../layout.js';
import { ARGUMENTS, boot, F, type Kernel, live, P, S, SAVED, STACK_ARGUMENTS } from './kernel.js';
import { current } from './support.js';

const { direct, bpf } = layouts.stubs(current);

/** A call of F whose site calls `stub` itself, up to the callout after as many returns from C. */
function called(stub: string, ...results: readonly (readonly bigint[])[]) {
  const kernel = boot(current);
  kernel.trace(stub);
  expect(callsite.describe(kernel.machine, F).target).toBe(kernel.symbol(stub));
  kernel.enter();
  const reached = [kernel.reach()];
  for (const values of results) {
    kernel.leave(...values);
    reached.push(kernel.reach());
  }
  return { ...kernel, reached };
}

const NONE = [] as const;
/** What the body leaves in a0 to a5. */
const RESULTS = [0x5151n, 0x5252n, 0x5353n, 0x5454n, 0x5555n, 0x5656n] as const;

function expectAsCalled({ machine }: Kernel): void {
  expect(machine.read('ra')).toBe(P);
  expect(machine.read('sp')).toBe(S);
  for (const name of [...ARGUMENTS, ...SAVED, 'tp', 'u0']) expect(machine.read(name)).toBe(live(name));
}

test('the stub trampoline: t1 = ra, ra = t0, jump t1', () => {
  const kernel = called('ftrace_stub_direct_tramp');
  expect(kernel.reached).toEqual(['body']);
  expect(kernel.machine.read('t1')).toBe(F + 8n);
  expectAsCalled(kernel);
});

describe.each([0, 1, 2, 3])('direct_tramp_%i', (n) => {
  test('calls its C function with the arguments of the traced function', () => {
    const { machine, reached } = called(`direct_tramp_${n}`);
    expect(reached).toEqual([`direct_func_${n}`]);
    for (const name of [...ARGUMENTS, ...SAVED]) expect(machine.read(name)).toBe(live(name));
    expect(machine.loadWord(machine.read('sp') + BigInt(direct.selfIp), 8)).toBe(F + 8n);
  });

  test('resumes the body with ra = P, SP = S and the arguments', () => {
    const kernel = called(`direct_tramp_${n}`, NONE);
    expect(kernel.reached.at(-1)).toBe('body');
    expectAsCalled(kernel);
  });
});

/** The words of the program context in a0. */
function context({ machine }: Kernel) {
  const at = machine.read('a0');
  const word = (offset: number) => machine.loadWord(at + BigInt(offset), 8);
  return {
    at,
    selfIp: word(bpf.selfIp),
    result: word(bpf.result),
    /** a5, where BPF programs return their value. */
    second: word(bpf.result + 8),
    arguments: Array.from({ length: 12 }, (_, n) => word(bpf.arguments + 8 * n)),
  };
}

const ALL_ARGUMENTS = [...ARGUMENTS.map(live), ...STACK_ARGUMENTS];

describe.each([0, 1, 2, 3])('bpf_fentry_%i', (n) => {
  test('runs its program on eight register and four stack arguments', () => {
    const kernel = called(`bpf_fentry_${n}`);
    expect(kernel.reached).toEqual([`bpf_entry_func_${n}`]);
    expect(context(kernel)).toMatchObject({
      arguments: ALL_ARGUMENTS,
      selfIp: F + 8n,
      result: 0n,
      second: 0n,
    });
  });

  test('a frame {fp, resume} at S-16, one {S, P} below, and fp = S-16', () => {
    const { machine } = called(`bpf_fentry_${n}`);
    expect(machine.read('fp')).toBe(S - 16n);
    expect(machine.loadWord(S - 8n, 8)).toBe(F + 8n);
    expect(machine.loadWord(S - 16n, 8)).toBe(live('fp'));
    expect(machine.loadWord(S - 24n, 8)).toBe(P);
    expect(machine.loadWord(S - 32n, 8)).toBe(S);
  });

  test('lets the body run as the caller called it', () => {
    const kernel = called(`bpf_fentry_${n}`, NONE);
    expect(kernel.reached.at(-1)).toBe('body');
    expect(kernel.machine.read('t1')).toBe(F + 8n);
    expectAsCalled(kernel);
  });
});

describe.each([0, 1, 2, 3])('bpf_fexit_%i', (n) => {
  test('runs the entry program first', () => {
    const kernel = called(`bpf_fexit_${n}`);
    expect(kernel.reached).toEqual([`bpf_entry_func_${n}`]);
    expect(context(kernel).arguments).toEqual(ALL_ARGUMENTS);
  });

  test('calls the original at F+8 via t1, returning to itself, arguments in registers and on the stack', () => {
    const { machine, symbol, reached } = called(`bpf_fexit_${n}`, NONE);
    expect(reached.at(-1)).toBe('body');
    expect(machine.read('t1')).toBe(F + 8n);
    expect(machine.read('ra')).toBe(symbol(`bpf_fexit_${n}_called`));
    const sp = machine.read('sp');
    for (const name of ARGUMENTS) expect(machine.read(name)).toBe(live(name));
    for (const [index, value] of STACK_ARGUMENTS.entries()) {
      expect(machine.loadWord(sp + BigInt(8 * index), 8)).toBe(value);
    }
  });

  test('the exit program sees arguments, and a0 and a5 as the result words', () => {
    const kernel = called(`bpf_fexit_${n}`, NONE, RESULTS);
    expect(kernel.reached.at(-1)).toBe(`bpf_exit_func_${n}`);
    expect(context(kernel)).toMatchObject({ arguments: ALL_ARGUMENTS, result: 0x5151n, second: 0x5656n });
  });

  test('skips the frame: back to the parent with the result of the context; the second word is lost', () => {
    const kernel = called(`bpf_fexit_${n}`, NONE, RESULTS);
    const { machine } = kernel;
    machine.storeWord(context(kernel).at + BigInt(bpf.result), 8, 0x6161n);
    machine.storeWord(context(kernel).at + BigInt(bpf.result + 8), 8, 0x6262n);
    kernel.leave();
    expect(kernel.reach()).toBe('parent');
    expect(machine.read('a0')).toBe(0x6161n);
    expect(machine.read('a5')).toBe(0x6262n);
    expect(isPoison(machine.read('a1'))).toBe(true);
    expect(machine.read('sp')).toBe(S);
    for (const name of SAVED) expect(machine.read(name)).toBe(live(name));
  });
});
