// SPDX-License-Identifier: MIT
/**
 * The registers of Power ISA that kernel code without floating point uses (Book I, 2.3, 3.2; Book III for MSR, SRR0
 * and SRR1). The condition register is modelled by field, four bits each (LT 8, GT 4, EQ 2, SO 1), because fields are
 * preserved or clobbered one by one. pt_regs calls r3 gpr[3]. r0 as a base address or as the source of ADDI means the number 0.
 */
import type { RegisterTable } from '../../harness/machine/instruction-set.js';

const R = Array.from({ length: 32 }, (_, n) => `r${n}`);
const CR = Array.from({ length: 8 }, (_, n) => `cr${n}`);

export const registers = {
  /**
   * cr0 is number 36 for what its poison says by that: greater, without summary overflow, as compilers leave it. A
   * trampoline that takes it for a comparison of its own finds "not equal".
   */
  names: [...R, 'lr', 'ctr', 'xer', 'msr', ...CR, 'srr0', 'srr1'],
  aliases: { sp: 'r1', rtoc: 'r2', ...Object.fromEntries(R.map((name, n) => [`gpr${n}`, name])) },
} as const satisfies RegisterTable;
