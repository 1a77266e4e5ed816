// SPDX-License-Identifier: MIT
/**
 * The integer registers r1 to r31 in manual order under their ABI names (LoongArch ELF psABI, "Integer registers";
 * u0 is the kernel's name for r21), without the `$` of assembler text. r0 is no register here: it holds nothing,
 * and instructions name it as the literal operand `$zero`. There are no flags; `crmd` is control and status register 0,
 * of which the rethook trampoline keeps the privilege level and the interrupt enable bit.
 */
import type { RegisterTable } from '../../harness/machine/instruction-set.js';

const general = [
  ...['ra', 'tp', 'sp', 'a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'],
  ...['t0', 't1', 't2', 't3', 't4', 't5', 't6', 't7', 't8', 'u0', 'fp'],
  ...['s0', 's1', 's2', 's3', 's4', 's5', 's6', 's7', 's8'],
] as const;

export const registers = {
  names: [...general, 'crmd'],
  aliases: { s9: 'fp', ...Object.fromEntries(general.map((name, index) => [`r${index + 1}`, name])) },
} as const satisfies RegisterTable;
