// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Dialect, ExpressionError, evaluate, parseExpression } from '../asm/expression.js';

function value(text: string, symbols: Record<string, bigint> = {}, dialect: Dialect = 'as'): bigint {
  return evaluate(parseExpression(text, dialect), (name) => symbols[name], dialect);
}

interface Sample {
  readonly text: string;
  readonly value: bigint;
}

const clip = (n: bigint): bigint => BigInt.asIntN(64, n);

/** Fully parenthesised expressions with their value computed alongside, by BigInt itself. */
const sample: fc.Arbitrary<Sample> = fc.letrec<{ tree: Sample }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc
      .bigInt({ min: 0n, max: (1n << 64n) - 1n })
      .chain((n) =>
        fc.constantFrom<Sample>(
          { text: String(n), value: n },
          { text: `0x${n.toString(16)}`, value: n },
          { text: `0b${n.toString(2)}`, value: n },
          { text: n === 0n ? '0' : `0${n.toString(8)}`, value: n },
        ),
      ),
    fc.tuple(fc.constantFrom('-', '~', '!', '+'), tie('tree')).map(([op, a]) => ({
      text: `${op}(${a.text})`,
      value: op === '-' ? -a.value : op === '~' ? ~a.value : op === '+' ? a.value : a.value === 0n ? 1n : 0n,
    })),
    fc
      .tuple(
        fc.constantFrom('+', '-', '*', '&', '|', '^', '<<', '>>', '==', '<', '&&'),
        tie('tree'),
        tie('tree'),
      )
      .map(([op, a, b]) => {
        const by = b.value & 63n;
        const right = op === '<<' || op === '>>' ? String(by) : b.text;
        const results: Record<string, bigint> = {
          '+': a.value + b.value,
          '-': a.value - b.value,
          '*': a.value * b.value,
          '&': a.value & b.value,
          '|': a.value | b.value,
          '^': a.value ^ b.value,
          '<<': a.value << by,
          '>>': a.value >> by,
          '==': a.value === b.value ? -1n : 0n,
          '<': a.value < b.value ? -1n : 0n,
          '&&': a.value !== 0n && b.value !== 0n ? 1n : 0n,
        };
        return { text: `(${a.text} ${op}${right})`, value: results[op] as bigint };
      }),
  ),
})).tree;

describe('values', () => {
  it('agrees with BigInt on any parenthesised expression', () => {
    fc.assert(
      fc.property(sample, ({ text, value: wanted }) => value(text) === wanted),
      { numRuns: 500 },
    );
  });

  it('divides and takes remainders as BigInt does, towards zero', () => {
    const number = fc.bigInt({ min: -(1n << 63n), max: 1n << 63n });
    fc.assert(
      fc.property(number, number, (a, b) => {
        fc.pre(b !== 0n);
        expect(value(`(${a}) / (${b})`)).toBe(a / b);
        expect(value(`(${a}) % (${b})`)).toBe(a % b);
        expect(clip(value(`(${a}) / (${b})`) * b + value(`(${a}) % (${b})`))).toBe(clip(a));
      }),
    );
  });

  it.each([
    ['1 + 2 * 3', 7n],
    ['10 - 3 - 2', 5n],
    ['1 << 2 + 1', 5n],
    ['1 + 6 & 3', 3n],
    ['1 + 1 == 2', -1n],
    ['1 <> 2', -1n],
    ['2 > 1 && 0 != 1', 1n],
    ['0 || 0', 0n],
    ['-1 >> 4', -1n],
    ['~0', -1n],
    ["'a", 97n],
    ["'a'+1", 98n],
    ["'\\n'", 10n],
    ['0777', 511n],
    ['(1 << 64) - 1', (1n << 64n) - 1n],
    ['1b - 1f', 4n],
    ['0b', 7n],
    ['. - base', 16n],
  ])('%s', (text, wanted) => {
    expect(value(text, { '1b': 12n, '1f': 8n, '0b': 7n, '.': 32n, base: 16n })).toBe(wanted);
  });

  it.each([
    ['1 << 2 + 1', 8n],
    ['1 == 1', 1n],
    ['1 | 2 == 2', 1n],
    ['10UL + 1ull', 11n],
  ])('%s in a preprocessor condition', (text, wanted) => {
    expect(value(text, {}, 'c')).toBe(wanted);
  });
});

describe('errors', () => {
  it.each([
    ['1 +', 3, 'ends where a value'],
    ['', 0, 'ends where a value'],
    ['(1', 0, 'never closed'],
    ['1 2', 2, 'after the end'],
    ['2 * )', 4, 'where a value is expected'],
    ['1 + @', 4, 'no part of an expression'],
    ['1 / 0', 2, 'division by zero'],
    ['1 % (2 - 2)', 2, 'division by zero'],
    ['1 << 200', 2, 'shift by 200'],
    ['1 + nowhere', 4, 'undefined symbol `nowhere`'],
    ['089', 0, 'no octal'],
    ['12xyz', 0, 'no number'],
    [`${'('.repeat(1000)}1`, 201, 'too deeply'],
  ])('%s', (text, at, message) => {
    let thrown: unknown;
    try {
      value(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ExpressionError);
    expect((thrown as ExpressionError).message).toContain(message);
    expect((thrown as ExpressionError).at).toBe(at);
  });

  it('never fails otherwise, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'01x9ab+-*/%&|^~!<>=()\' .$_"@') }), (text) => {
        try {
          parseExpression(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ExpressionError);
        }
      }),
    );
  });
});
