// SPDX-License-Identifier: MIT
/** The identity of the back-end and its Kconfig symbols, typed from linux 7.2 arch/riscv/Kconfig. */
import { expect, test } from 'vitest';
import { features } from '../features.js';
import { backend } from '../index.js';

test.each([
  ['FUNCTION_TRACER', true],
  ['DYNAMIC_FTRACE', true],
  ['DYNAMIC_FTRACE_WITH_REGS', false],
  ['DYNAMIC_FTRACE_WITH_ARGS', true],
  ['DYNAMIC_FTRACE_WITH_CALL_OPS', true],
  ['DYNAMIC_FTRACE_WITH_DIRECT_CALLS', true],
  ['DYNAMIC_FTRACE_WITH_JMP', false],
  ['HAVE_SINGLE_FTRACE_DIRECT_OPS', false],
  ['HAVE_FTRACE_REGS_HAVING_PT_REGS', false],
  ['FUNCTION_GRAPH_TRACER', true],
  ['FUNCTION_GRAPH_RETVAL', true],
  ['HAVE_FUNCTION_GRAPH_FREGS', true],
  ['HAVE_FTRACE_GRAPH_FUNC', true],
  ['KPROBES', true],
  ['KRETPROBES', true],
  ['KPROBES_ON_FTRACE', false],
  ['RETHOOK', true],
  ['FPROBE', true],
  ['FUNCTION_ERROR_INJECTION', true],
  ['LIVEPATCH', false],
  ['HAVE_RELIABLE_STACKTRACE', false],
  ['FTRACE_MCOUNT_USE_PATCHABLE_FUNCTION_ENTRY', true],
  ['HAVE_BUILDTIME_MCOUNT_SORT', true],
  ['FRAME_POINTER', true],
] as const)('%s is %s at 7.2', (symbol, on) => {
  expect(features[symbol]['7.2']).toBe(on);
});

test('the modelled build: GCC, compressed instructions, no CFI', () => {
  expect(features.CC_IS_CLANG['7.2']).toBe(false);
  expect(features.RISCV_ISA_C['7.2']).toBe(true);
  expect(features.CFI['7.2']).toBe(false);
});

test('what the remote protocol of QEMU calls s0', () => {
  expect(backend.qemu.registers).toEqual({ s0: 'fp' });
});

test('named as its folder', () => {
  expect(backend.arch).toBe('riscv');
});
