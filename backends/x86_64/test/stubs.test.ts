// SPDX-License-Identifier: MIT
/** The direct-call stubs executed from a call site: what their C code sees, and what the traced call notices. */

import { describe, expect, test } from 'vitest';
import type { Config } from '../../../harness/backend/contract.js';
import { abi } from '../abi.js';
import { graph } from '../graph.js';
import { layouts } from '../layout.js';
import { boot, F, type Kernel, P, S, STACK_ARGUMENTS, valueIn } from './kernel.js';
import { builds, config } from './support.js';

const ARGUMENTS = ['rdi', 'rsi', 'rdx', 'rcx', 'r8', 'r9'];
const SAVED = ['rbx', 'rbp', 'r12', 'r13', 'r14', 'r15'];

/** A call of F whose site calls the stub, or with bit 0 set jumps to it, up to the stub's first C function. */
function called(config: Config, stub: string, bit = 0n): Kernel {
  const kernel = boot(config);
  kernel.trace(kernel.symbol(stub) | bit);
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
    memory: abi.memory,
    machine,
    config,
    text: program,
    symbol: (name) => program.symbol(name) as bigint,
    pc: machine.loadWord(sp, 8),
    sp: sp + 8n,
    fp: machine.read('rbp'),
    symbolOf: (at) => {
      if (at === F + 5n) return { name: 'f', offset: 5 };
      return at === P ? { name: 'parent', offset: 0 } : program.symbolOf(at);
    },
    entrySpOf: () => undefined,
    recover: (address) => address,
  });
}

/** What a program sees from its context. */
function expectContext(kernel: Kernel, context: bigint, result: bigint): void {
  const { machine, config } = kernel;
  const count = config.revision === '6.1' ? 6 : 12;
  const { selfIp, arguments: args, result: at } = layouts.stubs(config).bpf;
  const words = Array.from({ length: count }, (_, n) => machine.loadWord(context + BigInt(args + 8 * n), 8));
  expect(words).toEqual([...ARGUMENTS.map(valueIn), ...STACK_ARGUMENTS].slice(0, count));
  expect(machine.loadWord(context + BigInt(selfIp), 8)).toBe(F + 5n);
  expect(machine.loadWord(context - 8n, 8)).toBe(BigInt(count));
  expect(machine.loadWord(context + BigInt(at), 8)).toBe(result);
}

describe.each(builds)('$revision', ({ revision, orc, ibt }) => {
  test('ftrace_stub_direct_tramp only resumes', () => {
    const kernel = called(orc, 'ftrace_stub_direct_tramp');
    expect(kernel.reach()).toBe('body');
    expectUndisturbed(kernel, S);
    expect(kernel.machine.read('flags')).toBe(valueIn('flags'));
  });

  describe.each([0, 1, 2, 3])('direct_tramp_%i', (n) => {
    const kernel = called(orc, `direct_tramp_${n}`);
    const reached = kernel.reach();
    const { machine } = kernel;

    test('calls its C function with the arguments of the traced one', () => {
      expect(reached).toBe(`direct_func_${n}`);
      for (const register of ARGUMENTS) expect(machine.read(register)).toBe(valueIn(register));
    });

    test('keeps the resume address where the layout says', () => {
      expect(machine.loadWord(machine.read('rsp') + BigInt(layouts.stubs(orc).direct.selfIp), 8)).toBe(
        F + 5n,
      );
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

  describe.each([0, 1, 2, 3])('bpf_fentry_%i', (n) => {
    const kernel = called(orc, `bpf_fentry_${n}`);

    test('shows the program its argument words in order', () => {
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
    const kernel = called(orc, `bpf_fexit_${n}`);
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
      for (const [k, value] of revision === '6.1' ? [] : STACK_ARGUMENTS.entries()) {
        expect(machine.loadWord(inner + BigInt(8 + 8 * k), 8)).toBe(value);
      }
      expect(traceFrom(kernel).slice(0, 3)).toEqual([symbol(`bpf_fexit_${n}_called`), F + 5n, P]);
    });

    test('shows the exit program the return value, and lets it change it', () => {
      kernel.finish(0x77n);
      expect(kernel.reach()).toBe(`bpf_exit_func_${n}`);
      const context = machine.read('rdi');
      expectContext(kernel, context, 0x77n);
      machine.storeWord(context + BigInt(layouts.stubs(orc).bpf.result), 8, 0x88n);
    });

    test('returns to the parent, not into the body a second time', () => {
      kernel.leave();
      expect(kernel.reach()).toBe('parent');
      expect(machine.read('rax')).toBe(0x88n);
      expect(machine.read('rsp')).toBe(S + 8n);
      for (const register of SAVED) expect(machine.read(register)).toBe(valueIn(register));
    });
  });

  test(
    revision === '6.1' ? 'with IBT, BPF trampolines begin with ENDBR' : 'BPF trampolines begin without ENDBR',
    () => {
      const begins = (config: Config, stub: string) => {
        const kernel = called(config, stub);
        let first = '';
        kernel.machine.trace(({ pc, text }) => {
          if (pc === kernel.symbol(stub)) first = text;
        });
        expect(kernel.reach()).toBe('bpf_entry_func_0');
        return first.split(/\s/)[0];
      };
      for (const stub of ['bpf_fentry_0', 'bpf_fexit_0']) {
        expect(begins(ibt, stub)).toBe(revision === '6.1' ? 'endbr64' : 'push');
        expect(begins(orc, stub)).toBe('push');
      }
    },
  );
});

const newest = config();

describe.each([0, 1, 2, 3])('jump mode: direct_tramp_%i_jmp', (n) => {
  const name = `direct_tramp_${n}`;
  const kernel = boot(newest);
  const { machine, symbol } = kernel;
  machine.storeWord(symbol(`${name}_body`), 8, F + 5n);
  kernel.trace(symbol(`${name}_jmp`) | 1n);
  kernel.enter();

  test('is the same with the body taken from its cell', () => {
    expect(kernel.reach()).toBe(`direct_func_${n}`);
    for (const register of ARGUMENTS) expect(machine.read(register)).toBe(valueIn(register));
    const { selfIp } = layouts.stubs(newest).direct;
    expect(machine.loadWord(machine.read('rsp') + BigInt(selfIp), 8)).toBe(F + 5n);
    expect(traceFrom(kernel).slice(1, 3)).toEqual([F + 5n, P]);
    kernel.leave();
    expect(kernel.reach()).toBe('body');
    expectUndisturbed(kernel, S);
    expect(machine.read('rax')).toBe(valueIn('rax'));
  });
});

describe.each([0, 1, 2, 3])('jump mode: bpf_fexit_%i_jmp', (n) => {
  const name = `bpf_fexit_${n}`;
  const { bpf } = layouts.stubs(newest);
  const kernel = boot(newest);
  const { machine, symbol } = kernel;
  kernel.trace(symbol(`${name}_jmp`) | 1n);
  kernel.enter();

  test('sees the parent on top, stack arguments 8 bytes nearer', () => {
    expect(kernel.reach()).toBe(`bpf_entry_func_${n}`);
    // The frame: pushed rbp right below the parent's slot.
    expect(machine.read('rbp')).toBe(S - 8n);
    expect(machine.loadWord(machine.read('rbp') + 8n, 8)).toBe(P);
    expectContext(kernel, machine.read('rdi'), 0n);
    expect(traceFrom(kernel)[1]).toBe(P);
  });

  test('calls the body itself, stack arguments copied', () => {
    kernel.leave();
    expect(kernel.reach()).toBe('body');
    const inner = machine.read('rsp');
    expect(machine.loadWord(inner, 8)).toBe(symbol(`${name}_jmp_called`));
    for (const register of ARGUMENTS) expect(machine.read(register)).toBe(valueIn(register));
    for (const [k, value] of STACK_ARGUMENTS.entries()) {
      expect(machine.loadWord(inner + BigInt(8 + 8 * k), 8)).toBe(value);
    }
    expect(traceFrom(kernel).slice(0, 2)).toEqual([symbol(`${name}_jmp_called`), P]);
  });

  test('shows the exit program the return value, and returns what that makes of it to the parent', () => {
    kernel.finish(0x77n);
    expect(kernel.reach()).toBe(`bpf_exit_func_${n}`);
    const context = machine.read('rdi');
    expectContext(kernel, context, 0x77n);
    machine.storeWord(context + BigInt(bpf.result), 8, 0x88n);
    kernel.leave();
    expect(kernel.reach()).toBe('parent');
    expect(machine.read('rax')).toBe(0x88n);
    expect(machine.read('rsp')).toBe(S + 8n);
    for (const register of SAVED) expect(machine.read(register)).toBe(valueIn(register));
  });
});

test('jump mode beside other ops: the common trampoline jumps, a changed ip is lost', () => {
  const kernel = boot(newest);
  const { machine, symbol } = kernel;
  kernel.trace(symbol('ftrace_regs_caller'));
  kernel.enter();
  kernel.reach();
  const fregs = machine.read('rcx');
  machine.storeWord(fregs + 0x78n, 8, symbol('bpf_fexit_0_jmp') | 1n);
  machine.storeWord(fregs + 0x80n, 8, symbol('replacement'));
  kernel.leave();
  expect(kernel.reach()).toBe('bpf_entry_func_0');
  expectContext(kernel, machine.read('rdi'), 0n);
  kernel.leave();
  expect(kernel.reach()).toBe('body');
});

test('no jump mode, no such stubs', () => {
  for (const { revision, orc } of builds) {
    expect(boot(orc).program.symbol('bpf_fexit_0_jmp') !== undefined).toBe(revision === '7.2');
    expect(boot(orc).program.symbol('direct_tramp_0_jmp') !== undefined).toBe(revision === '7.2');
  }
});
