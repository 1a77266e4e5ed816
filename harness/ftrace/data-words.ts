// SPDX-License-Identifier: MIT
/** Entry data of one call: words that an entry handler leaves for the exit handler. */

/** Storage of its own, or a window on the shadow stack. Not cleared when handed out; a word never written is 0. */
export class DataWords {
  /** @param words 64 bits each */
  constructor(
    readonly words: bigint[],
    readonly at: number,
    readonly length: number,
  ) {}

  static own(length: number): DataWords {
    return new DataWords([], 0, length);
  }

  /** The words from `index` on, sharing storage. */
  from(index: number): DataWords {
    return new DataWords(this.words, this.at + index, Math.max(0, this.length - index));
  }

  /** @throws RangeError beyond the block */
  get(index: number): bigint {
    return this.words[this.#place(index)] ?? 0n;
  }

  /** Truncates to 64 bits. @throws RangeError beyond the block */
  set(index: number, value: bigint): void {
    this.words[this.#place(index)] = BigInt.asUintN(64, value);
  }

  #place(index: number): number {
    if (!(index >= 0 && index < this.length))
      throw new RangeError(`word ${index} of ${this.length} words of entry data`);
    return this.at + index;
  }
}
