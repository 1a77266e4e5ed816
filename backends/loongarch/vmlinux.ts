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
  mnemonic: (text) => text,
  trampolines: ['ftrace_caller', 'ftrace_regs_caller', 'return_to_handler', 'arch_rethook_trampoline'],
  member: (_structure, field) => field.replace(/^r(\d+)$/, 'regs[$1]'),
  symbols: {},
  optionalHead: () => 0,
  unconfigured: [],
  configuredOtherwise: {},
} as const satisfies Vmlinux;
