// SPDX-License-Identifier: MIT
/**
 * What an fprobe that shares its handlers with kprobes (FPROBE_FL_KPROBE_SHARED) does around its entry handler: it looks
 * as if a kprobe ran, and stays out where one does. linux 6.1, 6.12, 7.2 kernel/kprobes.c: kprobe_busy_begin,
 * kprobe_busy_end.
 */
import { createKprobe } from './kprobes/kprobe.js';
import type { Running } from './kprobes/running.js';
import type { Environment } from './types.js';

/** The dummy that current_kprobe is set to. */
const kprobeBusy = createKprobe('kprobe_busy', { symbol: 0n, offset: 0 }, null, null);

export class KprobeBusy {
  constructor(
    readonly env: Environment,
    readonly running: Running,
  ) {}

  /**
   * Runs a handler as a kprobe's; `undefined` when one is running. preempt_disable() comes before the mark, and it is not
   * the notrace one: in kernels with DEBUG_PREEMPT or PREEMPT_TRACER it calls a function that can be traced.
   */
  around<T>(handler: () => T): T | undefined {
    if (this.running.current) return undefined;
    this.env.call('kprobe_busy_begin', 'preempt_count_add', [1n]);
    this.running.hit(kprobeBusy);
    const result = handler();
    this.running.current = null;
    this.env.call('kprobe_busy_end', 'preempt_count_sub', [1n]);
    return result;
  }
}
