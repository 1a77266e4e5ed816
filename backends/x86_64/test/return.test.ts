// SPDX-License-Identifier: MIT
/**
 * return_to_handler executed, and the unwinder over it. Statements typed from linux 6.1, 6.12 and 7.2
 * arch/x86/kernel/ftrace_64.S.
 */

import { describe, expect, test } from 'vitest';
import type { Config } from '../../../harness/backend/contract.js';
import { isPoison } from '../../../harness/machine/poison.js';
import { abi } from '../abi.js';
import { graph } from '../graph.js';
import { boot, F, type Kernel, P, S, valueIn } from './kernel.js';
import { builds, orc } from './support.js';

/** RSP right after the traced function's RET. */
const R = S + 8n;
const FREGS = R - 176n;

/** A call whose return is hooked, up to the handler. */
function returning(config: Config = orc): Kernel {
  const kernel = boot(config);
  const { machine, symbol } = kernel;
  kernel.apply({ stores: [{ address: F, bytes: Uint8Array.of(0x0f, 0x1f, 0x44, 0, 0) }] });
  kernel.enter();
  machine.storeWord(S, 8, symbol('return_to_handler'));
  expect(kernel.reach()).toBe('body');
  kernel.finish(0x1234n, 0x5678n);
  expect(kernel.reach()).toBe('ftrace_return_to_handler');
  return kernel;
}

const [oldest, ...later] = builds as [(typeof builds)[number], ...(typeof builds)[number][]];

describe.each(later)('ftrace_return_to_handler at $revision', ({ orc }) => {
  const { machine, field, symbol } = returning(orc);

  test('takes an ftrace_regs', () => expect(graph.returnArgument(orc)).toBe('fregs'));

  test('rdi = fregs = R - 176', () => {
    expect(machine.read('rdi')).toBe(FREGS);
    expect(machine.read('rsp')).toBe(FREGS - 8n);
  });

  test('ax, dx, bp, sp (= R) are written', () => {
    expect(field(FREGS, 'ax')).toBe(0x1234n);
    expect(field(FREGS, 'dx')).toBe(0x5678n);
    expect(field(FREGS, 'bp')).toBe(valueIn('rbp'));
    expect(field(FREGS, 'sp')).toBe(R);
  });

  test.each([
    ...['r15', 'r14', 'r13', 'r12', 'bx', 'r11', 'r10', 'r9', 'r8', 'cx', 'si', 'di', 'orig_ax', 'ip'],
    ...['cs', 'flags', 'ss'],
  ])('%s is garbage', (name) => {
    expect(isPoison(field(FREGS, name))).toBe(true);
  });

  test('the popped slot still contains &return_to_handler', () => {
    expect(machine.loadWord(R - 8n, 8)).toBe(symbol('return_to_handler'));
  });
});

describe('ftrace_return_to_handler at 6.1', () => {
  const { machine } = returning(oldest.orc);

  test('takes the frame pointer: rdi = rbp', () => {
    expect(graph.returnArgument(oldest.orc)).toBe('framePointer');
    expect(machine.read('rdi')).toBe(valueIn('rbp'));
    expect(machine.read('rbp')).toBe(valueIn('rbp'));
  });

  test('16 bytes: rax at R - 16, rdx at R - 8, over the popped slot', () => {
    expect(machine.read('rsp')).toBe(R - 16n - 8n);
    expect(machine.loadWord(R - 16n, 8)).toBe(0x1234n);
    expect(machine.loadWord(R - 8n, 8)).toBe(0x5678n);
  });

  test('what is restored comes from there', () => {
    const kernel = returning(oldest.orc);
    kernel.machine.storeWord(R - 16n, 8, 0xa1n);
    kernel.machine.storeWord(R - 8n, 8, 0xd1n);
    kernel.leave(P);
    expect(kernel.reach()).toBe('parent');
    expect([kernel.machine.read('rax'), kernel.machine.read('rdx')]).toEqual([0xa1n, 0xd1n]);
  });
});

describe.each(builds)('back in the parent, $revision', ({ orc }) => {
  const kernel = returning(orc);
  kernel.leave(P);
  const reached = kernel.reach();
  const { machine } = kernel;

  test('at the original return address, RSP = R exactly', () => {
    expect(reached).toBe('parent');
    expect(machine.read('rsp')).toBe(R);
  });

  test('rax and rdx hold the result', () => {
    expect(machine.read('rax')).toBe(0x1234n);
    expect(machine.read('rdx')).toBe(0x5678n);
  });

  test('rdi is clobbered: the original return address', () => {
    expect(machine.read('rdi')).toBe(P);
  });

  test('callee-saved registers are untouched', () => {
    for (const register of ['rbx', 'rbp', 'r12', 'r13', 'r14', 'r15']) {
      expect(machine.read(register)).toBe(valueIn(register));
    }
  });
});

test.each(later)(
  '$revision: handler edits of ax and dx take effect; ip, bp and sp are only information',
  ({ orc }) => {
    const kernel = returning(orc);
    const { machine } = kernel;
    const edits = [
      [0x50n, 0xa1n],
      [0x60n, 0xd1n],
      [0x80n, 0x1n],
      [0x98n, 0x2n],
      [0x20n, 0x3n],
    ] as const;
    for (const [offset, value] of edits) machine.storeWord(FREGS + offset, 8, value);
    kernel.leave(P);
    expect(kernel.reach()).toBe('parent');
    expect([machine.read('rax'), machine.read('rdx')]).toEqual([0xa1n, 0xd1n]);
    expect(machine.read('rsp')).toBe(R);
    expect(machine.read('rbp')).toBe(valueIn('rbp'));
  },
);

describe.each(builds)('function graph, $revision', ({ revision, orc }) => {
  const kernel = boot(orc);
  kernel.trace(kernel.symbol('ftrace_caller'));
  kernel.enter();
  kernel.reach();
  const fregs = kernel.fregs(kernel.machine.read('rcx'));

  test('is entered as a callback of its own ops; the recursion lock is in the arch function before 7.2', () => {
    expect(graph.entry(orc)).toEqual({ by: 'ops', locks: revision !== '7.2' });
  });

  test('parent slot, retp and what get_true_parent passes: the word at F; frame pointer 0, never checked', () => {
    expect(graph.parentSlot(fregs)).toBe(S);
    expect(graph.retp(fregs)).toBe(S);
    expect(graph.trueParentRetp(fregs)).toBe(S);
    expect(graph.framePointer()).toBe(0n);
    expect(graph.fpTest()).toBe(false);
  });
});

describe('unwinding', () => {
  /** From the callout the machine is at; the parent's frame is 64 bytes, called from nowhere known. */
  const unwind = (kernel: Kernel, rename: (name: string) => string = (name) => name) => {
    const { machine, config, program, symbol } = kernel;
    const sp = machine.read('rsp');
    const outer = S + 8n + 64n;
    const seen: (readonly [address: bigint, cookie: bigint])[] = [];
    machine.storeWord(outer, 8, 0x99n);
    const trace = graph.unwind({
      memory: abi.memory,
      machine,
      config,
      text: program,
      symbol: (name) => program.symbol(name) as bigint,
      pc: machine.loadWord(sp, 8),
      sp: sp + 8n,
      fp: machine.read('rbp'),
      symbolOf: (address) => {
        if (address >= F && address < F + 64n) return { name: 'f', offset: Number(address - F) };
        if (address === P) return { name: 'parent', offset: 0 };
        if (address === 0x99n) return { name: 'outer', offset: 9 };
        const found = program.symbolOf(address);
        const name = found && rename(found.name);
        return !found || !name || name === found.name
          ? found
          : { name, offset: Number(address - symbol(name)) };
      },
      entrySpOf: (at) => (at === S + 8n ? outer : undefined),
      recover: (address, cookie) => {
        seen.push([address, cookie]);
        return address === symbol('return_to_handler') ? P : address;
      },
    });
    return { trace, seen };
  };

  test.each(
    builds.flatMap(({ orc, framePointer }) => [
      ['ftrace_caller', 'ftrace_call', orc] as const,
      ['ftrace_regs_caller', 'ftrace_regs_call', orc] as const,
      ['ftrace_caller', 'ftrace_call', framePointer] as const,
      ['ftrace_regs_caller', 'ftrace_regs_call', framePointer] as const,
    ]),
  )('in a callback: %s, the function behind its site, the parent', (path, label, config) => {
    const kernel = boot(config);
    kernel.trace(kernel.symbol(path));
    kernel.enter();
    kernel.reach();
    for (const rename of [undefined, (name: string) => (name === label ? path : name)]) {
      const { trace, seen } = unwind(kernel, rename);
      expect(trace).toEqual([kernel.symbol(label) + 5n, F + 5n, P, 0x99n]);
      expect(seen.slice(0, 2)).toEqual([
        [F + 5n, S - 8n],
        [P, S],
      ]);
    }
  });

  test('the hooked slot is recovered with its own address as cookie', () => {
    const kernel = boot(orc);
    kernel.trace(kernel.symbol('ftrace_caller'));
    kernel.enter();
    kernel.reach();
    kernel.machine.storeWord(S, 8, kernel.symbol('return_to_handler'));
    expect(unwind(kernel).trace.slice(1, 3)).toEqual([F + 5n, P]);
    expect(unwind(kernel).seen).toContainEqual([kernel.symbol('return_to_handler'), S]);
  });

  test.each(later)(
    '$revision, in an exit handler: return_to_handler, then the parent through the re-exposed slot',
    ({ orc }) => {
      const kernel = returning(orc);
      const { trace, seen } = unwind(kernel);
      expect(trace.slice(1)).toEqual([P, 0x99n]);
      expect(kernel.program.symbolOf(trace[0] as bigint)?.name).toBe('return_to_handler');
      expect(seen[0]).toEqual([kernel.symbol('return_to_handler'), S]);
    },
  );

  test('6.1, in an exit handler: return_to_handler is the end', () => {
    const kernel = returning(oldest.orc);
    const { trace, seen } = unwind(kernel);
    expect(trace.map((address) => kernel.program.symbolOf(address)?.name)).toEqual(['return_to_handler']);
    expect(seen).toEqual([]);
  });

  test('garbage ends the trace', () => {
    const kernel = boot(orc);
    const { machine, config } = kernel;
    const everywhere = { name: 'f', offset: 1 };
    const rest = {
      fp: 0n,
      symbolOf: () => everywhere,
      entrySpOf: () => undefined,
      recover: (a: bigint) => a,
    };
    expect(graph.unwind({ memory: abi.memory, machine, config, pc: F, sp: 0x10n, ...rest })).toEqual([F]);
    expect(
      graph.unwind({ memory: abi.memory, machine, config, pc: F, sp: S, ...rest, symbolOf: () => undefined }),
    ).toEqual([F]);
    expect(graph.unwind({ memory: abi.memory, machine, config, pc: F, sp: S, ...rest })).toEqual([F]);
    const entrySpOf = (at: bigint) => at;
    expect(
      graph.unwind({ memory: abi.memory, machine, config, pc: F, sp: 0x10n, ...rest, entrySpOf }),
    ).toEqual([F]);
    expect(
      graph.unwind({ memory: abi.memory, machine, config, pc: F, sp: S, ...rest, entrySpOf }).length,
    ).toBeLessThan(2048);
  });
});

test('headers of fprobes carry the top bits of kernel addresses, all ones', () => {
  expect(graph.fprobeHeaderMsb).toBe(0xfn);
});
