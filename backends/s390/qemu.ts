// SPDX-License-Identifier: MIT
/** Toolchain and emulator. Source: QEMU 10.0 target descriptions (s390x-core64.xml), LLVM 19 triples. */
import type { Qemu } from '../../harness/backend/contract.js';
import { abi } from './abi.js';

export const qemu = {
  triple: 's390x-linux-gnu',
  options: ['-march=z13'],
  elf: { machine: 22, flags: 0 },
  user: 'qemu-s390x',
  system: 'qemu-system-s390x',
  machine: 's390-ccw-virtio',
  console: 'ttysclp0',
  pc: 'pswa',
  /** The condition code is bits 18 and 19 of the PSW, counted from the left, not a register of its own. */
  registers: {
    cc: { register: 'pswm', mask: 3n, shift: 44 },
    psw: { register: 'pswm', mask: 0xffff_cfff_ffff_ffffn, shift: 0 },
  },
  hidden: [],
  emulated: ['lpswe'],
  /** QEMU 10.0 target/s390x/cpu-dump.c s390_cpu_dump_state: a condition code not computed yet has the name of how it will be. */
  log: {
    lines: [
      'PSW=mask {pswm} addr {pswa} cc {cc?}',
      ...Array.from({ length: 4 }, (_, n) =>
        [0, 1, 2, 3].map((x) => `R${`${4 * n + x}`.padStart(2, '0')}={r${4 * n + x}}`).join(' '),
      ),
    ],
    rest: [],
    twice: ['exrl'],
  },
  exceptions: [],
  spelling: [],
  tagBits: 0n,
  trapOffset: -2n,
  /** The PSW points behind the instruction. */
  illegalOffset: -4n,
  misalignedOffset: -2n,
  relocations: {},
  /** Texts and data as far from each other as in the kernel. */
  memory: {
    text: 0x10_e010_0000n,
    c: 0x10_e020_0000n,
    data: 0x10_e110_0000n,
    stack: 0x10_f001_0000n,
    threadSize: abi.memory.threadSize,
  },
} as const satisfies Qemu;
