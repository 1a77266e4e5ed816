// SPDX-License-Identifier: MIT
/** Toolchain and emulator. Source: QEMU 10.0 target descriptions (power64-core.xml), LLVM 19 triples. */
import type { Qemu } from '../../harness/backend/contract.js';
import { abi } from './abi.js';

export const qemu = {
  triple: 'powerpc64le-linux-gnu',
  options: [],
  toc: 'kernel_toc_base',
  elf: { machine: 21, flags: 2 },
  user: 'qemu-ppc64le',
  system: 'qemu-system-ppc64',
  machine: 'pseries',
  console: 'hvc0',
  pc: 'pc',
  registers: {
    /** One 32-bit register there; CR0 is its highest four bits. */
    ...Object.fromEntries(
      Array.from({ length: 8 }, (_, n) => [`cr${n}`, { register: 'cr', mask: 0xfn, shift: 28 - 4 * n }]),
    ),
    /** SO, OV, CA, OV32, CA32 (Power ISA, Book I, 3.2.2). With SO, ones above it would be written along: see the exception. */
    xer: { register: 'xer', mask: 0xe00c_0000n, shift: 0, settable: 0x600c_0000n },
  },
  hidden: ['msr', 'srr0', 'srr1'],
  emulated: ['mfmsr', 'mfsrr0', 'mfsrr1', 'mtsrr0', 'mtsrr1', 'rfid'],
  /** QEMU 10.0 target/ppc/cpu_init.c ppc_cpu_dump_state */
  log: {
    lines: [
      'NIP {pc}   LR {lr} CTR {ctr} XER {xer} CPU#0',
      'MSR {}',
      'TB {}',
      ...Array.from({ length: 8 }, (_, n) =>
        [`GPR${`${4 * n}`.padStart(2, '0')}`, ...[0, 1, 2, 3].map((x) => `{r${4 * n + x}}`)].join(' '),
      ),
      'CR {cr}  [{}',
    ],
    rest: [],
    twice: [],
  },
  exceptions: [
    {
      mnemonics: ['mtxer'],
      register: 'xer',
      within: 0x600c_0000n,
      others: 0n,
      because:
        'What is kept of reserved bits is left open, and with SO the remote protocol sets all bits above.',
      source: 'Power ISA, Book I, 3.2.2; QEMU 10.0 target/ppc/gdbstub.c ppc_cpu_gdb_write_register (ldl_p)',
    },
  ],
  spelling: [],
  tagBits: 0n,
  trapOffset: 0n,
  illegalOffset: 0n,
  misalignedOffset: 0n,
  relocations: {},
  /** The lower halves are the kernel's. */
  memory: {
    text: 0x10_0010_0000n,
    c: 0x10_0018_0000n,
    data: 0x10_0110_0000n,
    stack: 0x10_1001_0000n,
    threadSize: abi.memory.threadSize,
    large: { end: 0x10_0290_0000n, initText: 0x10_02a0_0000n },
  },
} as const satisfies Qemu;
