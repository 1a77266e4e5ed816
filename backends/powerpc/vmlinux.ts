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
  mnemonic: (text) => text,
  trampolines: ['ftrace_caller', 'ftrace_regs_caller', 'return_to_handler', 'arch_rethook_trampoline'],
  member: (_structure, field) => field.replace(/^gpr(\d+)$/, 'gpr[$1]'),
  symbols: { kernel_toc_base: '.TOC.' },
  /** The TOC set-up. */
  optionalHead: () => 8,
  unconfigured: [],
  configuredOtherwise: {},
} as const satisfies Vmlinux;
