// SPDX-License-Identifier: MIT
/** LA64: LoongArch Reference Manual vol. 1. */
import {
  encodeB,
  encodeBl,
  encodePlt,
  GENERATION_FAILURE,
  MOVE_T0_RA,
  NOP,
  wordBytes,
} from '../../../backends/loongarch/encoding.js';
import { type Assembly, word } from '../assembly.js';

/** The words of a module PLT entry one by one. */
const plt = (to: bigint, ...texts: readonly string[]) =>
  encodePlt(to).map((one, index) => word(wordBytes(one), texts[index] ?? ''));

export const loongarch = {
  options: [],
  /** A distance without symbol is written as a number. */
  spelling: (text) => text.replace(/(?<= )\.\+?(?=-?0x)/, ''),
  snippets: [
    'addi.w $t0, $t1, -2048',
    'or $t0, $t1, $t2',
    'or $t0, $ra, $zero',
    'andi $zero, $zero, 0',
    'ori $t0, $t0, 4095',
    'lu12i.w $t1, -524288',
    'lu32i.d $t1, 524287',
    'lu52i.d $t1, $t1, -2048',
    'pcalau12i $t0, 1',
    'jirl $zero, $t1, 8',
    'break 0',
  ],
  encodings: (at) => [
    word(wordBytes(encodeBl(at, at - 0x800_0000n)), 'bl .-0x8000000'),
    word(wordBytes(encodeBl(at, at + 0x7ff_fffcn)), 'bl .+0x7fffffc'),
    word(wordBytes(encodeB(at, at - 0x800_0000n)), 'b .-0x8000000'),
    word(wordBytes(encodeB(at, at + 0x7ff_fffcn)), 'b .+0x7fffffc'),
    word(wordBytes(GENERATION_FAILURE), 'break 0'),
    word(wordBytes(NOP), 'nop'),
    word(wordBytes(MOVE_T0_RA), 'move $t0, $ra'),
    ...plt(
      0x9000_1234_5678_9abcn,
      ...['lu12i.w $t1, 354185', 'lu32i.d $t1, 4660', 'lu52i.d $t1, $t1, -1792', 'jirl $zero, $t1, 2748'],
    ),
    ...plt(
      0xffff_ffff_8765_4ff8n,
      ...['lu12i.w $t1, -493996', 'lu32i.d $t1, -1', 'lu52i.d $t1, $t1, -1', 'jirl $zero, $t1, 4088'],
    ),
  ],
} as const satisfies Assembly;
