// SPDX-License-Identifier: MIT
/**
 * Real kernels: Debian's packages, and how an image is linked and read. Sources: Debian's package lists of 2026-11;
 * linux 7.2 arch/loongarch/kernel/vmlinux.lds.S.
 */
import type { Vmlinux } from '../../harness/backend/contract.js';

export const vmlinux = {
  debian: 'loong64',
  packages: { '7.2': 'linux-image-loong64' },
  base: () => 0x9000000000200000n,
  elf: { machine: 258, flags: 0x43 },
  disassembler: [],
  mnemonics: {},
  padding: [],
  trampolines: ['ftrace_caller', 'ftrace_regs_caller', 'return_to_handler', 'arch_rethook_trampoline'],
  member: (_structure, field) => field.replace(/^r(\d+)$/, 'regs[$1]'),
  symbols: {},
  optionalHead: () => 0,
  unconfigured: [
    'BPF_TRAMPOLINE',
    'FGRAPH_RECURSION_LOCK',
    'FTRACE_GRAPH_CALLER',
    'HAVE_FUNCTION_GRAPH_FP_TEST',
    'HAVE_FUNCTION_GRAPH_RET_ADDR_PTR',
    'KPROBE_ON_FUNC_ENTRY',
    'RETHOOK_BY_KPROBE',
    'RETHOOK_RESTORES_U0',
  ],
  configuredOtherwise: {
    FUNCTION_ERROR_INJECTION: 'Debian leaves it off; a build may have it.',
    FUNCTION_GRAPH_RETVAL: 'Debian leaves it off; a build may have it.',
    FUNCTION_GRAPH_RETADDR: 'Debian leaves it off; a build may have it.',
    FUNCTION_PROFILER: 'Debian leaves it off; a build may have it.',
    LIVEPATCH: 'Debian leaves it off; a build may have it.',
    FUNCTION_TRACE_ARGS: 'Debian builds without BTF here.',
    PROBE_EVENTS_BTF_ARGS: 'Debian builds without BTF here.',
  },
} as const satisfies Vmlinux;
