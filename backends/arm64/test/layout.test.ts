// SPDX-License-Identifier: MIT
/** Structures, typed from arch/arm64/include/asm/ftrace.h and ptrace.h (compiled offsets). */
import { describe, expect, test } from 'vitest';
import type { Config } from '../../../harness/backend/contract.js';
import { layouts } from '../layout.js';
import { config } from './support.js';

describe.each(['6.12', '7.2'] as const)('struct ftrace_regs at %s', (revision) => {
  const layout = layouts.ftraceRegs(config({}, revision));

  test('112 bytes, a multiple of 16', () => {
    expect(layout.size).toBe(112);
  });

  test.each([
    // name, offset, at entry (ftrace_caller), at exit (return_to_handler and the core)
    ['x0', 0, 'real', 'real'],
    ['x1', 8, 'real', 'real'],
    ['x2', 16, 'real', 'real'],
    ['x3', 24, 'real', 'real'],
    ['x4', 32, 'real', 'real'],
    ['x5', 40, 'real', 'real'],
    ['x6', 48, 'real', 'real'],
    ['x7', 56, 'real', 'real'],
    ['x8', 64, 'real', 'stale'],
    ['direct_tramp', 72, 'faked', 'stale'],
    ['fp', 80, 'real', 'real'],
    ['lr', 88, 'real', 'stale'],
    ['sp', 96, 'real', 'stale'],
    // The core stores the return address there from 7.2 on.
    ['pc', 104, 'real', revision === '7.2' ? 'real' : 'stale'],
  ])('%s at %i: %s at entry, %s at exit', (name, offset, plain, exit) => {
    const field = layout.fields.find((candidate) => candidate.name === name);
    expect(field).toEqual({ name, offset, size: 8, plain, exit });
  });

  test('nothing else', () => {
    expect(layout.fields).toHaveLength(14);
  });

  test('without direct calls the word at 72 is a pad that nobody writes', () => {
    const { fields } = layouts.ftraceRegs(config({ DYNAMIC_FTRACE_WITH_DIRECT_CALLS: false }, revision));
    expect(fields.find(({ offset }) => offset === 72)).toMatchObject({ plain: 'stale', exit: 'stale' });
  });
});

describe('struct ftrace_regs at 6.1: one struct pt_regs', () => {
  const layout = layouts.ftraceRegs(config({}, '6.1'));

  test('336 bytes', () => {
    expect(layout.size).toBe(336);
  });

  test.each([
    // name, offset, size, ftrace_caller, ftrace_regs_caller
    ['x0', 0, 8, 'real', 'real'],
    ['x1', 8, 8, 'real', 'real'],
    ['x2', 16, 8, 'real', 'real'],
    ['x3', 24, 8, 'real', 'real'],
    ['x4', 32, 8, 'real', 'real'],
    ['x5', 40, 8, 'real', 'real'],
    ['x6', 48, 8, 'real', 'real'],
    ['x7', 56, 8, 'real', 'real'],
    ['x8', 64, 8, 'real', 'real'],
    ['x9', 72, 8, 'faked', 'faked'],
    ['x10', 80, 8, 'stale', 'real'],
    ['x11', 88, 8, 'stale', 'real'],
    ['x12', 96, 8, 'stale', 'real'],
    ['x13', 104, 8, 'stale', 'real'],
    ['x14', 112, 8, 'stale', 'real'],
    ['x15', 120, 8, 'stale', 'real'],
    ['x16', 128, 8, 'stale', 'real'],
    ['x17', 136, 8, 'stale', 'real'],
    ['x18', 144, 8, 'stale', 'real'],
    ['x19', 152, 8, 'stale', 'real'],
    ['x20', 160, 8, 'stale', 'real'],
    ['x21', 168, 8, 'stale', 'real'],
    ['x22', 176, 8, 'stale', 'real'],
    ['x23', 184, 8, 'stale', 'real'],
    ['x24', 192, 8, 'stale', 'real'],
    ['x25', 200, 8, 'stale', 'real'],
    ['x26', 208, 8, 'stale', 'real'],
    ['x27', 216, 8, 'stale', 'real'],
    ['x28', 224, 8, 'stale', 'real'],
    ['x29', 232, 8, 'real', 'real'],
    ['x30', 240, 8, 'real', 'real'],
    ['sp', 248, 8, 'real', 'real'],
    ['pc', 256, 8, 'real', 'real'],
    ['pstate', 264, 8, 'stale', 'stale'],
    ['orig_x0', 272, 8, 'stale', 'stale'],
    ['syscallno', 280, 4, 'stale', 'stale'],
    ['unused2', 284, 4, 'stale', 'stale'],
    ['sdei_ttbr1', 288, 8, 'stale', 'stale'],
    ['pmr_save', 296, 8, 'stale', 'stale'],
    ['stackframe.fp', 304, 8, 'faked', 'faked'],
    ['stackframe.lr', 312, 8, 'faked', 'faked'],
    ['lockdep_hardirqs', 320, 8, 'stale', 'stale'],
    ['exit_rcu', 328, 8, 'stale', 'stale'],
  ])('%s at %i, %i bytes: %s, with SAVE_REGS %s', (name, offset, size, plain, regs) => {
    const field = layout.fields.find((candidate) => candidate.name === name);
    expect(field).toEqual({ name, offset, size, plain, regs, exit: 'stale' });
  });

  test('nothing else', () => {
    expect(layout.fields).toHaveLength(43);
  });
});

describe.each(['6.1', '6.12'] as const)('struct pt_regs at %s', (revision) => {
  const layout = layouts.ptRegs(config({}, revision));

  test('336 bytes', () => {
    expect(layout.size).toBe(336);
  });

  test.each([
    ['x0', 0, 8],
    ['x30', 240, 8],
    ['sp', 248, 8],
    ['pc', 256, 8],
    ['pstate', 264, 8],
    ['orig_x0', 272, 8],
    ['syscallno', 280, 4],
    ['unused2', 284, 4],
    ['sdei_ttbr1', 288, 8],
    ['pmr_save', 296, 8],
    ['stackframe.fp', 304, 8],
    ['stackframe.lr', 312, 8],
    ['lockdep_hardirqs', 320, 8],
    ['exit_rcu', 328, 8],
  ])('%s at %i, %i bytes', (name, offset, size) => {
    expect(layout.fields).toContainEqual({ name, offset, size });
  });

  test('nothing else', () => {
    expect(layout.fields).toHaveLength(43);
  });
});

describe('struct pt_regs at 7.2', () => {
  const layout = layouts.ptRegs(config());

  test('320 bytes', () => {
    expect(layout.size).toBe(320);
  });

  test.each(Array.from({ length: 31 }, (_, n) => [`x${n}`, n]))('%s is word %i', (name, n) => {
    expect(layout.fields).toContainEqual({ name, offset: Number(n) * 8, size: 8 });
  });

  test.each([
    ['sp', 248, 8],
    ['pc', 256, 8],
    ['pstate', 264, 8],
    ['orig_x0', 272, 8],
    ['syscallno', 280, 4],
    ['pmr', 284, 4],
    ['sdei_ttbr1', 288, 8],
    ['stackframe.fp', 296, 8],
    ['stackframe.lr', 304, 8],
    ['stackframe.type', 312, 8],
  ])('%s at %i, %i bytes', (name, offset, size) => {
    expect(layout.fields).toContainEqual({ name, offset, size });
  });

  test('nothing else', () => {
    expect(layout.fields).toHaveLength(41);
  });
});

test('struct ftrace_ops: func first, direct_call last where there are direct calls', () => {
  expect(layouts.ftraceOps(config())).toEqual({ size: 200, func: 0, directCall: 192 });
  expect(layouts.ftraceOps(config({}, '6.12'))).toEqual({ size: 216, func: 0, directCall: 208 });
  expect(layouts.ftraceOps(config({}, '6.1'))).toEqual({ size: 184, func: 0, directCall: null });
});

test('the assembler sees the same offsets', () => {
  const all: Config = config();
  expect(layouts.asmOffsets(all)).toMatchObject({
    FREGS_SIZE: 112,
    FREGS_X0: 0,
    FREGS_X8: 64,
    FREGS_DIRECT_TRAMP: 72,
    FREGS_FP: 80,
    FREGS_LR: 88,
    FREGS_SP: 96,
    FREGS_PC: 104,
    FTRACE_OPS_FUNC: 0,
  });
  expect(layouts.asmOffsets(config({}, '6.1'))).toMatchObject({
    FREGS_SIZE: 336,
    PT_REGS_SIZE: 336,
    PT_X0: 0,
    PT_X29: 232,
    PT_X30: 240,
    PT_PC: 256,
    PT_STACKFRAME_FP: 304,
  });
});
