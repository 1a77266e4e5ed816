// SPDX-License-Identifier: MIT
/**
 * C types as a kernel function prototype uses them: the vocabulary shared by cases (which declare
 * prototypes) and back-ends (which place arguments). Nothing here depends on an architecture except
 * the LP64 data model, which all modelled kernels share (linux 7.2 Documentation/process/volatile…:
 * `long` and pointers are 64 bits wide on every 64-bit kernel).
 */

/** An integer of 1, 2, 4, 8 or 16 bytes. `bool` is `{ size: 1, signed: false }` named `bool`. */
export interface IntegerType {
  readonly kind: 'integer';
  /** Spelling in the prototype: `u32`, `int`, `__int128`, … */
  readonly name: string;
  /** Bytes: 1, 2, 4, 8 or 16. */
  readonly size: 1 | 2 | 4 | 8 | 16;
  readonly signed: boolean;
}

/** Any pointer: 8 bytes, unsigned, printed by the name of what it points to. */
export interface PointerType {
  readonly kind: 'pointer';
  readonly name: string;
  readonly size: 8;
}

/** A struct passed or returned by value. Members are laid out in order with natural alignment. */
export interface StructType {
  readonly kind: 'struct';
  /** Tag, without the word `struct`. */
  readonly name: string;
  /** Bytes, including tail padding. */
  readonly size: number;
  /** Bytes: the largest alignment of a member. */
  readonly align: number;
  readonly members: readonly StructMember[];
}

export interface StructMember {
  readonly name: string;
  readonly type: ScalarType;
  /** Bytes from the start of the struct. */
  readonly offset: number;
}

export interface VoidType {
  readonly kind: 'void';
  readonly name: 'void';
  readonly size: 0;
}

export type ScalarType = IntegerType | PointerType;
/** What an argument may be. */
export type ValueType = ScalarType | StructType;
/** What a function may return. */
export type ReturnType = ValueType | VoidType;

export interface Parameter {
  readonly name: string;
  readonly type: ValueType;
}

/** A parsed C prototype. */
export interface Signature {
  readonly name: string;
  readonly result: ReturnType;
  readonly parameters: readonly Parameter[];
}

/**
 * A C value. Integers and pointers: the mathematical value (negative for negative signed integers;
 * pointers are unsigned addresses). Structs: one value per member, in order.
 */
export type Value = bigint | readonly bigint[];
