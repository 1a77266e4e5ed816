// SPDX-License-Identifier: MIT
/**
 * Moments at which an interrupt may come while a call is watched: before every instruction, on both sides of every C
 * function that a trampoline calls, and at places within C code. Nothing comes while another interrupt is handled.
 */

export type MomentKind = 'instruction' | 'before_callback' | 'in_callback' | 'after_callback';

/** Told of the moment that has come, and its number in the call. */
export type MomentListener = (kind: MomentKind, number: number) => void;

export class Moments {
  #listener: MomentListener | null = null;
  #busy = false;
  #number = 0;

  /** Whether every moment counts. */
  get watched(): boolean {
    return this.#listener !== null && !this.#busy;
  }

  come(kind: MomentKind): void {
    if (this.#listener === null || this.#busy) return;
    const number = this.#number++;
    this.#busy = true;
    try {
      this.#listener(kind, number);
    } finally {
      this.#busy = false;
    }
  }

  /** Listens while `act` goes on. */
  watch(listener: MomentListener, act: () => void): void {
    this.#listener = listener;
    this.#number = 0;
    try {
      act();
    } finally {
      this.#listener = null;
    }
  }
}
