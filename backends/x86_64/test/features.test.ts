// SPDX-License-Identifier: MIT
/** The feature table, row by row as the Kconfig files of linux 6.1, 6.12 and 7.2 have it: no symbol, no feature. */
import { describe, expect, test } from 'vitest';
import type { FeatureTable } from '../../../harness/backend/contract.js';
import { features } from '../features.js';

const [yes, no, none] = [true, false, false] as const;

/** Symbol, then 6.1, 6.12, 7.2. A user option stands for the HAVE_ symbol of the same name. */
const ROWS: readonly (readonly [string, boolean, boolean, boolean])[] = [
  ['X86_64', yes, yes, yes],
  ['FUNCTION_TRACER', yes, yes, yes],
  // Not Kconfig: mechanisms.
  ['BPF_TRAMPOLINE', yes, yes, yes],
  ['KPROBE_ON_FUNC_ENTRY', yes, yes, yes],
  ['RETHOOK_BY_KPROBE', no, no, no],
  ['FTRACE_GRAPH_CALLER', no, no, no],
  ['FGRAPH_RECURSION_LOCK', yes, yes, yes],
  ['DYNAMIC_FTRACE', yes, yes, yes],
  ['DYNAMIC_FTRACE_WITH_REGS', yes, yes, yes],
  ['DYNAMIC_FTRACE_WITH_ARGS', yes, yes, yes],
  ['DYNAMIC_FTRACE_WITH_DIRECT_CALLS', yes, yes, yes],
  ['DYNAMIC_FTRACE_WITH_CALL_OPS', no, no, no],
  ['DYNAMIC_FTRACE_WITH_JMP', none, none, yes],
  ['HAVE_SINGLE_FTRACE_DIRECT_OPS', none, none, yes],
  ['HAVE_FTRACE_REGS_HAVING_PT_REGS', none, no, yes],
  ['FUNCTION_GRAPH_TRACER', yes, yes, yes],
  ['HAVE_FUNCTION_GRAPH_RETVAL', none, none, none],
  ['FUNCTION_GRAPH_RETVAL', none, yes, yes],
  ['HAVE_FUNCTION_GRAPH_FREGS', none, yes, yes],
  ['HAVE_FTRACE_GRAPH_FUNC', none, none, yes],
  ['HAVE_FUNCTION_GRAPH_RET_ADDR_PTR', yes, none, none],
  ['HAVE_FUNCTION_GRAPH_FP_TEST', no, no, no],
  ['FUNCTION_GRAPH_RETADDR', none, none, yes],
  ['FUNCTION_TRACE_ARGS', no, no, yes],
  ['FUNCTION_PROFILER', no, no, yes],
  ['KPROBES', yes, yes, yes],
  ['KRETPROBES', yes, yes, yes],
  ['KPROBES_ON_FTRACE', yes, yes, yes],
  ['HAVE_OPTPROBES', yes, yes, yes],
  ['RETHOOK', yes, yes, yes],
  ['KRETPROBE_ON_RETHOOK', yes, yes, yes],
  ['ARCH_CORRECT_STACKTRACE_ON_KRETPROBE', yes, yes, yes],
  ['FPROBE', yes, yes, yes],
  ['KPROBE_EVENTS', yes, yes, yes],
  ['FPROBE_EVENTS', no, yes, yes],
  ['PROBE_EVENTS_BTF_ARGS', no, yes, yes],
  ['HAVE_FUNCTION_ARG_ACCESS_API', yes, yes, yes],
  ['HAVE_REGS_AND_STACK_ACCESS_API', yes, yes, yes],
  ['FUNCTION_ERROR_INJECTION', yes, yes, yes],
  ['LIVEPATCH', yes, yes, yes],
  ['HAVE_KLP_BUILD', none, none, yes],
  ['HAVE_SAMPLE_FTRACE_DIRECT', yes, yes, yes],
  ['HAVE_SAMPLE_FTRACE_DIRECT_MULTI', yes, yes, yes],
  ['HAVE_FENTRY', yes, yes, yes],
  ['HAVE_FTRACE_MCOUNT_RECORD', yes, yes, none],
  ['HAVE_BUILDTIME_MCOUNT_SORT', yes, yes, yes],
  ['HAVE_C_RECORDMCOUNT', yes, yes, yes],
  ['HAVE_OBJTOOL_MCOUNT', yes, yes, yes],
  ['HAVE_OBJTOOL_NOP_MCOUNT', none, yes, yes],
  ['HAVE_NOP_MCOUNT', no, no, no],
  ['HAVE_DYNAMIC_FTRACE_NO_PATCHABLE', yes, yes, yes],
  // What the modelled configuration chooses.
  ['HAVE_STATIC_CALL', yes, yes, yes],
  ['HAVE_RELIABLE_STACKTRACE', yes, yes, yes],
  ['UNWINDER_ORC', yes, yes, yes],
  ['FRAME_POINTER', no, no, no],
  ['FTRACE_MCOUNT_USE_CC', yes, yes, yes],
  ['FTRACE_MCOUNT_USE_OBJTOOL', no, no, no],
  ['FTRACE_MCOUNT_USE_PATCHABLE_FUNCTION_ENTRY', no, no, no],
  ['X86_KERNEL_IBT', no, no, no],
  ['MITIGATION_CALL_DEPTH_TRACKING', none, no, no],
  ['MITIGATION_RETPOLINE', no, no, no],
  ['MITIGATION_SLS', no, no, no],
  // Mechanisms that are no Kconfig symbols.
  ['FTRACE_DIRECT_BALANCED_RET', no, yes, yes],
  ['BPF_TRAMPOLINE_STACK_ARGS', no, yes, yes],
  ['BPF_TRAMPOLINE_ENDBR', yes, no, no],
];

describe('features', () => {
  test.each(ROWS)('%s', (name, ...due) => {
    const row = (features as FeatureTable)[name];
    expect([row?.['6.1'], row?.['6.12'], row?.['7.2']]).toEqual(due);
  });

  test('and no other', () => {
    expect(Object.keys(features).sort()).toEqual(ROWS.map(([name]) => name).sort());
  });
});
