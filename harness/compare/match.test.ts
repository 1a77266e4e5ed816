// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expected, seen } from '../cli/test/fakes.js';
import { fieldMatches, integerOf, satisfies, textMatches } from './match.js';

describe('texts', () => {
  test.each([
    ['21', '21', true],
    ['21', '0x15', true],
    ['0X15', '21', true],
    ['-1', '-0x1', true],
    ['+5', '5', true],
    ['-0', '0', true],
    ['-1', '18446744073709551615', false],
    ['0xffffffffffffffff', '18446744073709551615', true],
    ['stale', 'stale', true],
    ['stale', '0', false],
    ['caller', 'Caller', false],
    ['caller+0x10', 'caller+16', false],
    ['any', 'whatever', true],
    ['1e3', '1000', false],
    ['', '0', false],
    ['{1, 0x2}', '{1, 2}', true],
    ['{1, any}', '{1, 2}', true],
    ['{1, 2}', '{1, 3}', false],
    ['{1}', '{1, 2}', false],
    ['{1, {2, 3}}', '{1, {2, 0x3}}', true],
    ['{1, 2', '{1, 2}', false],
  ])('%s expected, %s seen: %s', (want, got, match) => expect(textMatches(want, got)).toBe(match));

  test('any spelling of an integer means it', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 127n), max: 2n ** 128n }),
        fc.bigInt({ min: -9n, max: 9n }),
        (a, b) => {
          const hex = (n: bigint) => (n < 0n ? `-0x${(-n).toString(16)}` : `0x${n.toString(16)}`);
          expect(integerOf(hex(a))).toBe(a);
          expect(textMatches(hex(a), String(a))).toBe(true);
          expect(textMatches(hex(a), String(a + b))).toBe(b === 0n);
        },
      ),
    );
  });
});

describe('fields', () => {
  test.each([
    [['1', 'any'], ['0x1', 'stale'], true],
    [['1'], ['1', '2'], false],
    [[], [], true],
    ['any', ['1', '2'], true],
    ['1', ['1'], false],
    [['1'], '1', false],
  ] as const)('%j expected, %j seen: %s', (want, got, match) => expect(fieldMatches(want, got)).toBe(match));

  test('a field that was not seen matches nothing, not even any', () => {
    expect(fieldMatches('any', undefined)).toBe(false);
  });
});

describe('observations', () => {
  const entry = seen('entry', { probe: 'watch', arguments: ['1', '2'], parent: 'caller' });
  test('fields left out are not asserted', () => {
    expect(satisfies(entry, expected('entry'))).toBe(true);
    expect(satisfies(entry, expected('entry', { arguments: ['1', '0x2'] }))).toBe(true);
  });
  test('kind and every named field count', () => {
    expect(satisfies(entry, expected('exit'))).toBe(false);
    expect(satisfies(entry, expected('entry', { parent: 'other' }))).toBe(false);
    expect(satisfies(entry, expected('entry', { ip: 'sum' }))).toBe(false);
  });
});
