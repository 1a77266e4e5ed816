// SPDX-License-Identifier: MIT
/**
 * The machine as everything above it sees it: registers, memory, run until something happens.
 * The interpreter is one implementation; QEMU user mode over the remote protocol will be another.
 * Registers and addresses are unsigned 64-bit values in a `bigint`.
 */

/** Why a machine stopped. No fault escapes as an exception from `run()`. */
export type StopKind =
  /** The program counter reached a callout address: the harness acts as the kernel's C code. */
  | 'callout'
  /** An access or a jump the architecture or the memory map forbids. */
  | 'fault'
  /** The program counter is on bytes that are no known instruction. */
  | 'illegal'
  /** A breakpoint or trap instruction (`brk`, `int3`, `ebreak`). */
  | 'trap'
  /** The step budget of this run was spent. */
  | 'budget'
  /** As many instructions as were asked for have run. */
  | 'limit';

export interface Stop {
  readonly kind: StopKind;
  /** Program counter: the callout address, or the address of the instruction that failed. */
  readonly pc: bigint;
  /** One clause for a person: `store of 8 bytes to unmapped 0x10`. Empty for callouts. */
  readonly why: string;
}

/** Bytes of an access. */
export type Width = 1 | 2 | 4 | 8;

export type ByteOrder = 'little' | 'big';

/**
 * A running machine. `load`, `store` and the word forms act with the rights of the harness: they may
 * write text, and throw {@link MachineFault} when the address is not mapped.
 */
export interface Machine {
  /** Address of the next instruction. */
  pc: bigint;
  /** @throws RangeError for a name the register table does not have. */
  read(register: string): bigint;
  /** Truncates to 64 bits. @throws RangeError for an unknown name. */
  write(register: string, value: bigint): void;
  /** A register that is read and written often. @throws RangeError for an unknown name */
  register(name: string): Register;
  /** Registers to be read and written together. @throws RangeError for an unknown name */
  group(registers: readonly string[]): RegisterGroup;
  /** Every register, in the order of the register table; {@link restore} puts them back, until the next `reset()`. */
  save(): BigUint64Array;
  restore(registers: BigUint64Array): void;
  /** A copy of `length` bytes. */
  load(address: bigint, length: number): Uint8Array;
  store(address: bigint, bytes: Uint8Array): void;
  /** Zero-extended value in the architecture's byte order; no alignment asked. */
  loadWord(address: bigint, width: Width): bigint;
  storeWord(address: bigint, width: Width, value: bigint): void;
  /** Runs from `pc` until a stop, at most `limit` instructions. A callout at the starting `pc` stops at once. */
  run(limit?: number): Stop;
  /**
   * Makes an address a callout, whatever instruction lies there. Cleared by `reset()`. `entry`: a function begins there,
   * with the landing pad that its build puts at such places.
   */
  setCallout(address: bigint, entry?: boolean): void;
  /** Refills [from, to) with fresh poison (see poison.ts): dead stack below the stack pointer. */
  poison(from: bigint, to: bigint): void;
  /**
   * Copies the instructions [from, to) to `at` as if assembled there, with references to the symbols
   * in `redirect` going to the given addresses instead (x86_64 builds a trampoline per ftrace_ops so).
   * Returns the number of bytes copied.
   */
  copyText(from: bigint, to: bigint, at: bigint, redirect: ReadonlyMap<string, bigint>): number;
  /** Back to the state after construction: fresh poison, pristine text, no added callouts. */
  reset(): void;
  /** Sets or clears the listener that sees every instruction; slow, for `explain` only. */
  trace(listener: TraceListener | null): void;
}

/** One executed instruction, reported after it ran, or after it stopped the machine. */
export interface TraceStep {
  readonly pc: bigint;
  /** The source text, macro arguments substituted. */
  readonly text: string;
  /** `file:line` of the source, or `''` for patched bytes. */
  readonly where: string;
  /** Registers whose value changed: name → new value, in register-table order. */
  readonly registers: readonly (readonly [name: string, value: bigint])[];
  /** Stores made by the instruction, in order. */
  readonly stores: readonly (readonly [address: bigint, width: number, value: bigint])[];
}

export type TraceListener = (step: TraceStep) => void;

/** One register of a machine, looked up once. */
export interface Register {
  /** 64 bits; truncated when set. */
  value: bigint;
}

/** Some registers of a machine, in a fixed order: what C code reads, keeps and clobbers together. */
export interface RegisterGroup {
  readonly names: readonly string[];
  read(): bigint[];
  /** Puts back what {@link read} gave. */
  write(values: readonly bigint[]): void;
  /** Whether all hold these values. */
  holds(values: readonly bigint[]): boolean;
  /** Fresh poison in each, named by its place in the register table and `epoch`; see poison.ts. */
  poison(epoch: number): void;
}

/** An access that cannot be made. Inside `run()` it becomes a Stop; thrown to the harness elsewhere. */
export class MachineFault extends Error {
  override readonly name = 'MachineFault';
  constructor(
    readonly kind: Exclude<StopKind, 'callout' | 'limit'>,
    why: string,
  ) {
    // Breakpoints come as faults by the thousand, and nobody asks where in the interpreter they were made.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(why);
    Error.stackTraceLimit = limit;
  }
}
