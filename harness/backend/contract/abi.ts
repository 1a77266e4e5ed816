// SPDX-License-Identifier: MIT
/**
 * Contract of a back-end: the calling convention of the architecture, and where the harness puts its memory. S is the
 * stack pointer at the first instruction of a function.
 */
import type { Signature } from '../../ctype/types.js';
import type { ByteOrder } from '../../machine/types.js';
import type { Config } from './config.js';

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
  /**
   * Where the text of a module may lie so that the call of a site does not reach the kernel, and its .init.text. Absent: a
   * module that is said to be far lies where all text is.
   */
  readonly modules?: { readonly text: bigint; readonly initText: bigint };
  /**
   * Where the end of a large .text may lie so that calls do not reach its beginning, and .init.text behind it. Absent: all
   * text of a kernel lies in reach.
   */
  readonly large?: { readonly end: bigint; readonly initText: bigint };
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
  /**
   * Further registers in which the compiler may pass arguments to a function that only its own file calls, by a convention
   * of its own. Any function may be such a one. Absent: none.
   */
  localArguments?(config: Config): readonly string[];
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
  /** Bytes below SP that an exception entry leaves alone. */
  readonly redZone: number;
  /** An NMI has a stack of its own, and leaves the one it comes on alone. */
  readonly nmiStack?: true;
  place(signature: Signature): Placement;
  /** Register that holds the address of the called function at its entry (ELFv2 r12); `null`: none. */
  readonly entryRegister: string | null;
  /** Registers with a fixed meaning in kernel code → the symbol whose address they hold (`r13` → `paca`), or their value. */
  readonly fixedRegisters: Readonly<Record<string, string | bigint>>;
  /** Text of the instruction that returns from a function. */
  readonly returnInstruction: string;
}
