// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distance, nearest, suggest } from './nearest.js';

describe('the edit distance', () => {
  it.each([
    ['', '', 0],
    ['abc', 'abc', 0],
    ['abc', 'acb', 1],
    ['abc', 'abd', 1],
    ['abc', 'ab', 1],
    ['', 'ab', 2],
    ['kitten', 'sitting', 3],
  ])('of %s and %s is %i', (a, b, edits) => {
    expect(distance(a, b)).toBe(edits);
  });

  it('is symmetric and bounded', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        const edits = distance(a, b);
        expect(edits).toBe(distance(b, a));
        expect(edits).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
        expect(edits).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(edits === 0).toBe(a === b);
      }),
    );
  });
});

describe('a suggestion', () => {
  const known = ['register', 'unregister', 'call', 'modify_direct'];
  it.each([
    ['regster', 'register'],
    ['REGISTER', 'register'],
    ['modify-direct', 'modify_direct'],
    ['unregsiter', 'unregister'],
    ['cal', 'call'],
  ])('for %s is %s', (word, expected) => {
    expect(nearest(word, known)).toBe(expected);
  });

  it('is not made for what is like nothing', () => {
    expect(nearest('x', known)).toBeUndefined();
    expect(nearest('stack', known)).toBeUndefined();
    expect(nearest('z'.repeat(1000), known)).toBeUndefined();
    expect(suggest('x', ['a', 'b'], 'names')).toBe('names are a, b');
    expect(suggest('x', [], 'names')).toBe('there are no names');
  });
});
