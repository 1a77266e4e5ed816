// SPDX-License-Identifier: MIT
/**
 * Function graph at 6.12 and 7.2: where the parent is, what is passed to function_graph_enter (7.2: _regs),
 * return_to_handler executed (112 bytes, x0 to x7 at +0 to +56, x29 at +80, result to x30), and the unwinder.
 */

import { beforeEach, describe, expect, test } from 'vitest';
import type { Rig } from '../../../harness/backend/smoke/rig.js';
import { memoryPoison } from '../../../harness/machine/poison.js';
import { abi } from '../abi.js';
import { graph } from '../graph.js';
import { layouts } from '../layout.js';
import { rig } from './support.js';

let at: Rig;
describe.each(['6.12', '7.2'] as const)('at %s', (revision) => {
  beforeEach(() => {
    at = rig({}, revision);
  });

  describe('entry', () => {
    beforeEach(() => {
      at.enable(at.symbol('ftrace_caller'));
      at.enter();
      at.run();
    });
    const fregs = () => at.fregs(at.read('x3'));

    test('the slot to replace is the lr field, at 88', () => {
      expect(graph.parentSlot(fregs())).toBe(fregs().address + 88n);
      expect(at.word(graph.parentSlot(fregs()))).toBe(at.parent);
    });

    test('the frame pointer is FP0, and so is retp: not the address of the slot', () => {
      expect(graph.framePointer(fregs())).toBe(at.fp);
      expect(graph.retp(fregs())).toBe(at.fp);
    });

    test('the function tracer looks the true parent up by SP', () => {
      expect(graph.trueParentRetp(fregs())).toBe(at.s);
    });

    test('the frame pointer test is built in', () => {
      expect(graph.fpTest()).toBe(true);
    });

    test('the hook is the callback of an ftrace_ops, and the exit gets ftrace_regs', () => {
      expect(graph.entry()).toEqual({ by: 'ops' });
      expect(graph.returnArgument(at.config)).toBe('fregs');
    });
  });

  describe('return_to_handler', () => {
    let before: Map<string, bigint>;
    let fregs: bigint;
    const field = (offset: number) => at.word(fregs + BigInt(offset));

    beforeEach(() => {
      at.enterReturnHook();
      before = at.snapshot();
      expect(at.run()).toBe('ftrace_return_to_handler');
      fregs = at.read('x0');
    });

    test('x0 = SP = fregs, 112 bytes below', () => {
      expect(fregs).toBe(at.read('sp'));
      expect(at.s - fregs).toBe(112n);
    });

    test('x0 to x7 at 0 to 56, x29 at 80', () => {
      for (let n = 0; n < 8; n++) expect(field(8 * n)).toBe(before.get(`x${n}`));
      expect(field(80)).toBe(at.fp);
    });

    test.each([
      ['x8', 64],
      ['direct_tramp', 72],
      ['lr', 88],
      ['sp', 96],
      ['pc', 104],
    ])('%s at %i is stale', (_name, offset) => {
      expect(field(offset)).toBe(memoryPoison(fregs + BigInt(offset)));
    });

    test('no frame record: x29 is not moved', () => {
      expect(at.read('x29')).toBe(at.fp);
    });

    test('back at the parent: x0 to x7, x18 to x29 and SP as the function left them', () => {
      at.returnFromC(at.parent);
      expect(at.run()).toBe('parent');
      const names = [...Array.from({ length: 8 }, (_, n) => `x${n}`), 'sp'];
      for (let n = 18; n < 30; n++) names.push(`x${n}`);
      for (const name of names) expect([name, at.read(name)]).toEqual([name, before.get(name)]);
      expect(at.read('x30')).toBe(at.parent);
    });

    test('x8 to x17 are as the callbacks leave them', () => {
      at.returnFromC(at.parent);
      const left = at.snapshot();
      at.run();
      for (let n = 8; n < 18; n++) expect(at.read(`x${n}`)).toBe(left.get(`x${n}`));
    });

    test.each([0, 1, 2, 3, 4, 5, 6, 7])('an exit handler that changes x%i changes the result', (n) => {
      at.machine.storeWord(fregs + BigInt(8 * n), 8, 0x99n);
      at.returnFromC(at.parent);
      at.run();
      expect(at.read(`x${n}`)).toBe(0x99n);
    });

    test.each([
      ['fp', 80],
      ['lr', 88],
      ['sp', 96],
      ['pc', 104],
    ])('a changed %s changes nothing', (_name, offset) => {
      at.machine.storeWord(fregs + BigInt(offset), 8, 0x99n);
      at.returnFromC(at.parent);
      expect(at.run()).toBe('parent');
      expect(at.read('x29')).toBe(at.fp);
      expect(at.read('sp')).toBe(at.s);
    });

    test('layout rows say the same', () => {
      const stale = layouts.ftraceRegs(at.config).fields.filter(({ exit }) => exit === 'stale');
      // 7.2: the core stores pc before any exit handler runs.
      const pc = revision === '7.2' ? [] : ['pc'];
      expect(stale.map(({ name }) => name)).toEqual(['x8', 'direct_tramp', 'lr', 'sp', ...pc]);
    });
  });
});

describe('the unwinder', () => {
  beforeEach(() => {
    at = rig();
  });
  const STACK = 0xffff_8000_8200_0000n;
  const start = (sp: bigint, fp: bigint, recover = (address: bigint, _cookie: bigint) => address) =>
    graph.unwind({
      memory: abi.memory,
      machine: at.machine,
      config: at.config,
      pc: at.f,
      sp,
      fp,
      symbolOf: () => undefined,
      entrySpOf: () => undefined,
      recover,
    });
  const record = (address: bigint, fp: bigint, lr: bigint) => {
    at.machine.storeWord(address, 8, fp);
    at.machine.storeWord(address + 8n, 8, lr);
  };

  test('follows records up to {0, 0}', () => {
    record(STACK + 0x100n, STACK + 0x200n, 11n);
    record(STACK + 0x200n, STACK + 0x300n, 22n);
    record(STACK + 0x300n, 0n, 0n);
    expect(start(STACK + 0x80n, STACK + 0x100n)).toEqual([at.f, 11n, 22n]);
  });

  test('a hooked return address is looked up by the frame pointer of its own record', () => {
    record(STACK + 0x100n, STACK + 0x200n, 33n);
    record(STACK + 0x200n, 0n, 0n);
    const asked: [bigint, bigint][] = [];
    start(STACK, STACK + 0x100n, (address, cookie) => {
      asked.push([address, cookie]);
      return address;
    });
    expect(asked).toEqual([[33n, STACK + 0x200n]]);
  });

  test.each([
    ['points below itself', STACK + 0x80n],
    ['points to itself', STACK + 0x100n],
    ['is not aligned', STACK + 0x204n],
    ['leaves the stack', STACK + 16384n],
    ['half leaves the stack', STACK + 16384n - 8n],
  ])('stops when a record %s', (_what, next) => {
    record(STACK + 0x100n, next, 44n);
    expect(start(STACK + 0x80n, STACK + 0x100n)).toEqual([at.f, 44n]);
  });
});

test('headers of fprobes carry the top bits of kernel addresses, all ones', () => {
  expect(graph.fprobeHeaderMsb).toBe(0xfn);
});
