// SPDX-License-Identifier: MIT
/**
 * Real kernels: Debian's packages, and how an image is linked and read. Sources: Debian's package lists of 2026-11;
 * linux 7.2 arch/riscv/kernel/vmlinux.lds.S.
 */
import type { Vmlinux } from '../../harness/backend/contract.js';

export const vmlinux = {
  debian: 'riscv64',
  packages: { '6.12': 'linux-image-riscv64', '7.2': 'linux-image-riscv64' },
  base: () => 0xffffffff80000000n,
  elf: { machine: 243, flags: 5 },
  disassembler: ['--mattr=+c,+m,+a,+f,+d'],
  mnemonics: {},
  padding: ['unimp', 'nop'],
  trampolines: ['ftrace_caller', 'ftrace_regs_caller', 'return_to_handler', 'arch_rethook_trampoline'],
  member: (_structure, field) => field,
  symbols: {},
  optionalHead: () => 0,
  unconfigured: [
    'BPF_TRAMPOLINE',
    'FGRAPH_RECURSION_LOCK',
    'FTRACE_GRAPH_CALLER',
    'FTRACE_TOGGLES_JALR',
    'HAVE_FUNCTION_GRAPH_FP_TEST',
    'HAVE_FUNCTION_GRAPH_RET_ADDR_PTR',
    'KPROBE_ON_FUNC_ENTRY',
    'KRETPROBE_STORES_SP',
    'RETHOOK_BY_KPROBE',
  ],
  configuredOtherwise: {
    FUNCTION_ERROR_INJECTION: 'Debian leaves it off; a build may have it.',
    FUNCTION_GRAPH_RETVAL: 'Debian leaves it off; a build may have it.',
    FUNCTION_GRAPH_RETADDR: 'Debian leaves it off; a build may have it.',
    FUNCTION_PROFILER: 'Debian leaves it off; a build may have it.',
  },
} as const satisfies Vmlinux;
