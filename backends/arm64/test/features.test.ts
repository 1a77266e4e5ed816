// SPDX-License-Identifier: MIT
/** Kconfig symbols at 7.2, typed from arch/arm64/Kconfig and kernel/trace/Kconfig (GCC or clang without CFI). */
import { expect, test } from 'vitest';
import { features } from '../features.js';

test.each([
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
  ['FUNCTION_GRAPH_RETADDR', true],
  ['KPROBES', true],
  ['KRETPROBES', true],
  ['KPROBES_ON_FTRACE', false],
  ['RETHOOK', false],
  ['FPROBE', true],
  ['FUNCTION_ERROR_INJECTION', true],
  ['LIVEPATCH', true],
  ['HAVE_RELIABLE_STACKTRACE', true],
  ['FTRACE_MCOUNT_USE_PATCHABLE_FUNCTION_ENTRY', true],
  ['HAVE_BUILDTIME_MCOUNT_SORT', true],
  ['FRAME_POINTER', true],
  ['HAVE_STATIC_CALL', false],
] as const)('%s: %s', (name, on) => {
  expect(features[name]['7.2']).toBe(on);
});
