// SPDX-License-Identifier: MIT
/** Layouts, row by row as compiled from the headers of linux 7.2: offset, size, and who fills the field. */
import { describe, expect, test } from 'vitest';
import { layouts } from '../layout.js';
import { orc } from './support.js';

const [garbage, real, faked] = ['stale', 'real', 'faked'] as const;

/** Offset, field, then by ftrace_caller, ftrace_regs_caller, return_to_handler. */
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

describe('struct ftrace_regs', () => {
  test.each(ROWS)('+0x%x is %s', (offset, name, plain, regs, exit) => {
    const field = layouts.ftraceRegs(orc).fields.find((candidate) => candidate.name === name);
    expect(field).toEqual({ name, offset, size: 8, plain, regs, exit });
  });

  test('has 168 bytes and no other field', () => {
    expect(layouts.ftraceRegs(orc).size).toBe(168);
    expect(layouts.ftraceRegs(orc).fields).toHaveLength(ROWS.length);
  });
});

describe('struct pt_regs', () => {
  test.each(ROWS)('+0x%x is %s', (offset, name) => {
    const field = layouts.ptRegs(orc).fields.find((candidate) => candidate.name === name);
    expect(field).toEqual({ name, offset, size: name === 'cs' || name === 'ss' ? 2 : 8 });
  });

  test('has 168 bytes', () => {
    expect(layouts.ptRegs(orc).size).toBe(168);
  });

  test('at 6.1, cs and ss are 8 bytes wide', () => {
    const { fields } = layouts.ptRegs({ ...orc, revision: '6.1' });
    expect(fields.filter(({ size }) => size !== 8)).toEqual([]);
  });
});

test('trampoline.S knows every offset, and the kernel selectors CS = 0x10, DS/SS = 0x18', () => {
  const constants: Readonly<Record<string, number | bigint>> = layouts.asmOffsets(orc);
  for (const [offset, name] of ROWS) expect(constants[`FREGS_${name.toUpperCase()}`]).toBe(offset);
  expect(constants.FREGS_SIZE).toBe(168);
  expect([constants.KERNEL_CS, constants.KERNEL_DS]).toEqual([0x10, 0x18]);
});
