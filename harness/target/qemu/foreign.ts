// SPDX-License-Identifier: MIT
/** What a guest's process has besides our kernel: the image of another. */
import type { Machine } from '../../machine/types.js';

/** Text of others in the same process, which the interpreter does not have. */
export interface Foreign {
  holds(address: bigint): boolean;
  /** What was there at first. */
  original(address: bigint, length: number): Uint8Array;
  /** Executes an instruction that user mode refuses; false for any other. */
  emulate(machine: Machine, at: bigint): boolean;
  /** Instructions as {@link Machine.copyText} has them. @param bytes those that are there now */
  copy(bytes: Uint8Array, from: bigint, at: bigint, redirect: ReadonlyMap<string, bigint>): Uint8Array;
}
