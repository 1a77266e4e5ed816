// SPDX-License-Identifier: MIT
/**
 * The general registers of x86-64 in encoding order (SDM vol. 1, general-purpose registers in 64-bit mode),
 * and `flags`, the name Linux has for RFLAGS. Texts spell them AT&T fashion, with `%`.
 */
import type { RegisterTable } from '../../harness/machine/instruction-set.js';

export const registers = {
  names: [
    ...['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi'],
    ...['r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15'],
    'flags',
  ],
  aliases: { rflags: 'flags', eflags: 'flags' },
} as const satisfies RegisterTable;
