// SPDX-License-Identifier: MIT
/** Toolchain and emulator. Source: QEMU 10.0 target descriptions, LLVM 19 triples. */
import type { Qemu } from '../../harness/backend/contract.js';

export const qemu = {
  triple: 'aarch64-linux-gnu',
  user: 'qemu-aarch64',
  system: 'qemu-system-aarch64',
  machine: 'virt',
  console: 'ttyAMA0',
  registers: { nzcv: 'cpsr' },
} as const satisfies Qemu;
