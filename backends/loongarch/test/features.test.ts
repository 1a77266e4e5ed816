// SPDX-License-Identifier: MIT
/** The identity of the back-end and its Kconfig symbols, typed from linux 6.12 and 7.2 arch/loongarch/Kconfig. */
import { expect, test } from 'vitest';
import { accessors } from '../accessors.js';
import { features } from '../features.js';
import { graph } from '../graph.js';
import { backend } from '../index.js';

const ROWS = [
  // symbol, 6.12, 7.2
  ['LOONGARCH', true, true],
  ['FUNCTION_TRACER', true, true],
  ['DYNAMIC_FTRACE', true, true],
  ['DYNAMIC_FTRACE_WITH_REGS', true, true],
  ['DYNAMIC_FTRACE_WITH_ARGS', true, true],
  ['DYNAMIC_FTRACE_WITH_DIRECT_CALLS', true, true],
  ['DYNAMIC_FTRACE_WITH_CALL_OPS', false, false],
  ['DYNAMIC_FTRACE_WITH_JMP', false, false],
  ['HAVE_SINGLE_FTRACE_DIRECT_OPS', false, false],
  ['HAVE_FTRACE_REGS_HAVING_PT_REGS', false, true],
  ['FUNCTION_GRAPH_TRACER', true, true],
  ['HAVE_FUNCTION_GRAPH_FREGS', true, true],
  ['HAVE_FUNCTION_GRAPH_RETVAL', false, false],
  ['FUNCTION_GRAPH_RETVAL', true, true],
  ['HAVE_FTRACE_GRAPH_FUNC', false, true],
  ['HAVE_FUNCTION_GRAPH_FP_TEST', false, false],
  ['KPROBES', true, true],
  ['KRETPROBES', true, true],
  ['KPROBES_ON_FTRACE', true, true],
  ['RETHOOK', true, true],
  ['KRETPROBE_ON_RETHOOK', true, true],
  ['KPROBE_ON_FUNC_ENTRY', true, true],
  ['RETHOOK_BY_KPROBE', false, false],
  ['ARCH_CORRECT_STACKTRACE_ON_KRETPROBE', false, false],
  ['FPROBE', true, true],
  ['FUNCTION_TRACE_ARGS', false, true],
  ['FUNCTION_PROFILER', false, true],
  ['KPROBE_EVENTS', true, true],
  ['FPROBE_EVENTS', true, true],
  ['PROBE_EVENTS_BTF_ARGS', true, true],
  ['HAVE_FUNCTION_ARG_ACCESS_API', true, true],
  ['HAVE_REGS_AND_STACK_ACCESS_API', true, true],
  ['FUNCTION_ERROR_INJECTION', true, true],
  ['LIVEPATCH', true, true],
  ['HAVE_RELIABLE_STACKTRACE', false, false],
  ['HAVE_SAMPLE_FTRACE_DIRECT', true, true],
  ['HAVE_SAMPLE_FTRACE_DIRECT_MULTI', true, true],
  ['HAVE_STATIC_CALL', false, false],
  ['HAVE_EBPF_JIT', true, true],
  ['HAVE_C_RECORDMCOUNT', true, true],
  ['FTRACE_MCOUNT_USE_PATCHABLE_FUNCTION_ENTRY', false, false],
  ['UNWINDER_PROLOGUE', true, true],
  ['UNWINDER_ORC', false, false],
  ['BPF_TRAMPOLINE', false, true],
  ['RETHOOK_RESTORES_U0', true, false],
  ['HAVE_FUNCTION_GRAPH_RET_ADDR_PTR', false, false],
  ['FUNCTION_GRAPH_RETADDR', false, true],
  ['FRAME_POINTER', false, false],
  ['FTRACE_MCOUNT_USE_RECORDMCOUNT', true, true],
  ['HAVE_BUILDTIME_MCOUNT_SORT', false, false],
  ['FTRACE_GRAPH_CALLER', false, false],
  ['FGRAPH_RECURSION_LOCK', false, true],
] as const;

test.each(ROWS)('%s is %s at 6.12, %s at 7.2', (symbol, before, now) => {
  expect(features[symbol]).toMatchObject({ '6.12': before, '7.2': now });
});

test('nothing else', () => {
  expect(Object.keys(features).sort()).toEqual(ROWS.map(([name]) => name).sort());
});

test('6.1 has no function tracing at all', () => {
  expect(backend.revisions).toEqual(['6.12', '7.2']);
  expect(backend.untraced).toEqual(['6.1']);
  const on = Object.entries(features).filter(([, row]) => '6.1' in row && row['6.1']);
  expect(on.map(([symbol]) => symbol).sort()).toEqual([
    'HAVE_EBPF_JIT',
    'HAVE_REGS_AND_STACK_ACCESS_API',
    'LOONGARCH',
  ]);
});

test('fprobe headers use the two-word encoding', () => {
  expect(graph.fprobeHeaderMsb).toBeNull();
});

test('tracers print 6 arguments, although 8 argument registers exist', () => {
  expect(accessors.maxArgs).toBe(6);
});
