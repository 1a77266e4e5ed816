// SPDX-License-Identifier: MIT
/**
 * Function graph entry and the unwinders, typed from linux 6.12 and 7.2 arch/loongarch/kernel/ftrace_dyn.c, unwind.c,
 * unwind_prologue.c and unwind_orc.c.
 */

import { describe, expect, test } from 'vitest';
import type { Config } from '../../../harness/backend/contract.js';
import { abi } from '../abi.js';
import { graph } from '../graph.js';
import { boot, type Kernel, P, S } from './kernel.js';
import { current, orc, revisions } from './support.js';

function inCallback(config: Config, trampoline = 'ftrace_caller') {
  const kernel = boot(config);
  kernel.trace(trampoline);
  kernel.enter();
  kernel.reach();
  const fregs = { machine: kernel.machine, config, address: kernel.machine.read('a3') };
  return { ...kernel, fregs };
}

describe.each(revisions)('%s: function_graph_enter', (_revision, config) => {
  const { fregs, machine } = inCallback(config);

  test('is called from an ordinary callback, without a recursion guard', () => {
    expect(graph.entry()).toEqual({ by: 'ops' });
    expect(graph.returnArgument()).toBe('fregs');
  });

  test('the parent slot, and with it retp, is &regs[1] at entry sp - 312', () => {
    expect(graph.parentSlot(fregs)).toBe(S - 312n);
    expect(graph.retp(fregs)).toBe(S - 312n);
    expect(machine.loadWord(S - 312n, 8)).toBe(P);
  });

  test('the frame pointer passed is 0, and not tested', () => {
    expect(graph.framePointer()).toBe(0n);
    expect(graph.fpTest()).toBe(false);
  });

  test('the true parent is looked up by the entry stack pointer, which never matches', () => {
    expect(graph.trueParentRetp(fregs)).toBe(S);
    expect(graph.trueParentRetp(fregs)).not.toBe(graph.retp(fregs));
  });

  test('what is put in the slot is where the function returns to', () => {
    const kernel = inCallback(config);
    kernel.machine.storeWord(graph.parentSlot(kernel.fregs), 8, kernel.symbol('return_to_handler'));
    kernel.leave();
    expect(kernel.reach()).toBe('body');
    expect(kernel.machine.read('ra')).toBe(kernel.symbol('return_to_handler'));
  });

  test('the old value is what an earlier callback left there', () => {
    const kernel = inCallback(config);
    kernel.machine.storeWord(S - 312n, 8, kernel.symbol('arch_rethook_trampoline'));
    expect(kernel.machine.loadWord(graph.parentSlot(kernel.fregs), 8)).toBe(
      kernel.symbol('arch_rethook_trampoline'),
    );
  });
});

describe('unwinding', () => {
  /** C frames of 32 bytes above S: P is in the first, the second returns to `elsewhere`. */
  function stack(kernel: Kernel) {
    const { machine, symbol } = kernel;
    machine.storeWord(S + 24n, 8, symbol('elsewhere') + 8n);
    machine.storeWord(S + 56n, 8, 0x1234n);
    const entries = new Map([
      [S, S + 32n],
      [S + 32n, S + 64n],
    ]);
    return (sp: bigint) => entries.get(sp);
  }

  function unwind(
    kernel: Kernel,
    start: { readonly pc: bigint; readonly sp: bigint },
    recover: (address: bigint, cookie: bigint) => bigint = (address) => address,
  ) {
    const trace = graph.unwind({
      memory: abi.memory,
      ...{ machine: kernel.machine, config: kernel.config, ...start, fp: 0n },
      symbolOf: (address) => kernel.symbolOf(address),
      entrySpOf: stack(kernel),
      recover,
    });
    return trace.map((address) => {
      const place = kernel.symbolOf(address);
      return place === undefined ? 'unknown' : `${place.name}+${place.offset}`;
    });
  }
  const from = ({ machine }: Kernel) => ({ pc: machine.read('ra'), sp: machine.read('sp') });

  test.each(['ftrace_caller', 'ftrace_regs_caller'])(
    'from a callback of %s: ftrace_call + 4, then by the pt_regs there to era, regs[1], regs[3]',
    (trampoline) => {
      const kernel = inCallback(current, trampoline);
      expect(unwind(kernel, from(kernel))).toEqual(['ftrace_graph_call+0', 'f+8', 'parent+0', 'elsewhere+8']);
    },
  );

  test('an ORC trace taken in a callback stops at the trampoline', () => {
    const kernel = inCallback(orc);
    expect(unwind(kernel, from(kernel))).toEqual(['ftrace_graph_call+0']);
  });

  test.each([
    ['prologue', current],
    ['ORC', orc],
  ])('%s: C frames have ra at the top', (_name, config) => {
    const kernel = boot(config);
    expect(unwind(kernel, { pc: P + 4n, sp: S })).toEqual(['parent+4', 'elsewhere+8']);
  });

  test('return_to_handler is translated with the key cfa - 312', () => {
    const kernel = inCallback(current);
    const { machine, symbol, fregs } = kernel;
    machine.storeWord(graph.parentSlot(fregs), 8, symbol('return_to_handler'));
    const asked: (readonly [bigint, bigint])[] = [];
    const trace = unwind(kernel, from(kernel), (address, cookie) => {
      asked.push([address, cookie]);
      return address === symbol('return_to_handler') && cookie === graph.retp(fregs) ? P : address;
    });
    expect(trace).toEqual(['ftrace_graph_call+0', 'f+8', 'parent+0', 'elsewhere+8']);
    expect(asked).toContainEqual([symbol('return_to_handler'), S - 312n]);
  });

  test('the frame of a direct trampoline is found, its traced function has none: the trace ends there', () => {
    const kernel = boot(current);
    kernel.trace('direct_tramp_2');
    kernel.enter();
    expect(kernel.reach()).toBe('direct_func_2');
    const trace = unwind(kernel, from(kernel));
    expect(trace.map((frame) => frame.replace(/\+\d+$/, ''))).toEqual(['direct_tramp_2', 'f']);
  });

  test.each(['return_to_handler', 'arch_rethook_trampoline'])(
    'a trace taken in the handler of %s ends there',
    (symbol) => {
      const kernel = boot(current);
      kernel.enter();
      kernel.machine.pc = kernel.symbol(symbol);
      kernel.reach();
      const trace = unwind(kernel, from(kernel));
      expect(trace.map((frame) => frame.replace(/\+\d+$/, ''))).toEqual([symbol]);
    },
  );

  test('a BPF trampoline lowers SP twice; the word taken for a return address is none', () => {
    const kernel = boot(current);
    kernel.trace('bpf_fentry_0');
    kernel.enter();
    kernel.reach();
    const trace = unwind(kernel, from(kernel));
    expect(trace.map((frame) => frame.replace(/\+\d+$/, ''))).toEqual(['bpf_fentry_0']);
  });

  test('an override shows the caller once: era is the return address already', () => {
    const kernel = inCallback(current);
    kernel.machine.storeWord(kernel.fregs.address + 264n, 8, P);
    expect(unwind(kernel, from(kernel))).toEqual(['ftrace_graph_call+0', 'parent+0', 'elsewhere+8']);
  });

  test('an unmapped stack ends the trace', () => {
    const kernel = boot(current);
    expect(unwind(kernel, { pc: kernel.symbol('ftrace_call') + 4n, sp: 0x10n })).toEqual([
      'ftrace_graph_call+0',
    ]);
  });
});
