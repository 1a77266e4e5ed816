// SPDX-License-Identifier: MIT
/** Numbers that look random and follow from a seed: mulberry32, by Tommy Ettinger, in the public domain. */

export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** From 0 to 2^32 - 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** From 0 to `count` - 1. */
  below(count: number): number {
    return this.next() % count;
  }

  /** Once in so many times. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** 64 bits, the ends of ranges more often than their middles. */
  word(): bigint {
    const wide = (BigInt(this.next()) << 32n) | BigInt(this.next());
    switch (this.below(6)) {
      case 0:
        return BigInt(this.below(3));
      case 1:
        return BigInt.asUintN(64, -BigInt(this.below(3)) - 1n);
      case 2:
        return BigInt.asUintN(64, (1n << BigInt(this.below(64))) - BigInt(this.below(2)));
      case 3:
        return BigInt.asUintN(64, BigInt.asIntN(32, wide));
      default:
        return wide;
    }
  }
}

/** A seed for a part of what a seed is for: the same whichever other parts there are. */
export function seedFor(seed: number, part: string): number {
  let hash = seed ^ 0x811c9dc5;
  for (let index = 0; index < part.length; index++)
    hash = Math.imul(hash ^ part.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
