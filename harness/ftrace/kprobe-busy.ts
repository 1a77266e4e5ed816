// SPDX-License-Identifier: MIT
/**
 * What an fprobe that shares its handlers with kprobes (FPROBE_FL_KPROBE_SHARED) does around its entry handler: it looks
 * as if a kprobe ran, and stays out where one does. linux 6.1, 6.12, 7.2 kernel/kprobes.c: kprobe_busy_begin,
 * kprobe_busy_end.
 */
import type { Environment } from './types.js';

export class KprobeBusy {
  /** current_kprobe is set. */
  #running = false;

  constructor(readonly env: Environment) {}

  /**
   * Runs a handler as a kprobe's; `undefined` when one is running. preempt_disable() comes before the mark, and it is not
   * the notrace one: in kernels with DEBUG_PREEMPT or PREEMPT_TRACER it calls a function that can be traced.
   */
  around<T>(handler: () => T): T | undefined {
    if (this.#running) return undefined;
    this.env.call('kprobe_busy_begin', 'preempt_count_add', [1n]);
    this.#running = true;
    const result = handler();
    this.#running = false;
    this.env.call('kprobe_busy_end', 'preempt_count_sub', [1n]);
    return result;
  }
}
