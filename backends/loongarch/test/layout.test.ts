// SPDX-License-Identifier: MIT
/** Structures of linux 6.12 and 7.2, typed from arch/loongarch/include/asm/ptrace.h and kernel/mcount_dyn.S. */
import { describe, expect, test } from 'vitest';
import { layouts } from '../layout.js';
import { current, old, revisions } from './support.js';

const fields = (of: typeof old) => layouts.ftraceRegs(of).fields;
const named = (of: typeof old, name: string) => fields(of).find((field) => field.name === name);

const OFFSETS = [
  ...Array.from({ length: 32 }, (_, n) => [`r${n}`, 8 * n] as const),
  ...([
    ['orig_a0', 256],
    ['csr_era', 264],
    ['csr_badvaddr', 272],
    ['csr_crmd', 280],
  ] as const),
  ...([
    ['csr_prmd', 288],
    ['csr_euen', 296],
    ['csr_ecfg', 304],
    ['csr_estat', 312],
  ] as const),
];

describe.each(revisions)('%s', (_revision, config) => {
  test('ftrace_regs is one pt_regs of 320 bytes', () => {
    expect(layouts.ftraceRegs(config).size).toBe(320);
    expect(layouts.ptRegs(config).size).toBe(320);
    expect(fields(config)).toHaveLength(40);
    expect(layouts.ptRegs(config).fields).toHaveLength(40);
  });

  test.each(OFFSETS)('%s at %i', (name, offset) => {
    expect(named(config, name)).toMatchObject({ offset, size: 8 });
    expect(layouts.ptRegs(config).fields).toContainEqual({ name, offset, size: 8 });
    expect(layouts.asmOffsets(config)).toMatchObject({ [`PT_${name.toUpperCase()}`]: offset });
  });

  test.each([
    // registers, by ftrace_caller, by ftrace_regs_caller, by return_to_handler
    [[0], 'stale', 'real', 'stale'],
    [[1], 'real', 'real', 'stale'],
    [[2], 'stale', 'real', 'stale'],
    [[3], 'real', 'real', 'stale'],
    [[4, 5], 'real', 'real', 'real'],
    [[6, 7, 8, 9, 10, 11], 'real', 'real', 'stale'],
    [[12], 'stale', 'faked', 'stale'],
    [[13], 'faked', 'faked', 'stale'],
    [[14, 15, 16, 17, 18, 19, 20], 'stale', 'real', 'stale'],
    [[21], 'stale', 'real', 'stale'],
    [[22], 'real', 'real', 'faked'],
    [[23, 24, 25, 26, 27, 28, 29, 30, 31], 'stale', 'real', 'stale'],
  ] as const)('regs %j: %s, %s; at exit %s', (numbers, plain, regs, exit) => {
    for (const n of numbers) expect(named(config, `r${n}`)).toMatchObject({ plain, regs, exit });
  });

  test.each(['orig_a0', 'csr_badvaddr', 'csr_crmd', 'csr_prmd', 'csr_euen', 'csr_ecfg', 'csr_estat'])(
    '%s is always stale',
    (name) => {
      expect(named(config, name)).toMatchObject({ plain: 'stale', regs: 'stale', exit: 'stale' });
    },
  );

  test('csr_era is real at entry', () => {
    expect(named(config, 'csr_era')).toMatchObject({ plain: 'real', regs: 'real' });
  });

  test('the frame is PT_SIZE', () => {
    expect(layouts.asmOffsets(config)).toMatchObject({ PT_SIZE: 320 });
  });

  test('func is the first member of struct ftrace_ops', () => {
    expect(layouts.ftraceOps(config).func).toBe(0);
  });

  test('the trampolines name pointers: the ops, and what images of BPF trampolines have built in', () => {
    const images = ['bpf_body', 'bpf_mod_links', 'bpf_slots'].flatMap((name) =>
      [0, 1, 2, 3].map((n) => `${name}_${n}`),
    );
    const cells = ['function_trace_op', ...images];
    expect(layouts.dataCells(config)).toEqual(Object.fromEntries(cells.map((name) => [name, { size: 8 }])));
  });
});

test('csr_era at exit: never set at 6.12, set by the core at 7.2', () => {
  expect(named(old, 'csr_era')?.exit).toBe('stale');
  expect(named(current, 'csr_era')?.exit).toBe('real');
});
