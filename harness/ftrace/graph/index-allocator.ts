// SPDX-License-Identifier: MIT
/**
 * Indices of graph users: a ring of 16, oldest free index first, a released one goes to the end.
 * linux 7.2 kernel/trace/fgraph.c: fgraph_lru_alloc_index, fgraph_lru_release_index.
 */
import { USERS } from './shadow-stack.js';

const ALL: readonly number[] = Array.from({ length: USERS }, (_, index) => index);

export class IndexAllocator {
  readonly #free = ALL.slice();

  /** `null` when all are taken. */
  allocate(): number | null {
    return this.#free.shift() ?? null;
  }

  release(index: number): void {
    this.#free.push(index);
  }
}
