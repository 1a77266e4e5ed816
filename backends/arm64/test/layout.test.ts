// SPDX-License-Identifier: MIT
/** Structures of linux 7.2, typed from arch/arm64/include/asm/ftrace.h and ptrace.h (compiled offsets). */
import { describe, expect, test } from 'vitest';
import type { Config } from '../../../harness/backend/contract.js';
import { layouts } from '../layout.js';
import { config } from './support.js';

describe('struct ftrace_regs', () => {
  const layout = layouts.ftraceRegs(config());

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
    ['pc', 104, 'real', 'real'],
  ])('%s at %i: %s at entry, %s at exit', (name, offset, plain, exit) => {
    const field = layout.fields.find((candidate) => candidate.name === name);
    expect(field).toEqual({ name, offset, size: 8, plain, exit });
  });

  test('nothing else', () => {
    expect(layout.fields).toHaveLength(14);
  });

  test('without direct calls the word at 72 is a pad that nobody writes', () => {
    const { fields } = layouts.ftraceRegs(config({ DYNAMIC_FTRACE_WITH_DIRECT_CALLS: false }));
    expect(fields.find(({ offset }) => offset === 72)).toMatchObject({ plain: 'stale', exit: 'stale' });
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

test('ops->func is at offset 0', () => {
  expect(layouts.ftraceOps(config()).func).toBe(0);
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
});
