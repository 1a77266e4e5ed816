// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diffLines } from '../compare/diff.js';
import { capDiff, DIFF_LINES } from './cap-diff.js';

const diffOf = (left: readonly string[], right: readonly string[]) => diffLines('a', left, 'b', right) ?? '';
const many = (word: string, count: number) => Array.from({ length: count }, (_, index) => `${word} ${index}`);

describe('a diff that is too long', () => {
  test('shows both sides of its first difference', () => {
    const { lines, more } = capDiff(diffOf(['same', ...many('old', 5000)], ['same', ...many('new', 5000)]));
    expect(lines).toHaveLength(DIFF_LINES);
    expect(lines).toContain('-old 0');
    expect(lines).toContain('+new 0');
    expect(more).toBe(10_004 - DIFF_LINES);
  });
  test('gives the room of a short side to the other', () => {
    const { lines } = capDiff(diffOf(['x', 'y'], many('new', 100)));
    expect(lines.filter((line) => line.startsWith('-'))).toHaveLength(3);
    expect(lines).toHaveLength(DIFF_LINES);
  });
});

test('nothing is lost without being counted, and order is kept', () => {
  const list = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 80 });
  fc.assert(
    fc.property(list, list, fc.integer({ min: 8, max: 40 }), (left, right, limit) => {
      const diff = diffOf(left, right);
      const { lines, more } = capDiff(diff, limit);
      expect(lines.length + more).toBe(diff.split('\n').length);
      expect(lines.length).toBeLessThanOrEqual(Math.max(limit, 1));
      let from = 0;
      for (const line of lines) {
        const at = diff.split('\n').indexOf(line, from);
        expect(at).toBeGreaterThanOrEqual(from);
        from = at + 1;
      }
    }),
  );
});
