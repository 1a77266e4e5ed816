// SPDX-License-Identifier: MIT
/** Reading numbers from bytes that may end anywhere: every read is checked, and what is not there is `malformed`. */
import type { ByteOrder } from '../../../machine/types.js';
import { VmlinuxError } from '../error.js';

export class Reader {
  readonly #view: DataView;
  readonly #little: boolean;
  constructor(
    readonly bytes: Uint8Array,
    readonly order: ByteOrder,
    /** What is read, for messages. */
    readonly what: string,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#little = order === 'little';
  }

  get length(): number {
    return this.bytes.length;
  }

  u8(at: number): number {
    this.#check(at, 1);
    return this.bytes[at] as number;
  }

  u16(at: number): number {
    this.#check(at, 2);
    return this.#view.getUint16(at, this.#little);
  }

  u32(at: number): number {
    this.#check(at, 4);
    return this.#view.getUint32(at, this.#little);
  }

  s32(at: number): number {
    this.#check(at, 4);
    return this.#view.getInt32(at, this.#little);
  }

  u64(at: number): bigint {
    this.#check(at, 8);
    return this.#view.getBigUint64(at, this.#little);
  }

  /** A u64 that is an offset or a size in this file. */
  offset(at: number): number {
    const value = this.u64(at);
    if (value > BigInt(Number.MAX_SAFE_INTEGER))
      throw this.malformed(at, `0x${value.toString(16)} is no offset`);
    return Number(value);
  }

  slice(at: number, length: number): Uint8Array {
    this.#check(at, length);
    return this.bytes.subarray(at, at + length);
  }

  /** ASCII up to the NUL, which must be within `limit` bytes. */
  text(at: number, limit = 4096): string {
    const end = Math.min(this.bytes.length, at + limit);
    let text = '';
    for (let index = at; index < end; index++) {
      const byte = this.bytes[index] as number;
      if (byte === 0) return text;
      text += String.fromCharCode(byte);
    }
    throw this.malformed(at, 'a text without end');
  }

  malformed(at: number, why: string): VmlinuxError {
    return new VmlinuxError('malformed', `${this.what}: ${why}, at byte ${at}`);
  }

  #check(at: number, length: number): void {
    if (at >= 0 && length >= 0 && Number.isInteger(at) && at + length <= this.bytes.length) return;
    throw this.malformed(
      at,
      `${length} bytes are wanted, and ${Math.max(0, this.bytes.length - at)} are there`,
    );
  }
}

/** Places at which `needle` begins, in order, at multiples of `step`. */
export function* places(hay: Uint8Array, needle: Uint8Array, step = 1): Generator<number> {
  const first = needle[0];
  if (first === undefined) return;
  for (let at = hay.indexOf(first); at >= 0; at = hay.indexOf(first, at + 1)) {
    if (at % step === 0 && matches(hay, at, needle)) yield at;
  }
}

export function matches(hay: Uint8Array, at: number, needle: Uint8Array): boolean {
  if (at + needle.length > hay.length) return false;
  for (let index = 0; index < needle.length; index++) if (hay[at + index] !== needle[index]) return false;
  return true;
}

export const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
