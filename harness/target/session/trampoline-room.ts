// SPDX-License-Identifier: MIT
/**
 * Room for trampolines built for one ops, and for instructions that kprobes have displaced: places of one size, given back when their ops is unregistered (linux 7.2
 * kernel/trace/ftrace.c ftrace_trampoline_free). A place is used again as late as possible, since a task may still be in
 * the trampoline: the kernel waits for such tasks.
 */
import { CaseProblem } from './host.js';

export const TRAMPOLINE_BYTES = 0x200;
/** Ops with a trampoline of their own at once. */
export const TRAMPOLINE_PLACES = 32;

export class TrampolineRoom {
  /** Places never used yet begin here; they go first. */
  #fresh = 0;
  /** Given back, longest ago first. */
  readonly #free: bigint[] = [];
  readonly #names = new Map<bigint, string>();

  constructor(readonly start: bigint) {}

  /** @param name what /proc/kallsyms calls it. @throws CaseProblem when all are in use */
  take(name: string): bigint {
    const place =
      this.#fresh < TRAMPOLINE_PLACES
        ? this.start + BigInt(this.#fresh++ * TRAMPOLINE_BYTES)
        : this.#free.shift();
    if (place === undefined)
      throw new CaseProblem(
        `more than ${TRAMPOLINE_PLACES} callbacks and breakpoints with text of their own at once`,
      );
    this.#names.set(place, name);
    return place;
  }

  /** @param address anywhere inside of the trampoline */
  give(address: bigint): void {
    this.#free.push(this.#placeOf(address));
  }

  /** Name of what was last built around an address, and where in it. */
  symbolOf(address: bigint): { readonly name: string; readonly offset: number } | undefined {
    const place = this.#placeOf(address);
    const name = this.#names.get(place);
    return name === undefined ? undefined : { name, offset: Number(address - place) };
  }

  #placeOf(address: bigint): bigint {
    return address - ((address - this.start) % BigInt(TRAMPOLINE_BYTES));
  }
}
