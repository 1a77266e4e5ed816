// SPDX-License-Identifier: MIT
/**
 * Real kernels: Debian's packages, and how an image is linked and read. Sources: Debian's package lists of 2026-11;
 * linux 7.2 arch/powerpc/kernel/vmlinux.lds.S.
 */
import type { ImageText, Vmlinux } from '../../harness/backend/contract.js';
import { abi } from './abi.js';

/** C functions of the kernel's TOC are called behind the set-up of it (Power ELFv2 ABI, 2.3.2.1: ADDIS r2,r12; ADDI r2,r2). */
function localEntries(image: ImageText): ReadonlyMap<string, bigint> {
  const name = 'ftrace_return_to_handler';
  const global = image.find(name);
  if (global === undefined) return new Map();
  const [first, second] = [image.word(global, 4) >> 16n, image.word(global + 4n, 4) >> 16n];
  return new Map([[name, first === 0x3c4cn && second === 0x3842n ? global + 8n : global]]);
}

/** Instructions in which a trampoline loads from the paca, before it has got far. */
const PROLOGUE = 64;

/**
 * struct paca_struct as that build has it, by what its ftrace_caller loads from r13: the byte that says whether this CPU
 * may trace (LBZ), and the TOC (LD r2).
 */
function pacaOfImage(image: ImageText, symbol: (name: string) => bigint): ReadonlyMap<bigint, bigint> {
  const start = image.symbol('ftrace_caller');
  const paca = symbol('paca');
  const words = new Map<bigint, bigint>();
  for (let index = 0; index < PROLOGUE; index++) {
    const word = Number(image.word(start + BigInt(4 * index), 4));
    const isLbz = (word & 0xfc1f_0000) >>> 0 === 0x880d_0000;
    const isToc = (word & 0xffff_0003) >>> 0 === 0xe84d_0000;
    if (isLbz) {
      const at = BigInt(word & 0xffff);
      words.set(paca + (at & ~7n), 1n << (8n * (at & 7n)));
    }
    if (isToc) words.set(paca + BigInt(word & 0xfffc), symbol('kernel_toc_base'));
  }
  return words;
}

export const vmlinux = {
  debian: 'ppc64el',
  packages: {
    '6.1': 'linux-image-powerpc64le',
    '6.12': 'linux-image-powerpc64le',
    '7.2': 'linux-image-powerpc64le',
  },
  base: () => 0xc000000000000000n,
  elf: { machine: 21, flags: 2 },
  disassembler: [],
  mnemonics: { 'bt 2': 'beq', 'bf 2': 'bne', 'bf- 2': 'bne', 'bcctr 4': 'bnectr' },
  padding: [],
  trampolines: ['ftrace_caller', 'ftrace_regs_caller', 'return_to_handler', 'arch_rethook_trampoline'],
  member: (_structure, field) => field.replace(/^gpr(\d+)$/, 'gpr[$1]'),
  symbols: { kernel_toc_base: '.TOC.' },
  /** The TOC set-up. */
  optionalHead: () => 8,
  unconfigured: [
    'BPF_TRAMPOLINE',
    'FGRAPH_RECURSION_LOCK',
    'FTRACE_ENTRY_LR_FIRST',
    'FTRACE_GRAPH_CALLER',
    'HAVE_FUNCTION_GRAPH_FP_TEST',
    'HAVE_FUNCTION_GRAPH_RET_ADDR_PTR',
    'KPROBE_ON_FUNC_ENTRY',
    'RETHOOK_BY_KPROBE',
  ],
  configuredOtherwise: {
    FUNCTION_ERROR_INJECTION: 'Debian leaves it off; a build may have it.',
    FUNCTION_GRAPH_RETVAL: 'Debian leaves it off; a build may have it.',
    FUNCTION_GRAPH_RETADDR: 'Debian leaves it off; a build may have it.',
    FUNCTION_PROFILER: 'Debian leaves it off; a build may have it.',
    LIVEPATCH: 'Debian leaves it off; a build may have it.',
    LIVEPATCH_64: 'It follows LIVEPATCH, which Debian leaves off.',
    ARCH_USING_PATCHABLE_FUNCTION_ENTRY:
      'Modelled at 6.12 is -mprofile-kernel (form A of README.md); with GCC 14 Debian takes two patchable NOPs (form B).',
    FTRACE_MCOUNT_USE_PATCHABLE_FUNCTION_ENTRY: 'It follows ARCH_USING_PATCHABLE_FUNCTION_ENTRY.',
    FTRACE_MCOUNT_USE_OBJTOOL: 'Only without ARCH_USING_PATCHABLE_FUNCTION_ENTRY.',
    MPROFILE_KERNEL:
      'Debian has the symbol at 7.2 too, beside the patchable entry that is used; modelled is its use.',
  },
  run: {
    at: () => 0x4000_0000n,
    /** Text below the image: its trampolines lie at its beginning, and a branch reaches 32 MiB. */
    memory: {
      text: 0x3fc0_0000n,
      c: 0x3fc8_0000n,
      data: 0x4500_0000n,
      stack: 0x5001_0000n,
      threadSize: abi.memory.threadSize,
    },
    stands: (config) => ({
      ftrace_caller: ['ftrace_caller'],
      ftrace_regs_caller: ['ftrace_regs_caller'],
      ftrace_stub: ['ftrace_stub'],
      ftrace_no_trace: ['ftrace_no_trace'],
      function_trace_op: ['function_trace_op'],
      return_to_handler: ['return_to_handler'],
      ftrace_return_to_handler: ['ftrace_return_to_handler'],
      kernel_toc_base: ['.TOC.'],
      ...(config.has('DYNAMIC_FTRACE_WITH_CALL_OPS')
        ? {}
        : { ftrace_call: ['ftrace_call'], ftrace_regs_call: ['ftrace_regs_call'] }),
      ...(config.has('DYNAMIC_FTRACE_WITH_DIRECT_CALLS')
        ? { ftrace_stub_direct_tramp: ['ftrace_stub_direct_tramp'] }
        : {}),
      ...(config.has('RETHOOK')
        ? { arch_rethook_trampoline: ['arch_rethook_trampoline'] }
        : { __kretprobe_trampoline: ['__kretprobe_trampoline'] }),
    }),
    privileged: [
      {
        text: 'mfmsr RT',
        mask: 0xfc1f_ffff,
        value: 0x7c00_00a6,
        execute(machine, word, at) {
          machine.write(`r${(word >>> 21) & 31}`, machine.read('msr'));
          return at + 4n;
        },
      },
      {
        text: 'rfid',
        mask: 0xffff_ffff,
        value: 0x4c00_0024,
        execute(machine) {
          machine.write('msr', machine.read('srr1'));
          return machine.read('srr0') & ~3n;
        },
      },
    ],
    located: localEntries,
    words: pacaOfImage,
  },
} as const satisfies Vmlinux;
