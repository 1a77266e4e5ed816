// SPDX-License-Identifier: MIT
/** Toolchain and emulator. Source: QEMU 10.0 target descriptions (riscv-64bit-cpu.xml), LLVM 19 triples. */
import type { Qemu } from '../../harness/backend/contract.js';
import { abi } from './abi.js';
import { registers } from './registers.js';

export const qemu = {
  triple: 'riscv64-linux-gnu',
  /** Without compressed instructions and linker relaxation: sizes are those of the text. */
  options: ['-march=rv64ima', '-mno-relax'],
  elf: { machine: 243, flags: 5 },
  user: 'qemu-riscv64',
  system: 'qemu-system-riscv64',
  machine: 'virt',
  console: 'ttyS0',
  pc: 'pc',
  registers: { s0: 'fp' },
  hidden: [],
  emulated: [],
  /** QEMU 10.0 target/riscv/cpu.c riscv_cpu_dump_state */
  log: {
    lines: [
      ' pc       {pc}',
      ...Array.from({ length: 8 }, (_, n) =>
        ['zero', ...registers.names]
          .slice(4 * n, 4 * n + 4)
          .map((name, x) => ` ${`x${4 * n + x}/${name}`.padEnd(8)} {${name === 'zero' ? '' : name}}`)
          .join(''),
      ),
    ],
    rest: [],
    twice: [],
  },
  exceptions: [],
  /** Sources have no compressed instructions. */
  spelling: [[/^c\..*/, '.option rvc; $&; .option norvc']],
  tagBits: 0n,
  trapOffset: 0n,
  illegalOffset: 0n,
  misalignedOffset: 0n,
  relocations: {},
  /** The lower halves of text and data are the kernel's. */
  memory: {
    text: 0x10_8000_2000n,
    c: 0x10_8010_0000n,
    data: 0x10_8100_0000n,
    stack: 0x10_9001_0000n,
    threadSize: abi.memory.threadSize,
  },
} as const satisfies Qemu;
