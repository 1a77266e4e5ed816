// SPDX-License-Identifier: MIT
/**
 * Normal form: how a value is printed in an outcome so that the same fact has the same text everywhere.
 * Code addresses become names, data pointers the name of their object, stack addresses `sp+N` of the traced
 * function's entry, poison `stale`; everything else is printed in full.
 */
import type { MemoryMap } from '../../backend/contract.js';
import { STACKS, stackAround, stackOf } from '../../backend/stacks.js';
import type { ReturnType, Value, ValueType } from '../../ctype/types.js';
import { isPoison } from '../../machine/poison.js';
import type { AddressBook } from './address-book.js';

const SMALL = 1n << 32n;
/** Numbers of a text that may be addresses. */
const HEX = /0x[0-9a-f]{5,16}/g;

export class NormalForm {
  constructor(
    readonly book: AddressBook,
    readonly memory: MemoryMap,
  ) {}

  /** A code address. */
  code(address: bigint, prefer: 'symbol' | 'site' = 'symbol'): string {
    if (isPoison(address)) return 'stale';
    return this.book.codeName(address, prefer) ?? this.#number(address);
  }

  /** A raw 64-bit word: named when it is an address we know, decimal when small, else hexadecimal. */
  word(value: bigint, sp?: bigint): string {
    if (isPoison(value)) return 'stale';
    return (
      this.book.objectName(value) ??
      this.#stack(value, sp) ??
      this.book.codeName(value) ??
      this.#number(value)
    );
  }

  /** A stack address relative to S, anything else as a word. */
  stackAddress(value: bigint, sp: bigint): string {
    if (isPoison(value)) return 'stale';
    return this.#stack(value, sp) ?? this.word(value);
  }

  /** A word as a tool shows it that knows the declared type. */
  typedWord(word: bigint, type: ReturnType, sp?: bigint): string {
    if (isPoison(word)) return 'stale';
    if (type.kind === 'pointer') return this.#pointer(word, sp);
    if (type.kind !== 'integer' || type.size > 8) return this.word(word, sp);
    // An address of the stack, wherever the stack lies: what a tool takes for the argument of that number.
    const address = type.size === 8 ? this.#stack(word, sp) : undefined;
    if (address !== undefined) return address;
    const narrow = BigInt.asUintN(8 * type.size, word);
    return String(type.signed ? BigInt.asIntN(8 * type.size, narrow) : narrow);
  }

  /** A whole C value. */
  value(value: Value, type: ValueType): string {
    if (type.kind === 'struct') {
      const members = type.members.map((member, index) =>
        this.value((value as readonly bigint[])[index] ?? 0n, member.type),
      );
      return `{${members.join(', ')}}`;
    }
    const bits = value as bigint;
    if (type.size === 16) {
      const words = [bits >> 64n, bits].map((word) => BigInt.asUintN(64, word));
      // Lower word last, as in the number; only where a word was lost, so that numbers stay numbers.
      if (words.some((word) => isPoison(word) || this.#address(word) !== undefined))
        return words.map((word) => this.#address(word) ?? this.word(word)).join(':');
    }
    if (type.size === 8 && isPoison(BigInt.asUintN(64, bits))) return 'stale';
    return type.kind === 'pointer' ? this.#pointer(bits) : String(bits);
  }

  /** What the machine says of a fault: its addresses by name. */
  text(text: string): string {
    return text.replace(HEX, (digits) => {
      const address = BigInt(digits);
      // Which poison it is, depends on where the target has its memory.
      return isPoison(address) ? 'stale' : (this.#address(address) ?? digits);
    });
  }

  #address(value: bigint): string | undefined {
    return this.#onStack(value) ?? this.book.codeName(value);
  }

  /** A place on a stack, or in the gaps around them, from the lowest address of the stack whose end is nearest below. */
  #onStack(address: bigint): string | undefined {
    const { stack, threadSize } = this.memory;
    const gap = BigInt(threadSize);
    if (address < stack - gap || address >= stackOf(this.memory, STACKS)) return undefined;
    const distance = stackOf(this.memory, 1) - stack;
    const task = (address + gap - stack) / distance;
    const offset = address - stack - task * distance;
    const name = task === 0n ? 'stack' : `stack of task ${task}`;
    return `${name}${offset < 0n ? '-' : '+'}0x${(offset < 0n ? -offset : offset).toString(16)}`;
  }

  #pointer(address: bigint, sp?: bigint): string {
    if (address === 0n) return 'NULL';
    const code = this.book.codeName(address);
    return (
      this.book.objectName(address) ??
      (code ? `&${code}` : undefined) ??
      this.#stack(address, sp) ??
      this.#number(address)
    );
  }

  #stack(address: bigint, sp: bigint | undefined): string | undefined {
    if (sp === undefined) return undefined;
    const { low, high } = stackAround(this.memory, sp);
    if (address < low || address > high || low === high) return undefined;
    const offset = address - sp;
    return offset < 0n ? `sp${offset}` : `sp+${offset}`;
  }

  #number(value: bigint): string {
    return value < SMALL ? String(value) : `0x${value.toString(16)}`;
  }
}
