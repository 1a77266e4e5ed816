// SPDX-License-Identifier: MIT
/**
 * Real kernels: Debian's packages, and how an image is linked and read. Sources: Debian's package lists of 2026-11;
 * linux 7.2 arch/riscv/kernel/vmlinux.lds.S.
 */
import type { Vmlinux } from '../../harness/backend/contract.js';
import { abi } from './abi.js';

export const vmlinux = {
  debian: 'riscv64',
  packages: { '6.12': 'linux-image-riscv64', '7.2': 'linux-image-riscv64' },
  base: () => 0xffffffff80000000n,
  elf: { machine: 243, flags: 5 },
  disassembler: ['--mattr=+c,+m,+a,+f,+d'],
  mnemonics: {},
  padding: ['unimp', 'nop'],
  trampolines: ['ftrace_caller', 'ftrace_regs_caller', 'return_to_handler', 'arch_rethook_trampoline'],
  member: (_structure, field) => field,
  symbols: {},
  optionalHead: () => 0,
  unconfigured: [
    'BPF_TRAMPOLINE',
    'FGRAPH_RECURSION_LOCK',
    'FTRACE_GRAPH_CALLER',
    'FTRACE_TOGGLES_JALR',
    'HAVE_FUNCTION_GRAPH_FP_TEST',
    'HAVE_FUNCTION_GRAPH_RET_ADDR_PTR',
    'KPROBE_ON_FUNC_ENTRY',
    'KRETPROBE_STORES_SP',
    'RETHOOK_BY_KPROBE',
  ],
  configuredOtherwise: {
    FUNCTION_ERROR_INJECTION: 'Debian leaves it off; a build may have it.',
    FUNCTION_GRAPH_RETVAL: 'Debian leaves it off; a build may have it.',
    FUNCTION_GRAPH_RETADDR: 'Debian leaves it off; a build may have it.',
    FUNCTION_PROFILER: 'Debian leaves it off; a build may have it.',
  },
  run: {
    at: () => 0x8000_0000n,
    memory: {
      text: 0x8600_2000n,
      c: 0x8610_0000n,
      data: 0x8700_0000n,
      stack: 0x9001_0000n,
      threadSize: abi.memory.threadSize,
    },
    stands: (config) => ({
      ftrace_caller: ['ftrace_caller'],
      ftrace_stub: ['ftrace_stub'],
      return_to_handler: ['return_to_handler'],
      ftrace_return_to_handler: ['ftrace_return_to_handler'],
      function_trace_op: ['function_trace_op'],
      ...(config.has('DYNAMIC_FTRACE_WITH_CALL_OPS')
        ? { ftrace_call_dest: ['ftrace_call_dest'] }
        : { ftrace_call: ['ftrace_call'] }),
      ...(config.has('DYNAMIC_FTRACE_WITH_DIRECT_CALLS')
        ? { ftrace_stub_direct_tramp: ['ftrace_stub_direct_tramp'] }
        : {}),
      ...(config.has('RETHOOK')
        ? {
            arch_rethook_trampoline: ['arch_rethook_trampoline'],
            rethook_handler: ['arch_rethook_trampoline_callback'],
          }
        : {}),
    }),
    privileged: [],
  },
} as const satisfies Vmlinux;
