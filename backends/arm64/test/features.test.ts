// SPDX-License-Identifier: MIT
/** Kconfig symbols, typed from arch/arm64/Kconfig and kernel/trace/Kconfig (GCC or clang without CFI). */
import { expect, test } from 'vitest';
import { features } from '../features.js';

const ROWS = [
  // symbol, 6.1, 6.12, 7.2
  ['ARM64', true, true, true],
  ['FUNCTION_TRACER', true, true, true],
  // Not Kconfig: mechanisms, from sections 7 and 11 of the facts.
  ['KPROBE_ON_FUNC_ENTRY', true, true, true],
  ['RETHOOK_BY_KPROBE', false, false, false],
  ['FTRACE_GRAPH_CALLER', false, false, false],
  ['FGRAPH_RECURSION_LOCK', false, false, true],
  ['BPF_TRAMPOLINE', true, true, true],
  ['DYNAMIC_FTRACE', true, true, true],
  ['DYNAMIC_FTRACE_WITH_REGS', true, false, false],
  ['DYNAMIC_FTRACE_WITH_ARGS', false, true, true],
  ['DYNAMIC_FTRACE_WITH_CALL_OPS', false, true, true],
  ['DYNAMIC_FTRACE_WITH_DIRECT_CALLS', false, true, true],
  ['DYNAMIC_FTRACE_WITH_JMP', false, false, false],
  ['HAVE_SINGLE_FTRACE_DIRECT_OPS', false, false, false],
  ['HAVE_FTRACE_REGS_HAVING_PT_REGS', false, false, false],
  ['FUNCTION_GRAPH_TRACER', true, true, true],
  ['FUNCTION_GRAPH_RETVAL', false, true, true],
  ['HAVE_FUNCTION_GRAPH_FREGS', false, true, true],
  ['HAVE_FTRACE_GRAPH_FUNC', false, false, true],
  ['FUNCTION_GRAPH_RETADDR', false, false, true],
  ['FUNCTION_TRACE_ARGS', false, false, true],
  ['FUNCTION_PROFILER', false, false, true],
  ['KPROBES', true, true, true],
  ['KRETPROBES', true, true, true],
  ['KPROBES_ON_FTRACE', false, false, false],
  ['RETHOOK', false, false, false],
  ['KRETPROBE_ON_RETHOOK', false, false, false],
  ['ARCH_CORRECT_STACKTRACE_ON_KRETPROBE', true, true, false],
  ['FPROBE', false, false, true],
  ['KPROBE_EVENTS', true, true, true],
  ['FPROBE_EVENTS', false, false, true],
  ['PROBE_EVENTS_BTF_ARGS', false, true, true],
  ['HAVE_FUNCTION_ARG_ACCESS_API', true, true, true],
  ['HAVE_REGS_AND_STACK_ACCESS_API', true, true, true],
  ['FUNCTION_ERROR_INJECTION', true, true, true],
  ['LIVEPATCH', false, false, true],
  ['HAVE_RELIABLE_STACKTRACE', false, false, true],
  ['HAVE_SAMPLE_FTRACE_DIRECT', false, true, true],
  ['HAVE_SAMPLE_FTRACE_DIRECT_MULTI', false, true, true],
  ['FTRACE_MCOUNT_USE_PATCHABLE_FUNCTION_ENTRY', true, true, true],
  ['HAVE_FTRACE_MCOUNT_RECORD', true, true, false],
  ['HAVE_C_RECORDMCOUNT', true, true, true],
  ['HAVE_BUILDTIME_MCOUNT_SORT', false, true, true],
  ['FUNCTION_ALIGNMENT_4B', false, true, true],
  ['FUNCTION_ALIGNMENT_8B', false, true, true],
  ['FRAME_POINTER', true, true, true],
  ['HAVE_STATIC_CALL', false, false, false],
  ['ARM64_BTI_KERNEL', false, false, false],
  ['ARM64_MODULE_PLTS', true, false, false],
  ['KRETPROBE_BRK', false, true, true],
  ['HAVE_FUNCTION_GRAPH_FP_TEST', true, true, true],
  ['HAVE_FUNCTION_GRAPH_RET_ADDR_PTR', true, false, false],
] as const;

test.each(ROWS)('%s: %s, %s, %s', (name, v61, v612, v72) => {
  expect(features[name]).toEqual({ '6.1': v61, '6.12': v612, '7.2': v72 });
});

test('nothing else', () => {
  expect(Object.keys(features).sort()).toEqual(ROWS.map(([name]) => name).sort());
});
