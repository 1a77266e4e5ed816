// SPDX-License-Identifier: MIT
/** Toolchain and emulator. Source: QEMU 10.0 target descriptions (aarch64-core.xml), LLVM 19 triples. */
import type { Qemu } from '../../harness/backend/contract.js';
import { abi } from './abi.js';

export const qemu = {
  triple: 'aarch64-linux-gnu',
  /** BTI belongs to Armv8.5. */
  options: ['-march=armv8.5-a'],
  elf: { machine: 183, flags: 0 },
  user: 'qemu-aarch64',
  system: 'qemu-system-aarch64',
  machine: 'virt',
  console: 'ttyAMA0',
  pc: 'pc',
  registers: { nzcv: { register: 'cpsr', mask: 0xf000_0000n, shift: 0 } },
  hidden: [],
  /** Of DAIF, CurrentEL and SPSel; NZCV can be read there too. */
  emulated: ['mrs'],
  /** QEMU 10.0 target/arm/cpu.c aarch64_cpu_dump_state */
  log: {
    lines: [
      ' PC={pc} X00={x0} X01={x1}',
      ...Array.from({ length: 9 }, (_, n) =>
        [2, 3, 4]
          .map((first) => first + 3 * n)
          .map((x) => `X${`${x}`.padStart(2, '0')}={x${x}}`)
          .join(' '),
      ),
      'X29={x29} X30={x30}  SP={sp}',
      'PSTATE={cpsr} {}',
    ],
    rest: [],
    twice: [],
  },
  exceptions: [
    {
      fault: 'is not 16-byte aligned at a memory access',
      because:
        'The user mode of QEMU does not check the alignment of SP; the interpreter does, as a kernel has it checked.',
      source:
        'Arm ARM, D1.3.8.2 (SCTLR_EL1.SA, SA0); QEMU 10.0 target/arm/cpu.c arm_cpu_reset_hold (CONFIG_USER_ONLY)',
    },
  ],
  spelling: [],
  /** Addresses of user mode have a tag (Arm ARM, D8.8; linux 7.2 Documentation/arch/arm64/tagged-pointers.rst). */
  tagBits: 0xff00_0000_0000_0000n,
  trapOffset: 0n,
  illegalOffset: 0n,
  misalignedOffset: 0n,
  relocations: {},
  /** The lower halves are the kernel's. */
  memory: {
    text: 0x10_8000_0000n,
    c: 0x10_8010_0000n,
    data: 0x10_8100_0000n,
    stack: 0x10_8200_0000n,
    threadSize: abi.memory.threadSize,
    modules: { text: 0x10_b000_0000n, initText: 0x10_c000_0000n },
  },
} as const satisfies Qemu;
