// SPDX-License-Identifier: MIT
/**
 * Real kernels: Debian's packages, and how an image is linked and read. Sources: Debian's package lists of 2026-11;
 * linux 7.2 arch/s390/kernel/vmlinux.lds.S.
 */
import type { Vmlinux } from '../../harness/backend/contract.js';

export const vmlinux = {
  debian: 's390x',
  packages: { '6.1': 'linux-image-s390x', '6.12': 'linux-image-s390x', '7.2': 'linux-image-s390x' },
  /** 6.1 runs where it is loaded; later kernels high in the address space. */
  base: (revision) => (revision === '6.1' ? 0x10_0000n : 0x3ff_e010_0000n),
  elf: { machine: 22, flags: 0 },
  disassembler: ['--mcpu=z14'],
  mnemonics: {},
  padding: ['nopr'],
  trampolines: ['ftrace_caller', 'ftrace_regs_caller', 'return_to_handler', 'arch_rethook_trampoline'],
  member: (_structure, field) => field,
  symbols: {},
  optionalHead: () => 0,
  unconfigured: [
    'BPF_TRAMPOLINE',
    'FGRAPH_RECURSION_LOCK',
    'FTRACE_GRAPH_CALLER',
    'HAVE_FUNCTION_GRAPH_FP_TEST',
    'HAVE_FUNCTION_GRAPH_RET_ADDR_PTR',
    'KPROBE_ON_FUNC_ENTRY',
    'MACHINE_HAS_SEQ_INSN',
    'RETHOOK_BY_KPROBE',
  ],
  configuredOtherwise: {
    FUNCTION_ERROR_INJECTION: 'Debian leaves it off; a build may have it.',
    FUNCTION_GRAPH_RETVAL: 'Debian leaves it off; a build may have it.',
    FUNCTION_GRAPH_RETADDR: 'Debian leaves it off; a build may have it.',
    FUNCTION_PROFILER: 'Debian leaves it off; a build may have it.',
    LIVEPATCH: 'Debian leaves it off; a build may have it.',
    HAVE_MARCH_Z196_FEATURES: 'Debian builds for z10.',
    HAVE_EBPF_JIT: 'The JIT needs z196, and Debian builds for z10.',
  },
} as const satisfies Vmlinux;
