// SPDX-License-Identifier: MIT
/**
 * Real kernels: Debian's packages, and how an image is linked and read. Sources: Debian's package lists of 2026-11;
 * linux 7.2 arch/arm64/kernel/vmlinux.lds.S.
 */
import type { Vmlinux } from '../../harness/backend/contract.js';

export const vmlinux = {
  debian: 'arm64',
  packages: { '6.1': 'linux-image-arm64', '6.12': 'linux-image-arm64', '7.2': 'linux-image-arm64' },
  /** Modules lie below the image: 128 MiB of room at 6.1, 2 GiB since 6.5 (arch/arm64/include/asm/memory.h). */
  base: (revision) => (revision === '6.1' ? 0xffff_8000_0800_0000n : 0xffff_8000_8000_0000n),
  elf: { machine: 183, flags: 0 },
  disassembler: ['--mattr=+v8.5a'],
  mnemonics: { ldur: 'ldr' },
  padding: ['udf'],
  trampolines: [
    'ftrace_caller',
    'ftrace_regs_caller',
    'return_to_handler',
    '__kretprobe_trampoline',
    'arch_rethook_trampoline',
  ],
  member(_structure, field, { revision }) {
    if (revision !== '7.2') {
      if (field === 'stackframe.fp') return 'stackframe[0]';
      if (field === 'stackframe.lr') return 'stackframe[1]';
    }
    return field.replace(/^x(\d+)$/, 'regs[$1]').replace(/^stackframe\.(fp|lr)$/, 'stackframe.record.$1');
  },
  symbols: {},
  optionalHead: () => 0,
  unconfigured: [
    'BPF_TRAMPOLINE',
    'FGRAPH_RECURSION_LOCK',
    'FTRACE_GRAPH_CALLER',
    'HAVE_FUNCTION_GRAPH_FP_TEST',
    'HAVE_FUNCTION_GRAPH_RET_ADDR_PTR',
    'KPROBE_ON_FUNC_ENTRY',
    'KRETPROBE_BRK',
    'RETHOOK_BY_KPROBE',
  ],
  configuredOtherwise: {
    FUNCTION_ERROR_INJECTION: 'Debian leaves it off; a build may have it.',
    FUNCTION_GRAPH_RETVAL: 'Debian leaves it off; a build may have it.',
    FUNCTION_GRAPH_RETADDR: 'Debian leaves it off; a build may have it.',
    FUNCTION_PROFILER: 'Debian leaves it off; a build may have it.',
    LIVEPATCH: 'Debian leaves it off; a build may have it.',
  },
} as const satisfies Vmlinux;
