// SPDX-License-Identifier: MIT
/** Where the stacks of tasks lie: at equal distances above the first, with nothing mapped between them. */
import type { MemoryMap } from './contract.js';

/** Tasks of a case at most. */
export const STACKS = 6;
/** From stack to stack, in THREAD_SIZE. */
const DISTANCE = 4;

/** Lowest address of a task's stack, aligned to THREAD_SIZE. */
export function stackOf({ stack, threadSize }: MemoryMap, task: number): bigint {
  return stack + BigInt(task * DISTANCE * threadSize);
}

/**
 * Bounds of the stack around an address, as an unwinder finds them (linux 7.2 include/linux/sched/task_stack.h): the
 * THREAD_SIZE block. An empty one outside of all stacks.
 */
export function stackAround(
  memory: MemoryMap,
  address: bigint,
): { readonly low: bigint; readonly high: bigint } {
  const { stack, threadSize } = memory;
  const size = BigInt(threadSize);
  const low = address & ~(size - 1n);
  const within =
    low >= stack && low <= stackOf(memory, STACKS - 1) && (low - stack) % (size * BigInt(DISTANCE)) === 0n;
  return within ? { low, high: low + size } : { low: 0n, high: 0n };
}
