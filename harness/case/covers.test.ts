// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import { coverIds, units } from './covers.js';

/** Verdicts that upstream suites have, counted in linux 6.1, 6.12 and 7.2: can be said by a case, in part, not at all. */
const VERDICTS: Readonly<Record<string, readonly [number, number, number]>> = {
  ST: [13, 3, 5],
  FP: [7, 0, 0],
  KP: [5, 2, 0],
  AR: [0, 20, 24],
  SM: [9, 1, 0],
  FD: [2, 0, 0],
  FT: [6, 9, 5],
  DY: [6, 7, 8],
  KT: [11, 12, 4],
  AD: [0, 0, 5],
  BT: [46, 12, 24],
  BK: [19, 0, 4],
  BP: [21, 16, 7],
  BX: [0, 0, 0],
  LP: [8, 7, 17],
  OT: [0, 0, 1],
};

describe('what a case can cover', () => {
  const upstream = units.filter(({ restatable }) => restatable !== 'bug');

  test.each(Object.entries(VERDICTS))('%s has as many verdicts as upstream', (suite, expected) => {
    const own = upstream.filter(({ id }) => id.startsWith(`${suite}-`));
    const count = (letter: string) =>
      own
        .filter(({ restatable }) => restatable.startsWith(letter))
        .reduce((sum, { verdicts }) => sum + verdicts, 0);
    expect(own).not.toEqual([]);
    expect(['Y', 'P', 'N'].map(count)).toEqual(expected);
  });

  test('is numbered without a gap, in order', () => {
    for (const suite of Object.keys(VERDICTS)) {
      const rows = [...new Set(upstream.map(({ row }) => row))].filter((row) => row.startsWith(`${suite}-`));
      expect(rows).toEqual(rows.map((_, index) => `${suite}-${String(index + 1).padStart(2, '0')}`));
    }
  });

  test('has 65 bugs, and no id twice', () => {
    expect(units.length - upstream.length).toBe(65);
    expect(new Set(units.map(({ id }) => id)).size).toBe(units.length);
  });

  test('knows a row with subtests as a whole, and each of them', () => {
    expect(['BP-02', 'BP-02/legacy', 'BP-02/perf', 'BP-02/link'].filter((id) => !coverIds.has(id))).toEqual(
      [],
    );
    expect(coverIds.has('BP-02/none')).toBe(false);
  });

  test('has one line on each', () => {
    for (const { about } of units) expect(about).toMatch(/^\S.{4,85}\S$/);
  });
});
