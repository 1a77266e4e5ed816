// SPDX-License-Identifier: MIT
/**
 * Contract of a back-end: the return hook of kretprobes and of fprobe before it came to use function graph.
 */
import type { Fregs } from './accessors.js';
import type { Config } from './config.js';

/**
 * The rethook (before it: kretprobe) trampoline: how a return is hooked and what its C side finds. `null` where an
 * architecture returns by other means at every modelled revision.
 */
export interface Rethook {
  /** Whether the architecture's unwinder gives the real address behind the trampoline. */
  readonly unwinds: boolean;
  /** Symbol a hooked function returns to; `null` at a revision without. */
  trampoline(config: Config): string | null;
  /**
   * How the trampoline gets to C. `call`: it calls `handler` with its pt_regs as first argument. `trap`: it is a breakpoint,
   * whose exception handler goes on where the result says. `kprobe`: it begins with a NOP on which the kernel plants a kprobe
   * at boot; after the handler the NOP is emulated.
   */
  by(config: Config): 'call' | 'trap' | 'kprobe';
  /** C function of a trampoline that calls. */
  readonly handler: string;
  /** arch_rethook_prepare: the word to replace, and the frame key. `mcount`: from an ftrace trampoline. */
  prepare(regs: Fregs, mcount: boolean): { readonly slot: bigint; readonly frame: bigint };
  /**
   * What the trampoline's C side sets in its pt_regs before anything else, so that handlers see it; absent where it
   * sets nothing.
   */
  enter?(regs: Fregs): void;
  /** The frame key as the trampoline's C side computes it, and where it puts the real return address. */
  frame(regs: Fregs): bigint;
  /** Value the C side returns, after setting in `regs` what the architecture sets. */
  finish(regs: Fregs, returnAddress: bigint): bigint;
}
