// SPDX-License-Identifier: MIT
/**
 * Real kernels: Debian's packages, and how an image is linked and read. Sources: Debian's package lists of 2026-11;
 * linux 7.2 arch/loongarch/kernel/vmlinux.lds.S.
 */
import type { ImageText, Vmlinux } from '../../harness/backend/contract.js';
import type { Machine } from '../../harness/machine/types.js';
import { abi } from './abi.js';
import { registers } from './registers.js';

const read = (machine: Pick<Machine, 'read'>, number: number) =>
  number === 0 ? 0n : machine.read(registers.names[number - 1] as string);
function write(machine: Pick<Machine, 'write'>, number: number, value: bigint): void {
  if (number !== 0) machine.write(registers.names[number - 1] as string, value);
}

/** Instructions up to the one that loads function_trace_op. */
const PROLOGUE = 8;

/**
 * Without KALLSYMS_ALL an image tells of no data: function_trace_op is what ftrace_common loads, by PCALAU12I and ADDI.D or
 * LD.D (LoongArch Reference Manual, vol. 1, 2.2.1.6).
 */
function traceOp(image: ImageText): ReadonlyMap<string, bigint> {
  const start = image.symbol('ftrace_common');
  for (let index = 0; index < PROLOGUE; index++) {
    const at = start + BigInt(4 * index);
    const [first, second] = [image.word(at, 4), image.word(at + 4n, 4)];
    if (first >> 25n !== 0x1a00_0000n >> 25n) continue;
    const page = (at & ~0xfffn) + (BigInt.asIntN(20, (first >> 5n) & 0xf_ffffn) << 12n);
    return new Map([['function_trace_op', page + BigInt.asIntN(12, (second >> 10n) & 0xfffn)]]);
  }
  return new Map();
}

export const vmlinux = {
  debian: 'loong64',
  packages: { '7.2': 'linux-image-loong64' },
  base: () => 0x9000000000200000n,
  elf: { machine: 258, flags: 0x43 },
  disassembler: [],
  mnemonics: {},
  padding: [],
  trampolines: ['ftrace_caller', 'ftrace_regs_caller', 'return_to_handler', 'arch_rethook_trampoline'],
  member: (_structure, field) => field.replace(/^r(\d+)$/, 'regs[$1]'),
  symbols: {},
  optionalHead: () => 0,
  unconfigured: [
    'BPF_TRAMPOLINE',
    'FGRAPH_RECURSION_LOCK',
    'FTRACE_GRAPH_CALLER',
    'HAVE_FUNCTION_GRAPH_FP_TEST',
    'HAVE_FUNCTION_GRAPH_RET_ADDR_PTR',
    'KPROBE_ON_FUNC_ENTRY',
    'RETHOOK_BY_KPROBE',
    'RETHOOK_RESTORES_U0',
  ],
  configuredOtherwise: {
    FUNCTION_ERROR_INJECTION: 'Debian leaves it off; a build may have it.',
    FUNCTION_GRAPH_RETVAL: 'Debian leaves it off; a build may have it.',
    FUNCTION_GRAPH_RETADDR: 'Debian leaves it off; a build may have it.',
    FUNCTION_PROFILER: 'Debian leaves it off; a build may have it.',
    LIVEPATCH: 'Debian leaves it off; a build may have it.',
    FUNCTION_TRACE_ARGS: 'Debian builds without BTF here.',
    PROBE_EVENTS_BTF_ARGS: 'Debian builds without BTF here.',
  },
  run: {
    at: () => 0x9020_0000n,
    memory: {
      text: 0x9600_0000n,
      c: 0x9610_0000n,
      data: 0x9700_0000n,
      stack: 0x9a01_0000n,
      threadSize: abi.memory.threadSize,
      modules: { text: 0xc600_0000n, initText: 0xc610_0000n },
    },
    stands: (_config) => ({
      ftrace_caller: ['ftrace_caller'],
      ftrace_regs_caller: ['ftrace_regs_caller'],
      ftrace_common: ['ftrace_common'],
      ftrace_call: ['ftrace_call'],
      ftrace_stub: ['ftrace_stub'],
      ftrace_stub_direct_tramp: ['ftrace_stub_direct_tramp'],
      return_to_handler: ['return_to_handler'],
      ftrace_return_to_handler: ['ftrace_return_to_handler'],
      arch_rethook_trampoline: ['arch_rethook_trampoline'],
      rethook_handler: ['arch_rethook_trampoline_callback'],
      function_trace_op: ['function_trace_op'],
    }),
    located: traceOp,
    privileged: [
      {
        text: 'csrrd rd, 0',
        mask: 0xffff_ffe0,
        value: 0x0400_0000,
        execute(machine, word, at) {
          write(machine, word & 31, machine.read('crmd'));
          return at + 4n;
        },
      },
      {
        text: 'csrxchg rd, rj, 0',
        mask: 0xffff_fc00,
        value: 0x0400_0000,
        execute(machine, word, at) {
          const [old, mask] = [machine.read('crmd'), read(machine, (word >>> 5) & 31)];
          machine.write('crmd', (old & ~mask) | (read(machine, word & 31) & mask));
          write(machine, word & 31, old);
          return at + 4n;
        },
      },
    ],
  },
} as const satisfies Vmlinux;
