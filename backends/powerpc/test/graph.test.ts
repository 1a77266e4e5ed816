// SPDX-License-Identifier: MIT
/**
 * Function graph: the entry hook, return_to_handler executed, and the stack walk. Typed from linux 6.1, 6.12, 7.2
 * arch/powerpc/kernel/trace/ftrace.c, ftrace_mprofile.S, ftrace_entry.S, arch/powerpc/kernel/stacktrace.c.
 */

import { beforeEach, describe, expect, test } from 'vitest';
import type { Rig } from '../../../harness/backend/smoke/rig.js';
import { memoryPoison } from '../../../harness/machine/poison.js';
import { abi } from '../abi.js';
import { accessors } from '../accessors.js';
import { graph } from '../graph.js';
import { layouts } from '../layout.js';
import { ALL, config, type Form, gprs, rig } from './support.js';

let at: Rig;
const OTHER_TOC = 0xc008000000048000n;

function inCallback(form: Form) {
  at = rig(form);
  at.enable(at.symbol('ftrace_caller'));
  at.enter();
  expect(at.run()).toBe('callback');
  return at.fregs(at.read('r6'));
}

describe.each(ALL)('%s: the entry hook', (form) => {
  test('is an ops callback; before 7.2 it takes the recursion lock itself', () => {
    expect(graph.entry(config(form))).toEqual({ by: 'ops', locks: !form.startsWith('7.2') });
  });

  test('the parent slot is link, 288 bytes into pt_regs', () => {
    const fregs = inCallback(form);
    expect(graph.parentSlot(fregs)).toBe(fregs.address + 288n);
    expect(at.word(graph.parentSlot(fregs))).toBe(at.parent);
  });

  test('the parent comes from the argument, and the slot is written whatever the outcome', () => {
    expect(graph.parentFrom).toBe('parent_ip');
  });

  test('no frame pointer; the cookie is the caller’s stack pointer', () => {
    const fregs = inCallback(form);
    expect(graph.framePointer()).toBe(0n);
    expect(graph.fpTest()).toBe(false);
    expect(graph.retp(fregs)).toBe(at.s);
    expect(graph.trueParentRetp(fregs)).toBe(at.s);
  });
});

test('headers of fprobes carry 0xc', () => expect(graph.fprobeHeaderMsb).toBe(0xcn));

describe.each(ALL)('%s: return_to_handler', (form) => {
  const fregsGeneration = form.startsWith('7.2');
  const RESULT = [0x3333n, 0x4444n] as const;
  let before: Map<string, bigint>;

  beforeEach(() => {
    at = rig(form);
    at.enterReturnHook();
    at.machine.write('r2', OTHER_TOC);
    at.machine.write('r3', RESULT[0]);
    at.machine.write('r4', RESULT[1]);
    before = at.snapshot();
    expect(at.run()).toBe('ftrace_return_to_handler');
  });

  test(`${fregsGeneration ? 432 : 112} bytes of stack, the back chain, the kernel TOC`, () => {
    const size = fregsGeneration ? 432n : 112n;
    expect(at.s - at.read('r1')).toBe(size);
    expect(at.word(at.read('r1'))).toBe(at.s);
    expect(at.read('r2')).toBe(at.symbol('kernel_toc_base'));
  });

  test('the argument: ftrace_regs at r1 + 48, before 7.2 the result nobody looks at', () => {
    expect(graph.returnArgument(at.config)).toBe(fregsGeneration ? 'fregs' : 'framePointer');
    expect(at.read('r3')).toBe(fregsGeneration ? at.read('r1') + 48n : RESULT[0]);
  });

  test('the parent gets both words of the result, its own registers and TOC', () => {
    at.returnFromC(at.parent);
    expect(at.run()).toBe('parent');
    expect([at.read('r3'), at.read('r4')]).toEqual(RESULT);
    for (const name of ['r1', 'r2', ...gprs(13, 31), 'cr2', 'cr3', 'cr4']) {
      expect([name, at.read(name)]).toEqual([name, before.get(name)]);
    }
    expect(at.read('lr')).toBe(at.parent);
  });

  test('where what is saved lies, and r31 holds the stack pointer', () => {
    const r1 = at.read('r1');
    expect(at.read('r31')).toBe(fregsGeneration ? r1 : at.s);
    if (fregsGeneration) {
      const places = [80n, 72n, 56n, 24n, 32n].map((offset) => at.word(r1 + offset));
      expect(places).toEqual([RESULT[1], RESULT[0], at.s, OTHER_TOC, before.get('r31')]);
    } else {
      const places = [-32n, -24n, -16n, -8n].map((offset) => at.word(at.s + offset));
      expect(places).toEqual([RESULT[1], RESULT[0], OTHER_TOC, before.get('r31')]);
    }
  });
});

describe.each(['7.2-A', '7.2-C'] as const)('%s: ftrace_regs of the return', (form) => {
  const regs = () => at.fregs(at.read('r1') + 48n);
  beforeEach(() => {
    at = rig(form);
    at.enterReturnHook();
    at.run();
  });

  test('only gpr[1], gpr[3], gpr[4] are written, msr is stale', () => {
    const { address } = regs();
    const written = layouts
      .ftraceRegs(at.config)
      .fields.filter(
        ({ offset }) => at.word(address + BigInt(offset)) !== memoryPoison(address + BigInt(offset)),
      )
      .map(({ name }) => name);
    expect(written).toEqual(['gpr1', 'gpr3', 'gpr4']);
    expect(accessors.getRegs(regs())).toBe(regs().address);
  });

  test('a changed result takes effect', () => {
    accessors.setReturnValue(regs(), 0x99n);
    at.machine.storeWord(regs().address + 32n, 8, 0x98n);
    at.returnFromC(at.parent);
    expect(at.run()).toBe('parent');
    expect([at.read('r3'), at.read('r4')]).toEqual([0x99n, 0x98n]);
  });

  test('the PACA byte does not matter', () => {
    at = rig(form);
    at.enterReturnHook();
    at.machine.storeWord(at.symbol('paca') + 24n, 1, 0n);
    expect(at.run()).toBe('ftrace_return_to_handler');
  });
});

describe('the stack walk', () => {
  const S = () => at.s - 2048n;
  /** A frame at `sp` with its header `size` above: back chain, and the return address in that header. */
  const frame = (sp: bigint, size: bigint, lr: bigint) => {
    at.machine.storeWord(sp, 8, sp + size);
    at.machine.storeWord(sp + size + 16n, 8, lr);
    return sp + size;
  };
  const walk = (sp: bigint, recover = (address: bigint, _cookie: bigint) => address) =>
    graph.unwind({
      memory: abi.memory,
      ...{ machine: at.machine, config: at.config, pc: 1n, sp, fp: 0n, recover },
      symbolOf: () => undefined,
      entrySpOf: () => undefined,
    });

  beforeEach(() => {
    at = rig('7.2-C');
  });

  test('back chain at 0, the return address at 16 of the next header', () => {
    frame(frame(S(), 32n, 0x100n), 464n, 0x200n);
    expect(walk(S())).toEqual([1n, 0x100n, 0x200n]);
  });

  test('shows return_to_handler as it is', () => {
    const handler = at.symbol('return_to_handler');
    frame(S(), 32n, handler);
    expect(walk(S(), () => 0x999n)).toEqual([1n, handler]);
  });

  test.each([
    ['zero', 0n],
    ['misaligned', 0xc000000010012008n],
    ['off the stack', 0xc000000010014000n],
    ['too near its end for a header', 0xc000000010013ff0n],
    ['poison', 0xdead57ac00000000n],
  ])('a back chain that is %s ends it', (_what, next) => {
    at.machine.storeWord(S(), 8, next);
    expect(walk(S())).toEqual([1n]);
    expect(walk(next)).toEqual([1n]);
  });

  test('a back chain that goes down ends it', () => {
    at.machine.storeWord(S(), 8, S() - 64n);
    expect(walk(S())).toEqual([1n]);
  });

  test.each(ALL)('%s: from a callback, the traced function and its parent', (form) => {
    inCallback(form);
    expect(walk(at.read('r1')).slice(0, 3)).toEqual([1n, at.resume, at.parent]);
  });

  test('from a BPF program, the traced function is missing', () => {
    at = rig('7.2-C');
    at.enable(at.symbol('bpf_fentry_0'));
    at.enter();
    at.run();
    expect(walk(at.read('r1')).slice(0, 2)).toEqual([1n, at.parent]);
  });
});
