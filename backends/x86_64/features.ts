// SPDX-License-Identifier: MIT
/**
 * Kconfig symbols of the modelled configuration: GCC, ORC unwinder, no IBT, no return thunks, no call depth
 * tracking. Sources: linux 7.2 arch/x86/Kconfig, kernel/trace/Kconfig, arch/Kconfig.
 */
import type { FeatureTable } from '../../harness/backend/contract.js';

export const features = {
  X86_64: { '7.2': true },
  FUNCTION_TRACER: { '7.2': true },
  DYNAMIC_FTRACE: { '7.2': true },
  DYNAMIC_FTRACE_WITH_REGS: { '7.2': true },
  DYNAMIC_FTRACE_WITH_ARGS: { '7.2': true },
  DYNAMIC_FTRACE_WITH_CALL_OPS: { '7.2': false },
  DYNAMIC_FTRACE_WITH_DIRECT_CALLS: { '7.2': true },
  DYNAMIC_FTRACE_WITH_JMP: { '7.2': true },
  HAVE_SINGLE_FTRACE_DIRECT_OPS: { '7.2': true },
  HAVE_FTRACE_REGS_HAVING_PT_REGS: { '7.2': true },
  FUNCTION_GRAPH_TRACER: { '7.2': true },
  FUNCTION_GRAPH_RETVAL: { '7.2': true },
  HAVE_FUNCTION_GRAPH_FREGS: { '7.2': true },
  HAVE_FTRACE_GRAPH_FUNC: { '7.2': true },
  FUNCTION_GRAPH_RETADDR: { '7.2': true },
  HAVE_STATIC_CALL: { '7.2': true },
  KPROBES: { '7.2': true },
  KRETPROBES: { '7.2': true },
  KPROBES_ON_FTRACE: { '7.2': true },
  RETHOOK: { '7.2': true },
  FPROBE: { '7.2': true },
  LIVEPATCH: { '7.2': true },
  HAVE_RELIABLE_STACKTRACE: { '7.2': true },
  FUNCTION_ERROR_INJECTION: { '7.2': true },
  FRAME_POINTER: { '7.2': false },
  FTRACE_MCOUNT_USE_PATCHABLE_FUNCTION_ENTRY: { '7.2': false },
  HAVE_BUILDTIME_MCOUNT_SORT: { '7.2': true },
  HAVE_FENTRY: { '7.2': true },
  /** GCC records the sites; clang builds leave that to objtool, which also writes the nops. */
  FTRACE_MCOUNT_USE_CC: { '7.2': true },
  FTRACE_MCOUNT_USE_OBJTOOL: { '7.2': false },
  HAVE_OBJTOOL_NOP_MCOUNT: { '7.2': true },
  UNWINDER_ORC: { '7.2': true },
  X86_KERNEL_IBT: { '7.2': false },
  MITIGATION_CALL_DEPTH_TRACKING: { '7.2': false },
  MITIGATION_RETPOLINE: { '7.2': false },
  MITIGATION_SLS: { '7.2': false },
} as const satisfies FeatureTable;
