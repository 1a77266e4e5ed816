// SPDX-License-Identifier: MIT
/**
 * Kconfig symbols of the modelled configuration: GCC or clang without CFI, no BTI landing pads.
 * Sources: linux 6.1, 6.12, 7.2 arch/arm64/Kconfig, kernel/trace/Kconfig, arch/arm64/include/asm/ftrace.h.
 * A symbol that a revision does not know is off there.
 */
import type { FeatureTable } from '../../harness/backend/contract.js';

/** One row: on at 6.1, at 6.12, at 7.2. */
const at = (v61: boolean, v612: boolean, v72: boolean) => ({ '6.1': v61, '6.12': v612, '7.2': v72 });
const [Y, n] = [true, false];

export const features = {
  ARM64: { '6.1': true, '6.12': true, '7.2': true },
  FUNCTION_TRACER: at(Y, Y, Y),
  DYNAMIC_FTRACE: at(Y, Y, Y),
  DYNAMIC_FTRACE_WITH_REGS: at(Y, n, n),
  DYNAMIC_FTRACE_WITH_ARGS: at(n, Y, Y),
  DYNAMIC_FTRACE_WITH_CALL_OPS: at(n, Y, Y),
  DYNAMIC_FTRACE_WITH_DIRECT_CALLS: at(n, Y, Y),
  DYNAMIC_FTRACE_WITH_JMP: at(n, n, n),
  HAVE_SINGLE_FTRACE_DIRECT_OPS: at(n, n, n),
  HAVE_FTRACE_REGS_HAVING_PT_REGS: at(n, n, n),
  FUNCTION_GRAPH_TRACER: at(Y, Y, Y),
  FUNCTION_GRAPH_RETVAL: at(n, Y, Y),
  HAVE_FUNCTION_GRAPH_FREGS: at(n, Y, Y),
  /** The headers of 6.1 and 6.12 define ftrace_graph_func() without the symbol. */
  HAVE_FTRACE_GRAPH_FUNC: at(n, n, Y),
  HAVE_FUNCTION_GRAPH_FP_TEST: at(Y, Y, Y),
  /** A macro of the arch header at 6.1; what it switched on is unconditional later. */
  HAVE_FUNCTION_GRAPH_RET_ADDR_PTR: at(Y, n, n),
  FUNCTION_GRAPH_RETADDR: at(n, n, Y),
  FUNCTION_TRACE_ARGS: at(n, n, Y),
  /** Off before 7.2, where it would add a word to every frame of the shadow stack. */
  FUNCTION_PROFILER: at(n, n, Y),
  HAVE_STATIC_CALL: at(n, n, n),
  KPROBES: at(Y, Y, Y),
  KRETPROBES: at(Y, Y, Y),
  KPROBES_ON_FTRACE: at(n, n, n),
  RETHOOK: at(n, n, n),
  KRETPROBE_ON_RETHOOK: at(n, n, n),
  ARCH_CORRECT_STACKTRACE_ON_KRETPROBE: at(Y, Y, n),
  /** 6.1: WITH_REGS without rethook; 6.12: neither; 7.2: on function graph. */
  FPROBE: at(n, n, Y),
  KPROBE_EVENTS: at(Y, Y, Y),
  FPROBE_EVENTS: at(n, n, Y),
  /** With BTF and BPF_SYSCALL, as distributions build. */
  PROBE_EVENTS_BTF_ARGS: at(n, Y, Y),
  LIVEPATCH: at(n, n, Y),
  HAVE_RELIABLE_STACKTRACE: at(n, n, Y),
  FUNCTION_ERROR_INJECTION: at(Y, Y, Y),
  HAVE_FUNCTION_ARG_ACCESS_API: at(Y, Y, Y),
  HAVE_REGS_AND_STACK_ACCESS_API: at(Y, Y, Y),
  HAVE_SAMPLE_FTRACE_DIRECT: at(n, Y, Y),
  HAVE_SAMPLE_FTRACE_DIRECT_MULTI: at(n, Y, Y),
  FRAME_POINTER: at(Y, Y, Y),
  FTRACE_MCOUNT_USE_PATCHABLE_FUNCTION_ENTRY: at(Y, Y, Y),
  /** Gone from the kernel at 7.2: there is no other way. */
  HAVE_FTRACE_MCOUNT_RECORD: at(Y, Y, n),
  /** For the `-pg` fallback, which is not modelled. */
  HAVE_C_RECORDMCOUNT: at(Y, Y, Y),
  /** Debian's 6.12.107 has it (its config file). */
  HAVE_BUILDTIME_MCOUNT_SORT: at(n, Y, Y),
  FUNCTION_ALIGNMENT_4B: at(n, Y, Y),
  FUNCTION_ALIGNMENT_8B: at(n, Y, Y),
  ARM64_BTI_KERNEL: at(n, n, n),
  /** A choice at 6.1 only; later modules always have PLTs. */
  ARM64_MODULE_PLTS: at(Y, n, n),
  /** No Kconfig symbol: kretprobes return into a breakpoint instead of a trampoline that builds pt_regs. */
  KRETPROBE_BRK: at(n, Y, Y),
  /** Not Kconfig: the BPF JIT builds trampolines. */
  BPF_TRAMPOLINE: at(Y, Y, Y),
  /** No Kconfig symbol: a kprobe by the name of a traceable function is accepted. */
  KPROBE_ON_FUNC_ENTRY: at(Y, Y, Y),
  /** No Kconfig symbol: the trampoline of hooked returns is a kprobe. */
  RETHOOK_BY_KPROBE: at(n, n, n),
  /** No Kconfig symbol: the entry trampolines call the hook of the graph tracer themselves, behind the callbacks. */
  FTRACE_GRAPH_CALLER: at(n, n, n),
  /** No Kconfig symbol: the graph tracer, here or in the core, keeps an entry handler from running inside of itself. */
  FGRAPH_RECURSION_LOCK: at(n, n, Y),
} as const satisfies FeatureTable;
