// SPDX-License-Identifier: MIT
/**
 * Kconfig symbols of the modelled configuration: GCC, ORC unwinder, no IBT, no return thunks, no call depth
 * tracking. A revision that does not know a symbol has it off. Sources: linux 6.1, 6.12, 7.2 arch/x86/Kconfig,
 * kernel/trace/Kconfig, arch/Kconfig.
 */
import type { FeatureTable } from '../../harness/backend/contract.js';

export const features = {
  X86_64: { '6.1': true, '6.12': true, '7.2': true },
  FUNCTION_TRACER: { '6.1': true, '6.12': true, '7.2': true },
  DYNAMIC_FTRACE: { '6.1': true, '6.12': true, '7.2': true },
  DYNAMIC_FTRACE_WITH_REGS: { '6.1': true, '6.12': true, '7.2': true },
  DYNAMIC_FTRACE_WITH_ARGS: { '6.1': true, '6.12': true, '7.2': true },
  DYNAMIC_FTRACE_WITH_CALL_OPS: { '6.1': false, '6.12': false, '7.2': false },
  DYNAMIC_FTRACE_WITH_DIRECT_CALLS: { '6.1': true, '6.12': true, '7.2': true },
  DYNAMIC_FTRACE_WITH_JMP: { '6.1': false, '6.12': false, '7.2': true },
  HAVE_SINGLE_FTRACE_DIRECT_OPS: { '6.1': false, '6.12': false, '7.2': true },
  HAVE_FTRACE_REGS_HAVING_PT_REGS: { '6.1': false, '6.12': false, '7.2': true },
  FUNCTION_GRAPH_TRACER: { '6.1': true, '6.12': true, '7.2': true },
  FUNCTION_GRAPH_RETVAL: { '6.1': false, '6.12': true, '7.2': true },
  /** The option above needs GRAPH_FREGS; this symbol of other architectures was never selected. */
  HAVE_FUNCTION_GRAPH_RETVAL: { '6.1': false, '6.12': false, '7.2': false },
  /** A macro of the arch header at 6.1; what it switched on is unconditional later. */
  HAVE_FUNCTION_GRAPH_RET_ADDR_PTR: { '6.1': true, '6.12': false, '7.2': false },
  HAVE_FUNCTION_GRAPH_FP_TEST: { '6.1': false, '6.12': false, '7.2': false },
  HAVE_FUNCTION_GRAPH_FREGS: { '6.1': false, '6.12': true, '7.2': true },
  HAVE_FTRACE_GRAPH_FUNC: { '6.1': false, '6.12': false, '7.2': true },
  FUNCTION_GRAPH_RETADDR: { '6.1': false, '6.12': false, '7.2': true },
  FUNCTION_TRACE_ARGS: { '6.1': false, '6.12': false, '7.2': true },
  /** Off before 7.2, where it would add a word to every frame of the shadow stack. */
  FUNCTION_PROFILER: { '6.1': false, '6.12': false, '7.2': true },
  HAVE_STATIC_CALL: { '6.1': true, '6.12': true, '7.2': true },
  KPROBES: { '6.1': true, '6.12': true, '7.2': true },
  KRETPROBES: { '6.1': true, '6.12': true, '7.2': true },
  KPROBES_ON_FTRACE: { '6.1': true, '6.12': true, '7.2': true },
  HAVE_OPTPROBES: { '6.1': true, '6.12': true, '7.2': true },
  RETHOOK: { '6.1': true, '6.12': true, '7.2': true },
  KRETPROBE_ON_RETHOOK: { '6.1': true, '6.12': true, '7.2': true },
  ARCH_CORRECT_STACKTRACE_ON_KRETPROBE: { '6.1': true, '6.12': true, '7.2': true },
  FPROBE: { '6.1': true, '6.12': true, '7.2': true },
  KPROBE_EVENTS: { '6.1': true, '6.12': true, '7.2': true },
  FPROBE_EVENTS: { '6.1': false, '6.12': true, '7.2': true },
  /** With BTF and BPF_SYSCALL, as distributions build. */
  PROBE_EVENTS_BTF_ARGS: { '6.1': false, '6.12': true, '7.2': true },
  LIVEPATCH: { '6.1': true, '6.12': true, '7.2': true },
  HAVE_KLP_BUILD: { '6.1': false, '6.12': false, '7.2': true },
  HAVE_RELIABLE_STACKTRACE: { '6.1': true, '6.12': true, '7.2': true },
  FUNCTION_ERROR_INJECTION: { '6.1': true, '6.12': true, '7.2': true },
  HAVE_FUNCTION_ARG_ACCESS_API: { '6.1': true, '6.12': true, '7.2': true },
  HAVE_REGS_AND_STACK_ACCESS_API: { '6.1': true, '6.12': true, '7.2': true },
  HAVE_SAMPLE_FTRACE_DIRECT: { '6.1': true, '6.12': true, '7.2': true },
  HAVE_SAMPLE_FTRACE_DIRECT_MULTI: { '6.1': true, '6.12': true, '7.2': true },
  FRAME_POINTER: { '6.1': false, '6.12': false, '7.2': false },
  FTRACE_MCOUNT_USE_PATCHABLE_FUNCTION_ENTRY: { '6.1': false, '6.12': false, '7.2': false },
  /** Dropped: what it says holds wherever DYNAMIC_FTRACE is on. */
  HAVE_FTRACE_MCOUNT_RECORD: { '6.1': true, '6.12': true, '7.2': false },
  HAVE_BUILDTIME_MCOUNT_SORT: { '6.1': true, '6.12': true, '7.2': true },
  HAVE_FENTRY: { '6.1': true, '6.12': true, '7.2': true },
  /** GCC records the sites; clang builds leave that to objtool, which also writes the nops. */
  FTRACE_MCOUNT_USE_CC: { '6.1': true, '6.12': true, '7.2': true },
  FTRACE_MCOUNT_USE_OBJTOOL: { '6.1': false, '6.12': false, '7.2': false },
  HAVE_C_RECORDMCOUNT: { '6.1': true, '6.12': true, '7.2': true },
  HAVE_OBJTOOL_MCOUNT: { '6.1': true, '6.12': true, '7.2': true },
  HAVE_OBJTOOL_NOP_MCOUNT: { '6.1': false, '6.12': true, '7.2': true },
  /** -mnop-mcount is not used. */
  HAVE_NOP_MCOUNT: { '6.1': false, '6.12': false, '7.2': false },
  /** __patchable_function_entries is padding before the function, never a record. */
  HAVE_DYNAMIC_FTRACE_NO_PATCHABLE: { '6.1': true, '6.12': true, '7.2': true },
  UNWINDER_ORC: { '6.1': true, '6.12': true, '7.2': true },
  X86_KERNEL_IBT: { '6.1': false, '6.12': false, '7.2': false },
  /** Mitigations: at 6.1 RETPOLINE and SLS; call depth tracking is younger. */
  MITIGATION_CALL_DEPTH_TRACKING: { '6.1': false, '6.12': false, '7.2': false },
  MITIGATION_RETPOLINE: { '6.1': false, '6.12': false, '7.2': false },
  MITIGATION_SLS: { '6.1': false, '6.12': false, '7.2': false },
  // Not Kconfig: mechanisms that changed with the kernel.
  /** Before the RET into a direct trampoline, a call for it to pair with; that costs the flags. */
  FTRACE_DIRECT_BALANCED_RET: { '6.1': false, '6.12': true, '7.2': true },
  /** The BPF JIT builds trampolines for fentry and fexit programs. */
  BPF_TRAMPOLINE: { '6.1': true, '6.12': true, '7.2': true },
  /** The BPF JIT copies arguments on the stack: up to 12 words instead of the 6 in registers. */
  BPF_TRAMPOLINE_STACK_ARGS: { '6.1': false, '6.12': true, '7.2': true },
  /** In IBT builds, BPF trampolines begin with a landing pad. */
  BPF_TRAMPOLINE_ENDBR: { '6.1': true, '6.12': false, '7.2': false },
  /** No Kconfig symbol: a kprobe by the name of a traceable function is accepted. */
  KPROBE_ON_FUNC_ENTRY: { '6.1': true, '6.12': true, '7.2': true },
  /** No Kconfig symbol: the trampoline of hooked returns is a kprobe. */
  RETHOOK_BY_KPROBE: { '6.1': false, '6.12': false, '7.2': false },
  /** No Kconfig symbol: the entry trampolines call the hook of the graph tracer themselves, behind the callbacks. */
  FTRACE_GRAPH_CALLER: { '6.1': false, '6.12': false, '7.2': false },
  /** No Kconfig symbol: the graph tracer, here or in the core, keeps an entry handler from running inside of itself. */
  FGRAPH_RECURSION_LOCK: { '6.1': true, '6.12': true, '7.2': true },
} as const satisfies FeatureTable;
