// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import { EXIT, EXIT_MEANINGS, EXIT_SEVERITY, exitCodeOf, gravestExit } from './exit-codes.js';
import { failing, graver, noCounts, SEVERITY, STATUSES } from './statuses.js';

describe('statuses', () => {
  test('letters are unlike each other in every column', () => {
    for (const column of ['letters', 'letter', 'meaning', 'brief'] as const) {
      expect(new Set(SEVERITY.map((status) => STATUSES[status][column])).size).toBe(SEVERITY.length);
    }
  });
  test('gravest first', () => {
    expect(SEVERITY.indexOf('ERROR')).toBeLessThan(SEVERITY.indexOf('FAIL'));
    expect(graver('PASS', 'FAIL')).toBe('FAIL');
    expect(graver('CRASH', 'FAIL')).toBe('CRASH');
    expect(graver('UNSUPPORTED', 'PASS')).toBe('UNSUPPORTED');
  });
  test('which fail a run', () => {
    expect(SEVERITY.filter(failing).sort()).toEqual(['CRASH', 'ERROR', 'FAIL', 'MISS', 'TIMEOUT', 'XPASS']);
  });
  test('what fails is not ok in KTAP, and the other way round', () => {
    for (const status of SEVERITY) expect(STATUSES[status].ktap.ok).toBe(!failing(status));
  });
});

describe('exit codes', () => {
  const code = (counts: Partial<ReturnType<typeof noCounts>>, unexplained = 0) =>
    exitCodeOf({ ...noCounts(), ...counts }, unexplained);
  test.each([
    [{ PASS: 1 }, 0, EXIT.ok],
    [{ PASS: 1, XFAIL: 1, UNSUPPORTED: 4 }, 0, EXIT.ok],
    [{ XFAIL: 1 }, 0, EXIT.ok],
    [{ PASS: 1, FAIL: 1 }, 0, EXIT.unexpected],
    [{ XPASS: 1 }, 0, EXIT.unexpected],
    [{ CRASH: 1 }, 0, EXIT.unexpected],
    [{ TIMEOUT: 1 }, 0, EXIT.unexpected],
    [{ PASS: 2 }, 1, EXIT.unexpected],
    [{ FAIL: 1, ERROR: 1 }, 0, EXIT.harness],
    [{ PASS: 9, MISS: 1 }, 0, EXIT.harness],
    [{ UNSUPPORTED: 3 }, 0, EXIT.nothing],
    [{ SKIP: 1 }, 0, EXIT.nothing],
    [{}, 0, EXIT.nothing],
  ])('%j with %i unexplained: %i', (counts, unexplained, expected) =>
    expect(code(counts, unexplained)).toBe(expected),
  );
  test('gravest wins', () => {
    expect(gravestExit([0, 4, 5, 1, 3, 6])).toBe(6);
    expect(gravestExit([4, 5])).toBe(5);
    expect(gravestExit([])).toBe(0);
    expect(EXIT_SEVERITY).toEqual([6, 3, 1, 5, 4, 0]);
  });
  test('every code has a meaning', () => {
    expect(EXIT_MEANINGS.map(([one]) => one)).toEqual(Object.values(EXIT));
  });
});
