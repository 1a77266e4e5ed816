// SPDX-License-Identifier: MIT
/**
 * Values of expressions. Arithmetic is exact, on mathematical integers; a value takes on a type's range only
 * where it is passed, returned or stored (`truncate`). Division truncates towards zero and `%` has the sign
 * of the dividend, as in C11 6.5.5; comparisons and `!` give 1 or 0.
 */
import type { Value, ValueType } from '../ctype/types.js';
import { CaseError } from './error.js';
import type { Expression, Position } from './types.js';

export interface NamedValue {
  readonly value: Value;
  readonly type: ValueType;
}

const nowhere: Position = { file: '<expression>', line: 1, column: 1 };
const none: ReadonlyMap<string, NamedValue> = new Map();

/** Shifts stay below the width of the widest type. */
const maximumShift = 127n;

/**
 * The value of a checked expression.
 * @param names parameters of the enclosing function and names bound by `as`
 * @param resolveAddress address of an object or function, for `&name`
 * @param at where the expression stands, for errors
 * @throws CaseError division by zero, a shift count outside 0 … 127, a name without a value, a struct where a
 *   number is needed
 */
export function evaluate(
  expression: Expression,
  names: ReadonlyMap<string, NamedValue>,
  resolveAddress: (name: string) => bigint,
  at: Position = nowhere,
): Value {
  const number = (node: Expression): bigint => {
    const value = evaluate(node, names, resolveAddress, at);
    if (typeof value === 'bigint') return value;
    throw new CaseError(
      'wrong-type',
      at,
      'a struct value where a number is needed',
      'take one of its members',
    );
  };
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'name':
      return named(expression.name, names, at).value;
    case 'address':
      return resolveAddress(expression.object);
    case 'struct':
      return expression.members.map(number);
    case 'member': {
      if (expression.of.kind === 'name') {
        const { value, type } = named(expression.of.name, names, at);
        const index =
          type.kind === 'struct' ? type.members.findIndex(({ name }) => name === expression.member) : -1;
        if (typeof value !== 'bigint' && index >= 0) return value[index] as bigint;
      }
      throw new CaseError(
        'unknown-name',
        at,
        `there is no member \`${expression.member}\``,
        'name a member of the struct',
      );
    }
    case 'unary': {
      const value = number(expression.operand);
      if (expression.operator === '-') return -value;
      return expression.operator === '~' ? ~value : truth(value === 0n);
    }
    case 'binary':
      return binary(expression.operator, number(expression.left), number(expression.right), at);
  }
}

function named(name: string, names: ReadonlyMap<string, NamedValue>, at: Position): NamedValue {
  const found = names.get(name);
  if (found) return found;
  throw new CaseError(
    'unknown-name',
    at,
    `\`${name}\` has no value here`,
    'use a parameter or a name bound by `as:`',
  );
}

const truth = (condition: boolean): bigint => (condition ? 1n : 0n);

function binary(operator: string, left: bigint, right: bigint, at: Position): bigint {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
    case '%':
      if (right === 0n) {
        throw new CaseError(
          'division-by-zero',
          at,
          `\`${left} ${operator} 0\` has no value`,
          'guard the step with `when:`',
        );
      }
      return operator === '/' ? left / right : left % right;
    case '&':
      return left & right;
    case '|':
      return left | right;
    case '^':
      return left ^ right;
    case '<<':
    case '>>':
      if (right < 0n || right > maximumShift) {
        throw new CaseError('out-of-range', at, `a shift by ${right}`, `shift by 0 to ${maximumShift}`);
      }
      return operator === '<<' ? left << right : left >> right;
    case '==':
      return truth(left === right);
    case '!=':
      return truth(left !== right);
    case '<':
      return truth(left < right);
    case '<=':
      return truth(left <= right);
    case '>':
      return truth(left > right);
    default:
      return truth(left >= right);
  }
}

/**
 * The value of an expression that depends on nothing, else `undefined`.
 * @throws CaseError as `evaluate`
 */
export function constantOf(expression: Expression, at: Position = nowhere): bigint | undefined {
  if (!isConstant(expression)) return undefined;
  return evaluate(expression, none, () => 0n, at) as bigint;
}

function isConstant(expression: Expression): boolean {
  switch (expression.kind) {
    case 'number':
      return true;
    case 'unary':
      return isConstant(expression.operand);
    case 'binary':
      return isConstant(expression.left) && isConstant(expression.right);
    default:
      return false;
  }
}
