// SPDX-License-Identifier: MIT
/** Toolchain and emulator. Source: QEMU 10.0 target descriptions (i386 64bit-core.xml), LLVM 19 triples. */
import type { Qemu } from '../../harness/backend/contract.js';
import { abi } from './abi.js';

export const qemu = {
  triple: 'x86_64-linux-gnu',
  options: [],
  elf: { machine: 62, flags: 0 },
  user: 'qemu-x86_64',
  system: 'qemu-system-x86_64',
  machine: 'q35',
  console: 'ttyS0',
  pc: 'rip',
  /** What user mode can set without harm: CF, PF, AF, ZF, SF, DF, OF (SDM vol. 1, 3.4.3). */
  registers: { flags: { register: 'eflags', mask: 0xcd5n, shift: 0 } },
  hidden: [],
  emulated: [],
  /** INT3 is a trap: RIP is behind it. */
  trapOffset: -1n,
  illegalOffset: 0n,
  /** R_X86_64_PC32 and R_X86_64_PLT32. */
  relocations: { 2: 'pc32', 4: 'pc32' },
  /** Below 2 GiB, where addresses are sign-extended 32-bit numbers, as the kernel's are at the other end. */
  memory: {
    text: 0x1100_0000n,
    c: 0x1110_0000n,
    data: 0x1200_0000n,
    stack: 0x1400_0000n,
    threadSize: abi.memory.threadSize,
  },
} as const satisfies Qemu;
