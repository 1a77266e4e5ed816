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
  /** What user mode can set without harm: CF, PF, AF, ZF, SF, DF, OF (SDM vol. 1, 3.4.3). Bit 1 is always set, and so is IF. */
  registers: { flags: { register: 'eflags', mask: 0xcd5n, shift: 0, others: 0x202n } },
  hidden: [],
  emulated: [],
  /** QEMU 10.0 target/i386/cpu-dump.c x86_cpu_dump_state */
  log: {
    lines: [
      'RAX={rax} RBX={rbx} RCX={rcx} RDX={rdx}',
      'RSI={rsi} RDI={rdi} RBP={rbp} RSP={rsp}',
      'R8 ={r8} R9 ={r9} R10={r10} R11={r11}',
      'R12={r12} R13={r13} R14={r14} R15={r15}',
      'RIP={rip} RFL={eflags} {}',
    ],
    rest: [
      ...['ES =', 'CS =', 'SS =', 'DS =', 'FS =', 'GS =', 'LDT=', 'TR =', 'GDT=', 'IDT='],
      ...['CR0=', 'DR0=', 'DR6=', 'CCS=', 'EFER='],
    ],
    twice: [],
  },
  exceptions: [
    {
      mnemonics: ['popf', 'popfq'],
      register: 'flags',
      within: 0xcd5n,
      others: 0x202n,
      because:
        'The interpreter keeps all bits, so that a forgotten save shows; user mode drops or obeys them (TF).',
      source: 'SDM vol. 2 POPF/POPFD/POPFQ, vol. 1, 3.4.3',
    },
  ],
  /** An assembler leaves a displacement of 0 out, as long as nothing asks for one of a byte. */
  spelling: [[/^nopl 0x0\b/, '{disp8} $&']],
  tagBits: 0n,
  /** INT3 is a trap: RIP is behind it. */
  trapOffset: -1n,
  illegalOffset: 0n,
  misalignedOffset: 0n,
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
