// SPDX-License-Identifier: MIT
/**
 * Kconfig symbols of the modelled configuration: GCC, z196 or newer code, expolines patched out at boot, a machine
 * without facility 85. Sources: linux 6.1, 6.12 and 7.2 arch/s390/Kconfig, kernel/trace/Kconfig, arch/Kconfig; 6.12
 * with its stable backports (FREGS at return).
 */
import type { FeatureTable } from '../../harness/backend/contract.js';

export const features = {
  S390: { '6.1': true, '6.12': true, '7.2': true },
  FUNCTION_TRACER: { '6.1': true, '6.12': true, '7.2': true },
  DYNAMIC_FTRACE: { '6.1': true, '6.12': true, '7.2': true },
  DYNAMIC_FTRACE_WITH_REGS: { '6.1': true, '6.12': true, '7.2': true },
  DYNAMIC_FTRACE_WITH_ARGS: { '6.1': true, '6.12': true, '7.2': true },
  DYNAMIC_FTRACE_WITH_CALL_OPS: { '6.1': false, '6.12': false, '7.2': false },
  DYNAMIC_FTRACE_WITH_DIRECT_CALLS: { '6.1': true, '6.12': true, '7.2': true },
  DYNAMIC_FTRACE_WITH_JMP: { '6.1': false, '6.12': false, '7.2': false },
  HAVE_SINGLE_FTRACE_DIRECT_OPS: { '6.1': false, '6.12': false, '7.2': false },
  HAVE_FTRACE_REGS_HAVING_PT_REGS: { '6.1': false, '6.12': false, '7.2': true },
  FUNCTION_GRAPH_TRACER: { '6.1': true, '6.12': true, '7.2': true },
  FUNCTION_GRAPH_RETVAL: { '6.1': false, '6.12': true, '7.2': true },
  HAVE_FUNCTION_GRAPH_FREGS: { '6.1': false, '6.12': true, '7.2': true },
  HAVE_FTRACE_GRAPH_FUNC: { '6.1': false, '6.12': false, '7.2': true },
  HAVE_FUNCTION_GRAPH_FP_TEST: { '6.1': false, '6.12': false, '7.2': false },
  FUNCTION_GRAPH_RETADDR: { '6.1': false, '6.12': false, '7.2': true },
  FUNCTION_TRACE_ARGS: { '6.1': false, '6.12': false, '7.2': true },
  /** Off before 7.2, where it would add a word to every frame of the shadow stack. */
  FUNCTION_PROFILER: { '6.1': false, '6.12': false, '7.2': true },
  /** A macro of the arch header at 6.1; what it switched on is unconditional later. */
  HAVE_FUNCTION_GRAPH_RET_ADDR_PTR: { '6.1': true, '6.12': false, '7.2': false },
  HAVE_STATIC_CALL: { '6.1': false, '6.12': false, '7.2': false },
  KPROBES: { '6.1': true, '6.12': true, '7.2': true },
  KRETPROBES: { '6.1': true, '6.12': true, '7.2': true },
  KPROBES_ON_FTRACE: { '6.1': true, '6.12': true, '7.2': true },
  HAVE_OPTPROBES: { '6.1': false, '6.12': false, '7.2': false },
  /** 6.1 returns kretprobes through a trampoline of its own. */
  RETHOOK: { '6.1': false, '6.12': true, '7.2': true },
  KRETPROBE_ON_RETHOOK: { '6.1': false, '6.12': true, '7.2': true },
  /** No Kconfig symbol: a kprobe by the name of a traceable function is accepted. */
  KPROBE_ON_FUNC_ENTRY: { '6.1': true, '6.12': true, '7.2': true },
  /** No Kconfig symbol: the trampoline of hooked returns is a kprobe. */
  RETHOOK_BY_KPROBE: { '6.1': false, '6.12': false, '7.2': false },
  FPROBE: { '6.1': false, '6.12': true, '7.2': true },
  KPROBE_EVENTS: { '6.1': true, '6.12': true, '7.2': true },
  FPROBE_EVENTS: { '6.1': false, '6.12': true, '7.2': true },
  /** With BTF and BPF_SYSCALL, as distributions build. */
  PROBE_EVENTS_BTF_ARGS: { '6.1': false, '6.12': true, '7.2': true },
  HAVE_FUNCTION_ARG_ACCESS_API: { '6.1': true, '6.12': true, '7.2': true },
  HAVE_REGS_AND_STACK_ACCESS_API: { '6.1': true, '6.12': true, '7.2': true },
  FUNCTION_ERROR_INJECTION: { '6.1': true, '6.12': true, '7.2': true },
  LIVEPATCH: { '6.1': true, '6.12': true, '7.2': true },
  HAVE_RELIABLE_STACKTRACE: { '6.1': true, '6.12': true, '7.2': true },
  ARCH_CORRECT_STACKTRACE_ON_KRETPROBE: { '6.1': true, '6.12': true, '7.2': true },
  HAVE_SAMPLE_FTRACE_DIRECT: { '6.1': true, '6.12': true, '7.2': true },
  HAVE_SAMPLE_FTRACE_DIRECT_MULTI: { '6.1': true, '6.12': true, '7.2': true },
  FRAME_POINTER: { '6.1': false, '6.12': false, '7.2': false },
  FTRACE_MCOUNT_USE_PATCHABLE_FUNCTION_ENTRY: { '6.1': false, '6.12': false, '7.2': false },
  FTRACE_MCOUNT_USE_CC: { '6.1': true, '6.12': true, '7.2': true },
  FTRACE_MCOUNT_USE_OBJTOOL: { '6.1': false, '6.12': false, '7.2': false },
  HAVE_FTRACE_MCOUNT_RECORD: { '6.1': true, '6.12': true, '7.2': false },
  HAVE_BUILDTIME_MCOUNT_SORT: { '6.1': false, '6.12': false, '7.2': true },
  HAVE_OBJTOOL_MCOUNT: { '6.1': false, '6.12': false, '7.2': false },
  HAVE_FENTRY: { '6.1': true, '6.12': true, '7.2': true },
  HAVE_NOP_MCOUNT: { '6.1': true, '6.12': true, '7.2': true },
  /** AGHIK, LGRL, LTG and LOCGR in the trampolines; a condition of the BPF JIT. */
  HAVE_MARCH_Z196_FEATURES: { '6.1': true, '6.12': true, '7.2': true },
  HAVE_EBPF_JIT: { '6.1': true, '6.12': true, '7.2': true },
  /** The JIT's arch_prepare_bpf_trampoline(): a function, no symbol. */
  BPF_TRAMPOLINE: { '6.1': false, '6.12': true, '7.2': true },
  /** Indirect branches by EXRL. The kernel replaces them at boot on machines with facility 156. */
  EXPOLINE: { '6.1': false, '6.12': false, '7.2': false },
  /** Facility 85 of the machine: the kernel then patches sites without hotpatch trampolines. 6.1 does not ask. */
  MACHINE_HAS_SEQ_INSN: { '6.1': false, '6.12': false, '7.2': false },
  /** No Kconfig symbol: the entry trampolines call the hook of the graph tracer themselves, behind the callbacks. */
  FTRACE_GRAPH_CALLER: { '6.1': true, '6.12': true, '7.2': false },
  /** No Kconfig symbol: the graph tracer, here or in the core, keeps an entry handler from running inside of itself. */
  FGRAPH_RECURSION_LOCK: { '6.1': false, '6.12': false, '7.2': true },
} as const satisfies FeatureTable;
