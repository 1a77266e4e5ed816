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
  mnemonic: (text) => text,
  trampolines: ['ftrace_caller', 'ftrace_regs_caller', 'return_to_handler', 'arch_rethook_trampoline'],
  member: (_structure, field) => field,
  symbols: {},
  optionalHead: () => 0,
  unconfigured: [],
  configuredOtherwise: {},
} as const satisfies Vmlinux;
