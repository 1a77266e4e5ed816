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
  mnemonic: (text) => text,
  trampolines: ['ftrace_caller', 'ftrace_regs_caller', 'return_to_handler', 'arch_rethook_trampoline'],
  member: (_structure, field) => field,
  symbols: {},
  /** ENDBR64. */
  optionalHead: (config) => (config.has('X86_KERNEL_IBT') ? 4 : 0),
  linked(compiled, f, _config, symbol) {
    const bytes = compiled.slice();
    const call = bytes.length - 5;
    bytes.set(encodeRel32(CALL, f + BigInt(call), symbol('__fentry__')), call);
    return bytes;
  },
  unconfigured: [],
  configuredOtherwise: {},
} as const satisfies Vmlinux;
