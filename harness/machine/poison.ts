// SPDX-License-Identifier: MIT
/**
 * Poison: the recognisable values that stand for "nobody wrote this". Every stack word starts as the
 * poison of its own address; every register that C code may clobber gets fresh register poison at each
 * callout. Recognition is by value, so it works on any machine and on fields copied elsewhere: a field
 * that reads as poison is reported as `stale`.
 */

const MEMORY_TAG = 0xdead57acn;
const REGISTER_TAG = 0xdead4e60n;
const MEMORY_BASE = MEMORY_TAG << 32n;
const REGISTER_BASE = REGISTER_TAG << 32n;

/** What an 8-byte aligned stack word at `address` holds before anyone writes it. */
export function memoryPoison(address: bigint): bigint {
  return MEMORY_BASE | (address & 0xffff_ffffn);
}

/** Poison for register number `index` at clobber `epoch`; distinct for all pairs below 2^8 × 2^24. */
export function registerPoison(index: number, epoch: number): bigint {
  return REGISTER_BASE | BigInt(registerPoisonLow(index, epoch) >>> 0);
}

/** Lower 32 bits of {@link registerPoison}; the upper ones are {@link REGISTER_POISON_HIGH}. */
export function registerPoisonLow(index: number, epoch: number): number {
  return ((epoch & 0xff_ffff) << 8) | (index & 0xff);
}

export const REGISTER_POISON_HIGH = Number(REGISTER_TAG);

/** Whether a 64-bit value is poison of either kind. */
export function isPoison(value: bigint): boolean {
  const tag = value >> 32n;
  return tag === MEMORY_TAG || tag === REGISTER_TAG;
}

/**
 * What a C compiler leaves in the unspecified upper bits of a narrow argument or result. Not poison:
 * a tool that forgets to narrow a value shows it, in full.
 */
export const GARBAGE = 0xbad1bad2bad3bad4n;
