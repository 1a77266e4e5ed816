// SPDX-License-Identifier: MIT
/**
 * Kconfig symbols of the modelled configuration: GCC, compressed instructions, frame pointers, no CFI.
 * Sources: linux 7.2 arch/riscv/Kconfig, kernel/trace/Kconfig, arch/riscv/include/asm/ftrace.h.
 */
import type { FeatureTable } from '../../harness/backend/contract.js';

export const features = {
  RISCV: { '7.2': true },
  FUNCTION_TRACER: { '7.2': true },
  DYNAMIC_FTRACE: { '7.2': true },
  DYNAMIC_FTRACE_WITH_REGS: { '7.2': false },
  DYNAMIC_FTRACE_WITH_ARGS: { '7.2': true },
  DYNAMIC_FTRACE_WITH_CALL_OPS: { '7.2': true },
  DYNAMIC_FTRACE_WITH_DIRECT_CALLS: { '7.2': true },
  DYNAMIC_FTRACE_WITH_JMP: { '7.2': false },
  HAVE_SINGLE_FTRACE_DIRECT_OPS: { '7.2': false },
  HAVE_FTRACE_REGS_HAVING_PT_REGS: { '7.2': false },
  FUNCTION_GRAPH_TRACER: { '7.2': true },
  FUNCTION_GRAPH_RETVAL: { '7.2': true },
  HAVE_FUNCTION_GRAPH_FREGS: { '7.2': true },
  HAVE_FTRACE_GRAPH_FUNC: { '7.2': true },
  /** With function graph and frame pointers. */
  HAVE_FUNCTION_GRAPH_FP_TEST: { '7.2': true },
  FUNCTION_GRAPH_RETADDR: { '7.2': true },
  HAVE_STATIC_CALL: { '7.2': false },
  KPROBES: { '7.2': true },
  KRETPROBES: { '7.2': true },
  KPROBES_ON_FTRACE: { '7.2': false },
  RETHOOK: { '7.2': true },
  FPROBE: { '7.2': true },
  LIVEPATCH: { '7.2': false },
  HAVE_RELIABLE_STACKTRACE: { '7.2': false },
  FUNCTION_ERROR_INJECTION: { '7.2': true },
  FRAME_POINTER: { '7.2': true },
  FTRACE_MCOUNT_USE_PATCHABLE_FUNCTION_ENTRY: { '7.2': true },
  HAVE_BUILDTIME_MCOUNT_SORT: { '7.2': true },
  RISCV_ISA_C: { '7.2': true },
  CC_IS_CLANG: { '7.2': false },
  CFI: { '7.2': false },
} as const satisfies FeatureTable;
