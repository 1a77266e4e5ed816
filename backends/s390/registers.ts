// SPDX-License-Identifier: MIT
/**
 * The general registers of z/Architecture, the condition code (0 to 3) and the program-status word's mask half, from
 * which EPSW and LPSWE move bits (z/Architecture Principles of Operation, "Program-Status Word"). Texts spell general
 * registers with `%`. The condition code is kept in `cc` alone: bits 18 and 19 of `psw` mean nothing.
 */
import type { RegisterTable } from '../../harness/machine/instruction-set.js';

export const registers = {
  names: [
    ...['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7'],
    ...['r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15'],
    ...['cc', 'psw'],
  ],
  /** As struct pt_regs has them, and the stack pointer by its role. */
  aliases: {
    ...Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`gprs[${n}]`, `r${n}`])),
    sp: 'r15',
  },
} as const satisfies RegisterTable;
