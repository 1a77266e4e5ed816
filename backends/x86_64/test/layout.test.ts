// SPDX-License-Identifier: MIT
/** Layouts, row by row as compiled from the headers of linux 6.1, 6.12 and 7.2: offset, size, and who fills the field. */
import { describe, expect, test } from 'vitest';
import { layouts } from '../layout.js';
import { builds } from './support.js';

const [garbage, real, faked] = ['stale', 'real', 'faked'] as const;

/** Offset, field, then by ftrace_caller, ftrace_regs_caller, return_to_handler of 7.2. */
const ROWS = [
  [0x00, 'r15', garbage, real, garbage],
  [0x08, 'r14', garbage, real, garbage],
  [0x10, 'r13', garbage, real, garbage],
  [0x18, 'r12', garbage, real, garbage],
  [0x20, 'bp', real, real, real],
  [0x28, 'bx', garbage, real, garbage],
  [0x30, 'r11', garbage, real, garbage],
  [0x38, 'r10', garbage, real, garbage],
  [0x40, 'r9', real, real, garbage],
  [0x48, 'r8', real, real, garbage],
  [0x50, 'ax', real, real, real],
  [0x58, 'cx', real, real, garbage],
  [0x60, 'dx', real, real, real],
  [0x68, 'si', real, real, garbage],
  [0x70, 'di', real, real, garbage],
  [0x78, 'orig_ax', faked, faked, garbage],
  [0x80, 'ip', real, real, real],
  [0x88, 'cs', faked, faked, garbage],
  [0x90, 'flags', garbage, real, garbage],
  [0x98, 'sp', real, real, real],
  [0xa0, 'ss', garbage, faked, garbage],
] as const;

/** What return_to_handler fills: at 6.1 it builds no such block, and the ip is the doing of the core of 7.2. */
const EXIT: Readonly<Record<string, readonly string[]>> = {
  '6.1': [],
  '6.12': ['bp', 'ax', 'dx', 'sp'],
  '7.2': ['bp', 'ax', 'dx', 'ip', 'sp'],
};

/** The C width of cs and ss; every other field has 8 bytes at every revision. */
const SELECTOR: Readonly<Record<string, number>> = { '6.1': 8, '6.12': 2, '7.2': 2 };

describe.each(builds)('at $revision', ({ revision, orc }) => {
  describe('struct ftrace_regs', () => {
    test.each(ROWS)('+0x%x is %s', (offset, name, plain, regs, newest) => {
      const field = layouts.ftraceRegs(orc).fields.find((candidate) => candidate.name === name);
      const exit = EXIT[revision]?.includes(name) ? real : garbage;
      expect(field).toEqual({ name, offset, size: 8, plain, regs, exit });
      if (revision === '7.2') expect(exit).toBe(newest);
    });

    test('has 168 bytes and no other field', () => {
      expect(layouts.ftraceRegs(orc).size).toBe(168);
      expect(layouts.ftraceRegs(orc).fields).toHaveLength(ROWS.length);
    });
  });

  describe('struct pt_regs', () => {
    test.each(ROWS)('+0x%x is %s', (offset, name) => {
      const field = layouts.ptRegs(orc).fields.find((candidate) => candidate.name === name);
      expect(field).toEqual({
        name,
        offset,
        size: name === 'cs' || name === 'ss' ? SELECTOR[revision] : 8,
      });
    });

    test('has 168 bytes', () => {
      expect(layouts.ptRegs(orc).size).toBe(168);
    });
  });

  test('trampoline.S knows every offset, and the kernel selectors CS = 0x10, DS/SS = 0x18', () => {
    const constants: Readonly<Record<string, number | bigint>> = layouts.asmOffsets(orc);
    for (const [offset, name] of ROWS) expect(constants[`FREGS_${name.toUpperCase()}`]).toBe(offset);
    expect(constants.FREGS_SIZE).toBe(168);
    expect([constants.KERNEL_CS, constants.KERNEL_DS]).toEqual([0x10, 0x18]);
  });

  test('BPF programs see up to 6 register words at 6.1, later up to 12', () => {
    expect(layouts.stubs(orc).bpf.words).toBe(revision === '6.1' ? 6 : 12);
  });

  test('jump mode: stubs and their cells at 7.2 only', () => {
    const { jump } = layouts.stubs(orc);
    const cells = Object.keys(layouts.dataCells(orc));
    expect(jump).toEqual(revision === '7.2' ? { suffix: '_jmp', body: '_body' } : null);
    expect(cells.includes('bpf_body_3')).toBe(true);
    expect(cells.includes('direct_tramp_0_body')).toBe(revision === '7.2');
  });
});
