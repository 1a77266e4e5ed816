// SPDX-License-Identifier: MIT
/** trace_clock_local(), the same on all CPUs. It goes on only where a case lets time go by. */

/** When a case begins, ns. Not 0, which as a time stamp means none. */
const BEGIN = 1_000_000_000n;

export class Clock {
  #now = BEGIN;

  /** Nanoseconds. */
  get now(): bigint {
    return this.#now;
  }

  pass(nanoseconds: number): void {
    this.#now += BigInt(nanoseconds);
  }
}
