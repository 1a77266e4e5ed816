// SPDX-License-Identifier: MIT
/**
 * Checks of expressions against what is declared: names and members exist, structs and numbers are not
 * mixed, constants fit. Everything else is left to C's conversions (`truncate`).
 */

import { suggest } from '../ctype/nearest.js';
import { TextError } from '../ctype/text-error.js';
import type { ScalarType, StructType, ValueType } from '../ctype/types.js';
import { rangeOf } from '../ctype/value.js';
import { CaseError, type CaseErrorCode } from './error.js';
import { constantOf } from './evaluate.js';
import { type ParsedExpression, parseExpression } from './expression.js';
import type { Names, Scope } from './scope.js';
import { offsetIn, type Scalar } from './tree.js';
import type { Expression } from './types.js';

/** Runs a parser of one of the small languages, placing its errors. */
export function inText<T>(
  scope: Pick<Scope, 'source'>,
  scalar: Scalar,
  code: CaseErrorCode,
  parse: (text: string) => T,
): T {
  try {
    return parse(scalar.text);
  } catch (error) {
    if (error instanceof TextError) return scope.source.failIn(code, scalar, error);
    throw error;
  }
}

/** Where the nodes of an expression stand, for errors. */
export interface Written {
  readonly scalar: Scalar;
  indexOf(node: Expression): number;
}

/** A number: an expression that is not a struct. @throws CaseError */
export function numberIn(scope: Scope, names: Names, scalar: Scalar): Expression {
  const parsed = inText(scope, scalar, 'bad-expression', parseExpression);
  checkNumber(scope, names, parsed.expression, written(scalar, parsed));
  return parsed.expression;
}

/** A value that a function of this result type returns. @throws CaseError */
export function valueIn(scope: Scope, names: Names, scalar: Scalar, type: ValueType): Expression {
  const parsed = inText(scope, scalar, 'bad-expression', parseExpression);
  const place = written(scalar, parsed);
  if (type.kind === 'struct')
    checkStruct(scope, names, parsed.expression, type, place, `the result is struct ${type.name}`);
  else checkNumber(scope, names, parsed.expression, place);
  return parsed.expression;
}

const written = (scalar: Scalar, parsed: ParsedExpression): Written => ({ scalar, indexOf: parsed.indexOf });

/** @throws CaseError */
export function checkArgument(
  scope: Scope,
  names: Names,
  expression: Expression,
  parameter: { readonly name: string; readonly type: ValueType },
  place: Written,
): void {
  const { name, type } = parameter;
  if (type.kind === 'struct') {
    checkStruct(scope, names, expression, type, place, `parameter \`${name}\` is struct ${type.name}`);
    return;
  }
  checkNumber(scope, names, expression, place);
  checkRange(scope, expression, type, place, `parameter \`${name}\``);
}

function fail(
  scope: Scope,
  code: CaseErrorCode,
  place: Written,
  node: Expression,
  message: string,
  remedy: string,
): never {
  return scope.source.fail(code, offsetIn(place.scalar, place.indexOf(node)), message, remedy);
}

function checkRange(
  scope: Scope,
  expression: Expression,
  type: ScalarType,
  place: Written,
  what: string,
): void {
  const value = constantOf(expression);
  if (value === undefined) return;
  const { min, max } = rangeOf(type);
  if (value < min || value > max) {
    fail(
      scope,
      'out-of-range',
      place,
      expression,
      `${value} does not fit ${what} of type ${type.name.trim()}`,
      `its values are ${min} to ${max}`,
    );
  }
}

function checkStruct(
  scope: Scope,
  names: Names,
  expression: Expression,
  type: StructType,
  place: Written,
  what: string,
): void {
  const example = `'{${type.members.map((member) => member.name).join(', ')}}'`;
  if (expression.kind === 'struct') {
    const [given, wanted] = [expression.members.length, type.members.length];
    if (given !== wanted) {
      fail(
        scope,
        'wrong-arity',
        place,
        expression,
        `${what} with ${count(wanted, 'member')}, ${given} given`,
        `write one value for each: ${example}`,
      );
    }
    for (const [index, member] of type.members.entries()) {
      const value = expression.members[index] as Expression;
      checkNumber(scope, names, value, place);
      checkRange(scope, value, member.type, place, `member \`${member.name}\``);
    }
    return;
  }
  if (expression.kind === 'name') {
    const found = lookup(scope, names, expression, place);
    if (found.kind === 'struct' && found.name === type.name) return;
    fail(
      scope,
      'wrong-type',
      place,
      expression,
      `${what}, \`${expression.name}\` is ${found.kind === 'struct' ? `struct ${found.name}` : found.name.trim()}`,
      `pass ${example} or a name of that type`,
    );
  }
  fail(
    scope,
    'wrong-type',
    place,
    expression,
    `${what}, a number is given`,
    `pass ${example} or a name of that type`,
  );
}

function checkNumber(scope: Scope, names: Names, expression: Expression, place: Written): void {
  if (expression.kind === 'struct') {
    fail(
      scope,
      'wrong-type',
      place,
      expression,
      'a struct value where a number is needed',
      'struct values are only passed and returned whole',
    );
    return;
  }
  switch (expression.kind) {
    case 'number':
      return;
    case 'name': {
      const type = lookup(scope, names, expression, place);
      if (type.kind === 'struct') {
        fail(
          scope,
          'wrong-type',
          place,
          expression,
          `\`${expression.name}\` is struct ${type.name} where a number is needed`,
          `take a member: \`${expression.name}.${type.members[0]?.name}\``,
        );
      }
      return;
    }
    case 'address':
      if (!scope.objects.has(expression.object) && !scope.functions.has(expression.object)) {
        const known = [...scope.objects.keys(), ...scope.functions.keys()];
        fail(
          scope,
          'unknown-name',
          place,
          expression,
          `there is no object or function \`${expression.object}\``,
          suggest(expression.object, known, 'objects and functions'),
        );
      }
      return;
    case 'member':
      checkMember(scope, names, expression, place);
      return;
    case 'unary':
      checkNumber(scope, names, expression.operand, place);
      return;
    case 'binary':
      checkNumber(scope, names, expression.left, place);
      checkNumber(scope, names, expression.right, place);
      checkRightConstant(scope, expression, place);
  }
}

function checkMember(
  scope: Scope,
  names: Names,
  expression: Extract<Expression, { kind: 'member' }>,
  place: Written,
): void {
  const { of, member } = expression;
  const type = of.kind === 'name' ? lookup(scope, names, of, place) : undefined;
  if (type?.kind !== 'struct') {
    fail(
      scope,
      'wrong-type',
      place,
      of,
      `\`.${member}\` needs a struct before it`,
      'only parameters and results of a struct type have members',
    );
    return;
  }
  const known = type.members.map(({ name }) => name);
  if (!known.includes(member)) {
    fail(
      scope,
      'unknown-name',
      place,
      expression,
      `struct ${type.name} has no member \`${member}\``,
      suggest(member, known, 'its members'),
    );
  }
}

/** Constants are computed once here, so that what can never have a value is refused before a run. */
function checkRightConstant(
  scope: Scope,
  expression: Extract<Expression, { kind: 'binary' }>,
  place: Written,
): void {
  try {
    const right = constantOf(expression.right);
    if (right !== undefined) {
      constantOf({
        ...expression,
        left: { kind: 'number', value: 1n },
        right: { kind: 'number', value: right },
      });
    }
  } catch (error) {
    if (!(error instanceof CaseError)) throw error;
    const zero = error.code === 'division-by-zero';
    fail(
      scope,
      error.code,
      place,
      expression.right,
      zero ? 'division by zero' : error.message,
      zero ? 'divide by something else' : error.remedy,
    );
  }
}

function lookup(
  scope: Scope,
  names: Names,
  expression: Extract<Expression, { kind: 'name' }>,
  place: Written,
): ValueType {
  const { name } = expression;
  const type = names.get(name);
  if (type) return type;
  const remedy =
    scope.objects.has(name) || scope.functions.has(name)
      ? `its address is written \`&${name}\``
      : suggest(name, names.keys(), 'names with a value here');
  return fail(scope, 'unknown-name', place, expression, `\`${name}\` has no value here`, remedy);
}

export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
