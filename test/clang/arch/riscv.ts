// SPDX-License-Identifier: MIT
/** RV64I, and the compressed instructions of call sites: RISC-V Unprivileged ISA. Kernel trampolines are assembled without compression and relaxation. */
import {
  C_EBREAK,
  C_NOP,
  EBREAK,
  encodeCall,
  halfwordBytes,
  type Link,
  NOP,
  wordBytes,
} from '../../../backends/riscv/encoding.js';
import { type Assembly, word } from '../assembly.js';

const call = (link: Link, offset: bigint, ...texts: readonly [auipc: string, jalr: string]) =>
  encodeCall(link, offset).map((one, index) => word(wordBytes(one), texts[index] ?? ''));

export const riscv = {
  options: ['-march=rv64ima', '-mno-relax'],
  spelling: (text) =>
    text.startsWith('c.')
      ? `.option push
	.option rvc
	${text}
	.option pop`
      : text,
  snippets: [
    '1: bne a0, zero, 1b',
    '1: beqz a0, 1b',
    'sext.w a0, a1',
    'jalr zero, 8(t0)',
    'ebreak',
    'c.ebreak',
  ],
  encodings: () => [
    ...call('t0', -0x1234_5678n, 'auipc t0, 0xedcbb', 'jalr t0, -1656(t0)'),
    ...call('ra', 0x7ffn, 'auipc ra, 0x0', 'jalr ra, 2047(ra)'),
    ...call('ra', 0x800n, 'auipc ra, 0x1', 'jalr ra, -2048(ra)'),
    word(wordBytes(NOP), 'nop'),
    word(wordBytes(EBREAK), 'ebreak'),
    word(halfwordBytes(C_NOP), 'c.nop'),
    word(halfwordBytes(C_EBREAK), 'c.ebreak'),
  ],
} as const satisfies Assembly;
