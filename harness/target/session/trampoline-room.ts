// SPDX-License-Identifier: MIT
/**
 * Room for trampolines built for one ops: places of one size, given back when their ops is unregistered (linux 7.2
 * kernel/trace/ftrace.c ftrace_trampoline_free). A place is used again as late as possible, since a task may still be in
 * the trampoline: the kernel waits for such tasks.
 */
import { CaseProblem } from './host.js';

export const TRAMPOLINE_BYTES = 0x200;
/** Ops with a trampoline of their own at once. */
export const TRAMPOLINE_PLACES = 32;

export class TrampolineRoom {
  readonly #free: bigint[];

  constructor(readonly start: bigint) {
    this.#free = Array.from(
      { length: TRAMPOLINE_PLACES },
      (_, index) => start + BigInt(index * TRAMPOLINE_BYTES),
    );
  }

  /** @throws CaseProblem when all are in use */
  take(): bigint {
    const place = this.#free.shift();
    if (place === undefined)
      throw new CaseProblem(`more than ${TRAMPOLINE_PLACES} callbacks with trampolines of their own at once`);
    return place;
  }

  /** @param address anywhere inside of the trampoline */
  give(address: bigint): void {
    this.#free.push(address - ((address - this.start) % BigInt(TRAMPOLINE_BYTES)));
  }
}
