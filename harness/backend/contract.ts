// SPDX-License-Identifier: MIT
/**
 * The contract of a back-end: everything the harness asks about one architecture. A back-end is a record
 * of tables and small functions, closed by `satisfies Backend`; the harness never names an architecture.
 * Words are the kernel's; "the traced function" is F (its symbol address), S its stack pointer at the
 * first instruction.
 */
import type { Signature } from '../ctype/types.js';
import type { InstructionSet, RegisterTable } from '../machine/instruction-set.js';
import type { ByteOrder, Machine, Width } from '../machine/types.js';

export type Revision = '6.1' | '6.12' | '7.2';

/** One kernel build: a revision and the Kconfig symbols that are on in it. */
export interface Config {
  readonly revision: Revision;
  /** Kconfig name without `CONFIG_`. */
  has(feature: string): boolean;
}

// ---------------------------------------------------------------------------------------------- ABI

/**
 * Where one piece of an argument or result lives. `offset` and `size` are bytes of the C value. A piece of less than 8
 * bytes is in the low-order bits of its register or 8-byte stack slot, in either byte order.
 */
export type Location =
  | { readonly in: 'register'; readonly register: string; readonly offset: number; readonly size: number }
  /** `at` is relative to S. */
  | { readonly in: 'stack'; readonly at: number; readonly offset: number; readonly size: number };

export interface ArgumentPlace {
  /** Pieces of the value in order, or the one place of the pointer when `byReference`. */
  readonly pieces: readonly Location[];
  /** The caller makes a copy in its own frame and passes its address. */
  readonly byReference: boolean;
}

/** Where a call's arguments and result live. */
export interface Placement {
  readonly parameters: readonly ArgumentPlace[];
  /** Registers of the result in order; empty for void or when returned in memory. */
  readonly result: readonly Location[];
  /** A result returned in memory: register that carries its address in, and register that carries it
   *  back out (`null` if the callee need not give it back). */
  readonly hidden: { readonly register: string; readonly returned: string | null } | null;
  /** Bytes of stack arguments from the first stack argument slot on, as the caller must reserve. */
  readonly stackBytes: number;
}

/**
 * How a producer widens an integer narrower than 64 bits to a register: first to `to` bits by the sign of
 * its type (`type`: not at all), then the rest of the register is copies of bit `to - 1` (`sign`) or
 * unspecified (`garbage`).
 */
export interface NarrowRule {
  readonly to: 'type' | 32 | 64;
  readonly rest: 'sign' | 'garbage';
}

/** The frame a compiled C function makes: what it saves where, relative to the lowered SP. */
export interface FrameShape {
  /** Bytes by which the prologue lowers SP below S. */
  readonly size: number;
  /** Stores in order: entry frame pointer, entry return address, or S (back chain). */
  readonly saves: readonly {
    readonly what: 'framePointer' | 'returnAddress' | 'entrySp';
    readonly at: number;
  }[];
  /** Frame pointer register := lowered SP + this; `null`: the function leaves it alone. */
  readonly framePointer: number | null;
}

export interface MemoryMap {
  /** Start of kernel text (functions, trampolines). */
  readonly text: bigint;
  /** Start of the window of C functions played by the harness; within call range of `text`. */
  readonly c: bigint;
  /** Start of kernel data. */
  readonly data: bigint;
  /** Lowest address of the task's stack, aligned to `threadSize`; guards around it are unmapped. */
  readonly stack: bigint;
  /** THREAD_SIZE in bytes. */
  readonly threadSize: number;
}

export interface Abi {
  readonly byteOrder: ByteOrder;
  readonly stackPointer: string;
  readonly framePointer: string;
  /** `null`: calls push the return address. */
  readonly linkRegister: string | null;
  /** Integer argument registers, in order. */
  readonly argumentRegisters: readonly string[];
  readonly returnRegisters: readonly string[];
  /** Preserved across calls, besides SP. */
  readonly calleeSaved: readonly string[];
  /** What C code may clobber, flags included; link register included where there is one. */
  readonly callerSaved: readonly string[];
  /** Other registers that live code relies on: thread pointer, shadow call stack pointer. */
  readonly reserved: readonly string[];
  /** Bytes from S to the first stack argument. */
  readonly stackArguments: number;
  /**
   * Bytes from S up that a caller provides when all arguments are in registers: a frame header, a register save area.
   * Absent: `stackArguments`, as with stack arguments.
   */
  readonly callerArea?: number;
  /** SP at the first instruction of any C function ≡ `remainder` modulo `modulus`. */
  readonly stackAlignment: { readonly modulus: number; readonly remainder: number };
  readonly narrowArgument: NarrowRule;
  readonly narrowResult: NarrowRule;
  readonly frame: FrameShape;
  readonly memory: MemoryMap;
  place(signature: Signature): Placement;
  /** Register that holds the address of the called function at its entry (ELFv2 r12); `null`: none. */
  readonly entryRegister: string | null;
  /** Registers with a fixed meaning in kernel code → the symbol whose address they hold (`r13` → `paca`), or their value. */
  readonly fixedRegisters: Readonly<Record<string, string | bigint>>;
  /** Text of the instruction that returns from a function. */
  readonly returnInstruction: string;
}

// ------------------------------------------------------------------------------------------- layouts

/** What a reader may find in a field, by the code that fills the structure. */
export type FieldState =
  /** The traced context's own value. */
  | 'real'
  /** A constant or an address the trampoline makes up. */
  | 'faked'
  /** Not written: whatever the stack held. */
  | 'stale';

export interface Field {
  readonly name: string;
  /** Bytes from the start of the structure. */
  readonly offset: number;
  readonly size: Width;
  /** By the entry trampoline without SAVE_REGS, with SAVE_REGS (absent: no such path), and by the return hook. */
  readonly plain: FieldState;
  readonly regs?: FieldState;
  readonly exit: FieldState;
}

export interface Layout {
  /** sizeof, bytes. */
  readonly size: number;
  /**
   * Bytes that ftrace_caller without SAVE_REGS builds, where it hands out less than the type promises; what lies
   * beyond belongs to the caller's frame. Absent: all of them.
   */
  readonly plainSize?: number;
  readonly fields: readonly Field[];
}

export interface PtRegsField {
  readonly name: string;
  readonly offset: number;
  readonly size: Width;
}

/** Kernel data that the sources name. */
export interface DataCell {
  /** Bytes. */
  readonly size: number;
  /** Symbol whose address its first 8 bytes start with. */
  readonly initial?: string;
  /** 8-byte words that do not start as zero: offset → symbol whose address, or value. */
  readonly words?: Readonly<Record<number, string | bigint>>;
}

export interface Layouts {
  /** What a callback's `fregs` points to. */
  ftraceRegs(config: Config): Layout;
  ptRegs(config: Config): { readonly size: number; readonly fields: readonly PtRegsField[] };
  /** struct ftrace_ops as trampolines see it: `func` at 0, `direct_call`, and the size to reserve. */
  ftraceOps(config: Config): { readonly size: number; readonly func: number; readonly directCall: number };
  /**
   * 8-byte cells and structures of kernel data that the sources name: name → bytes. `function_trace_op` is always
   * there. Zeroed; see {@link DataCell} for what they start with.
   */
  dataCells(config: Config): Readonly<Record<string, DataCell>>;
  /** The frames our direct-call stubs build (trampoline.S): where the harness finds what a stub's C code sees. */
  stubs(config: Config): {
    /** `selfIp`: from SP at the callout, the address in the body the stub resumes at. */
    readonly direct: { readonly selfIp: number };
    /**
     * From the program context (first C argument): resume address, argument words in order, return value.
     * `maxLinks`: programs one trampoline takes (BPF_MAX_TRAMP_LINKS), where it is not the generic 38.
     */
    readonly bpf: {
      readonly selfIp: number;
      readonly arguments: number;
      readonly result: number;
      /** Argument words the JIT has room for (absent: all); of a function with more no program can be attached. */
      readonly words?: number;
      readonly maxLinks?: number;
      /**
       * Where an image without exit programs has the address of the body built in: suffix of the data cell
       * (`bpf_fentry_N` + this) that the core fills when it makes the image. Absent: it resumes where it is told to.
       */
      readonly body?: string;
    };
    /**
     * Jump mode (DYNAMIC_FTRACE_WITH_JMP): stub + `suffix` is the same stub for a direct address with bit 0 set. It
     * finds no address in the body on the stack, so the core writes that to the data cell stub + `body` before it
     * registers the stub. `direct_tramp_N` and `bpf_fexit_N` have such. Absent or `null`: none.
     */
    readonly jump?: { readonly suffix: string; readonly body: string } | null;
  };
  /** Constants for the `.S` files (the asm-offsets idea): one list for interpreter and assembler. */
  asmOffsets(config: Config): Readonly<Record<string, number | bigint>>;
}

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
