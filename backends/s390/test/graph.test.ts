// SPDX-License-Identifier: MIT
/**
 * What the graph hook is given, and stack traces along the back chain (linux 7.2 arch/s390/kernel/unwind_bc.c): the
 * next frame at 152 of a frame, the return address at 136 of the next, which is also the cookie.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Rig } from '../../../harness/backend/smoke/rig.js';
import { abi } from '../abi.js';
import { graph } from '../graph.js';
import { config, REVISIONS, rig } from './support.js';

let at: Rig;
beforeEach(() => {
  at = rig('7.2');
});

describe('function graph', () => {
  test('slot: the r14 field; frame pointer 0; cookie and true parent’s cookie S', () => {
    const fregs = at.fregs(at.s - 224n);
    at.machine.storeWord(fregs.address + 144n, 8, at.s);
    expect(graph.parentSlot(fregs)).toBe(at.s - 88n);
    expect(graph.framePointer(fregs)).toBe(0n);
    expect(graph.retp(fregs)).toBe(at.s);
    expect(graph.trueParentRetp(fregs)).toBe(at.s);
  });

  test.each(REVISIONS)('%s: no frame pointer test, one header word for fprobes with 0 on top', (revision) => {
    expect(graph.fpTest(config(revision))).toBe(false);
    expect(graph.fprobeHeaderMsb).toBe(0n);
  });

  test('the return hook is given fregs from 6.12 on', () => {
    expect(REVISIONS.map((revision) => graph.returnArgument(config(revision)))).toEqual([
      'framePointer',
      'fregs',
      'fregs',
    ]);
  });

  test('the hook is an ops callback from 7.2 on', () => {
    expect(REVISIONS.map((revision) => graph.entry(config(revision)).by)).toEqual([
      'trampoline',
      'trampoline',
      'ops',
    ]);
  });
});

describe('stack traces', () => {
  const PC = 0x1111n;
  /** A frame: its back chain, and in the next one the return address. */
  const link = (frame: bigint, next: bigint, address: bigint) => {
    at.machine.storeWord(frame + 152n, 8, next);
    at.machine.storeWord(next + 136n, 8, address);
  };
  const unwind = (sp: bigint, recover = (address: bigint, _cookie: bigint) => address) =>
    graph.unwind({
      memory: abi.memory,
      machine: at.machine,
      config: at.config,
      pc: PC,
      sp,
      fp: 0n,
      symbolOf: () => undefined,
      entrySpOf: () => undefined,
      recover,
    });

  test('follow the chain while it goes up', () => {
    link(at.s - 384n, at.s - 24n, 0x2222n);
    link(at.s - 24n, at.s, 0x3333n);
    at.machine.storeWord(at.s + 152n, 8, at.s - 24n);
    expect(unwind(at.s - 384n)).toEqual([PC, 0x2222n, 0x3333n]);
  });

  test.each([
    ['zero', 0n],
    ['itself', null],
    ['outside of the stack', 0x1000n],
    ['so near its end that no frame fits', abi.memory.stack + 16384n - 152n],
  ])('end at a back chain that is %s', (_what, chain) => {
    at.machine.storeWord(at.s + 152n, 8, chain ?? at.s);
    expect(unwind(at.s)).toEqual([PC]);
  });

  test('reach up to the last frame that fits', () => {
    const last = abi.memory.stack + 16384n - 160n;
    link(at.s, last, 0x2222n);
    expect(unwind(at.s)).toEqual([PC, 0x2222n]);
  });

  test('begin nowhere else than on the stack', () => {
    expect(unwind(0n)).toEqual([PC]);
    expect(unwind(abi.memory.stack - 8n)).toEqual([PC]);
  });

  test('ask for the true address with the frame it lies in', () => {
    const asked: bigint[][] = [];
    link(at.s - 24n, at.s, 0x2222n);
    const trace = unwind(at.s - 24n, (address, cookie) => {
      asked.push([address, cookie]);
      return 0x4444n;
    });
    expect(trace).toEqual([PC, 0x4444n]);
    expect(asked).toEqual([[0x2222n, at.s]]);
  });
});
