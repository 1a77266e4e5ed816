// SPDX-License-Identifier: MIT
/**
 * The kprobe whose handlers run on this CPU, and how far it is: current_kprobe and struct kprobe_ctlblk (linux 7.2
 * include/linux/kprobes.h, arch/…/include/asm/kprobes.h).
 */
import type { Kprobe } from './kprobe.js';

export type KprobeStatus = 'HIT_ACTIVE' | 'HIT_SS' | 'HIT_SSDONE' | 'REENTER';

export class Running {
  current: Kprobe | null = null;
  status: KprobeStatus = 'HIT_ACTIVE';
  /** prev_kprobe of the control block: a second breakpoint may be hit within a handler, not a third. */
  #previous: { readonly current: Kprobe | null; readonly status: KprobeStatus } | null = null;

  hit(kprobe: Kprobe): void {
    this.current = kprobe;
    this.status = 'HIT_ACTIVE';
  }

  reenter(kprobe: Kprobe): void {
    this.#previous = { current: this.current, status: this.status };
    this.current = kprobe;
    this.status = 'REENTER';
  }

  restorePrevious(): void {
    this.current = this.#previous?.current ?? null;
    this.status = this.#previous?.status ?? 'HIT_ACTIVE';
  }
}
