// SPDX-License-Identifier: MIT
/** The identity of the back-end and its Kconfig symbols, typed from arch/riscv/Kconfig and kernel/trace/Kconfig. */
import { expect, test } from 'vitest';
import { features } from '../features.js';
import { backend } from '../index.js';

const ROWS = [
  // symbol, 6.1, 6.12, 7.2
  ['RISCV', true, true, true],
  ['FUNCTION_TRACER', true, true, true],
  // Not Kconfig: mechanisms, from sections 7 and 11 of the facts.
  ['KPROBE_ON_FUNC_ENTRY', true, false, true],
  ['RETHOOK_BY_KPROBE', false, false, false],
  ['FTRACE_GRAPH_CALLER', true, false, false],
  ['FGRAPH_RECURSION_LOCK', false, false, true],
  ['BPF_TRAMPOLINE', false, true, true],
  ['DYNAMIC_FTRACE', true, true, true],
  ['DYNAMIC_FTRACE_WITH_REGS', true, false, false],
  ['DYNAMIC_FTRACE_WITH_ARGS', false, true, true],
  ['DYNAMIC_FTRACE_WITH_CALL_OPS', false, false, true],
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
  ['HAVE_STATIC_CALL', false, false, false],
  ['KPROBES', true, true, true],
  ['KRETPROBES', true, true, true],
  ['KPROBES_ON_FTRACE', true, false, false],
  ['RETHOOK', false, true, true],
  ['KRETPROBE_ON_RETHOOK', false, true, true],
  ['ARCH_CORRECT_STACKTRACE_ON_KRETPROBE', false, false, false],
  ['FPROBE', false, false, true],
  ['KPROBE_EVENTS', true, true, true],
  ['FPROBE_EVENTS', false, false, true],
  ['PROBE_EVENTS_BTF_ARGS', false, true, true],
  ['LIVEPATCH', false, false, false],
  ['HAVE_RELIABLE_STACKTRACE', false, false, false],
  ['FUNCTION_ERROR_INJECTION', true, true, true],
  ['HAVE_FUNCTION_ARG_ACCESS_API', true, true, true],
  ['HAVE_REGS_AND_STACK_ACCESS_API', true, true, true],
  ['HAVE_SAMPLE_FTRACE_DIRECT', false, true, true],
  ['HAVE_SAMPLE_FTRACE_DIRECT_MULTI', false, true, true],
  ['FRAME_POINTER', true, true, true],
  ['FTRACE_MCOUNT_USE_PATCHABLE_FUNCTION_ENTRY', false, true, true],
  ['HAVE_BUILDTIME_MCOUNT_SORT', false, false, true],
  ['FUNCTION_ALIGNMENT_4B', false, false, true],
  ['FUNCTION_ALIGNMENT_8B', false, false, true],
  ['RISCV_ISA_C', true, true, true],
  ['CC_IS_CLANG', false, false, false],
  ['CFI', false, false, false],
  ['FTRACE_TOGGLES_JALR', false, false, true],
  ['KRETPROBE_STORES_SP', true, false, true],
  ['HAVE_FUNCTION_GRAPH_FP_TEST', true, true, true],
  ['HAVE_FUNCTION_GRAPH_RET_ADDR_PTR', true, false, false],
] as const;

test.each(ROWS)('%s: %s, %s, %s', (name, v61, v612, v72) => {
  expect(features[name]).toEqual({ '6.1': v61, '6.12': v612, '7.2': v72 });
});

test('nothing else', () => {
  expect(Object.keys(features).sort()).toEqual(ROWS.map(([name]) => name).sort());
});

test('what the remote protocol of QEMU calls s0', () => {
  expect(backend.qemu.registers).toEqual({ s0: 'fp' });
});

test('named as its folder', () => {
  expect(backend.arch).toBe('riscv');
});
