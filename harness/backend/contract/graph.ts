// SPDX-License-Identifier: MIT
/**
 * Contract of a back-end: how the function-graph tracer is entered and returned to, and how stack traces see it.
 */
import type { TrampolineText } from '../../machine/asm/trampoline-text.js';
import type { Machine } from '../../machine/types.js';
import type { OrcArch } from '../orc.js';
import type { MemoryMap } from './abi.js';
import type { Fregs } from './accessors.js';
import type { Patch, Site } from './callsite.js';
import type { Config } from './config.js';

/** A return address found by the unwinder and the cookie to pass to ftrace_graph_ret_addr() as retp. */
export interface UnwindFrame {
  readonly address: bigint;
  readonly cookie: bigint;
}

/** The pt_regs of an exception, as far as unwinders look. */
export interface Interrupted {
  readonly pc: bigint;
  readonly sp: bigint;
  /** Frame pointer register. */
  readonly fp: bigint;
}

export interface UnwindStart {
  readonly machine: Machine;
  readonly config: Config;
  /** Where this target has its stacks. */
  readonly memory: MemoryMap;
  /** Address execution returns to first, and SP and frame pointer there. */
  readonly pc: bigint;
  readonly sp: bigint;
  readonly fp: bigint;
  /** Unwinding starts from a pt_regs: its link register (0: has none), and whether the function at `pc` has made its frame. */
  readonly regs?: { readonly link: bigint; readonly framed: boolean };
  /** Name of the text symbol containing an address and the offset in it. */
  symbolOf(address: bigint): { readonly name: string; readonly offset: number } | undefined;
  /** For unwinders with tables (ORC): entry SP (S) of the C frame whose current SP is `sp`. */
  entrySpOf(sp: bigint): bigint | undefined;
  /** The same: the frame pointer register at its entry. */
  entryFpOf?(sp: bigint): bigint | undefined;
  /** For unwinders that go on behind an exception: from where the C code came whose entry SP is `sp`, if by one. */
  exceptionAt?(sp: bigint): Interrupted | undefined;
  /** ftrace_ops_trampoline(): the per-ops trampoline that an address lies in. */
  opsTrampoline?(address: bigint): { readonly start: bigint; readonly saveRegs: boolean } | undefined;
  /** Address of a symbol of the trampolines. */
  symbol?(name: string): bigint;
  /** The trampolines as assembled, for tables made from them. */
  readonly text?: TrampolineText;
  /** ftrace_graph_ret_addr(): gives the true address for a `return_to_handler`, else `address`. */
  recover(address: bigint, cookie: bigint): bigint;
}

/** One call of the arch's graph entry hook, as C sees it. */
export interface GraphHookCall {
  /** Address of the word to replace by return_to_handler; `null`: the hook's return value replaces it. */
  readonly slot: bigint | null;
  readonly parent: bigint;
  readonly ip: bigint;
  readonly framePointer: bigint;
  readonly retp: bigint;
}

/**
 * How the entry hook of the graph tracer is reached. `ops`: as callback of its own ftrace_ops. `trampoline`: by a
 * second call inside the entry trampolines to the C function `symbol`, switched by patching.
 */
export type GraphEntry =
  /** `locks`: the arch hook takes the recursion lock before it enters the core (kernels before 7.2). */
  | { readonly by: 'ops'; readonly locks?: boolean }
  | {
      readonly by: 'trampoline';
      readonly symbol: string;
      /** ftrace_enable_ftrace_graph_caller() and its opposite. */
      toggle(site: Omit<Site, 'ip' | 'ops' | 'stub'>, on: boolean, target: bigint): Patch;
      /** The C function's arguments, by argument register. */
      decode(machine: Machine, args: readonly bigint[]): GraphHookCall;
    };

export interface Graph {
  /** What tables for the unwinder are made by, where the modelled kernel has UNWINDER_ORC. */
  readonly orc?: OrcArch;
  entry(config: Config): GraphEntry;
  /**
   * First argument of ftrace_return_to_handler(): `fregs` from the generation that has
   * HAVE_FUNCTION_GRAPH_FREGS, before it the frame pointer (or a register nobody set up).
   */
  returnArgument(config: Config): 'fregs' | 'framePointer';
  /**
   * fprobe's header word on the shadow stack: one word with 4 bits of size and a pointer whose top 4 bits are
   * `msb`, or two words (`null`). linux 7.2 arch/…/include/asm/fprobe.h.
   */
  readonly fprobeHeaderMsb: bigint | null;
  /** Address of the word the entry hook replaces by return_to_handler. */
  parentSlot(fregs: Fregs): bigint;
  /**
   * Where the entry hook takes the parent from. `slot` (the default): what the slot holds, replaced only if the return
   * is wanted. `parent_ip`: its argument, and the slot is written whatever the outcome.
   */
  readonly parentFrom?: 'slot' | 'parent_ip';
  /** `frame_pointer` passed to function_graph_enter(). */
  framePointer(fregs: Fregs): bigint;
  /** `retp` passed to function_graph_enter(): the cookie the unwinder matches. */
  retp(fregs: Fregs): bigint;
  /** HAVE_FUNCTION_GRAPH_FP_TEST. */
  fpTest(config: Config): boolean;
  /** What 7.2's function_get_true_parent_ip passes as retp: the word below/at the stack pointer. */
  trueParentRetp(fregs: Fregs): bigint;
  /** What the architecture's kernel stack trace shows, starting with `pc` itself; stops at the first unknown. */
  unwind(start: UnwindStart): readonly bigint[];
}
