// SPDX-License-Identifier: MIT
/**
 * Real kernels: Debian's packages, and how an image is linked and read. Sources: Debian's package lists of 2026-11;
 * linux 7.2 arch/powerpc/kernel/vmlinux.lds.S.
 */
import type { Vmlinux } from '../../harness/backend/contract.js';

export const vmlinux = {
  debian: 'ppc64el',
  packages: {
    '6.1': 'linux-image-powerpc64le',
    '6.12': 'linux-image-powerpc64le',
    '7.2': 'linux-image-powerpc64le',
  },
  base: () => 0xc000000000000000n,
  elf: { machine: 21, flags: 2 },
  disassembler: [],
  mnemonics: { 'bt 2': 'beq', 'bf 2': 'bne', 'bf- 2': 'bne', 'bcctr 4': 'bnectr' },
  padding: [],
  trampolines: ['ftrace_caller', 'ftrace_regs_caller', 'return_to_handler', 'arch_rethook_trampoline'],
  member: (_structure, field) => field.replace(/^gpr(\d+)$/, 'gpr[$1]'),
  symbols: { kernel_toc_base: '.TOC.' },
  /** The TOC set-up. */
  optionalHead: () => 8,
  unconfigured: [
    'BPF_TRAMPOLINE',
    'FGRAPH_RECURSION_LOCK',
    'FTRACE_ENTRY_LR_FIRST',
    'FTRACE_GRAPH_CALLER',
    'HAVE_FUNCTION_GRAPH_FP_TEST',
    'HAVE_FUNCTION_GRAPH_RET_ADDR_PTR',
    'KPROBE_ON_FUNC_ENTRY',
    'RETHOOK_BY_KPROBE',
  ],
  configuredOtherwise: {
    FUNCTION_ERROR_INJECTION: 'Debian leaves it off; a build may have it.',
    FUNCTION_GRAPH_RETVAL: 'Debian leaves it off; a build may have it.',
    FUNCTION_GRAPH_RETADDR: 'Debian leaves it off; a build may have it.',
    FUNCTION_PROFILER: 'Debian leaves it off; a build may have it.',
    LIVEPATCH: 'Debian leaves it off; a build may have it.',
    LIVEPATCH_64: 'It follows LIVEPATCH, which Debian leaves off.',
    ARCH_USING_PATCHABLE_FUNCTION_ENTRY:
      'Modelled at 6.12 is -mprofile-kernel (form A of README.md); with GCC 14 Debian takes two patchable NOPs (form B).',
    FTRACE_MCOUNT_USE_PATCHABLE_FUNCTION_ENTRY: 'It follows ARCH_USING_PATCHABLE_FUNCTION_ENTRY.',
    FTRACE_MCOUNT_USE_OBJTOOL: 'Only without ARCH_USING_PATCHABLE_FUNCTION_ENTRY.',
    MPROFILE_KERNEL:
      'Debian has the symbol at 7.2 too, beside the patchable entry that is used; modelled is its use.',
  },
} as const satisfies Vmlinux;
