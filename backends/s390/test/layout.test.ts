// SPDX-License-Identifier: MIT
/** Structures of the three kernels, typed from arch/s390/include/asm/ptrace.h (compiled for s390x). */
import { describe, expect, test } from 'vitest';
import { layouts } from '../layout.js';
import { config, REVISIONS } from './support.js';

describe.each(REVISIONS)('struct ftrace_regs at %s', (revision) => {
  const layout = layouts.ftraceRegs(config(revision));
  const fregs = revision === '6.1' ? 'stale' : 'real';

  test('one pt_regs of 200 bytes', () => {
    expect(layout.size).toBe(200);
    const { size, fields } = layouts.ptRegs(config(revision));
    expect(size).toBe(200);
    expect(layout.fields.map(({ name, offset, size }) => ({ name, offset, size }))).toEqual(fields);
  });

  test.each([
    // name, offset, size, by ftrace_caller, by ftrace_regs_caller, by return_to_handler and the core
    ['args[0]', 0, 8, 'stale', 'stale', 'stale'],
    ['psw.mask', 8, 8, 'stale', 'real', 'stale'],
    ['psw.addr', 16, 8, 'real', 'real', revision === '7.2' ? 'real' : 'stale'],
    ['gprs[0]', 24, 8, 'stale', 'stale', 'stale'],
    ['gprs[1]', 32, 8, 'stale', 'stale', 'stale'],
    ['gprs[2]', 40, 8, 'real', 'real', fregs],
    ['gprs[3]', 48, 8, 'real', 'real', 'stale'],
    ['gprs[4]', 56, 8, 'real', 'real', 'stale'],
    ['gprs[5]', 64, 8, 'real', 'real', 'stale'],
    ['gprs[6]', 72, 8, 'real', 'real', 'stale'],
    ['gprs[7]', 80, 8, 'real', 'real', 'stale'],
    ['gprs[8]', 88, 8, 'real', 'real', 'stale'],
    ['gprs[9]', 96, 8, 'real', 'real', 'stale'],
    ['gprs[10]', 104, 8, 'real', 'real', 'stale'],
    ['gprs[11]', 112, 8, 'real', 'real', 'stale'],
    ['gprs[12]', 120, 8, 'real', 'real', 'stale'],
    ['gprs[13]', 128, 8, 'real', 'real', 'stale'],
    ['gprs[14]', 136, 8, 'real', 'real', 'stale'],
    ['gprs[15]', 144, 8, 'real', 'real', fregs],
    ['orig_gpr2', 152, 8, 'faked', 'faked', 'stale'],
    ['int_code', 160, 4, 'stale', 'stale', 'stale'],
    ['int_parm', 164, 4, 'stale', 'stale', 'stale'],
    ['int_parm_long', 168, 8, 'stale', 'stale', 'stale'],
    ['flags', 176, 8, 'faked', 'faked', 'stale'],
  ])('%s at %i, %i bytes: %s, %s; %s at exit', (name, offset, size, plain, regs, exit) => {
    const field = layout.fields.find((candidate) => candidate.name === name);
    expect(field).toEqual({ name, offset, size, plain, regs, exit });
  });

  test('the end is the revision’s', () => {
    const end = layout.fields.filter(({ offset }) => offset > 176).map((f) => [f.name, f.offset, f.size]);
    expect(end).toEqual(
      revision === '7.2'
        ? [
            ['last_break', 184, 8],
            ['cpu', 192, 4],
            ['percpu_register', 196, 1],
          ]
        : [
            ['cr1', 184, 8],
            ['last_break', 192, 8],
          ],
    );
    expect(layout.fields.filter(({ offset }) => offset > 176)).toSatisfy((fields: typeof layout.fields) =>
      fields.every(({ plain, regs, exit }) => plain === 'stale' && regs === 'stale' && exit === 'stale'),
    );
  });

  test('nothing else', () => {
    expect(layout.fields).toHaveLength(revision === '7.2' ? 27 : 26);
  });

  test('the assembler sees the same offsets', () => {
    expect(layouts.asmOffsets(config(revision))).toMatchObject({
      FREGS_SIZE: 200,
      FREGS_PSW_MASK: 8,
      FREGS_PSW_ADDR: 16,
      FREGS_GPRS_0_: 24,
      FREGS_ORIG_GPR2: 152,
      FREGS_FLAGS: 176,
      STACK_FRAME_OVERHEAD: 160,
      SF_GPRS: 72,
      SF_R14: 136,
      SF_R15: 144,
      SF_BACKCHAIN: 152,
    });
  });
});

test('struct ftrace_ops: func first, direct_call at 192 in 7.2, 208 in 6.12', () => {
  expect(layouts.ftraceOps(config('7.2'))).toMatchObject({ func: 0, directCall: 192 });
  expect(layouts.ftraceOps(config('6.12'))).toMatchObject({ func: 0, directCall: 208 });
});

test('the callee is data: ftrace_func begins as ftrace_stub', () => {
  expect(layouts.dataCells(config('7.2'))).toMatchObject({
    function_trace_op: { size: 8 },
    ftrace_func: { size: 8, initial: 'ftrace_stub' },
  });
});

test('27 programs fit in a BPF trampoline', () => {
  expect(layouts.stubs(config('7.2')).bpf.maxLinks).toBe(27);
  expect(layouts.stubs(config('6.12')).bpf.maxLinks).toBe(27);
});
