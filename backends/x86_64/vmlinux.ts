// SPDX-License-Identifier: MIT
/**
 * Real kernels: Debian's packages, and how an image is linked and read. Sources: Debian's package lists of 2026-11;
 * linux 7.2 arch/x86/kernel/vmlinux.lds.S.
 */
import type { Vmlinux } from '../../harness/backend/contract.js';
import { CALL, encodeRel32 } from './encoding.js';

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
} as const satisfies Vmlinux;
