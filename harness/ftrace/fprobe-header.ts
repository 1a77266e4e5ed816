// SPDX-License-Identifier: MIT
/**
 * What fprobe writes on the shadow stack in front of a call's entry data: which probe, and how many words. One word
 * {size : 4, pointer without its top 4 bits : 60} where the architecture knows those bits, else two words.
 * linux 7.2 include/asm-generic/fprobe.h, kernel/trace/fprobe.c.
 */

export interface FprobeHeader {
  readonly pointer: bigint;
  readonly dataWords: number;
}

const POINTER_BITS = 60n;
const POINTER_MASK = (1n << POINTER_BITS) - 1n;

export class FprobeHeaders {
  /** Words of a header. */
  readonly words: 1 | 2;

  /** @param msb top 4 bits that every pointer has; `null`: two words */
  constructor(readonly msb: bigint | null) {
    this.words = msb === null ? 2 : 1;
  }

  /** Words in order, or `null` for a pointer that does not fit: the kernel warns and skips the probe. */
  encode({ pointer, dataWords }: FprobeHeader): readonly bigint[] | null {
    if (this.msb === null) return [pointer, BigInt(dataWords)];
    if (pointer >> POINTER_BITS !== this.msb) return null;
    return [(BigInt(dataWords) << POINTER_BITS) | (pointer & POINTER_MASK)];
  }

  /** `null` where a zero word ends the headers. */
  decode(word: (index: number) => bigint): FprobeHeader | null {
    const first = word(0);
    if (first === 0n) return null;
    if (this.msb === null) return { pointer: first, dataWords: Number(word(1)) };
    return {
      pointer: (this.msb << POINTER_BITS) | (first & POINTER_MASK),
      dataWords: Number(first >> POINTER_BITS),
    };
  }
}
