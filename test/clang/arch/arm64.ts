// SPDX-License-Identifier: MIT
/** A64: Arm Architecture Reference Manual (DDI 0487), C6.2. */
import {
  BTI_C,
  BTI_J,
  BTI_JC,
  encodeBl,
  encodePlt,
  GENERATION_FAILURE,
  MOV_X9_X30,
  NOP,
  wordBytes,
} from '../../../backends/arm64/encoding.js';
import { type Assembly, word } from '../assembly.js';

export const arm64 = {
  /** BTI belongs to Armv8.5. */
  options: ['-march=armv8.5-a'],
  spelling: (text) => text,
  snippets: ['bti j', '1: cbz x0, 1b'],
  encodings: (at) => [
    word(wordBytes(encodeBl(at, at - 0x800_0000n)), 'bl .-0x8000000'),
    word(wordBytes(encodeBl(at, at + 0x7ff_fffcn)), 'bl .+0x7fffffc'),
    word(wordBytes(GENERATION_FAILURE), 'brk #0x100'),
    word(wordBytes(NOP), 'nop'),
    word(wordBytes(MOV_X9_X30), 'mov x9, x30'),
    word(wordBytes(BTI_C), 'bti c'),
    word(wordBytes(BTI_J), 'bti j'),
    word(wordBytes(BTI_JC), 'bti jc'),
    // `at` begins a page.
    word(
      wordBytes(...encodePlt(at, at + 0x1234_5678n)),
      ...['adrp x16, #0x12345000', 'add x16, x16, #0x678', 'br x16'],
    ),
    word(
      wordBytes(...encodePlt(at, at - 0x1000_0008n)),
      ...['adrp x16, #-0x10001000', 'add x16, x16, #0xff8', 'br x16'],
    ),
  ],
} as const satisfies Assembly;
