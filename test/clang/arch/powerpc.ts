// SPDX-License-Identifier: MIT
/** 64-bit Power ISA, little-endian, with register names as the trampolines define them. */
import {
  BCTR,
  encodeBranch,
  encodeLongBranch,
  encodeTocSetup,
  MFLR_R0,
  MTCTR_R12,
  MTLR_R0,
  NOP,
  STD_R0_16_R1,
  TRAP,
  wordBytes,
} from '../../../backends/powerpc/encoding.js';
import { type Assembly, word } from '../assembly.js';

const words = (list: readonly number[], ...texts: readonly string[]) =>
  list.map((one, index) => word(wordBytes(one), texts[index] ?? ''));

export const powerpc = {
  options: [],
  spelling: (text) => text,
  snippets: [
    'cmpd cr1, r3, r4',
    '1: beq 1b',
    '1: beq cr1, 1b',
    '1: beq- 1b',
    '1: beq- cr1, 1b',
    '1: beq+ 1b',
    '1: beq+ cr1, 1b',
    '1: bne 1b',
    '1: bne cr1, 1b',
    '1: bne- 1b',
    '1: bne- cr1, 1b',
    '1: bne+ 1b',
    '1: bne+ cr1, 1b',
    'trap',
  ],
  encodings: (at) => [
    word(wordBytes(encodeBranch('b', at, at - 0x200_0000n)), 'b .-0x2000000'),
    word(wordBytes(encodeBranch('bl', at, at + 0x1ff_fffcn)), 'bl .+0x1fffffc'),
    ...words(
      [NOP, MFLR_R0, MTLR_R0, STD_R0_16_R1, TRAP, MTCTR_R12, BCTR],
      ...['nop', 'mflr r0', 'mtlr r0', 'std r0, 16(r1)', 'trap', 'mtctr r12', 'bctr'],
    ),
    // With r0 in the place of a source, ADDI and ADDIS have other names.
    ...words([0x3860_ffff, 0x3c60_8000], 'li r3, -1', 'lis r3, -32768'),
    ...words(encodeTocSetup(at, at + 0x1234_8000n), 'addis r2, r12, 4661', 'addi r2, r2, -32768'),
    ...words(
      encodeLongBranch(24, at, at - 0x1234_5678n),
      ...['ld r12, 24(r13)', 'addis r12, r12, -4660', 'addi r12, r12, -22136', 'mtctr r12', 'bctr'],
    ),
  ],
} as const satisfies Assembly;
