// SPDX-License-Identifier: MIT
/** Structures of linux 7.2, typed from arch/riscv/include/asm/ftrace.h and ptrace.h (compiled offsets). */
import { describe, expect, test } from 'vitest';
import type { Config } from '../../../harness/backend/contract.js';
import { layouts } from '../layout.js';
import { cfi, clang, config, gcc, noDirectCalls, noFramePointer } from './support.js';

const fieldNamed = (of: Config, name: string) =>
  layouts.ftraceRegs(of).fields.find((candidate) => candidate.name === name);

describe('struct ftrace_regs', () => {
  test.each([
    // column of 7.2, sizeof, stack space
    ['GCC, DIRECT_CALLS', gcc, 112, 112],
    ['clang, DIRECT_CALLS', clang, 152, 160],
    ['clang, no DIRECT_CALLS (CFI)', cfi, 144, 144],
  ])('%s: %#', (_column, of, size, onStack) => {
    expect(layouts.ftraceRegs(of).size).toBe(size);
    expect(layouts.asmOffsets(of)).toMatchObject({ FRAME_SIZE: onStack });
  });

  test.each([
    // name, offset with GCC, with clang, with clang and CFI
    ['epc', 0, 0, 0],
    ['ra', 8, 8, 8],
    ['sp', 16, 16, 16],
    ['s0', 24, 24, 24],
    ['t1', 32, 32, 32],
    ['direct_tramp', 40, 40, null],
    ['a0', 48, 48, 40],
    ['a1', 56, 56, 48],
    ['a2', 64, 64, 56],
    ['a3', 72, 72, 64],
    ['a4', 80, 80, 72],
    ['a5', 88, 88, 80],
    ['a6', 96, 96, 88],
    ['a7', 104, 104, 96],
    ['t2', null, 112, 104],
    ['t3', null, 120, 112],
    ['t4', null, 128, 120],
    ['t5', null, 136, 128],
    ['t6', null, 144, 136],
  ])('%s at %s / %s / %s', (name, ...offsets) => {
    for (const [index, of] of [gcc, clang, cfi].entries()) {
      const field = fieldNamed(of, name);
      expect(field?.offset ?? null).toBe(offsets[index]);
      if (field) expect(field.size).toBe(8);
    }
  });

  test('nothing else', () => {
    expect([gcc, clang, cfi].map((of) => layouts.ftraceRegs(of).fields.length)).toEqual([14, 19, 18]);
  });

  test.each([
    // name, at entry (ftrace_caller), at exit (return_to_handler and the core)
    ['epc', 'real', 'real'],
    ['ra', 'real', 'faked'],
    ['sp', 'real', 'stale'],
    ['s0', 'real', 'real'],
    ['t1', 'faked', 'stale'],
    ['direct_tramp', 'stale', 'stale'],
    ['a0', 'real', 'real'],
    ['a1', 'real', 'real'],
    ['a2', 'real', 'stale'],
    ['a7', 'real', 'stale'],
  ])('%s: %s at entry, %s at exit', (name, plain, exit) => {
    expect(fieldNamed(gcc, name)).toMatchObject({ plain, exit });
  });

  test('clang saves t2 to t6 at entry and not at exit', () => {
    for (const name of ['t2', 't3', 't4', 't5', 't6']) {
      expect(fieldNamed(clang, name)).toMatchObject({ plain: 'real', exit: 'stale' });
    }
  });

  test('s0 at entry is stale without the frame pointer test, and always stored at exit', () => {
    for (const of of [noFramePointer, config({ FUNCTION_GRAPH_TRACER: false })]) {
      expect(fieldNamed(of, 's0')).toMatchObject({ plain: 'stale', exit: 'real' });
    }
  });

  test('t1 at entry: the ops with CALL_OPS alone, the function’s own without', () => {
    expect(fieldNamed(noDirectCalls, 't1')?.plain).toBe('faked');
    expect(fieldNamed(cfi, 't1')?.plain).toBe('real');
  });
});

describe('struct pt_regs', () => {
  const layout = layouts.ptRegs(gcc);

  test('288 bytes', () => {
    expect(layout.size).toBe(288);
  });

  test.each([
    ['epc', 0],
    ['ra', 8],
    ['sp', 16],
    ['gp', 24],
    ['tp', 32],
    ['t0', 40],
    ['t1', 48],
    ['t2', 56],
    ['s0', 64],
    ['s1', 72],
    ['a0', 80],
    ['a1', 88],
    ['a2', 96],
    ['a3', 104],
    ['a4', 112],
    ['a5', 120],
    ['a6', 128],
    ['a7', 136],
    ['s2', 144],
    ['s3', 152],
    ['s4', 160],
    ['s5', 168],
    ['s6', 176],
    ['s7', 184],
    ['s8', 192],
    ['s9', 200],
    ['s10', 208],
    ['s11', 216],
    ['t3', 224],
    ['t4', 232],
    ['t5', 240],
    ['t6', 248],
    ['status', 256],
    ['badaddr', 264],
    ['cause', 272],
    ['orig_a0', 280],
  ])('%s at %i', (name, offset) => {
    expect(layout.fields).toContainEqual({ name, offset, size: 8 });
  });

  test('nothing else', () => {
    expect(layout.fields).toHaveLength(36);
  });
});

test('struct ftrace_ops of a Debian 7.2 kernel: func at 0, direct_call at 192, 200 bytes', () => {
  expect(layouts.ftraceOps(gcc)).toEqual({ size: 200, func: 0, directCall: 192 });
});

test('the assembler sees the same offsets', () => {
  expect(layouts.asmOffsets(clang)).toMatchObject({
    FREGS_EPC: 0,
    FREGS_RA: 8,
    FREGS_SP: 16,
    FREGS_S0: 24,
    FREGS_T1: 32,
    FREGS_A0: 48,
    FREGS_A1: 56,
    FREGS_T2: 112,
    FREGS_T6: 144,
    FTRACE_OPS_FUNC: 0,
    FTRACE_OPS_DIRECT_CALL: 192,
  });
  expect(layouts.asmOffsets(cfi)).toMatchObject({ FREGS_A0: 40, FREGS_A1: 48, FREGS_T2: 104 });
});
