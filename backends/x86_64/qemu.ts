// SPDX-License-Identifier: MIT
/** Toolchain and emulator. Source: QEMU 10.0 target descriptions, LLVM 19 triples. */
import type { Qemu } from '../../harness/backend/contract.js';

export const qemu = {
  triple: 'x86_64-linux-gnu',
  user: 'qemu-x86_64',
  system: 'qemu-system-x86_64',
  machine: 'q35',
  console: 'ttyS0',
  registers: { flags: 'eflags' },
} as const satisfies Qemu;
