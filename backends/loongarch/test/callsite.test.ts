// SPDX-License-Identifier: MIT
/** The call site in every state, typed from linux 6.12 and 7.2 arch/loongarch/Makefile and kernel/ftrace_dyn.c. */
import { describe, expect, test } from 'vitest';
import type { Patch, Site } from '../../../harness/backend/contract.js';
import { callsite } from '../callsite.js';
import { boot, F, type Kernel, live } from './kernel.js';
import { current, revisions } from './support.js';

const EINVAL = { error: -22 };
const NOP = 0x03400000;
const MOVE = 0x0015002c;

/** `address - F: word` of every store, in order. */
function stores(patch: Patch): (readonly [number, number])[] {
  if ('error' in patch) throw new Error(`refused: ${patch.error}`);
  return patch.stores.map(({ address, bytes }) => [
    Number(address - F),
    new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true),
  ]);
}

const words = ({ machine }: Kernel) => [0n, 4n].map((at) => Number(machine.loadWord(F + at, 4)));

/** A site at F with the trampolines elsewhere. */
function siteWith(kernel: Kernel, places: Readonly<Record<string, bigint>>): Site {
  return { ...kernel.site, symbol: (name) => places[name] ?? kernel.symbol(name) };
}

describe.each(revisions)('%s', (_revision, config) => {
  const initialised = () => {
    const kernel = boot(config);
    kernel.apply(callsite.initNop(kernel.site));
    return kernel;
  };
  /** Two trampolines 0x100 and 0x200 behind the BL. */
  const near = (kernel: Kernel) =>
    siteWith(kernel, { ftrace_caller: F + 0x104n, ftrace_regs_caller: F + 0x204n });

  test('-fpatchable-function-entry=2: two NOPs at F, which the table names', () => {
    const shape = callsite.shape();
    expect(shape).toMatchObject({ before: 0, ip: 0, toggles: 4, resume: 8, table: 0 });
    expect(words(boot(config))).toEqual([NOP, NOP]);
    expect(shape.compiled).toHaveLength(8);
  });

  test('address adjustment is the identity; no symbol is looked up from rec->ip', () => {
    expect(callsite.callAdjust(boot(config).machine, F)).toBe(F);
    expect(callsite.symbolAddress()).toBe(0n);
  });

  test('initialised: move t0, ra at F', () => {
    const kernel = boot(config);
    expect(stores(callsite.initNop(kernel.site))).toEqual([[0, MOVE]]);
    kernel.apply(callsite.initNop(kernel.site));
    expect(words(kernel)).toEqual([MOVE, NOP]);
  });

  test('a disabled function loses t0 at every entry, and nothing else', () => {
    const kernel = initialised();
    kernel.enter();
    expect(kernel.reach()).toBe('body');
    expect(kernel.machine.read('t0')).toBe(kernel.machine.read('ra'));
    expect(kernel.machine.read('t1')).toBe(live('t1'));
  });

  test('enabled: bl at F+4, the first word unchanged', () => {
    const kernel = initialised();
    expect(stores(callsite.makeCall(near(kernel), F + 0x104n))).toEqual([[4, 0x54010000]]);
    expect(stores(callsite.makeCall(near(kernel), F + 0x4n - 0x100n))).toEqual([[4, 0x57ff03ff]]);
  });

  test('modified and disabled again: only that word changes', () => {
    const kernel = initialised();
    const site = near(kernel);
    kernel.apply(callsite.makeCall(site, F + 0x104n));
    expect(stores(callsite.modifyCall(site, F + 0x104n, F + 0x204n))).toEqual([[4, 0x54020000]]);
    kernel.apply(callsite.modifyCall(site, F + 0x104n, F + 0x204n));
    expect(stores(callsite.makeNop(site, F + 0x204n))).toEqual([[4, NOP]]);
    kernel.apply(callsite.makeNop(site, F + 0x204n));
    expect(words(kernel)).toEqual([MOVE, NOP]);
  });

  test('the old word is validated: -EINVAL', () => {
    const kernel = initialised();
    const site = near(kernel);
    expect(callsite.initNop(site)).toEqual(EINVAL);
    expect(callsite.makeNop(site, F + 0x104n)).toEqual(EINVAL);
    expect(callsite.modifyCall(site, F + 0x104n, F + 0x204n)).toEqual(EINVAL);
    kernel.apply(callsite.makeCall(site, F + 0x104n));
    expect(callsite.makeCall(site, F + 0x104n)).toEqual(EINVAL);
    expect(callsite.makeNop(site, F + 0x204n)).toEqual(EINVAL);
  });

  test('a site that cannot be read: -EFAULT', () => {
    expect(callsite.initNop({ ...boot(config).site, ip: 0x1000n })).toEqual({ error: -14 });
  });
});

describe('reach', () => {
  const RANGE = 0x800_0000n;
  const ready = (places: Readonly<Record<string, bigint>>) => {
    const kernel = boot(current);
    kernel.apply(callsite.initNop(kernel.site));
    return { kernel, site: siteWith(kernel, places) };
  };

  test('-128 MiB <= offset < +128 MiB, measured from F+4', () => {
    const { site } = ready({ ftrace_regs_caller: F + 0x204n });
    expect(stores(callsite.makeCall(site, F + 4n + RANGE - 4n))).toEqual([
      [4, 0x54000000 + 0xffff * 0x400 + 0x1ff],
    ]);
    expect(stores(callsite.makeCall(site, F + 4n - RANGE))).toEqual([[4, 0x54000200]]);
  });

  test('a third party’s trampoline out of range: ftrace_regs_caller, as old and as new address', () => {
    const { kernel, site } = ready({ ftrace_caller: F + 0x104n, ftrace_regs_caller: F + 0x204n });
    const far = F + 4n + RANGE;
    expect(stores(callsite.makeCall(site, far))).toEqual([[4, 0x54020000]]);
    kernel.apply(callsite.makeCall(site, far));
    expect(stores(callsite.modifyCall(site, far, F + 0x104n))).toEqual([[4, 0x54010000]]);
    expect(stores(callsite.makeNop(site, far))).toEqual([[4, NOP]]);
    kernel.apply(callsite.modifyCall(site, far, F + 0x104n));
    expect(stores(callsite.modifyCall(site, F + 0x104n, far))).toEqual([[4, 0x54020000]]);
  });

  test('a caller out of range of kernel text is an error', () => {
    const caller = F + 4n + RANGE;
    const { site } = ready({ ftrace_caller: caller, ftrace_regs_caller: caller + 0x100n });
    expect(callsite.makeCall(site, caller)).toEqual(EINVAL);
    expect(callsite.makeNop(site, caller)).toEqual(EINVAL);
    expect(callsite.modifyCall(site, F + 0x104n, caller)).toEqual(EINVAL);
    expect(callsite.modifyCall(site, caller, F + 0x104n)).toEqual(EINVAL);
  });
});

describe('ftrace_update_ftrace_func', () => {
  test('patches the one BL at ftrace_call, which both trampolines share', () => {
    const kernel = boot(current);
    const at = kernel.symbol('ftrace_call');
    const patch = callsite.updateFtraceFunc(kernel.site, at + 0x100n);
    expect(patch).toEqual({ stores: [{ address: at, bytes: new Uint8Array([0, 0, 1, 0x54]) }] });
  });

  test('out of range: the break word 0x002a0000', () => {
    const kernel = boot(current);
    const patch = callsite.updateFtraceFunc(kernel.site, 0n);
    expect(patch.stores[0]?.bytes).toEqual(new Uint8Array([0, 0, 0x2a, 0]));
  });

  test('initially it calls a bare return', () => {
    const kernel = boot(current);
    kernel.apply(callsite.initNop(kernel.site));
    kernel.apply(callsite.makeCall(kernel.site, kernel.symbol('ftrace_caller')));
    kernel.enter();
    expect(kernel.reach()).toBe('body');
  });
});

test('there are no private trampolines', () => {
  expect(callsite.opsTrampoline).toBeNull();
});

test('described: compiled, initialised, enabled, disabled, corrupted', () => {
  const kernel = boot(current);
  const { machine, site } = kernel;
  const caller = kernel.symbol('ftrace_caller');
  const nop = { state: 'nop', target: null };
  expect(callsite.describe(machine, F)).toEqual(nop);
  kernel.apply(callsite.initNop(site));
  expect(callsite.describe(machine, F)).toEqual(nop);
  kernel.apply(callsite.makeCall(site, caller));
  expect(callsite.describe(machine, F)).toEqual({ state: 'call', target: caller });
  kernel.apply(callsite.makeNop(site, caller));
  expect(callsite.describe(machine, F)).toEqual(nop);
  machine.storeWord(F + 4n, 4, 0xffff_ffffn);
  expect(callsite.describe(machine, F)).toEqual({ state: 'unknown', target: null });
});
