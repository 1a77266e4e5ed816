// SPDX-License-Identifier: MIT
/**
 * Toolchain and emulator. Source: QEMU 10.0 target descriptions (base64.xml), LLVM 19 triples. The remote protocol
 * has no control and status registers, so `crmd` is not to be had there.
 */
import type { Qemu } from '../../harness/backend/contract.js';
import { registers } from './registers.js';

export const qemu = {
  triple: 'loongarch64-linux-gnu',
  user: 'qemu-loongarch64',
  system: 'qemu-system-loongarch64',
  machine: 'virt',
  console: 'ttyS0',
  /** r1 to r31. */
  registers: Object.fromEntries(
    registers.names.flatMap((name, index) => (name === 'crmd' ? [] : [[name, `r${index + 1}`]])),
  ),
} as const satisfies Qemu;
