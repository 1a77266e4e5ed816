// SPDX-License-Identifier: MIT
/**
 * Kconfig symbols of the modelled configuration: little-endian ELFv2 built by GCC. At 6.1 and 6.12 the compiler calls
 * `_mcount` behind an MFLR (-mprofile-kernel); at 7.2 it leaves one NOP, and stubs are out of line. Sources: linux 6.1,
 * 6.12, 7.2 arch/powerpc/Kconfig, arch/powerpc/Makefile, arch/powerpc/include/asm/ftrace.h, kernel/trace/Kconfig.
 */
import type { FeatureTable, Revision } from '../../harness/backend/contract.js';

function row(v6_1: boolean, v6_12: boolean, v7_2: boolean): Readonly<Record<Revision, boolean>> {
  return { '6.1': v6_1, '6.12': v6_12, '7.2': v7_2 };
}
const always = row(true, true, true);
const never = row(false, false, false);
const from6_12 = row(false, true, true);
const from7_2 = row(false, false, true);
const until6_12 = row(true, true, false);

export const features = {
  PPC64: always,
  PPC32: never,
  FUNCTION_TRACER: always,
  DYNAMIC_FTRACE: always,
  DYNAMIC_FTRACE_WITH_REGS: always,
  DYNAMIC_FTRACE_WITH_ARGS: always,
  DYNAMIC_FTRACE_WITH_CALL_OPS: from7_2,
  DYNAMIC_FTRACE_WITH_DIRECT_CALLS: from7_2,
  DYNAMIC_FTRACE_WITH_JMP: never,
  HAVE_SINGLE_FTRACE_DIRECT_OPS: never,
  HAVE_FTRACE_REGS_HAVING_PT_REGS: from7_2,
  FUNCTION_GRAPH_TRACER: always,
  FUNCTION_GRAPH_RETVAL: from7_2,
  HAVE_FUNCTION_GRAPH_FREGS: from7_2,
  /** ftrace_graph_func() exists since 6.1 too; the symbol does not. */
  HAVE_FTRACE_GRAPH_FUNC: from7_2,
  FUNCTION_GRAPH_RETADDR: from7_2,
  FUNCTION_TRACE_ARGS: from7_2,
  /** Off before 7.2, where it would add a word to every frame of the shadow stack. */
  FUNCTION_PROFILER: from7_2,
  /** A macro of the arch header at 6.1; what it switched on is unconditional later. */
  HAVE_FUNCTION_GRAPH_RET_ADDR_PTR: row(true, false, false),
  HAVE_FUNCTION_GRAPH_FP_TEST: never,
  /** 32-bit only. */
  HAVE_STATIC_CALL: never,
  KPROBES: always,
  KRETPROBES: always,
  KPROBES_ON_FTRACE: always,
  HAVE_OPTPROBES: always,
  RETHOOK: from6_12,
  KRETPROBE_ON_RETHOOK: from6_12,
  /** No Kconfig symbol: a kprobe by the name of a traceable function is accepted. */
  KPROBE_ON_FUNC_ENTRY: always,
  /** No Kconfig symbol: the trampoline of hooked returns is a kprobe. */
  RETHOOK_BY_KPROBE: always,
  FPROBE: from6_12,
  KPROBE_EVENTS: always,
  FPROBE_EVENTS: from6_12,
  /** With BTF and BPF_SYSCALL, as distributions build. */
  PROBE_EVENTS_BTF_ARGS: from6_12,
  LIVEPATCH: always,
  LIVEPATCH_64: always,
  HAVE_RELIABLE_STACKTRACE: always,
  ARCH_CORRECT_STACKTRACE_ON_KRETPROBE: never,
  HAVE_FUNCTION_ARG_ACCESS_API: from6_12,
  HAVE_REGS_AND_STACK_ACCESS_API: always,
  FUNCTION_ERROR_INJECTION: always,
  FRAME_POINTER: never,
  MPROFILE_KERNEL: until6_12,
  ARCH_USING_PATCHABLE_FUNCTION_ENTRY: from7_2,
  PPC_FTRACE_OUT_OF_LINE: from7_2,
  FTRACE_MCOUNT_USE_PATCHABLE_FUNCTION_ENTRY: from7_2,
  FTRACE_MCOUNT_USE_OBJTOOL: row(false, true, false),
  FTRACE_MCOUNT_USE_RECORDMCOUNT: row(true, false, false),
  HAVE_FTRACE_MCOUNT_RECORD: until6_12,
  HAVE_C_RECORDMCOUNT: always,
  HAVE_OBJTOOL_MCOUNT: from6_12,
  HAVE_BUILDTIME_MCOUNT_SORT: never,
  HAVE_SAMPLE_FTRACE_DIRECT: from7_2,
  HAVE_SAMPLE_FTRACE_DIRECT_MULTI: from7_2,
  HAVE_EBPF_JIT: always,
  /** The JIT's arch_prepare_bpf_trampoline(): a function, no symbol. */
  BPF_TRAMPOLINE: from7_2,
  CC_IS_CLANG: never,
  /** No Kconfig symbol: the entry trampolines take the address behind the call from LR first of all (7.2). */
  FTRACE_ENTRY_LR_FIRST: from7_2,
  /** No Kconfig symbol: the entry trampolines call the hook of the graph tracer themselves, behind the callbacks. */
  FTRACE_GRAPH_CALLER: never,
  /** No Kconfig symbol: the graph tracer, here or in the core, keeps an entry handler from running inside of itself. */
  FGRAPH_RECURSION_LOCK: always,
} as const satisfies FeatureTable;
