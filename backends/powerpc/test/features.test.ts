// SPDX-License-Identifier: MIT
/**
 * The feature table, row by row as the Kconfig files of linux 6.1, 6.12 and 7.2 have it for ppc64 ELFv2 little-endian: A at
 * 6.1 and 6.12, C at 7.2. A user option stands for the HAVE_ symbol of the same name.
 */
import { expect, test } from 'vitest';
import type { FeatureTable } from '../../../harness/backend/contract.js';
import { features } from '../features.js';

const [yes, no, none] = [true, false, false] as const;

/** Symbol, then 6.1, 6.12, 7.2. */
const ROWS: readonly (readonly [string, boolean, boolean, boolean])[] = [
  ['PPC64', yes, yes, yes],
  ['PPC32', no, no, no],
  ['FUNCTION_TRACER', yes, yes, yes],
  ['DYNAMIC_FTRACE', yes, yes, yes],
  ['DYNAMIC_FTRACE_WITH_ARGS', yes, yes, yes],
  ['DYNAMIC_FTRACE_WITH_REGS', yes, yes, yes],
  ['DYNAMIC_FTRACE_WITH_CALL_OPS', no, no, yes],
  ['DYNAMIC_FTRACE_WITH_DIRECT_CALLS', no, no, yes],
  ['DYNAMIC_FTRACE_WITH_JMP', none, none, no],
  ['HAVE_SINGLE_FTRACE_DIRECT_OPS', none, none, no],
  ['PPC_FTRACE_OUT_OF_LINE', none, none, yes],
  ['HAVE_FTRACE_REGS_HAVING_PT_REGS', no, no, yes],
  ['FUNCTION_GRAPH_TRACER', yes, yes, yes],
  ['HAVE_FUNCTION_GRAPH_FREGS', none, no, yes],
  ['HAVE_FTRACE_GRAPH_FUNC', none, none, yes],
  ['FUNCTION_GRAPH_RETVAL', no, no, yes],
  ['FUNCTION_GRAPH_RETADDR', none, none, yes],
  ['FUNCTION_TRACE_ARGS', no, no, yes],
  ['FUNCTION_PROFILER', no, no, yes],
  ['HAVE_FUNCTION_GRAPH_RET_ADDR_PTR', yes, none, none],
  ['HAVE_FUNCTION_GRAPH_FP_TEST', no, no, no],
  ['KPROBES', yes, yes, yes],
  ['KRETPROBES', yes, yes, yes],
  ['KPROBES_ON_FTRACE', yes, yes, yes],
  ['HAVE_OPTPROBES', yes, yes, yes],
  ['RETHOOK', no, yes, yes],
  ['KRETPROBE_ON_RETHOOK', no, yes, yes],
  ['KPROBE_ON_FUNC_ENTRY', yes, yes, yes],
  ['RETHOOK_BY_KPROBE', yes, yes, yes],
  ['FPROBE', no, yes, yes],
  ['KPROBE_EVENTS', yes, yes, yes],
  ['FPROBE_EVENTS', no, yes, yes],
  ['PROBE_EVENTS_BTF_ARGS', no, yes, yes],
  ['HAVE_FUNCTION_ARG_ACCESS_API', no, yes, yes],
  ['HAVE_REGS_AND_STACK_ACCESS_API', yes, yes, yes],
  ['FUNCTION_ERROR_INJECTION', yes, yes, yes],
  ['LIVEPATCH', yes, yes, yes],
  ['LIVEPATCH_64', yes, yes, yes],
  ['HAVE_RELIABLE_STACKTRACE', yes, yes, yes],
  ['HAVE_SAMPLE_FTRACE_DIRECT', no, no, yes],
  ['HAVE_SAMPLE_FTRACE_DIRECT_MULTI', no, no, yes],
  // ppc32 only.
  ['HAVE_STATIC_CALL', no, no, no],
  ['ARCH_CORRECT_STACKTRACE_ON_KRETPROBE', no, no, no],
  ['BPF_TRAMPOLINE', no, no, yes],
  // What the modelled compiler does.
  ['MPROFILE_KERNEL', yes, yes, no],
  ['ARCH_USING_PATCHABLE_FUNCTION_ENTRY', no, no, yes],
  ['FTRACE_MCOUNT_USE_PATCHABLE_FUNCTION_ENTRY', no, no, yes],
  ['FTRACE_MCOUNT_USE_RECORDMCOUNT', yes, no, no],
  ['FTRACE_MCOUNT_USE_OBJTOOL', no, yes, no],
  ['FRAME_POINTER', no, no, no],
  ['CC_IS_CLANG', no, no, no],
  ['HAVE_FTRACE_MCOUNT_RECORD', yes, yes, none],
  ['HAVE_C_RECORDMCOUNT', yes, yes, yes],
  ['HAVE_OBJTOOL_MCOUNT', no, yes, yes],
  ['HAVE_BUILDTIME_MCOUNT_SORT', no, no, no],
  ['HAVE_EBPF_JIT', yes, yes, yes],
  // Mechanisms that are no Kconfig symbols.
  ['FTRACE_ENTRY_LR_FIRST', no, no, yes],
  ['FTRACE_GRAPH_CALLER', no, no, no],
  ['FGRAPH_RECURSION_LOCK', yes, yes, yes],
];

test.each(ROWS)('%s: %s, %s, %s', (name, ...columns) => {
  const table: FeatureTable = features;
  expect(Object.values(table[name] ?? {})).toEqual(columns);
});

test('nothing else', () => {
  expect(Object.keys(features).sort()).toEqual(ROWS.map(([name]) => name).sort());
});
