// SPDX-License-Identifier: MIT
/**
 * bpf_prog_active of the modelled CPU: programs on kprobes and on fprobes exclude each other; those on trampolines have a
 * counter of their own each. linux 7.2 kernel/trace/bpf_trace.c trace_call_bpf, kprobe_multi_link_prog_run.
 */
export class ProgActive {
  #count = 0;

  /** Runs a program; `null`: another runs on this CPU, so that this one is skipped. */
  run<T>(act: () => T): T | null {
    if (this.#count > 0) return null;
    this.#count++;
    try {
      return act();
    } finally {
      this.#count--;
    }
  }
}
