// SPDX-License-Identifier: MIT
/** Sizes and words of the shadow stack, with the numbers of linux 7.2 kernel/trace/fgraph.c. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IndexAllocator } from '../graph/index-allocator.js';
import { ShadowStack } from '../graph/shadow-stack.js';

const frame = (n: number) => ({ ret: BigInt(n), func: BigInt(n) * 16n, fp: 1n, retp: BigInt(n) * 8n });

function fill(stack: ShadowStack, each: () => boolean = () => true): number {
  let frames = 0;
  while (frames < 1000 && stack.push(frame(frames)) && each()) frames++;
  return frames;
}

describe('capacity of 4096 bytes', () => {
  test('122 frames without the frame pointer test', () => expect(fill(new ShadowStack(false))).toBe(122));
  test('98 frames with it', () => expect(fill(new ShadowStack(true))).toBe(98));
  test('81 frames that each carry one word of fprobe header; the 82nd is pushed, its data not', () => {
    const stack = new ShadowStack(false);
    expect(fill(stack, () => stack.reserve(0, 8) !== null)).toBe(81);
    expect(stack.frame(stack.frameStart()).ret).toBe(81n);
  });
});

describe('descriptors', () => {
  test('a bitmap word: distance in bits 0-9, type 1 in 10-11, users from bit 12', () => {
    const stack = new ShadowStack(false);
    stack.push(frame(1));
    stack.setBitmap(stack.descriptorAt, 0b101);
    expect(stack.get(3)).toBe(3n | (1n << 10n) | (0b101n << 12n));
  });
  test('a data word: words minus 1 from bit 12, owner from bit 17, distance over the block below', () => {
    const stack = new ShadowStack(false);
    stack.push(frame(1));
    expect(stack.reserve(5, 17)).toEqual({ at: 4, words: 3 });
    expect(stack.get(7)).toBe(7n | (2n << 10n) | (2n << 12n) | (5n << 17n));
  });
  test('reserving nothing sets every bit from 12 up', () => {
    const stack = new ShadowStack(false);
    stack.push(frame(1));
    stack.reserve(0, 0);
    expect(stack.get(4) >> 12n).toBe((1n << 52n) - 1n);
  });
  test('more than 32 words are refused', () => {
    const stack = new ShadowStack(false);
    stack.push(frame(1));
    expect(stack.reserve(0, 33 * 8)).toBeNull();
    expect(stack.reserve(0, 32 * 8)).not.toBeNull();
  });
});

test('frames and data come back last in, first out', () => {
  const call = fc.record({ owner: fc.integer({ min: 0, max: 15 }), bytes: fc.integer({ min: 1, max: 48 }) });
  fc.assert(
    fc.property(fc.boolean(), fc.array(call, { maxLength: 12 }), (fpTest, calls) => {
      const stack = new ShadowStack(fpTest);
      const pushed = calls.map(({ owner, bytes }, n) => {
        stack.push(frame(n));
        const block = stack.reserve(owner, bytes);
        if (block) stack.set(block.at, BigInt(n) + 100n);
        return { owner, words: Math.ceil(bytes / 8), n };
      });
      for (const { owner, words, n } of pushed.reverse()) {
        const block = stack.retrieve(owner);
        expect(block?.words).toBe(words);
        expect(stack.get(block?.at ?? -1)).toBe(BigInt(n) + 100n);
        expect(stack.frame(stack.frameStart()).ret).toBe(BigInt(n));
        stack.pop();
      }
      expect(stack.current).toBe(0);
    }),
  );
});

test('indices: oldest free first, a released one goes to the end', () => {
  const ring = new IndexAllocator();
  const walk = Array.from({ length: 18 }, () => {
    const index = ring.allocate() ?? -1;
    ring.release(index);
    return index;
  });
  expect(walk).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1]);
  for (let user = 0; user < 16; user++) expect(ring.allocate()).not.toBeNull();
  expect(ring.allocate()).toBeNull();
});
