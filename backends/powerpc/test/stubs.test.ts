// SPDX-License-Identifier: MIT
/**
 * Which area a stub is taken from (linux 7.2 arch/powerpc/kernel/trace/ftrace.c ftrace_init_ool_stub), and for how many the
 * link makes room (arch/powerpc/tools/ftrace-gen-ool-stubs.sh). A stub has 24 bytes, a branch reaches 32 MiB.
 */
import { describe, expect, test } from 'vitest';
import type { StubArea, StubPlace, StubTables } from '../../../harness/backend/contract.js';
import { callsite } from '../callsite.js';
import { ALL, config, rig } from './support.js';

const TEXT = 0xc000_0000_0100_0000n;
const MIB = 0x10_0000n;
const tables = callsite.stubTables(config('7.2-C')) as StubTables;

function areas(text: Partial<StubArea> = {}): Record<StubPlace, StubArea> {
  const area = (start: bigint): StubArea => ({ start, count: 2, taken: 0 });
  return {
    text: { ...area(TEXT), ...text },
    textEnd: area(TEXT + 40n * MIB),
    init: area(TEXT + 41n * MIB),
    module: area(TEXT + 42n * MIB),
  };
}

test.each(ALL)('%s: tables where stubs are out of line', (form) => {
  expect(callsite.stubTables(config(form)) !== null).toBe(form === '7.2-C');
});

describe('room', () => {
  test.each([
    // sites in .text, at the end
    [0, 0],
    [1, 0],
    [2, 0],
    [3, 1],
    [30, 28],
  ])('%i sites in .text: 2 reserved, %i at the end', (text, textEnd) => {
    expect(tables.counts({ text, init: 4, module: 5 })).toEqual({ text: 2, textEnd, init: 4, module: 5 });
  });

  test('24 bytes each', () => expect(tables.bytes).toBe(24));
});

describe('place', () => {
  test('.init.text and modules have their own, in reach of the reserve or not', () => {
    expect(tables.place(TEXT + 64n, 'init', areas())).toBe('init');
    expect(tables.place(TEXT + 64n, 'module', areas())).toBe('module');
  });

  test('the reserve, until its last stub is taken', () => {
    const taken = [0, 1, 2, 3].map((count) => tables.place(TEXT + 64n, 'text', areas({ taken: count })));
    expect(taken).toEqual(['text', 'text', 'textEnd', 'textEnd']);
  });

  test.each([
    // site from the next stub
    [-32n * MIB, 'text'],
    [-32n * MIB - 4n, 'textEnd'],
    [32n * MIB - 4n, 'text'],
    [32n * MIB, 'textEnd'],
  ] as const)('a site %i bytes from the next stub: %s', (offset, place) => {
    expect(tables.place(TEXT + 24n + offset, 'text', areas({ taken: 1 }))).toBe(place);
  });
});

describe('a record is refused with -EINVAL', () => {
  const at = rig('7.2-C');
  // The call in the stub goes through a fixed trampoline beside it: what speaks against the stub is its own reach.
  const init = (stub: bigint) => callsite.initNop({ ...at.site(at.nopOps), stub, fixed: [stub + 64n] });

  test('when the area is used up', () => expect(init(0n)).toEqual({ error: -22 }));

  test.each([
    // its code from the site: both the branch to it and the one back have to reach
    [32n * MIB - 8n, 0],
    [32n * MIB - 4n, -22],
    [-32n * MIB + 4n, 0],
    [-32n * MIB, -22],
  ] as const)('%i bytes from the site: %i', (offset, error) => {
    const patch = init(at.ip + offset - 8n);
    expect('error' in patch ? patch.error : 0).toBe(error);
  });
});

test('the words for text out of reach: a fixed trampoline, and the linker’s branch where sites call _mcount', () => {
  for (const form of ALL) {
    const at = rig(form);
    const { machine, config: of } = at;
    const room = at.f + 0x200n;
    const stores = callsite.longBranches({ machine, config: of, symbol: (name) => at.symbol(name) }, room);
    for (const { address, bytes } of stores) machine.store(address, bytes);
    for (const name of ['ftrace_regs_caller', '_mcount'])
      if (at.has(name)) machine.setCallout(at.symbol(name));
    const leadsTo = (address: bigint) => {
      at.enter(address);
      return machine.run().pc;
    };
    expect(leadsTo(room)).toBe(at.symbol('ftrace_regs_caller'));
    if (form.endsWith('A')) expect(leadsTo(room + 32n)).toBe(at.symbol('_mcount'));
    else expect(stores).toHaveLength(1);
  }
});
