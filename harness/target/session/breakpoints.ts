// SPDX-License-Identifier: MIT
/**
 * Breakpoints that a code update leaves in the text for a moment. Whoever runs into one enters the kernel as for any
 * exception, and goes on as if the new instruction stood there (linux 7.2 arch/x86/kernel/alternative.c is the model
 * of all who do it).
 */
import type { Frames } from './frames.js';
import type { Host } from './host.js';

export class Breakpoints {
  readonly #instead = new Map<bigint, Uint8Array>();

  constructor(
    readonly host: Host,
    readonly frames: Frames,
  ) {}

  set(address: bigint, instead: Uint8Array | null): void {
    if (instead) this.#instead.set(address, instead);
    else this.#instead.delete(address);
  }

  /** The effect of the new instruction; false where no breakpoint of an update is. */
  emulate(address: bigint): boolean {
    const { machine } = this.host;
    const instead = this.#instead.get(address);
    if (!instead) return false;
    this.frames.enterException();
    const now = machine.load(address, instead.length);
    machine.store(address, instead);
    machine.pc = address;
    machine.run(1);
    machine.store(address, now);
    return true;
  }
}
