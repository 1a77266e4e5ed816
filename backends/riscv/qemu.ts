// SPDX-License-Identifier: MIT
/** Toolchain and emulator. Source: QEMU 10.0 target descriptions, LLVM 19 triples. */
import type { Qemu } from '../../harness/backend/contract.js';

export const qemu = {
  triple: 'riscv64-linux-gnu',
  user: 'qemu-riscv64',
  system: 'qemu-system-riscv64',
  machine: 'virt',
  console: 'ttyS0',
  registers: { s0: 'fp' },
} as const satisfies Qemu;
