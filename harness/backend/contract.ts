// SPDX-License-Identifier: MIT
/**
 * The contract of a back-end: everything the harness asks about one architecture. A back-end is a record
 * of tables and small functions, closed by `satisfies Backend`; the harness never names an architecture.
 * Words are the kernel's; "the traced function" is F (its symbol address), S its stack pointer at the
 * first instruction.
 */
import type { InstructionSet, RegisterTable } from '../machine/instruction-set.js';
import type { Machine } from '../machine/types.js';
import type { Abi } from './abi.js';
import type { Config, Revision } from './config.js';
import type { Layouts } from './layouts.js';

export type * from './abi.js';
export type * from './config.js';
export type * from './layouts.js';

// ----------------------------------------------------------------------------------------- call site

/** Negative errno values are returned as in the kernel: 0 or -errno. */
export interface PatchStore {
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

/** What an arch patch function would do: stores in order, or its error and the stores it had made by then. */
export type Patch =
  | { readonly stores: readonly PatchStore[] }
  | { readonly error: number; readonly stores?: readonly PatchStore[] };

export interface Site {
  readonly machine: Machine;
  readonly config: Config;
  /** rec->ip. */
  readonly ip: bigint;
  /** Address of a symbol of the trampoline source or of kernel data. @throws RangeError if unknown */
  symbol(name: string): bigint;
  /**
   * Address of the ftrace_ops that the site's literal must name (CALL_OPS): the only ops of the record if it
   * needs no assist wrapper, else the list ops; the nop ops when the site is being disabled.
   */
  readonly ops: bigint;
  /**
   * 64 bytes of text that belong to this record alone, 8-byte aligned and within branch range of the site: room
   * for an out-of-line stub (powerpc64) or a hotpatch trampoline (s390). Zero until the back-end writes there.
   */
  readonly stub: bigint;
}

export interface CallSiteShape {
  /** Bytes the compiler reserves before F. */
  readonly before: number;
  /** rec->ip - F. */
  readonly ip: number;
  /** Where the instruction that toggles begins - F; absent: at rec->ip. */
  readonly toggles?: number;
  /** Address after the site (where the body begins) - F. */
  readonly resume: number;
  /** Address recorded by the compiler in the table ftrace reads - F. */
  readonly table: number;
  /** Bytes as compiled, from F - before to F + resume. */
  readonly compiled: Uint8Array;
}

export interface CallSite {
  shape(config: Config): CallSiteShape;
  /**
   * What the linker makes of the compiled bytes of a function at `f`, same length: references to symbols filled in.
   * Absent: they have none.
   */
  link?(f: bigint, config: Config, symbol: (name: string) => bigint): Uint8Array;
  /** ftrace_call_adjust: address in the table → rec->ip; 0: skipped. */
  callAdjust(machine: Machine, address: bigint, config: Config): bigint;
  /** arch_ftrace_get_symaddr: rec->ip → F; 0 when it cannot tell. */
  symbolAddress(machine: Machine, ip: bigint, config: Config): bigint;
  initNop(site: Site): Patch;
  makeCall(site: Site, target: bigint): Patch;
  makeNop(site: Site, target: bigint): Patch;
  modifyCall(site: Site, from: bigint, to: bigint): Patch;
  /** ftrace_update_ftrace_func: redirects the patched calls of the common trampolines to `func`. */
  updateFtraceFunc(site: Omit<Site, 'ip' | 'ops' | 'stub'>, func: bigint): Patch;
  /**
   * arch_ftrace_update_trampoline: a private trampoline for one ops, written at `at`; `null` where the
   * architecture builds none. `saveRegs`: the ops asked for SAVE_REGS. Returns its entry and size.
   */
  opsTrampoline:
    | null
    | ((
        site: Omit<Site, 'ip' | 'ops' | 'stub'>,
        ops: {
          readonly address: bigint;
          readonly func: bigint;
          readonly saveRegs: boolean;
          readonly at: bigint;
        },
      ) => { readonly entry: bigint; readonly size: number });
  /**
   * KPROBES_ON_FTRACE: what kprobe handlers see as instruction pointer, in bytes from rec->ip: the pre_handler, and
   * the post_handler. Absent where kprobes never sit on a call site.
   */
  readonly kprobe?: { readonly pre: number; readonly post: number };
  /** Text of the site in each state, for `record` observations: disabled, or a call (to `target`). */
  describe(
    machine: Machine,
    ip: bigint,
    config: Config,
  ): { readonly state: string; readonly target: bigint | null };
  /** CALL_OPS: address of the ftrace_ops that the site, or its stub, names now; `null` where there is none. */
  namedOps?(machine: Machine, ip: bigint, stub: bigint, config: Config): bigint | null;
}

// ----------------------------------------------------------------------------------------- accessors

/** A `struct ftrace_regs *` handed to a callback, or a `struct pt_regs *`. */
export interface Fregs {
  readonly machine: Machine;
  readonly config: Config;
  readonly address: bigint;
}

/**
 * The ftrace_regs API under the kernel's names without the `ftrace_regs_` prefix. A member is `null`
 * where the architecture does not define the function at any modelled revision.
 */
export interface Accessors {
  /** arch_ftrace_get_regs: address of the full pt_regs, or 0 for NULL. */
  getRegs(fregs: Fregs): bigint;
  getInstructionPointer(fregs: Fregs): bigint;
  setInstructionPointer(fregs: Fregs, ip: bigint): void;
  /** Field of ftrace_regs that holds the n-th argument register, in order. */
  readonly argumentFields: readonly string[];
  /** n-th integer argument, raw 64 bits. */
  getArgument(fregs: Fregs, n: number): bigint;
  getStackPointer(fregs: Fregs): bigint;
  getFramePointer(fregs: Fregs): bigint;
  getReturnValue(fregs: Fregs): bigint;
  setReturnValue(fregs: Fregs, value: bigint): void;
  /** ftrace_regs_get_return_address. */
  getReturnAddress(fregs: Fregs): bigint;
  /** ftrace_regs_get_kernel_stack_nth: 0 outside the stack. */
  getKernelStackNth(fregs: Fregs, n: number): bigint;
  /** ftrace_override_function_with_return. `justReturn`: address of just_return_func. */
  overrideWithReturn(fregs: Fregs, justReturn: bigint): void;
  /**
   * ftrace_regs_query_register_offset: offset in bytes (or, where regs_get_register() takes that, the register's number)
   * or -EINVAL; `null`: not defined.
   */
  queryRegisterOffset: null | ((fregs: Fregs, name: string) => number);
  /** arch_ftrace_set_direct_caller. */
  setDirectCaller(fregs: Fregs, address: bigint): void;
  /** ftrace_partial_regs: fills or returns; `buffer` is a zeroed per-CPU pt_regs. Returns the pt_regs. */
  partialRegs(fregs: Fregs, buffer: bigint): bigint;
  /** ftrace_partial_regs_update. */
  partialRegsUpdate(fregs: Fregs, regs: bigint): void;
  /** arch_ftrace_fill_perf_regs into a zeroed pt_regs. */
  fillPerfRegs(fregs: Fregs, regs: bigint): void;
  /** user_mode() on a pt_regs. */
  userMode(regs: Fregs): boolean;
  /** regs_query_register_offset() on pt_regs names, counted likewise, or -EINVAL. */
  ptRegsOffset(config: Config, name: string): number;
  /** FTRACE_REGS_MAX_ARGS: how many arguments the tracers print. */
  readonly maxArgs: number;
}

// -------------------------------------------------------------------------------------------- graph

/** A return address found by the unwinder and the cookie to pass to ftrace_graph_ret_addr() as retp. */
export interface UnwindFrame {
  readonly address: bigint;
  readonly cookie: bigint;
}

export interface UnwindStart {
  readonly machine: Machine;
  readonly config: Config;
  /** Address execution returns to first, and SP and frame pointer there. */
  readonly pc: bigint;
  readonly sp: bigint;
  readonly fp: bigint;
  /** Name of the text symbol containing an address and the offset in it. */
  symbolOf(address: bigint): { readonly name: string; readonly offset: number } | undefined;
  /** For unwinders with tables (ORC): entry SP (S) of the C frame whose current SP is `sp`. */
  entrySpOf(sp: bigint): bigint | undefined;
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

// ------------------------------------------------------------------------------------------ features

/** Kconfig symbol → whether it is on at each revision, in the modelled configuration. */
export type FeatureTable = Readonly<Record<string, Readonly<Partial<Record<Revision, boolean>>>>>;

export interface Qemu {
  /** clang --target. */
  readonly triple: string;
  /** QEMU user-mode emulator. */
  readonly user: string;
  /** QEMU system emulator and machine. */
  readonly system: string;
  readonly machine: string;
  readonly console: string;
  /** Our register name → the name QEMU's remote protocol uses, where they differ. */
  readonly registers: Readonly<Record<string, string>>;
}

/**
 * The rethook (before it: kretprobe) trampoline: how a return is hooked and what its C side finds. `null` where an
 * architecture returns by other means at every modelled revision.
 */
export interface Rethook {
  /** Whether the architecture's unwinder gives the real address behind the trampoline. */
  readonly unwinds: boolean;
  /** Symbol a hooked function returns to; `null` at a revision without. */
  trampoline(config: Config): string | null;
  /** C function the trampoline calls with its pt_regs as first argument. */
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

/** One architecture. Members always in this order. */
export interface Backend {
  /** Kbuild-like name, equal to the folder: `arm64`. */
  readonly arch: string;
  /** For tables of 4 letters: `a64`. */
  readonly short: string;
  readonly revisions: readonly Revision[];
  readonly registers: RegisterTable;
  readonly abi: Abi;
  readonly instructions: InstructionSet;
  readonly layouts: Layouts;
  readonly callsite: CallSite;
  /** File names of assembler sources in the back-end's folder. */
  readonly sources: readonly string[];
  readonly accessors: Accessors;
  readonly graph: Graph;
  readonly rethook: Rethook | null;
  readonly features: FeatureTable;
  readonly qemu: Qemu;
}

/** A back-end with the text of its sources, as the loader gives it. */
export interface LoadedBackend {
  readonly backend: Backend;
  /** Sources in order, with the path to show in errors. */
  readonly sources: readonly { readonly file: string; readonly text: string }[];
}
