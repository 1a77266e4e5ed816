// SPDX-License-Identifier: MIT
/** Structures, typed from arch/riscv/include/asm/ftrace.h and ptrace.h (compiled offsets). */
import { describe, expect, test } from 'vitest';
import type { Config } from '../../../harness/backend/contract.js';
import { layouts } from '../layout.js';
import { cfi, clang, config, gcc, noDirectCalls, noFramePointer, v61, v612, v612Clang } from './support.js';

const fieldNamed = (of: Config, name: string) =>
  layouts.ftraceRegs(of).fields.find((candidate) => candidate.name === name);

describe('struct ftrace_regs at 7.2', () => {
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

describe('struct ftrace_regs at 6.12', () => {
  test('104 bytes, 112 on the stack', () => {
    expect(layouts.ftraceRegs(v612).size).toBe(104);
    expect(layouts.asmOffsets(v612)).toMatchObject({ FRAME_SIZE: 112 });
  });

  test.each([
    // name, offset, at entry, at exit
    ['epc', 0, 'real', 'stale'],
    ['ra', 8, 'real', 'faked'],
    ['sp', 16, 'real', 'stale'],
    ['s0', 24, 'real', 'real'],
    ['t1', 32, 'faked', 'stale'],
    ['a0', 40, 'real', 'real'],
    ['a1', 48, 'real', 'real'],
    ['a2', 56, 'real', 'stale'],
    ['a3', 64, 'real', 'stale'],
    ['a4', 72, 'real', 'stale'],
    ['a5', 80, 'real', 'stale'],
    ['a6', 88, 'real', 'stale'],
    ['a7', 96, 'real', 'stale'],
  ])('%s at %i: %s at entry, %s at exit', (name, offset, plain, exit) => {
    expect(fieldNamed(v612, name)).toEqual({ name, offset, size: 8, plain, exit });
  });

  test('nothing else, with either compiler', () => {
    expect(layouts.ftraceRegs(v612).fields).toHaveLength(13);
    expect(layouts.ftraceRegs(v612Clang)).toEqual(layouts.ftraceRegs(v612));
  });

  test('s0 at entry is stale without the frame pointer test', () => {
    expect(
      layouts.ftraceRegs(config({ FRAME_POINTER: false }, '6.12')).fields.find(({ name }) => name === 's0'),
    ).toMatchObject({ plain: 'stale', exit: 'real' });
  });
});

describe('struct ftrace_regs at 6.1: one struct pt_regs by type', () => {
  test('288 bytes, of which ftrace_caller builds 80', () => {
    expect(layouts.ftraceRegs(v61)).toMatchObject({ size: 288, plainSize: 80 });
  });

  test.each([
    // name, offset, ftrace_caller (the save area, then the stack above S), ftrace_regs_caller
    ['epc', 0, 'faked', 'real'],
    ['ra', 8, 'faked', 'real'],
    ['sp', 16, 'faked', 'faked'],
    ['gp', 24, 'faked', 'real'],
    ['tp', 32, 'faked', 'real'],
    ['t0', 40, 'faked', 'real'],
    ['t1', 48, 'faked', 'real'],
    ['t2', 56, 'faked', 'real'],
    ['s0', 64, 'faked', 'real'],
    ['s1', 72, 'faked', 'real'],
    ['a0', 80, 'stale', 'real'],
    ['a1', 88, 'stale', 'real'],
    ['a2', 96, 'stale', 'real'],
    ['a3', 104, 'stale', 'real'],
    ['a4', 112, 'stale', 'real'],
    ['a5', 120, 'stale', 'real'],
    ['a6', 128, 'stale', 'real'],
    ['a7', 136, 'stale', 'real'],
    ['s2', 144, 'stale', 'real'],
    ['s3', 152, 'stale', 'real'],
    ['s4', 160, 'stale', 'real'],
    ['s5', 168, 'stale', 'real'],
    ['s6', 176, 'stale', 'real'],
    ['s7', 184, 'stale', 'real'],
    ['s8', 192, 'stale', 'real'],
    ['s9', 200, 'stale', 'real'],
    ['s10', 208, 'stale', 'real'],
    ['s11', 216, 'stale', 'real'],
    ['t3', 224, 'stale', 'real'],
    ['t4', 232, 'stale', 'real'],
    ['t5', 240, 'stale', 'real'],
    ['t6', 248, 'stale', 'real'],
    ['status', 256, 'stale', 'stale'],
    ['badaddr', 264, 'stale', 'stale'],
    ['cause', 272, 'stale', 'stale'],
    ['orig_a0', 280, 'stale', 'stale'],
  ])('%s at %i: %s, with SAVE_REGS %s', (name, offset, plain, regs) => {
    expect(fieldNamed(v61, name)).toEqual({ name, offset, size: 8, plain, regs, exit: 'stale' });
  });

  test('nothing else', () => {
    expect(layouts.ftraceRegs(v61).fields).toHaveLength(36);
  });
});

describe.each([
  ['6.1', v61],
  ['6.12', v612],
  ['7.2', gcc],
])('struct pt_regs at %s', (_revision, of) => {
  const layout = layouts.ptRegs(of);

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
  expect(layouts.asmOffsets(v612)).toMatchObject({ FREGS_A0: 40, FREGS_A1: 48, FREGS_A7: 96 });
  expect(layouts.asmOffsets(v61)).toMatchObject({ PT_REGS_SIZE: 288, PT_EPC: 0, PT_SP: 16, PT_T6: 248 });
  expect(layouts.asmOffsets(cfi)).toMatchObject({ FREGS_A0: 40, FREGS_A1: 48, FREGS_T2: 104 });
});
