// SPDX-License-Identifier: MIT
/**
 * Pointers in the data of an image that is relocated when it starts. Where the relocation has an addend (Elf64_Rela) the
 * word itself is zero until then, and its value stands in an entry of the image that names the word's address.
 */
import type { Reader } from './bytes.js';

/** r_offset, r_info, r_addend. */
const ENTRY = 24;
/** Types of R_*_RELATIVE are small numbers, without a symbol. */
const LARGEST_TYPE = 1n << 16n;
const isRelative = (info: bigint) => info > 0n && info < LARGEST_TYPE;

/** The word at `at`, or what it will be. @param base link address of the image's first byte */
export function pointer(image: Reader, at: number, base: bigint): bigint {
  const value = image.u64(at);
  return value === 0n ? (addend(image, base + BigInt(at)) ?? 0n) : value;
}

/** Addend of the relocation at that address; `undefined` if there is none. */
export function addend(image: Reader, address: bigint): bigint | undefined {
  const at = entryOf(image, address);
  return at === undefined ? undefined : image.u64(at + 16);
}

/** Where the entry for an address stands. */
function entryOf(image: Reader, address: bigint): number | undefined {
  const [low, high] = [Number(address & 0xffff_ffffn), Number(address >> 32n)];
  // Half of the word is compared first: millions of words are looked at.
  const lowAt = image.order === 'little' ? 0 : 4;
  for (let at = 0; at + ENTRY <= image.length; at += 8) {
    if (image.u32(at + lowAt) !== low || image.u32(at + 4 - lowAt) !== high) continue;
    if (isRelative(image.u64(at + 8))) return at;
  }
  return undefined;
}

/**
 * The 8-byte words of a table of pointers: those in the image or, where they are zero, the addends of their
 * relocations; 0 where there is neither.
 */
export function pointers(image: Reader, base: bigint, start: number, end: number): bigint[] {
  const values = [];
  for (let at = start; at + 8 <= end; at += 8) values.push(image.u64(at));
  if (values.some((value) => value !== 0n)) return values;
  // Entries of one table stand one behind the other, by address.
  const first = entryOf(image, base + BigInt(start));
  if (first === undefined) return values;
  for (let at = first; at + ENTRY <= image.length; at += ENTRY) {
    const word = Number(image.u64(at) - base) - start;
    if (word < 0 || word % 8 !== 0 || word / 8 >= values.length || !isRelative(image.u64(at + 8))) break;
    values[word / 8] = image.u64(at + 16);
  }
  return values;
}
