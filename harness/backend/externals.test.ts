// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import { cellAddresses, cellWords } from './externals.js';

const cells = {
  first: { size: 8 },
  area: { size: 40, initial: 'text', words: { 16: 'first', 32: 7n } },
  last: { size: 1 },
};

test('cells lie one after the other, each aligned to 16', () => {
  expect([...cellAddresses(cells, 0x1000n)]).toEqual([
    ['first', 0x1000n],
    ['area', 0x1010n],
    ['last', 0x1040n],
  ]);
});

describe('what cells start with', () => {
  const addresses = new Map([...cellAddresses(cells, 0x1000n), ['text', 0x8000n] as const]);
  const symbol = (name: string) => {
    const address = addresses.get(name);
    if (address === undefined) throw new RangeError(name);
    return address;
  };

  const memory = { stack: 0x4000n };

  test('addresses of symbols and plain values, by offset', () => {
    expect([...cellWords(cells, symbol, memory)]).toEqual([
      [0x1010n, 0x8000n],
      [0x1020n, 0x1000n],
      [0x1030n, 7n],
    ]);
  });

  test('a place on the first stack', () => {
    const cell = { first: { size: 16, words: { 8: { stack: 0x10n } } } };
    expect([...cellWords(cell, symbol, memory)]).toEqual([[0x1008n, 0x4010n]]);
  });

  test('an unknown symbol is the caller’s error', () => {
    expect(() => cellWords({ cell: { size: 8, initial: 'nowhere' } }, symbol, memory)).toThrow(RangeError);
  });
});
