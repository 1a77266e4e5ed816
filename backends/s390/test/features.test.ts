// SPDX-License-Identifier: MIT
/** Kconfig symbols, typed from arch/s390/Kconfig, kernel/trace/Kconfig and arch/Kconfig of the three kernels. */
import { describe, expect, test } from 'vitest';
import { features } from '../features.js';

const [Y, n] = [true, false];

const ROWS = [
  // symbol, 6.1, 6.12, 7.2; what a kernel does not have is off
  ['S390', Y, Y, Y],
  ['FUNCTION_TRACER', Y, Y, Y],
  ['DYNAMIC_FTRACE', Y, Y, Y],
  ['DYNAMIC_FTRACE_WITH_REGS', Y, Y, Y],
  ['DYNAMIC_FTRACE_WITH_ARGS', Y, Y, Y],
  ['DYNAMIC_FTRACE_WITH_DIRECT_CALLS', Y, Y, Y],
  ['DYNAMIC_FTRACE_WITH_CALL_OPS', n, n, n],
  ['DYNAMIC_FTRACE_WITH_JMP', n, n, n],
  ['HAVE_SINGLE_FTRACE_DIRECT_OPS', n, n, n],
  ['HAVE_FTRACE_REGS_HAVING_PT_REGS', n, n, Y],
  ['FUNCTION_GRAPH_TRACER', Y, Y, Y],
  ['FUNCTION_GRAPH_RETVAL', n, Y, Y],
  ['HAVE_FUNCTION_GRAPH_FREGS', n, Y, Y],
  ['HAVE_FTRACE_GRAPH_FUNC', n, n, Y],
  ['HAVE_FUNCTION_GRAPH_RET_ADDR_PTR', Y, n, n],
  ['HAVE_FUNCTION_GRAPH_FP_TEST', n, n, n],
  ['FUNCTION_TRACE_ARGS', n, n, Y],
  ['FUNCTION_PROFILER', n, n, Y],
  ['KPROBES', Y, Y, Y],
  ['KPROBE_EVENTS', Y, Y, Y],
  ['FPROBE_EVENTS', n, Y, Y],
  ['PROBE_EVENTS_BTF_ARGS', n, Y, Y],
  ['KRETPROBES', Y, Y, Y],
  ['KPROBES_ON_FTRACE', Y, Y, Y],
  ['HAVE_OPTPROBES', n, n, n],
  ['RETHOOK', n, Y, Y],
  ['KRETPROBE_ON_RETHOOK', n, Y, Y],
  ['KPROBE_ON_FUNC_ENTRY', Y, Y, Y],
  ['RETHOOK_BY_KPROBE', n, n, n],
  ['FPROBE', n, Y, Y],
  ['HAVE_FUNCTION_ARG_ACCESS_API', Y, Y, Y],
  ['HAVE_REGS_AND_STACK_ACCESS_API', Y, Y, Y],
  ['FUNCTION_ERROR_INJECTION', Y, Y, Y],
  ['LIVEPATCH', Y, Y, Y],
  ['HAVE_RELIABLE_STACKTRACE', Y, Y, Y],
  ['HAVE_SAMPLE_FTRACE_DIRECT', Y, Y, Y],
  ['HAVE_SAMPLE_FTRACE_DIRECT_MULTI', Y, Y, Y],
  ['HAVE_FENTRY', Y, Y, Y],
  ['HAVE_NOP_MCOUNT', Y, Y, Y],
  ['HAVE_FTRACE_MCOUNT_RECORD', Y, Y, n],
  ['HAVE_BUILDTIME_MCOUNT_SORT', n, n, Y],
  ['HAVE_OBJTOOL_MCOUNT', n, n, n],
  ['HAVE_EBPF_JIT', Y, Y, Y],
  // The JIT has trampolines since 6.12 only.
  ['BPF_TRAMPOLINE', n, Y, Y],
  // The hook of function graph sits in the common tail of the trampolines until 7.2.
  ['FTRACE_GRAPH_CALLER', Y, Y, n],
  // No recursion lock in arch code; since 7.2 in the core.
  ['FGRAPH_RECURSION_LOCK', n, n, Y],
  // The modelled machine is older than facility 85.
  ['MACHINE_HAS_SEQ_INSN', n, n, n],
  // kernel/trace/Kconfig, arch/Kconfig.
  ['FUNCTION_GRAPH_RETADDR', n, n, Y],
  ['HAVE_STATIC_CALL', n, n, n],
  ['ARCH_CORRECT_STACKTRACE_ON_KRETPROBE', Y, Y, Y],
  ['FRAME_POINTER', n, n, n],
  ['FTRACE_MCOUNT_USE_PATCHABLE_FUNCTION_ENTRY', n, n, n],
  ['FTRACE_MCOUNT_USE_CC', Y, Y, Y],
  ['FTRACE_MCOUNT_USE_OBJTOOL', n, n, n],
  // z196 code, and expolines patched out at boot.
  ['HAVE_MARCH_Z196_FEATURES', Y, Y, Y],
  ['EXPOLINE', n, n, n],
] as const;

describe.each(ROWS)('%s', (name, old, middle, recent) => {
  test(`${old} at 6.1, ${middle} at 6.12, ${recent} at 7.2`, () => {
    expect(features[name]).toEqual({ '6.1': old, '6.12': middle, '7.2': recent });
  });
});

test('nothing else', () => {
  expect(Object.keys(features).sort()).toEqual(ROWS.map(([name]) => name).sort());
});
