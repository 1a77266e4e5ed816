// SPDX-License-Identifier: MIT
/** Toolchain and emulator. Source: QEMU 10.0 target descriptions, LLVM 19 triples. */
import type { Qemu } from '../../harness/backend/contract.js';

export const qemu = {
  triple: 's390x-linux-gnu',
  user: 'qemu-s390x',
  system: 'qemu-system-s390x',
  machine: 's390-ccw-virtio',
  console: 'ttysclp0',
  /** The condition code is bits 18 and 19 of the PSW, not a register of its own. */
  registers: { psw: 'pswm' },
} as const satisfies Qemu;
