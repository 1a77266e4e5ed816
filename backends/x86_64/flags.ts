// SPDX-License-Identifier: MIT
/**
 * Status flags of RFLAGS as ADD, SUB, AND and TEST leave them (SDM vol. 1, "Status Flags"; vol. 2 for each
 * instruction). Other bits of the word keep their value.
 */
import { registers } from './registers.js';

export const FLAGS = registers.names.indexOf('flags');

const CARRY = 1n << 0n;
const PARITY = 1n << 2n;
const ADJUST = 1n << 4n;
export const ZERO = 1n << 6n;
const SIGN = 1n << 7n;
const OVERFLOW = 1n << 11n;
const OTHERS = BigInt.asUintN(64, ~(CARRY | PARITY | ADJUST | ZERO | SIGN | OVERFLOW));

/** PF: the low byte has an even number of ones. */
function evenParity(value: bigint): boolean {
  let byte = Number(value & 0xffn);
  byte ^= byte >> 4;
  byte ^= byte >> 2;
  byte ^= byte >> 1;
  return (byte & 1) === 0;
}

function resultFlags(value: bigint, bits: number): bigint {
  return (
    (value === 0n ? ZERO : 0n) |
    (value >> BigInt(bits - 1) === 1n ? SIGN : 0n) |
    (evenParity(value) ? PARITY : 0n)
  );
}

function setFlags(x: BigUint64Array, status: bigint): void {
  x[FLAGS] = ((x[FLAGS] as bigint) & OTHERS) | status;
}

/** Carry out of bit 63, carry or borrow between bits 3 and 4, signed overflow, and what the result says. */
function sumFlags(carry: boolean, adjust: bigint, overflow: bigint, result: bigint): bigint {
  return (
    resultFlags(result, 64) |
    (carry ? CARRY : 0n) |
    (adjust & ADJUST) |
    (overflow >> 63n === 1n ? OVERFLOW : 0n)
  );
}

/** After `result` = a + b. */
export function addFlags(x: BigUint64Array, a: bigint, b: bigint, result: bigint): void {
  setFlags(x, sumFlags(result < a, a ^ b ^ result, (a ^ result) & (b ^ result), result));
}

/** After `result` = a - b. */
export function subtractFlags(x: BigUint64Array, a: bigint, b: bigint, result: bigint): void {
  setFlags(x, sumFlags(a < b, a ^ b ^ result, (a ^ b) & (a ^ result), result));
}

/** After AND or TEST with a result of `bits` bits: carry and overflow clear; adjust, undefined, clear too. */
export function logicFlags(x: BigUint64Array, result: bigint, bits: 8 | 64): void {
  setFlags(x, resultFlags(result, bits));
}
