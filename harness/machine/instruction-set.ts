// SPDX-License-Identifier: MIT
/**
 * How a back-end describes its instructions: a table from mnemonic and operand form to meaning, with the
 * section of the manual. Text is parsed and compiled to closures once per program; running an
 * instruction calls its closure with the processor state.
 */
import type { Width } from './types.js';

/** Registers of an architecture: canonical names in manual order, and other spellings. */
export interface RegisterTable {
  /** Canonical names; the position is the index in {@link Cpu.x}. Includes flag words (`nzcv`). */
  readonly names: readonly string[];
  /** Other spelling → canonical name (`lr` → `x30`). */
  readonly aliases: Readonly<Record<string, string>>;
}

/** Processor state as instruction closures see it. */
export interface Cpu {
  /** Register values, unsigned 64 bit; stores truncate. Indexed as in {@link RegisterTable.names}. */
  readonly x: BigUint64Array;
  /** Loads zero-extended, in the architecture's byte order. @throws MachineFault */
  load(address: bigint, width: Width): bigint;
  /** @throws MachineFault */
  store(address: bigint, width: Width, value: bigint): void;
  /** Continues at `address` instead of the next instruction. */
  jump(address: bigint): void;
  /** The instruction at `address`, for those that execute another in their own place. @throws MachineFault if none is */
  instructionAt(address: bigint): Readonly<{ text: string; op: Op }>;
  /**
   * The same by an indirect branch: where landing pads are checked, one of these instructions must be there.
   * @throws MachineFault
   */
  land(address: bigint, pads: readonly string[]): void;
}

export type Op = (cpu: Cpu) => void;

/** What an operand parser may ask while it parses. */
export interface OperandContext {
  readonly registers: RegisterTable;
  /** Index of a register by any spelling, `undefined` if the text is none. Case-insensitive. */
  register(text: string): number | undefined;
  /**
   * Value of an assembler expression over numbers and symbols, signed, unbounded.
   * `undefined` when the text is no expression. Labels not yet placed resolve at link time, so an
   * operand parser is run at link time, when every symbol has its address.
   */
  expression(text: string): bigint | undefined;
  /** Address at which the instruction is being assembled. */
  readonly here: bigint;
}

/**
 * A kind of operand: its name in error messages, and its parser. The parser gets the trimmed text of one
 * top-level operand (commas inside (), [] and {} do not split) and returns `undefined` if it does
 * not match.
 */
export interface OperandKind<T> {
  readonly name: string;
  parse(text: string, context: OperandContext): T | undefined;
}

/** One row of an instruction table, with the types of its operands erased; see {@link instruction}. */
export interface Instruction {
  readonly mnemonic: string;
  readonly operands: readonly OperandKind<unknown>[];
  /** Section of the architecture manual that defines it. */
  readonly manual: string;
  /** Bytes of the encoding. */
  length(values: readonly unknown[]): number;
  /** Compiles to a closure; called once per place in the text. `here` is the instruction's address. */
  compile(values: readonly unknown[], here: bigint): Op;
}

export interface InstructionSet {
  readonly registers: RegisterTable;
  /** Several rows may share a mnemonic: the first whose operands all parse is taken. */
  readonly table: readonly Instruction[];
  /** Characters that begin a comment to the end of the line, besides `//` and C comments. */
  readonly comment: string;
  /** Every instruction starts at a multiple of this many bytes. */
  readonly alignment: 1 | 2 | 4;
  /**
   * Text of the instruction whose encoding starts at `bytes[0]`, for bytes patched at run time:
   * call sites and patched calls. `undefined`: no instruction this back-end ever patches in.
   */
  decode(bytes: Uint8Array, here: bigint): { readonly text: string; readonly length: number } | undefined;
  /** Register index of the stack pointer. */
  readonly stackPointer: number;
  /** Kconfig symbol of the builds in which indirect branches must meet a landing pad; absent: none is checked. */
  readonly landingPads?: string;
}

/** Operand values of a tuple of kinds. */
export type OperandValues<K extends readonly OperandKind<unknown>[]> = {
  [I in keyof K]: K[I] extends OperandKind<infer T> ? T : never;
};

/** Makes a typed table row. `length` is bytes, or a function of the operands where encodings vary. */
export function instruction<const K extends readonly OperandKind<unknown>[]>(
  mnemonic: string,
  operands: K,
  manual: string,
  length: number | ((...values: OperandValues<K>) => number),
  compile: (values: OperandValues<K>, here: bigint) => Op,
): Instruction {
  return {
    mnemonic,
    operands,
    manual,
    length: (values) => (typeof length === 'number' ? length : length(...(values as OperandValues<K>))),
    compile: (values, here) => compile(values as OperandValues<K>, here),
  };
}
