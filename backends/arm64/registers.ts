// SPDX-License-Identifier: MIT
/**
 * The general-purpose registers of AArch64 (Arm ARM, B1.2.1) as far as kernel code that may not touch
 * floating point uses them. `nzcv` is here because a callout clobbers the flags.
 */
import type { RegisterTable } from '../../harness/machine/instruction-set.js';

const X = Array.from({ length: 31 }, (_, n) => `x${n}`);

export const registers = {
  names: [...X, 'sp', 'nzcv'],
  aliases: { fp: 'x29', lr: 'x30' },
} as const satisfies RegisterTable;
