// SPDX-License-Identifier: MIT
/**
 * Recursion protection: linux 7.2 include/linux/trace_recursion.h, trace_test_and_set_recursion(). One word per
 * task with a bit per context and family. Own bit taken: the TRANSITION bit serves once more, because an
 * interrupt may come before the preempt counter tells so. Hence a callback that calls a traced function is
 * entered at most twice.
 */

export type RecursionFamily = 'FTRACE' | 'LIST' | 'EVENT';
export type RecursionContext = 'NMI' | 'IRQ' | 'SOFTIRQ' | 'NORMAL';

/** A taken bit, given back with {@link TraceRecursion.unlock}; `null` when refused. */
export type RecursionBit = string;

export class TraceRecursion {
  readonly #taken = new Set<RecursionBit>();
  /** Context the task is in, from the preempt counter. */
  context: RecursionContext = 'NORMAL';

  trylock(family: RecursionFamily): RecursionBit | null {
    for (const slot of [this.context, 'TRANSITION']) {
      const bit = `${family}.${slot}`;
      if (this.#taken.has(bit)) continue;
      this.#taken.add(bit);
      return bit;
    }
    return null;
  }

  unlock(bit: RecursionBit): void {
    this.#taken.delete(bit);
  }
}
