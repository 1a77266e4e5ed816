// SPDX-License-Identifier: MIT
/** z/Architecture Principles of Operation. */
import {
  BRASL_R0,
  BRASL_R1,
  BRCL_ALWAYS,
  BRCL_NEVER,
  branch,
  hotpatchTrampoline,
  NOP,
} from '../../../backends/s390/encoding.js';
import { type Assembly, word } from '../assembly.js';

export const s390 = {
  /** AGHIK and LOCGR came with z196, MVGHI and RISBG with z10; the kernel is built for z10 or later. */
  options: ['-march=z13'],
  spelling: (text) => text,
  snippets: [
    '1: jne 1b',
    '1: jnz 1b',
    '1: je 1b',
    '1: jz 1b',
    '1: jgne 1b',
    '1: jgnz 1b',
    '1: jge 1b',
    '1: jgz 1b',
  ],
  encodings: (at) => [
    word(NOP, 'brcl 0,.+0x0'),
    word(branch(BRCL_NEVER, at, at + 0x1234_5678n), 'brcl 0,.+0x12345678'),
    word(branch(BRCL_ALWAYS, at, at - 0x1234_5678n), 'brcl 15,.-0x12345678'),
    word(branch(BRASL_R0, at, at + 0xffff_fffen), 'brasl %r0,.+0xfffffffe'),
    word(branch(BRASL_R1, at, at - 0x1_0000_0000n), 'brasl %r1,.-0x100000000'),
    // A short branch is never made, but known.
    word(Uint8Array.of(0xa7, 0xf4, 0x80, 0x00), 'brc 15,.-0x10000'),
    word(
      hotpatchTrampoline(at, at - 0x1000n, 0x1122_3344_5566_7788n, 0x99aa_bbcc_ddee_ff00n),
      ...['brasl %r1,.-0x1000', '.short 0', '.quad 0x1122334455667788', '.quad 0x99aabbccddeeff00'],
    ),
  ],
} as const satisfies Assembly;
