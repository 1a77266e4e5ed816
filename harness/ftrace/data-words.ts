// SPDX-License-Identifier: MIT
/** Entry data of one call: words that an entry handler leaves for the exit handler. */

/** Storage of its own, or a window on the shadow stack. Not cleared when handed out. */
export class DataWords {
  readonly #words: BigUint64Array;

  constructor(words: number | BigUint64Array) {
    this.#words = typeof words === 'number' ? new BigUint64Array(words) : words;
  }

  get length(): number {
    return this.#words.length;
  }

  /** The words from `index` on, sharing storage. */
  from(index: number): DataWords {
    return new DataWords(this.#words.subarray(index));
  }

  /** @throws RangeError beyond the block */
  get(index: number): bigint {
    const value = this.#words[index];
    if (value === undefined) throw new RangeError(`word ${index} of ${this.length} words of entry data`);
    return value;
  }

  /** Truncates to 64 bits. @throws RangeError beyond the block */
  set(index: number, value: bigint): void {
    this.get(index);
    this.#words[index] = value;
  }
}
