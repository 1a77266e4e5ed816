// SPDX-License-Identifier: MIT
/**
 * Kconfig symbols of the modelled configuration: Debian's loong64 (GCC, prologue unwinder), plus what the
 * architecture can and Debian leaves out: LIVEPATCH, FUNCTION_ERROR_INJECTION, FUNCTION_GRAPH_RETVAL and
 * FUNCTION_GRAPH_RETADDR. Sources: linux 6.12 and 7.2 arch/loongarch/Kconfig, kernel/trace/Kconfig. At 6.1 there is
 * no function tracing on this architecture, which leaves three symbols.
 */
import type { FeatureTable } from '../../harness/backend/contract.js';

export const features = {
  LOONGARCH: { '6.1': true, '6.12': true, '7.2': true },
  FUNCTION_TRACER: { '6.1': false, '6.12': true, '7.2': true },
  DYNAMIC_FTRACE: { '6.12': true, '7.2': true },
  DYNAMIC_FTRACE_WITH_REGS: { '6.12': true, '7.2': true },
  DYNAMIC_FTRACE_WITH_ARGS: { '6.12': true, '7.2': true },
  DYNAMIC_FTRACE_WITH_CALL_OPS: { '6.12': false, '7.2': false },
  DYNAMIC_FTRACE_WITH_DIRECT_CALLS: { '6.12': true, '7.2': true },
  DYNAMIC_FTRACE_WITH_JMP: { '6.12': false, '7.2': false },
  HAVE_SINGLE_FTRACE_DIRECT_OPS: { '6.12': false, '7.2': false },
  HAVE_FTRACE_REGS_HAVING_PT_REGS: { '6.12': false, '7.2': true },
  FUNCTION_GRAPH_TRACER: { '6.12': true, '7.2': true },
  FUNCTION_GRAPH_RETVAL: { '6.12': true, '7.2': true },
  /** The option above needs GRAPH_FREGS; this symbol of other architectures was never selected. */
  HAVE_FUNCTION_GRAPH_RETVAL: { '6.12': false, '7.2': false },
  HAVE_FUNCTION_GRAPH_FP_TEST: { '6.12': false, '7.2': false },
  /** Never a macro here: what it switches on elsewhere is unconditional since this architecture has function graph. */
  HAVE_FUNCTION_GRAPH_RET_ADDR_PTR: { '6.12': false, '7.2': false },
  HAVE_FUNCTION_GRAPH_FREGS: { '6.12': true, '7.2': true },
  /** Unknown at 6.12, which has the function all the same. */
  HAVE_FTRACE_GRAPH_FUNC: { '6.12': false, '7.2': true },
  FUNCTION_GRAPH_RETADDR: { '6.12': false, '7.2': true },
  FUNCTION_TRACE_ARGS: { '6.12': false, '7.2': true },
  /** Off before 7.2, where it would add a word to every frame of the shadow stack. */
  FUNCTION_PROFILER: { '6.12': false, '7.2': true },
  HAVE_STATIC_CALL: { '6.12': false, '7.2': false },
  KPROBES: { '6.12': true, '7.2': true },
  KRETPROBES: { '6.12': true, '7.2': true },
  KPROBES_ON_FTRACE: { '6.12': true, '7.2': true },
  RETHOOK: { '6.12': true, '7.2': true },
  KRETPROBE_ON_RETHOOK: { '6.12': true, '7.2': true },
  ARCH_CORRECT_STACKTRACE_ON_KRETPROBE: { '6.12': false, '7.2': false },
  FPROBE: { '6.12': true, '7.2': true },
  KPROBE_EVENTS: { '6.12': true, '7.2': true },
  FPROBE_EVENTS: { '6.12': true, '7.2': true },
  /** With BTF and BPF_SYSCALL, as distributions build. */
  PROBE_EVENTS_BTF_ARGS: { '6.12': true, '7.2': true },
  LIVEPATCH: { '6.12': true, '7.2': true },
  /** Only with UNWINDER_ORC. */
  HAVE_RELIABLE_STACKTRACE: { '6.12': false, '7.2': false },
  FUNCTION_ERROR_INJECTION: { '6.12': true, '7.2': true },
  HAVE_FUNCTION_ARG_ACCESS_API: { '6.12': true, '7.2': true },
  HAVE_REGS_AND_STACK_ACCESS_API: { '6.1': true, '6.12': true, '7.2': true },
  HAVE_SAMPLE_FTRACE_DIRECT: { '6.12': true, '7.2': true },
  HAVE_SAMPLE_FTRACE_DIRECT_MULTI: { '6.12': true, '7.2': true },
  HAVE_EBPF_JIT: { '6.1': true, '6.12': true, '7.2': true },
  FRAME_POINTER: { '6.12': false, '7.2': false },
  FTRACE_MCOUNT_USE_PATCHABLE_FUNCTION_ENTRY: { '6.12': false, '7.2': false },
  FTRACE_MCOUNT_USE_RECORDMCOUNT: { '6.12': true, '7.2': true },
  HAVE_C_RECORDMCOUNT: { '6.12': true, '7.2': true },
  HAVE_BUILDTIME_MCOUNT_SORT: { '6.12': false, '7.2': false },
  UNWINDER_PROLOGUE: { '6.12': true, '7.2': true },
  UNWINDER_ORC: { '6.12': false, '7.2': false },
  // Not Kconfig: mechanisms that changed with the kernel.
  /** The BPF JIT builds trampolines for fentry and fexit programs. */
  BPF_TRAMPOLINE: { '6.12': false, '7.2': true },
  /** arch_rethook_trampoline saves and reloads the per-CPU base as well. */
  RETHOOK_RESTORES_U0: { '6.12': true, '7.2': false },
  /** No Kconfig symbol: a kprobe by the name of a traceable function is accepted. */
  KPROBE_ON_FUNC_ENTRY: { '6.12': true, '7.2': true },
  /** No Kconfig symbol: the trampoline of hooked returns is a kprobe. */
  RETHOOK_BY_KPROBE: { '6.12': false, '7.2': false },
  /** No Kconfig symbol: the entry trampolines call the hook of the graph tracer themselves, behind the callbacks. */
  FTRACE_GRAPH_CALLER: { '6.12': false, '7.2': false },
  /** No Kconfig symbol: the graph tracer, here or in the core, keeps an entry handler from running inside of itself. */
  FGRAPH_RECURSION_LOCK: { '6.12': false, '7.2': true },
} as const satisfies FeatureTable;
