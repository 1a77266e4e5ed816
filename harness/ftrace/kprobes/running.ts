// SPDX-License-Identifier: MIT
/**
 * The kprobe whose handlers run on this CPU, and how far it is: current_kprobe and struct kprobe_ctlblk (linux 7.2
 * include/linux/kprobes.h, arch/…/include/asm/kprobes.h).
 */
import type { PerTask, Tasks } from '../tasks.js';
import type { Kprobe } from './kprobe.js';

export type KprobeStatus = 'HIT_ACTIVE' | 'HIT_SS' | 'HIT_SSDONE' | 'REENTER';

/** prev_kprobe of the control block: a second breakpoint may be hit within a handler, not a third. */
interface Block {
  current: Kprobe | null;
  status: KprobeStatus;
  previous: { readonly current: Kprobe | null; readonly status: KprobeStatus } | null;
}

export class Running {
  /** Every task has a CPU to itself. */
  readonly #block: PerTask<Block>;

  constructor(tasks: Tasks) {
    this.#block = tasks.field(() => ({ current: null, status: 'HIT_ACTIVE', previous: null }));
  }

  get current(): Kprobe | null {
    return this.#block.current.current;
  }

  set current(kprobe: Kprobe | null) {
    this.#block.current.current = kprobe;
  }

  get status(): KprobeStatus {
    return this.#block.current.status;
  }

  set status(status: KprobeStatus) {
    this.#block.current.status = status;
  }

  hit(kprobe: Kprobe): void {
    this.current = kprobe;
    this.status = 'HIT_ACTIVE';
  }

  reenter(kprobe: Kprobe): void {
    this.#block.current.previous = { current: this.current, status: this.status };
    this.current = kprobe;
    this.status = 'REENTER';
  }

  restorePrevious(): void {
    const { previous } = this.#block.current;
    this.current = previous?.current ?? null;
    this.status = previous?.status ?? 'HIT_ACTIVE';
  }
}
