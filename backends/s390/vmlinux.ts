// SPDX-License-Identifier: MIT
/**
 * Real kernels: Debian's packages, and how an image is linked and read. Sources: Debian's package lists of 2026-11;
 * linux 7.2 arch/s390/kernel/vmlinux.lds.S.
 */
import type { Vmlinux } from '../../harness/backend/contract.js';
import { abi } from './abi.js';

/** Bits 18 and 19 of a PSW, counted from the left. */
const CONDITION = 3n << 44n;

export const vmlinux = {
  debian: 's390x',
  packages: { '6.1': 'linux-image-s390x', '6.12': 'linux-image-s390x', '7.2': 'linux-image-s390x' },
  /** 6.1 runs where it is loaded; later kernels high in the address space. */
  base: (revision) => (revision === '6.1' ? 0x10_0000n : 0x3ff_e010_0000n),
  elf: { machine: 22, flags: 0 },
  disassembler: ['--mcpu=z14'],
  mnemonics: {},
  padding: ['nopr'],
  trampolines: ['ftrace_caller', 'ftrace_regs_caller', 'return_to_handler', 'arch_rethook_trampoline'],
  member: (_structure, field) => field,
  symbols: {},
  optionalHead: () => 0,
  unconfigured: [
    'BPF_TRAMPOLINE',
    'FGRAPH_RECURSION_LOCK',
    'FTRACE_GRAPH_CALLER',
    'HAVE_FUNCTION_GRAPH_FP_TEST',
    'HAVE_FUNCTION_GRAPH_RET_ADDR_PTR',
    'KPROBE_ON_FUNC_ENTRY',
    'MACHINE_HAS_SEQ_INSN',
    'RETHOOK_BY_KPROBE',
  ],
  configuredOtherwise: {
    FUNCTION_ERROR_INJECTION: 'Debian leaves it off; a build may have it.',
    FUNCTION_GRAPH_RETVAL: 'Debian leaves it off; a build may have it.',
    FUNCTION_GRAPH_RETADDR: 'Debian leaves it off; a build may have it.',
    FUNCTION_PROFILER: 'Debian leaves it off; a build may have it.',
    LIVEPATCH: 'Debian leaves it off; a build may have it.',
    HAVE_MARCH_Z196_FEATURES: 'Debian builds for z10.',
    HAVE_EBPF_JIT: 'The JIT needs z196, and Debian builds for z10.',
  },
  run: {
    /** Its own address is one of user mode; what is linked lower is moved there. */
    at: () => 0x3ff_e010_0000n,
    memory: {
      text: 0x3ff_e610_0000n,
      c: 0x3ff_e620_0000n,
      data: 0x3ff_e710_0000n,
      stack: 0x3ff_f001_0000n,
      threadSize: abi.memory.threadSize,
    },
    stands: (config) => ({
      ftrace_caller: ['ftrace_caller'],
      ftrace_regs_caller: ['ftrace_regs_caller'],
      ftrace_common: ['ftrace_common'],
      ftrace_stub: ['ftrace_stub'],
      ftrace_shared_hotpatch_trampoline_br: ['ftrace_shared_hotpatch_trampoline_br'],
      function_trace_op: ['function_trace_op'],
      ftrace_func: ['ftrace_func'],
      return_to_handler: ['return_to_handler'],
      ftrace_return_to_handler: ['ftrace_return_to_handler'],
      ...(config.has('HAVE_FTRACE_GRAPH_FUNC')
        ? {}
        : { ftrace_graph_caller: ['ftrace_graph_caller'], prepare_ftrace_return: ['prepare_ftrace_return'] }),
      ...(config.has('DYNAMIC_FTRACE_WITH_DIRECT_CALLS')
        ? { ftrace_stub_direct_tramp: ['ftrace_stub_direct_tramp'] }
        : {}),
      ...(config.has('RETHOOK')
        ? {
            arch_rethook_trampoline: ['arch_rethook_trampoline'],
            rethook_handler: ['arch_rethook_trampoline_callback'],
          }
        : {
            __kretprobe_trampoline: ['__kretprobe_trampoline'],
            rethook_handler: ['trampoline_probe_handler'],
          }),
    }),
    privileged: [
      {
        text: 'LPSWE D2(B2)',
        mask: 0xffff_0000,
        value: 0xb2b2_0000,
        execute(machine, word) {
          const base = (word >>> 12) & 15;
          const from = (base === 0 ? 0n : machine.read(`r${base}`)) + BigInt(word & 0xfff);
          const mask = machine.loadWord(from, 8);
          machine.write('psw', mask & ~CONDITION);
          machine.write('cc', (mask & CONDITION) >> 44n);
          return machine.loadWord(from + 8n, 8);
        },
      },
    ],
  },
} as const satisfies Vmlinux;
