// SPDX-License-Identifier: MIT
/**
 * C values as bytes and as register words: what a compiler puts into the places an ABI names, unspecified
 * bits included.
 */
import type { Abi, Location, NarrowRule } from '../../backend/contract.js';
import type { IntegerType, ReturnType, ScalarType, Value, ValueType } from '../../ctype/types.js';
import { GARBAGE } from '../../machine/poison.js';
import type { ByteOrder, Machine, Width } from '../../machine/types.js';

function putScalar(bytes: Uint8Array, at: number, size: number, value: bigint, order: ByteOrder): void {
  let rest = BigInt.asUintN(8 * size, value);
  for (let index = 0; index < size; index++) {
    bytes[order === 'little' ? at + index : at + size - 1 - index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}

function getScalar(bytes: Uint8Array, at: number, type: ScalarType, order: ByteOrder): bigint {
  let value = 0n;
  for (let index = 0; index < type.size; index++) {
    const byte = bytes[order === 'little' ? at + type.size - 1 - index : at + index] ?? 0;
    value = (value << 8n) | BigInt(byte);
  }
  return type.kind === 'integer' && type.signed ? BigInt.asIntN(8 * type.size, value) : value;
}

/** Memory image of a value; padding of structs is garbage. */
export function toBytes(value: Value, type: ValueType, order: ByteOrder): Uint8Array {
  const bytes = new Uint8Array(type.size);
  if (type.kind !== 'struct') {
    putScalar(bytes, 0, type.size, value as bigint, order);
    return bytes;
  }
  for (let at = 0; at < type.size; at++) {
    bytes[at] = Number((GARBAGE >> byteShift(at % 8, 8, order)) & 0xffn);
  }
  for (const [index, member] of type.members.entries()) {
    const part = (value as readonly bigint[])[index] ?? 0n;
    putScalar(bytes, member.offset, member.type.size, part, order);
  }
  return bytes;
}

export function fromBytes(bytes: Uint8Array, type: ValueType, order: ByteOrder): Value {
  if (type.kind !== 'struct') return getScalar(bytes, 0, type, order);
  return type.members.map((member) => getScalar(bytes, member.offset, member.type, order));
}

/** The register image of a narrow integer, by the producer's rule. */
export function narrowImage(value: bigint, type: IntegerType, rule: NarrowRule): bigint {
  if (type.size >= 8) return BigInt.asUintN(64, value);
  const bits = rule.to === 'type' ? 8 * type.size : Math.max(rule.to, 8 * type.size);
  const low = BigInt.asUintN(bits, value);
  if (rule.rest === 'sign') return BigInt.asUintN(64, BigInt.asIntN(bits, low));
  return ((GARBAGE >> BigInt(bits)) << BigInt(bits)) | low;
}

/** One 8-byte word per piece: what goes into the register or stack slot. */
export function wordsOf(
  value: Value,
  type: ValueType,
  pieces: readonly Location[],
  rule: NarrowRule,
  order: ByteOrder,
): bigint[] {
  if (type.kind === 'integer' && type.size < 8) return [narrowImage(value as bigint, type, rule)];
  const bytes = toBytes(value, type, order);
  return pieces.map(({ offset, size }) => {
    let word = (GARBAGE >> BigInt(8 * size)) << BigInt(8 * size);
    for (let index = 0; index < size; index++) {
      word |= BigInt(bytes[offset + index] ?? 0) << byteShift(index, size, order);
    }
    return word;
  });
}

/** Where byte `index` in memory of a piece of `size` bytes lies in its word: the piece is in the low-order bits. */
function byteShift(index: number, size: number, order: ByteOrder): bigint {
  return BigInt(8 * (order === 'little' ? index : size - 1 - index));
}

/** The 8-byte word in a place; `sp` is S. */
export function readPlace(machine: Machine, place: Location, sp: bigint): bigint {
  return place.in === 'register' ? machine.read(place.register) : machine.loadWord(sp + BigInt(place.at), 8);
}

export function writePlace(machine: Machine, place: Location, sp: bigint, word: bigint): void {
  if (place.in === 'register') machine.write(place.register, word);
  else machine.storeWord(sp + BigInt(place.at), 8, word);
}

/** The value whose words these are: the consumer's view, which narrows. */
export function valueOfWords(
  words: readonly bigint[],
  type: ValueType,
  pieces: readonly Location[],
  order: ByteOrder,
): Value {
  if (type.kind !== 'struct' && type.size <= 8) {
    const word = BigInt.asUintN(8 * type.size, words[0] ?? 0n);
    return type.kind === 'integer' && type.signed ? BigInt.asIntN(8 * type.size, word) : word;
  }
  const bytes = new Uint8Array(type.size);
  for (const [index, { offset, size }] of pieces.entries()) {
    for (let byte = 0; byte < size; byte++) {
      bytes[offset + byte] = Number(((words[index] ?? 0n) >> byteShift(byte, size, order)) & 0xffn);
    }
  }
  return fromBytes(bytes, type, order);
}

/** `void` has no value. */
export function isVoid(type: ReturnType): type is Extract<ReturnType, { kind: 'void' }> {
  return type.kind === 'void';
}

/** Zero-extends memory of 1, 2, 4 or 8 bytes. */
export function loadValue(machine: Machine, address: bigint, type: ValueType, abi: Abi): Value {
  if (type.kind !== 'struct' && type.size <= 8) {
    const word = machine.loadWord(address, type.size as Width);
    return type.kind === 'integer' && type.signed ? BigInt.asIntN(8 * type.size, word) : word;
  }
  return fromBytes(machine.load(address, type.size), type, abi.byteOrder);
}
