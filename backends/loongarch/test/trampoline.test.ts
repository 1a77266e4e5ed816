// SPDX-License-Identifier: MIT
/**
 * ftrace_caller and ftrace_regs_caller executed on poisoned registers: what the callback gets, what reaches the body.
 * Statements typed from linux 6.12 and 7.2 arch/loongarch/kernel/mcount_dyn.S.
 */
import { describe, expect, test } from 'vitest';
import type { Config } from '../../../harness/backend/contract.js';
import { isPoison } from '../../../harness/machine/poison.js';
import { ARGUMENTS, boot, F, type Kernel, live, P, S, SAVED } from './kernel.js';
import { current, old } from './support.js';

/** A traced call up to the callback. */
function traced(config: Config, trampoline: string): Kernel & { readonly fregs: bigint } {
  const kernel = boot(config);
  kernel.trace(trampoline);
  kernel.enter();
  expect(kernel.reach()).toBe('callback');
  return { ...kernel, fregs: kernel.machine.read('a3') };
}

const both = [
  ['6.12 ftrace_caller', old, 'ftrace_caller'],
  ['6.12 ftrace_regs_caller', old, 'ftrace_regs_caller'],
  ['7.2 ftrace_caller', current, 'ftrace_caller'],
  ['7.2 ftrace_regs_caller', current, 'ftrace_regs_caller'],
] as const;

describe.each(both)('%s: the callback', (_name, config, trampoline) => {
  const { machine, fregs, word, symbol } = traced(config, trampoline);

  test('gets ip = ra - 8, parent_ip = t0, the value of function_trace_op, and fregs = SP', () => {
    expect(machine.read('a0')).toBe(F);
    expect(machine.read('a1')).toBe(P);
    expect(machine.read('a2')).toBe(symbol('ops'));
    expect(machine.read('a3')).toBe(machine.read('sp'));
  });

  test('has the frame at entry sp - 320, so that regs[1] is at entry sp - 312', () => {
    expect(fregs).toBe(S - 320n);
    expect(word(S - 312n)).toBe(P);
  });

  test('sees era F+8, sp S, a0 to a7 and fp; ip and era differ by 8', () => {
    expect(word(fregs, 264)).toBe(F + 8n);
    expect(word(fregs, 24)).toBe(S);
    for (const [n, name] of ARGUMENTS.entries()) expect(word(fregs, 32 + 8 * n)).toBe(live(name));
    expect(word(fregs, 176)).toBe(live('fp'));
    expect(word(fregs, 264) - machine.read('a0')).toBe(8n);
  });

  test('finds the direct-call mailbox regs[13] empty', () => {
    expect(word(fregs, 104)).toBe(0n);
  });

  test.each([
    ['orig_a0', 256],
    ['csr_badvaddr', 272],
    ['csr_crmd', 280],
    ['csr_prmd', 288],
    ['csr_euen', 296],
    ['csr_ecfg', 304],
    ['csr_estat', 312],
  ])('%s is whatever the stack held', (_field, offset) => {
    expect(isPoison(word(fregs, offset))).toBe(true);
  });

  test('runs with everything preserved as it was, returning to ftrace_call + 4', () => {
    for (const name of [...SAVED, 'tp', 'u0']) expect(machine.read(name)).toBe(live(name));
    expect(machine.read('ra')).toBe(symbol('ftrace_call') + 4n);
  });
});

/** Offset in the frame, register. */
const OTHERS: readonly (readonly [number, string])[] = [
  [16, 'tp'],
  ...['t2', 't3', 't4', 't5', 't6', 't7', 't8'].map((name, n) => [112 + 8 * n, name] as const),
  [168, 'u0'],
  ...['s0', 's1', 's2', 's3', 's4', 's5', 's6', 's7', 's8'].map((name, n) => [184 + 8 * n, name] as const),
];

describe('what only ftrace_regs_caller stores', () => {
  const plain = traced(current, 'ftrace_caller');
  const regs = traced(current, 'ftrace_regs_caller');

  test.each(OTHERS)('at %i: %s', (offset, name) => {
    expect(regs.word(regs.fregs, offset)).toBe(live(name));
    expect(isPoison(plain.word(plain.fregs, offset))).toBe(true);
  });

  test('regs[0] is 0', () => {
    expect(regs.word(regs.fregs)).toBe(0n);
    expect(isPoison(plain.word(plain.fregs))).toBe(true);
  });

  test('regs[12] is the parent return address, not the caller’s t0', () => {
    expect(regs.word(regs.fregs, 96)).toBe(P);
    expect(isPoison(plain.word(plain.fregs, 96))).toBe(true);
  });
});

describe.each(both)('%s: the body afterwards', (_name, config, trampoline) => {
  const kernel = traced(config, trampoline);
  kernel.leave();
  const reached = kernel.reach();
  const { machine } = kernel;

  test('is reached with SP = S, ra = P and every argument', () => {
    expect(reached).toBe('body');
    expect(machine.read('sp')).toBe(S);
    expect(machine.read('ra')).toBe(P);
    for (const name of [...ARGUMENTS, ...SAVED, 'tp', 'u0']) expect(machine.read(name)).toBe(live(name));
  });

  test('finds t0 = the address it resumes at, t1 = 0, and t2 to t8 lost, even where they were saved', () => {
    expect(machine.read('t0')).toBe(F + 8n);
    expect(machine.read('t1')).toBe(0n);
    for (let n = 2; n <= 8; n++) expect(isPoison(machine.read(`t${n}`))).toBe(true);
  });
});

describe.each(both)('%s: what a callback changes', (_name, config, trampoline) => {
  const changed = (offset: number, value: bigint) => {
    const kernel = traced(config, trampoline);
    kernel.machine.storeWord(kernel.fregs + BigInt(offset), 8, value);
    kernel.leave();
    return kernel;
  };

  test.each([[8, 'ra'], ...ARGUMENTS.map((name, n) => [32 + 8 * n, name] as const), [176, 'fp']] as const)(
    'at %i: %s reaches the body',
    (offset, name) => {
      const kernel = changed(offset, 0x7777n);
      expect(kernel.reach()).toBe('body');
      expect(kernel.machine.read(name)).toBe(0x7777n);
    },
  );

  test.each([
    [16, 'tp'],
    [24, 'sp'],
    [168, 'u0'],
    [184, 's0'],
    [248, 's8'],
  ] as const)('at %i: %s is silently ignored', (offset, name) => {
    const kernel = changed(offset, 0x7770n);
    expect(kernel.reach()).toBe('body');
    expect(kernel.machine.read(name)).toBe(name === 'sp' ? S : live(name));
  });

  test('t2 to t8 are silently ignored', () => {
    for (let n = 2; n <= 8; n++) {
      const kernel = changed(96 + 8 * n, 0x7777n);
      kernel.reach();
      expect(kernel.machine.read(`t${n}`)).not.toBe(0x7777n);
    }
  });

  test('era simply becomes the jump target, with ra = regs[1]', () => {
    const kernel = changed(264, boot(config).symbol('elsewhere'));
    expect(kernel.reach()).toBe('elsewhere');
    expect(kernel.machine.read('ra')).toBe(P);
    expect(kernel.machine.read('sp')).toBe(S);
  });

  test('a mailbox that is not zero: on there with t0 = parent return address, ra = resume address', () => {
    const kernel = changed(104, boot(config).symbol('direct_func_0'));
    expect(kernel.reach()).toBe('direct_func_0');
    const { machine } = kernel;
    expect(machine.read('t0')).toBe(P);
    expect(machine.read('ra')).toBe(F + 8n);
    expect(machine.read('sp')).toBe(S);
    for (const name of [...ARGUMENTS, ...SAVED]) expect(machine.read(name)).toBe(live(name));
  });

  test('direct and era together: the direct trampoline runs and goes on at the changed address', () => {
    const kernel = traced(config, trampoline);
    const { machine, fregs, symbol } = kernel;
    machine.storeWord(fregs + 104n, 8, symbol('direct_tramp_1'));
    machine.storeWord(fregs + 264n, 8, symbol('elsewhere'));
    kernel.leave();
    expect(kernel.reach()).toBe('direct_func_1');
    kernel.leave();
    expect(kernel.reach()).toBe('elsewhere');
    expect(machine.read('ra')).toBe(P);
  });
});

test('ftrace_stub returns', () => {
  const kernel = boot(current);
  kernel.enter();
  kernel.machine.pc = kernel.symbol('ftrace_stub');
  expect(kernel.reach()).toBe('parent');
});

test('behind ftrace_call is a nop that nothing patches', () => {
  const kernel = boot(current);
  expect(kernel.symbol('ftrace_graph_call')).toBe(kernel.symbol('ftrace_call') + 4n);
});
