// SPDX-License-Identifier: MIT
/**
 * ftrace_caller and ftrace_regs_caller, executed from a patched call site: what lies where when the callback is called,
 * what is restored and what is not. Steps and numbers as in linux 6.1, 6.12, 7.2 arch/s390/kernel/mcount.S: ftrace_regs
 * at S-224, r15 = S-384 in the callback, a frame of 24 bytes between.
 */

import { beforeEach, describe, expect, test } from 'vitest';
import type { Rig } from '../../../harness/backend/smoke/rig.js';
import { registerPoison } from '../../../harness/machine/poison.js';
import { abi } from '../abi.js';
import { accessors } from '../accessors.js';
import { graph } from '../graph.js';
import { config, PSW, rig, SEQUENTIAL, type Turned, untouched, WAYS, withCc } from './support.js';

let at: Rig;
let before: Map<string, bigint>;
let fregs: bigint;

const field = (offset: number) => at.word(fregs + BigInt(offset));
const setField = (offset: number, value: bigint) => at.machine.storeWord(fregs + BigInt(offset), 8, value);
const was = (name: string) => before.get(name) as bigint;

const PATHS = ['ftrace_caller', 'ftrace_regs_caller'] as const;
type Path = (typeof PATHS)[number];

/** Calls the function: every register distinct, a kernel PSW, condition code 1. */
function call(path: Path, revision: '6.1' | '6.12' | '7.2', turned: Turned): void {
  at = rig(revision, turned);
  at.enable(at.symbol(path));
  at.enter();
  at.machine.write('psw', PSW);
  at.machine.write('cc', 1n);
  before = at.snapshot();
}

/** Runs it up to its callback. */
function toCallback(...args: Parameters<typeof call>): void {
  call(...args);
  expect(at.run()).toBe('callback');
  fregs = at.read('r5');
}

const GPRS = Array.from({ length: 16 }, (_, n) => `r${n}`);

describe.each(WAYS)('%s', (_name, revision, turned) => {
  const one = turned.MACHINE_HAS_SEQ_INSN === true;

  test.each(PATHS)('at the first instruction of %s', (path) => {
    call(path, revision, turned);
    at.machine.setCallout(at.symbol(path));
    expect(at.run()).toBe(path);
    expect(at.read('r0')).toBe(at.ip + 6n);
    expect(at.read('r1')).toBe(one ? was('r1') : at.symbol(path));
    expect(at.read('r14')).toBe(at.parent);
    expect(at.read('cc')).toBe(1n);
    for (const name of GPRS.slice(2)) expect([name, at.read(name)]).toEqual([name, was(name)]);
  });

  describe.each(PATHS)('%s', (path) => {
    beforeEach(() => toCallback(path, revision, turned));
    const full = path === 'ftrace_regs_caller';

    test('arguments of the callback: rec->ip, parent, ops, fregs', () => {
      expect(at.read('r2')).toBe(at.ip);
      expect(at.read('r3')).toBe(at.parent);
      expect(at.read('r4')).toBe(at.ops);
      expect(at.s - fregs).toBe(224n);
    });

    test('r15 is S-384 and fregs at 160(r15)', () => {
      expect(at.s - at.read('r15')).toBe(384n);
      expect(fregs - at.read('r15')).toBe(160n);
    });

    test('gprs 2 to 14 at 40 to 136, 14 being the parent; gprs 15 at 144 is S', () => {
      for (let n = 2; n <= 14; n++) expect([n, field(24 + 8 * n)]).toEqual([n, was(`r${n}`)]);
      expect(field(136)).toBe(at.parent);
      expect(field(144)).toBe(at.s);
    });

    test('psw.addr at 16 is ip + 6, orig_gpr2 at 152 is 0', () => {
      expect(field(16)).toBe(at.ip + 6n);
      expect(field(152)).toBe(0n);
    });

    test(full ? 'psw.mask with the condition code at entry; flags 0x10' : 'no psw.mask; flags 0', () => {
      if (full) expect(field(8)).toBe(withCc(1n));
      else expect(untouched(at, fregs + 8n)).toBe(true);
      expect(field(176)).toBe(full ? 0x10n : 0n);
      expect(accessors.getRegs(at.fregs(fregs))).toBe(full ? fregs : 0n);
    });

    test('args, r0, r1, the words of the interruption and the end are never written', () => {
      for (const offset of [0, 24, 32, 160, 168, 184, 192]) {
        expect([offset, untouched(at, fregs + BigInt(offset))]).toEqual([offset, true]);
      }
    });

    test('a frame of 24 bytes in the name of the function: return address, r15, back chains', () => {
      expect(at.word(at.s + 112n)).toBe(at.ip + 6n);
      expect(at.word(at.s + 120n)).toBe(at.s - 24n);
      expect(at.word(at.s + 128n)).toBe(at.s);
      expect(at.word(at.s + 136n)).toBe(at.parent);
      expect(at.word(at.read('r15') + 152n)).toBe(at.s - 24n);
    });

    test('nothing else of the area given by the caller is touched', () => {
      for (let offset = 0n; offset < 168n; offset += 8n) {
        const used = offset >= 112n && offset <= 136n;
        expect([offset, untouched(at, at.s + offset)]).toEqual([offset, !used]);
      }
    });

    test('a back trace shows the function and its parent', () => {
      const pc = at.symbol('ftrace_common');
      const trace = graph.unwind({
        memory: abi.memory,
        machine: at.machine,
        config: at.config,
        pc,
        sp: at.read('r15'),
        fp: 0n,
        symbolOf: () => undefined,
        entrySpOf: () => undefined,
        recover: (address) => address,
      });
      expect(trace).toEqual([pc, at.ip + 6n, at.parent]);
    });

    test('back in the body: r2 to r15 as they were, r0 and r1 its address, condition code 0', () => {
      at.returnFromC();
      expect(at.run()).toBe('body');
      for (const name of GPRS.slice(2)) expect([name, at.read(name)]).toEqual([name, was(name)]);
      expect(at.read('r0')).toBe(at.resume);
      expect(at.read('r1')).toBe(at.resume);
      expect(at.read('cc')).toBe(0n);
      expect(at.read('psw')).toBe(PSW);
    });

    test.each(GPRS.slice(2))('a changed %s in fregs is taken, the stack pointer too', (name) => {
      setField(24 + 8 * Number(name.slice(1)), at.s - 64n);
      at.returnFromC();
      expect(at.run()).toBe('body');
      expect(at.read(name)).toBe(at.s - 64n);
    });

    test.each([
      ['psw.mask', 8],
      ['gprs[0]', 24],
      ['gprs[1]', 32],
    ])('a changed %s is ignored', (_field, offset) => {
      setField(offset, 0x3333n);
      at.returnFromC();
      expect(at.run()).toBe('body');
      expect([at.read('r0'), at.read('r1'), at.read('psw')]).toEqual([at.resume, at.resume, PSW]);
      expect(at.read('cc')).toBe(0n);
    });

    test('a changed psw.addr goes elsewhere, with r0 and r1 that address', () => {
      setField(16, at.symbol('ftrace_stub'));
      at.returnFromC();
      expect(at.run()).toBe('parent');
      expect(at.read('r0')).toBe(at.symbol('ftrace_stub'));
      expect(at.read('r15')).toBe(at.s);
    });

    test('an overridden function returns to its parent at once', () => {
      accessors.setReturnValue(at.fregs(fregs), 0x77n);
      accessors.overrideWithReturn(at.fregs(fregs), 0n);
      at.returnFromC();
      expect(at.run()).toBe('parent');
      expect(at.read('r2')).toBe(0x77n);
      expect(at.read('r15')).toBe(at.s);
    });

    test('a direct target gets the arguments, r0 = body, r14 = parent; condition code 2', () => {
      const target = at.symbol('direct_func_0');
      accessors.setDirectCaller(at.fregs(fregs), target);
      at.returnFromC();
      expect(at.run()).toBe('direct_func_0');
      for (const name of GPRS.slice(2)) expect([name, at.read(name)]).toEqual([name, was(name)]);
      expect(at.read('r0')).toBe(at.resume);
      expect(at.read('r1')).toBe(target);
      expect(at.read('cc')).toBe(2n);
    });

    test('a direct target beside a redirect finds the new address in r0', () => {
      setField(16, at.symbol('ftrace_stub'));
      setField(152, at.symbol('ftrace_stub_direct_tramp'));
      at.returnFromC();
      expect(at.run()).toBe('parent');
      expect(at.read('r0')).toBe(at.symbol('ftrace_stub'));
    });
  });

  test('a lone direct target is called by the site itself, with r0 = ip + 6', () => {
    at = rig(revision, turned);
    at.enable(at.symbol('direct_func_1'));
    at.enter();
    before = at.snapshot();
    expect(at.run()).toBe('direct_func_1');
    expect(at.read('r0')).toBe(at.ip + 6n);
    for (const name of GPRS.slice(2)) expect([name, at.read(name)]).toEqual([name, was(name)]);
  });

  test('a disabled function changes nothing at all', () => {
    at = rig(revision, turned);
    at.enter();
    before = at.snapshot();
    expect(at.run()).toBe('body');
    expect(at.snapshot()).toEqual(before);
  });
});

test('without a new ftrace_func the stub is called', () => {
  at = rig('7.2');
  at.enable(at.symbol('ftrace_caller'));
  at.machine.storeWord(at.symbol('ftrace_func'), 8, at.symbol('ftrace_stub'));
  at.enter();
  expect(at.run()).toBe('body');
});

describe.each(['6.1', '6.12'] as const)('the graph hook inside the trampoline of %s', (revision) => {
  const patch = (on: boolean) => {
    const entry = graph.entry(config(revision));
    if (entry.by !== 'trampoline') throw new Error('by ops');
    return entry.toggle(at.site(), on, at.symbol(entry.symbol));
  };
  const mask = () => at.machine.load(at.symbol('ftrace_graph_caller'), 2);

  /** Up to the hook, from the callback on. */
  function toHook(path: Path, redirect: bigint | null = null): void {
    call(path, revision, {});
    at.apply(patch(true));
    expect(at.run()).toBe('callback');
    fregs = at.read('r5');
    if (redirect !== null) setField(16, redirect);
    at.returnFromC();
    expect(at.run()).toBe('prepare_ftrace_return');
  }

  test('is switched by one byte, a7 f4 to a7 04 and back', () => {
    at = rig(revision);
    const address = at.symbol('ftrace_graph_caller') + 1n;
    expect(mask()).toEqual(Uint8Array.of(0xa7, 0xf4));
    expect(patch(true)).toEqual({ stores: [{ address, bytes: Uint8Array.of(0x04) }] });
    at.apply(patch(true));
    expect(mask()).toEqual(Uint8Array.of(0xa7, 0x04));
    expect(patch(true)).toEqual({ error: -22 });
    at.apply(patch(false));
    expect(mask()).toEqual(Uint8Array.of(0xa7, 0xf4));
    expect(patch(false)).toEqual({ error: -22 });
  });

  test.each(PATHS)('is called behind the callback of %s with r14, S and psw.addr', (path) => {
    toHook(path);
    expect([at.read('r2'), at.read('r3'), at.read('r4')]).toEqual([at.parent, at.s, at.ip + 6n]);
    expect(at.s - at.read('r15')).toBe(384n);
    const entry = graph.entry(at.config);
    if (entry.by !== 'trampoline') throw new Error('by ops');
    const args = ['r2', 'r3', 'r4', 'r5', 'r6'].map((name) => at.read(name));
    expect(entry.decode(at.machine, args)).toEqual({
      slot: null,
      parent: at.parent,
      ip: at.ip,
      framePointer: 0n,
      retp: at.s,
    });
  });

  test.each(PATHS)('gives the return address, in %s', (path) => {
    toHook(path);
    at.returnFromC(at.symbol('return_to_handler'));
    expect(at.run()).toBe('body');
    expect(at.read('r14')).toBe(at.symbol('return_to_handler'));
    expect(at.read('r2')).toBe(was('r2'));
    expect(at.word(at.s + 136n)).toBe(at.parent);
  });

  test('after a redirect it is told the new address less 6, not the function', () => {
    toHook('ftrace_caller', at.symbol('ftrace_stub'));
    const entry = graph.entry(at.config);
    if (entry.by !== 'trampoline') throw new Error('by ops');
    const args = ['r2', 'r3', 'r4'].map((name) => at.read(name));
    expect(entry.decode(at.machine, args).ip).toBe(at.symbol('ftrace_stub') - 6n);
  });

  test('while it is off, nothing is called', () => {
    toCallback('ftrace_caller', revision, {});
    at.returnFromC();
    expect(at.run()).toBe('body');
  });
});

test('at 7.2 the hook is an ops callback that writes the r14 field', () => {
  expect(graph.entry(config('7.2'))).toEqual({ by: 'ops' });
  toCallback('ftrace_caller', '7.2', {});
  expect(graph.parentSlot(at.fregs(fregs)) - fregs).toBe(136n);
  at.machine.storeWord(graph.parentSlot(at.fregs(fregs)), 8, at.symbol('return_to_handler'));
  at.returnFromC();
  expect(at.run()).toBe('body');
  expect(at.read('r14')).toBe(at.symbol('return_to_handler'));
});

test('an unknown condition code reaches psw.mask by its low bits', () => {
  at = rig('7.2', SEQUENTIAL);
  at.enable(at.symbol('ftrace_regs_caller'));
  at.enter();
  at.machine.write('psw', PSW);
  at.machine.write('cc', registerPoison(3, 0));
  expect(at.run()).toBe('callback');
  expect(at.word(at.read('r5') + 8n)).toBe(withCc(3n));
});
