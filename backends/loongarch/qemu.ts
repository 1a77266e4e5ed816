// SPDX-License-Identifier: MIT
/**
 * Toolchain and emulator. Source: QEMU 10.0 target descriptions (loongarch-base64.xml), LLVM 19 triples. The remote
 * protocol has no control and status registers.
 */
import type { Qemu } from '../../harness/backend/contract.js';
import { abi } from './abi.js';
import { registers } from './registers.js';

export const qemu = {
  triple: 'loongarch64-linux-gnu',
  options: [],
  elf: { machine: 258, flags: 0x43 },
  user: 'qemu-loongarch64',
  system: 'qemu-system-loongarch64',
  machine: 'virt',
  console: 'ttyS0',
  pc: 'pc',
  /** r1 to r31. */
  registers: Object.fromEntries(
    registers.names.flatMap((name, index) => (name === 'crmd' ? [] : [[name, `r${index + 1}`]])),
  ),
  hidden: ['crmd'],
  emulated: ['csrrd', 'csrxchg'],
  /** QEMU 10.0 target/loongarch/cpu.c loongarch_cpu_dump_state */
  log: {
    lines: [
      ' PC={pc}  FCSR0 {}',
      ...Array.from({ length: 8 }, (_, n) =>
        [
          ` GPR${`${4 * n}`.padStart(2, '0')}:`,
          ...[0, 1, 2, 3].map((x) => `r${4 * n + x} {${n + x === 0 ? '' : `r${4 * n + x}`}}`),
        ].join(' '),
      ),
    ],
    rest: [],
    twice: [],
  },
  exceptions: [],
  spelling: [],
  tagBits: 0n,
  trapOffset: 0n,
  illegalOffset: 0n,
  misalignedOffset: 0n,
  relocations: {},
  /** The lower halves of texts and data are the kernel's. */
  memory: {
    text: 0x10_0020_0000n,
    c: 0x10_0030_0000n,
    data: 0x10_0120_0000n,
    stack: 0x10_0401_0000n,
    threadSize: abi.memory.threadSize,
    modules: { text: 0x10_3020_0000n, initText: 0x10_3030_0000n },
  },
} as const satisfies Qemu;
