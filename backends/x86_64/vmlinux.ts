// SPDX-License-Identifier: MIT
/**
 * Real kernels: Debian's packages, and how an image is linked and read. Sources: Debian's package lists of 2026-11;
 * linux 7.2 arch/x86/kernel/vmlinux.lds.S.
 */
import type { ImageText, Vmlinux } from '../../harness/backend/contract.js';
import { abi } from './abi.js';
import { CALL, encodeRel32 } from './encoding.js';

/** What trampoline.S and an image have by one name. */
const COMMON = [
  'ftrace_caller',
  'ftrace_caller_op_ptr',
  'ftrace_call',
  'ftrace_caller_end',
  'ftrace_regs_caller',
  'ftrace_regs_caller_op_ptr',
  'ftrace_regs_call',
  'ftrace_regs_caller_jmp',
  'ftrace_regs_caller_end',
  'ftrace_stub',
  'return_to_handler',
  'ftrace_return_to_handler',
  'arch_rethook_trampoline',
  'function_trace_op',
];

const PUSH_IMM32 = 0x68n;

/** linux 7.2 arch/x86/kernel/rethook.c: the trampoline begins with its own address. */
function relocatedPush(image: ImageText): ReadonlyMap<bigint, bigint> {
  const start = image.symbol('arch_rethook_trampoline');
  const at = [0n, 4n].map((offset) => start + offset).find((one) => image.word(one, 1) === PUSH_IMM32);
  if (at === undefined) return new Map();
  const rest = image.word(at, 8) & ~(0xffff_ffffn << 8n);
  return new Map([[at, rest | (start << 8n)]]);
}

export const vmlinux = {
  debian: 'amd64',
  packages: { '6.1': 'linux-image-amd64', '6.12': 'linux-image-amd64', '7.2': 'linux-image-amd64' },
  base: () => 0xffffffff81000000n,
  elf: { machine: 62, flags: 0 },
  disassembler: [],
  mnemonics: {},
  padding: [],
  trampolines: ['ftrace_caller', 'ftrace_regs_caller', 'return_to_handler', 'arch_rethook_trampoline'],
  /** `cs` and `ss` are u16 since 6.12, in a union with the whole word, which is what trampolines write. */
  member: (structure, field, { revision }) =>
    structure === 'ftrace_regs' && revision !== '6.1' && /^[cs]s$/.test(field) ? `${field}x` : field,
  symbols: {},
  /** ENDBR64. */
  optionalHead: (config) => (config.has('X86_KERNEL_IBT') ? 4 : 0),
  linked(compiled, f, _config, symbol) {
    const bytes = compiled.slice();
    const call = bytes.length - 5;
    bytes.set(encodeRel32(CALL, f + BigInt(call), symbol('__fentry__')), call);
    return bytes;
  },
  unconfigured: [
    'BPF_TRAMPOLINE',
    'BPF_TRAMPOLINE_ENDBR',
    'BPF_TRAMPOLINE_STACK_ARGS',
    'FGRAPH_RECURSION_LOCK',
    'FTRACE_DIRECT_BALANCED_RET',
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
    FPROBE: 'Debian leaves it off at 6.1; a build may have it.',
    X86_KERNEL_IBT: 'Modelled is a build without landing pads.',
    MITIGATION_CALL_DEPTH_TRACKING: 'Modelled is a build without mitigations.',
    MITIGATION_RETPOLINE: 'Modelled is a build without mitigations.',
    MITIGATION_SLS: 'Modelled is a build without mitigations.',
  },
  run: {
    /** Below 2 GiB, as in qemu.ts. */
    at: () => 0x4100_0000n,
    memory: {
      text: 0x4900_0000n,
      c: 0x4910_0000n,
      data: 0x4a00_0000n,
      stack: 0x4c00_0000n,
      threadSize: abi.memory.threadSize,
    },
    stands: (config) => ({
      ...Object.fromEntries(COMMON.map((name) => [name, [name]])),
      ...(config.has('DYNAMIC_FTRACE_WITH_DIRECT_CALLS') && config.revision !== '6.1'
        ? { ftrace_stub_direct_tramp: ['ftrace_stub_direct_tramp'] }
        : {}),
      rethook_handler: ['arch_rethook_trampoline_callback'],
    }),
    privileged: [],
    /** PUSH imm32 of its own link address, which a kernel that moves itself relocates. */
    words: relocatedPush,
    /** MOV disp32(%rip), %rdx: three bytes in front of the distance. */
    distances: (image) =>
      new Map(
        ['ftrace_caller_op_ptr', 'ftrace_regs_caller_op_ptr'].map((name) => [
          image.symbol(name) + 3n,
          'function_trace_op',
        ]),
      ),
  },
} as const satisfies Vmlinux;
