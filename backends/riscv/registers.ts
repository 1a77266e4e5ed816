// SPDX-License-Identifier: MIT
/**
 * The integer registers x1 to x31 in manual order under their psABI names (RISC-V ELF psABI, "Integer
 * Register Convention"). x0 is no register here: it holds nothing, and instructions name it as the literal
 * operand `zero`. There are no flags.
 */
import type { RegisterTable } from '../../harness/machine/instruction-set.js';

const names = [
  ...['ra', 'sp', 'gp', 'tp', 't0', 't1', 't2', 's0', 's1'],
  ...['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'],
  ...['s2', 's3', 's4', 's5', 's6', 's7', 's8', 's9', 's10', 's11', 't3', 't4', 't5', 't6'],
] as const;

export const registers = {
  names,
  aliases: { fp: 's0', ...Object.fromEntries(names.map((name, index) => [`x${index + 1}`, name])) },
} as const satisfies RegisterTable;
