// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integerType } from '../ctype/integer.js';
import { parseStruct } from '../ctype/prototype.js';
import { TextError } from '../ctype/text-error.js';
import type { IntegerType } from '../ctype/types.js';
import { CaseError } from './error.js';
import { evaluate, type NamedValue, parseCall, parseExpression, printExpression } from './expression.js';
import type { Expression } from './types.js';

const u64 = integerType('u64') as IntegerType;
const names: ReadonlyMap<string, NamedValue> = new Map<string, NamedValue>([
  ['a', { value: 7n, type: u64 }],
  ['b', { value: -3n, type: u64 }],
  ['pair', { value: [10n, 20n], type: parseStruct('pair', 'u64 left; u64 right') }],
]);
const value = (text: string) =>
  evaluate(parseExpression(text).expression, names, (name) => BigInt(name.length));

describe('the value of', () => {
  // Results of C on unbounded integers: C11 6.5.5 ff.
  it.each([
    ['1 + 2 * 3', 7n],
    ['(1 + 2) * 3', 9n],
    ['10 - 4 - 3', 3n],
    ['2 - -3', 5n],
    ['-7 / 2', -3n],
    ['-7 % 2', -1n],
    ['7 / -2', -3n],
    ['7 % -2', 1n],
    ['1 << 2 + 1', 8n],
    ['1 | 2 ^ 3 & 1', 3n],
    ['6 & 3 == 3', 0n],
    ['1 < 2 == 1', 1n],
    ['5 > 3 > 2', 0n],
    ['-16 >> 2', -4n],
    ['~0', -1n],
    ['!0 + !5', 1n],
    ['- (2)', -2n],
    ['0xFFFFFFFFFFFFFFFF', 18446744073709551615n],
    ['0x10 - 0', 16n],
    ['NULL', 0n],
    ['a * b', -21n],
    ['a > 0', 1n],
    ['a >= 7 != b <= -3', 0n],
    ['pair.left + pair.right', 30n],
    ['&object', 6n],
    ['&object + 1', 7n],
    ['18446744073709551615 + 1', 18446744073709551616n],
  ])('%s is %s', (text, expected) => {
    expect(value(text)).toBe(expected);
  });

  it('a struct value is a list', () => {
    expect(value('{a, b + 1}')).toEqual([7n, -2n]);
    expect(value('pair')).toEqual([10n, 20n]);
  });

  it.each([
    ['a / (b + 3)', 'division-by-zero'],
    ['a % 0', 'division-by-zero'],
    ['a << 128', 'out-of-range'],
    ['a >> b', 'out-of-range'],
    ['missing', 'unknown-name'],
    ['pair + 1', 'wrong-type'],
    ['pair.middle', 'unknown-name'],
  ])('%s is an error with the place given', (text, code) => {
    const at = { file: 'case.yaml', line: 3, column: 9 };
    const { expression } = parseExpression(text);
    expect(() => evaluate(expression, names, () => 0n, at)).toThrow(
      expect.objectContaining({ ...at, code, name: 'CaseError' }),
    );
  });
});

describe('the syntax', () => {
  it.each([
    ['', 0],
    ['1 +', 3],
    ['1 2', 2],
    ['(1', 2],
    ['1)', 1],
    ['a.', 2],
    ['a.1', 2],
    ['a..b', 2],
    ['{1', 2],
    ['{}', 1],
    ['&', 1],
    ['&1', 1],
    ['09', 0],
    ['0x', 0],
    ['1u', 0],
    ['a ? 1 : 2', 2],
    ['a && b', 2],
    ['a || b', 2],
    ['a->b', 1],
    ['a = 1', 2],
    ['f(1)', 0],
    ['a[1]', 1],
    ['"a"', 0],
    ['1.5', 2],
    ['a $ b', 2],
    ['é', 0],
    [`0x1${'0'.repeat(32)}`, 0],
    [`-${1n << 127n}0`, 0],
    [`${'('.repeat(60)}1${')'.repeat(60)}`, 50],
    [`1${' + 1'.repeat(600)}`, 0],
  ])('refuses %s at %i', (text, index) => {
    expect(() => parseExpression(text)).toThrow(expect.objectContaining({ name: 'TextError', index }));
  });

  it('knows where each part begins', () => {
    const { expression, indexOf } = parseExpression('  first + (second)');
    if (expression.kind !== 'binary') throw new Error('not a sum');
    expect([expression.left, expression.right].map(indexOf)).toEqual([2, 11]);
  });

  it('has calls of one function', () => {
    expect(parseCall(' f ( 1, a + 2, {1, 2} ) ')).toMatchObject({
      function: 'f',
      functionIndex: 1,
      arguments: [{ kind: 'number' }, { kind: 'binary' }, { kind: 'struct' }],
    });
    expect(parseCall('f()').arguments).toEqual([]);
  });

  it.each([
    ['', 0],
    ['f', 1],
    ['1()', 0],
    ['f(', 2],
    ['f(1', 3],
    ['f(1,)', 4],
    ['f() + 1', 4],
    ['f(g(1))', 2],
  ])('refuses the call %s at %i', (text, index) => {
    expect(() => parseCall(text)).toThrow(expect.objectContaining({ name: 'TextError', index }));
  });

  it('never fails otherwise', () => {
    const token = fc.constantFrom(
      '1',
      '0x1f',
      'a',
      'pair',
      '.',
      '+',
      '-',
      '<<',
      '(',
      ')',
      '{',
      '}',
      ',',
      '&',
      '!',
      '~',
      '==',
      ' ',
      '$',
      '0x',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(token, { maxLength: 40 }).map((tokens) => tokens.join('')),
    );
    fc.assert(
      fc.property(text, (written) => {
        for (const parse of [parseExpression, parseCall]) {
          try {
            parse(written);
          } catch (error) {
            if (!(error instanceof TextError)) throw error;
            expect(error.index).toBeLessThanOrEqual(written.length);
          }
        }
      }),
    );
  });
});

const operators = [
  '+',
  '-',
  '*',
  '/',
  '%',
  '&',
  '|',
  '^',
  '<<',
  '>>',
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
] as const;

const { expression: anyExpression } = fc.letrec<{ expression: Expression; number: Expression }>((tie) => ({
  number: fc.oneof(
    { maxDepth: 4 },
    fc.record({ kind: fc.constant('number' as const), value: fc.bigInt(-(1n << 127n), (1n << 128n) - 1n) }),
    fc.record({ kind: fc.constant('name' as const), name: fc.constantFrom('a', 'b') }),
    fc.record({ kind: fc.constant('address' as const), object: fc.constantFrom('buffer', 'f') }),
    fc.record({
      kind: fc.constant('member' as const),
      of: fc.constant<Expression>({ kind: 'name', name: 'pair' }),
      member: fc.constantFrom('left', 'right'),
    }),
    fc.record({
      kind: fc.constant('unary' as const),
      operator: fc.constantFrom('-', '~', '!'),
      operand: tie('number'),
    }),
    fc.record({
      kind: fc.constant('binary' as const),
      operator: fc.constantFrom(...operators),
      left: tie('number'),
      right: tie('number'),
    }),
  ),
  expression: fc.oneof(
    tie('number'),
    fc.record({
      kind: fc.constant('struct' as const),
      members: fc.array(tie('number'), { minLength: 1, maxLength: 3 }),
    }),
  ),
}));

describe('laws', () => {
  it('printing and parsing give the same tree', () => {
    fc.assert(
      fc.property(anyExpression, (expression) => {
        const text = printExpression(expression);
        fc.pre(text.length <= 2000);
        expect(parseExpression(text).expression).toEqual(expression);
      }),
    );
  });

  it('blanks mean nothing', () => {
    fc.assert(
      fc.property(anyExpression, (expression) => {
        const text = printExpression(expression).replaceAll(/([()])/g, ' $1 ');
        fc.pre(text.length <= 2000);
        expect(parseExpression(text).expression).toEqual(expression);
      }),
    );
  });

  it('precedence and values are those of the host language, which has them from C', () => {
    const small = fc.bigInt(0n, 40n).map(String);
    // The host's comparisons give booleans, which it does not mix with big integers: they stand apart.
    const arithmetic = fc.constantFrom('+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>');
    fc.assert(
      fc.property(small, fc.array(fc.tuple(arithmetic, small), { maxLength: 5 }), (first, rest) => {
        const text = [first, ...rest.flat()].join(' ');
        let expected: unknown;
        try {
          expected = new Function(`return ${text.replaceAll(/\d+/g, '$&n')}`)();
        } catch {
          return;
        }
        try {
          expect(value(text)).toBe(expected);
        } catch (error) {
          // The host allows negative and large shifts.
          if (!(error instanceof CaseError && error.code === 'out-of-range')) throw error;
        }
      }),
    );
  });

  it('comparisons are those of the host language', () => {
    const number = fc.bigInt(-5n, 5n);
    fc.assert(
      fc.property(
        fc.constantFrom('==', '!=', '<', '<=', '>', '>='),
        number,
        number,
        (operator, left, right) => {
          const host = new Function('left', 'right', `return left ${operator} right`)(left, right);
          expect(value(`${left} ${operator} ${right}`)).toBe(host ? 1n : 0n);
        },
      ),
    );
  });
});
