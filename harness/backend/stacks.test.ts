// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import { STACKS, stackAround, stackOf } from './stacks.js';

const memory = { text: 0n, c: 0n, data: 0n, stack: 0x10_0000n, threadSize: 0x4000 };

describe('the stacks of tasks', () => {
  test('lie apart, each aligned to its size', () => {
    const stacks = Array.from({ length: STACKS }, (_, task) => stackOf(memory, task));
    for (const [index, low] of stacks.entries()) {
      expect(low % 0x4000n).toBe(0n);
      if (index > 0) expect(low - (stacks[index - 1] as bigint)).toBeGreaterThan(0x4000n);
    }
  });

  test('are found around any address of them', () => {
    for (let task = 0; task < STACKS; task++) {
      const low = stackOf(memory, task);
      for (const at of [low, low + 0x123n, low + 0x3fffn]) {
        expect(stackAround(memory, at)).toEqual({ low, high: low + 0x4000n });
      }
    }
  });

  test('are not found beside them', () => {
    const last = stackOf(memory, STACKS - 1);
    for (const at of [0n, 0xf_ffffn, stackOf(memory, 0) + 0x4000n, last + 0x4000n, last + 0x10000n]) {
      const { low, high } = stackAround(memory, at);
      expect(low).toBe(high);
    }
  });
});
