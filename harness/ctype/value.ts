// SPDX-License-Identifier: MIT
/**
 * C values: conversion to a type's range and their printed form. Facts: C11 6.3.1.2 (conversion to bool),
 * 6.3.1.3 (integers wrap modulo 2^n, as gcc and clang define it also for signed types).
 */
import type { ScalarType, Value, ValueType } from './types.js';

/** Smallest and largest value of a type. A pointer may also be written as an error value, −4095 … −1. */
export function rangeOf(type: ScalarType): { readonly min: bigint; readonly max: bigint } {
  if (type.kind === 'pointer') return { min: -4095n, max: (1n << 64n) - 1n };
  if (type.name === 'bool') return { min: 0n, max: 1n };
  const bits = BigInt(type.size * 8);
  return type.signed
    ? { min: -(1n << (bits - 1n)), max: (1n << (bits - 1n)) - 1n }
    : { min: 0n, max: (1n << bits) - 1n };
}

function truncateScalar(value: bigint, type: ScalarType): bigint {
  if (type.kind === 'pointer') return BigInt.asUintN(64, value);
  if (type.name === 'bool') return value === 0n ? 0n : 1n;
  return type.signed ? BigInt.asIntN(type.size * 8, value) : BigInt.asUintN(type.size * 8, value);
}

/**
 * The value as an object of the type holds it: integers wrap, bool is 0 or 1, pointers are 64 bits
 * unsigned, structs member by member.
 * @throws TypeError if a struct's value has another number of members, or a scalar's value is a list
 */
export function truncate(value: Value, type: ValueType): Value {
  if (type.kind !== 'struct') {
    if (typeof value !== 'bigint') throw new TypeError(`a value of type ${type.name} is one number`);
    return truncateScalar(value, type);
  }
  const members = membersOf(value, type.members.length, type.name);
  return type.members.map((member, index) => truncateScalar(members[index] as bigint, member.type));
}

/** What an object of the type holds when all its bytes are zero. */
export function zeroOf(type: ValueType): Value {
  return type.kind === 'struct' ? type.members.map(() => 0n) : 0n;
}

/**
 * Printed form: integers in decimal by the sign of their type, bool as 0 or 1, a null pointer as `NULL`,
 * other pointers as `nameOfAddress` has it, structs as `{1, 2}`. The value is truncated first.
 * @throws TypeError as `truncate`
 */
export function formatValue(
  value: Value,
  type: ValueType,
  nameOfAddress: (address: bigint) => string,
): string {
  if (type.kind === 'struct') {
    const members = membersOf(value, type.members.length, type.name);
    return `{${type.members.map((member, index) => formatValue(members[index] as bigint, member.type, nameOfAddress)).join(', ')}}`;
  }
  const held = truncate(value, type) as bigint;
  if (type.kind === 'pointer') return held === 0n ? 'NULL' : nameOfAddress(held);
  return held.toString();
}

function membersOf(value: Value, count: number, name: string): readonly bigint[] {
  if (typeof value === 'bigint' || value.length !== count) {
    throw new TypeError(`a value of struct ${name} is a list of ${count} numbers`);
  }
  return value;
}
