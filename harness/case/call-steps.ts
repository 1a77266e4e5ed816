// SPDX-License-Identifier: MIT
/** Steps that call: `call` with what binds its result, and the `tail_call` that ends a body. */
import type { ReturnType, ValueType } from '../ctype/types.js';
import { type ParsedCall, parseCall } from './expression.js';
import { asScalar, checkName, functionNamed, type Names, type Scope } from './scope.js';
import type { Setting, Verb } from './steps.js';
import { type Entry, entryOf, get, type Mapping, offsetIn, type Scalar } from './tree.js';
import type { Step } from './types.js';
import { checkArgument, count, inText, numberIn } from './typing.js';

export function callStep(scope: Scope, names: Names, verb: Verb): Step {
  const { call, signature } = checkedCall(scope, names, asScalar(verb.value ?? undefined));
  const when = whenOf(scope, names, verb);
  const as = entryOf(verb.map as Mapping, 'as');
  return {
    do: 'call',
    function: call.function,
    arguments: call.arguments,
    as: as ? bind(scope, names, as, call.function, signature.result) : null,
    when,
    idle: get(verb.map as Mapping, 'idle') !== undefined,
    position: scope.source.position(verb.key.offset),
  };
}

function checkedCall(scope: Scope, names: Names, scalar: Scalar) {
  const call: ParsedCall = inText(scope, scalar, 'bad-expression', parseCall);
  const at = offsetIn(scalar, call.functionIndex);
  const { signature } = functionNamed(scope, scalar, at, call.function);
  const [given, wanted] = [call.arguments.length, signature.parameters.length];
  if (given !== wanted) {
    scope.source.fail(
      'wrong-arity',
      at,
      `\`${call.function}\` takes ${count(wanted, 'argument')}, ${given} given`,
      `its parameters are (${signature.parameters.map(({ name }) => name).join(', ')})`,
    );
  }
  for (const [index, parameter] of signature.parameters.entries()) {
    const argument = call.arguments[index];
    if (argument) checkArgument(scope, names, argument, parameter, { scalar, indexOf: call.indexOf });
  }
  return { call, signature };
}

function bind(scope: Scope, names: Names, as: Entry, callee: string, result: ReturnType): string {
  const name = asScalar(as.value);
  if (result.kind === 'void') {
    scope.source.fail(
      'wrong-type',
      name.offset,
      `\`${callee}\` returns void, there is nothing to bind`,
      'remove `as:`, or let the function return a value',
    );
  }
  checkName(scope.source, name, 'a result');
  if (names.has(name.text)) {
    scope.source.fail(
      'duplicate-name',
      name.offset,
      `\`${name.text}\` has a value already`,
      'choose another name: names are bound once',
    );
  }
  names.set(name.text, result as ValueType);
  return name.text;
}

function whenOf(scope: Scope, names: Names, verb: Verb) {
  const when = get(verb.map as Mapping, 'when');
  return when ? numberIn(scope, names, asScalar(when)) : null;
}

export function tailCall(scope: Scope, names: Names, verb: Verb, setting: Setting, last: boolean): Step {
  const { source } = scope;
  const at = verb.key.offset;
  if (setting.in !== 'function')
    return source.fail(
      'bad-step',
      at,
      '`tail_call` outside of a function',
      'use `call`; only the end of `does:` can tail-call',
    );
  if (!last)
    source.fail(
      'bad-step',
      at,
      '`tail_call` is not the last step',
      'nothing runs after it: move it to the end of `does:`',
    );
  const { call, signature } = checkedCall(scope, names, asScalar(verb.value ?? undefined));
  const [own, other] = [setting.result, signature.result];
  const passes =
    own.kind === 'void' ||
    (own.kind === other.kind &&
      own.size === other.size &&
      (own.kind === 'struct'
        ? own.name === other.name
        : own.kind !== 'integer' ||
          (own.signed === (other as typeof own).signed &&
            (own.name === 'bool') === (other.name === 'bool'))));
  if (!passes) {
    source.fail(
      'wrong-type',
      at,
      `\`${setting.name}\` returns ${typeName(own)}, \`${call.function}\` returns ${typeName(other)}`,
      'a tail call passes the result on as it is: use the same type, or `call` and `returns`',
    );
  }
  return {
    do: 'tail_call',
    function: call.function,
    arguments: call.arguments,
    when: whenOf(scope, names, verb),
    position: source.position(at),
  };
}

function typeName(type: ReturnType): string {
  return type.kind === 'struct' ? `struct ${type.name}` : type.name;
}
