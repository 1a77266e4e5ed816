// SPDX-License-Identifier: MIT
/** Toolchain and emulator. Source: QEMU 10.0 target descriptions, LLVM 19 triples. */
import type { Qemu } from '../../harness/backend/contract.js';

export const qemu = {
  triple: 'powerpc64le-linux-gnu',
  user: 'qemu-ppc64le',
  system: 'qemu-system-ppc64',
  machine: 'pseries',
  console: 'hvc0',
  /** cr0 to cr7 are one 32-bit register `cr` there, cr0 the highest four bits. */
  registers: {},
} as const satisfies Qemu;
