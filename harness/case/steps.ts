// SPDX-License-Identifier: MIT
/** Steps: what may be done at top level, in a function's body, and in a handler (with actions.ts). */

import type { ReturnType, ValueType } from '../ctype/types.js';
import { handlerAction } from './actions.js';
import { type ParsedCall, parseCall } from './expression.js';
import { actionVerbs, filterChanges, stepVerbs } from './schema.js';
import {
  asMap,
  asScalar,
  checkName,
  functionNamed,
  type Names,
  probeNamed,
  refuseTwice,
  type Scope,
  scalarsOf,
  textsOf,
} from './scope.js';
import { type Entry, entryOf, get, type Mapping, type Node, offsetIn, type Scalar } from './tree.js';
import type { Action, ProbeKind, Step } from './types.js';
import { checkArgument, count, inText, numberIn } from './typing.js';

/** Where steps stand, which decides what they may be. */
export type Setting =
  | { readonly in: 'case' }
  | { readonly in: 'function'; readonly name: string; readonly result: ReturnType }
  | {
      readonly in: 'handler';
      readonly probe: string;
      readonly kind: ProbeKind;
      readonly handler: 'entry' | 'exit' | 'post';
      /** fprobe entry_data_size, kretprobe data_size, or the word of a session. */
      readonly dataSize: number;
      /** Words that the entry handler stores as a list; `null`: not as a list. Known in exit handlers. */
      readonly words: number | null;
    };

/** A step's verb and its value, `null` where the word stands alone. */
export interface Verb {
  readonly name: string;
  readonly key: Scalar;
  readonly value: Node | null;
  /** The whole map; `null` where the word stands alone. */
  readonly map: Mapping | null;
}

/** Kinds that can be switched off while registered. */
export const switchable: readonly ProbeKind[] = ['fprobe', 'kprobe', 'kretprobe', 'event', 'perf'];

/** @throws CaseError */
export function resolveSteps(scope: Scope, names: Names, node: Node | undefined, setting: Setting): Action[] {
  const items = node?.kind === 'list' ? node.items : [];
  return items.flatMap((item, index) => resolveStep(scope, names, item, setting, index === items.length - 1));
}

function resolveStep(scope: Scope, names: Names, item: Node, setting: Setting, last: boolean): Action[] {
  const verb = verbOf(scope, item, setting);
  const position = scope.source.position(verb.key.offset);
  const { name } = verb;
  switch (name) {
    case 'register':
    case 'unregister':
    case 'enable':
    case 'disable':
      return scalarsOf(verb.value ?? undefined).map((probe) => {
        const kind = probeNamed(scope, probe);
        if ((name === 'enable' || name === 'disable') && !switchable.includes(kind)) {
          scope.source.fail(
            'bad-step',
            probe.offset,
            `\`${name}\` is for probes of kind ${series(switchable, 'and')}, \`${probe.text}\` is ${article(kind)}`,
            'register or unregister the probe instead',
          );
        }
        return { do: name, probe: probe.text, position: scope.source.position(probe.offset) };
      });
    case 'call':
      return [callStep(scope, names, verb)];
    case 'tail_call':
      return [tailCall(scope, names, verb, setting, last)];
    case 'filter':
      return [filterStep(scope, verb)];
    case 'modify_direct': {
      const map = asMap(verb.value ?? undefined);
      const [probe, to] = [asScalar(get(map, 'probe')), asScalar(get(map, 'to'))];
      for (const end of [probe, to]) requireKind(scope, end, ['direct'], '`modify_direct`');
      return [{ do: name, probe: probe.text, to: to.text, position }];
    }
    case 'record':
    case 'corrupt': {
      const target = asScalar(verb.value ?? undefined);
      functionNamed(scope, target);
      return [{ do: name, function: target.text, position }];
    }
    case 'count': {
      if (verb.value?.kind !== 'map') {
        return [
          {
            do: name,
            counter: asScalar(verb.value ?? undefined).text as 'depth',
            probe: null,
            function: null,
            position,
          },
        ];
      }
      return [countStep(scope, verb)];
    }
    case 'link_info': {
      const probe = asScalar(verb.value ?? undefined);
      requireKind(scope, probe, multiKinds, '`link_info`');
      return [{ do: name, probe: probe.text, position }];
    }
    case 'set_graph_function':
    case 'set_graph_notrace': {
      const functions = scalarsOf(verb.value ?? undefined);
      refuseTwice(scope.source, functions);
      for (const one of functions) functionNamed(scope, one);
      return [{ do: name, functions: functions.map(({ text }) => text), position }];
    }
    case 'max_graph_depth':
      return [{ do: name, value: Number(asScalar(verb.value ?? undefined).value), position }];
    case 'ftrace_enabled':
      return [{ do: name, value: asScalar(verb.value ?? undefined).value === true, position }];
    case 'pause_graph':
    case 'resume_graph':
    case 'stack_trace':
    case 'enabled_functions':
      return [{ do: name, position }];
    default:
      if (setting.in !== 'handler')
        return scope.source.fail(
          'bad-action',
          verb.key.offset,
          `\`${name}\` is only for handlers`,
          'move it into `entry:` or `exit:` of a probe',
        );
      return [handlerAction(scope, names, verb, setting)];
  }
}

/** Kinds whose probe is a BPF link on an fprobe. */
const multiKinds: readonly ProbeKind[] = ['kprobe_multi', 'kretprobe_multi', 'kprobe_session'];

/** Kinds that count the calls they missed, besides. */
const missing: readonly ProbeKind[] = [
  ...(['fprobe', 'kprobe', 'kretprobe', 'fentry', 'fmod_ret', 'fexit', 'fsession'] as const),
];

/** A counter of something. */
function countStep(scope: Scope, verb: Verb): Step {
  const position = scope.source.position(verb.key.offset);
  const map = verb.value as Mapping;
  const [entry, second] = map.entries;
  if (!entry || second)
    return scope.source.fail(
      'bad-step',
      second?.key.offset ?? map.offset,
      `\`count\` observes one counter, ${map.entries.length} given`,
      'give one of `nmissed`, `misses` and `hits`',
    );
  const of = asScalar(entry.value);
  if (entry.key.text === 'hits') {
    functionNamed(scope, of);
    return { do: 'count', counter: 'hits', probe: null, function: of.text, position };
  }
  const counter = entry.key.text as 'nmissed' | 'misses';
  const kinds = counter === 'nmissed' ? [...missing, ...multiKinds] : multiKinds;
  requireKind(scope, of, kinds, `\`${counter}\``);
  return { do: 'count', counter, probe: of.text, function: null, position };
}

/** The one verb of a step; unknown words and a wrong number of verbs are refused. */
function verbOf(scope: Scope, item: Node, setting: Setting): Verb {
  if (item.kind === 'scalar') return { name: item.text, key: item, value: null, map: null };
  const map = item as Mapping;
  const known = setting.in === 'handler' ? actionVerbs : stepVerbs;
  const verbs = map.entries.filter((entry) => known.includes(entry.key.text));
  const [first, second] = verbs;
  if (!first) {
    const stray = map.entries[0];
    if (!stray)
      return scope.source.fail('bad-step', map.offset, 'an empty step', `steps are ${known.join(', ')}`);
    return scope.source.fail(
      'bad-step',
      stray.key.offset,
      `\`${stray.key.text}\` belongs to a call`,
      'add `call: f(…)` to the same step',
    );
  }
  if (second) {
    scope.source.fail(
      'bad-step',
      second.key.offset,
      `one step does two things, \`${first.key.text}\` and \`${second.key.text}\``,
      'begin a new item with `-`',
    );
  }
  const name = first.key.text;
  for (const { key } of map.entries) {
    const modifies =
      key.text === 'as' ? name === 'call' : key.text !== 'when' || name === 'call' || name === 'tail_call';
    if (key !== first.key && !modifies) {
      scope.source.fail(
        'bad-step',
        key.offset,
        `\`${key.text}\` does not go with \`${name}\``,
        key.text === 'as' ? '`as` binds the result of `call`' : '`when` goes with `call` and `tail_call`',
      );
    }
  }
  return { name, key: first.key, value: first.value, map };
}

/** @throws CaseError unless the probe is of one of the kinds */
function requireKind(scope: Scope, probe: Scalar, kinds: readonly ProbeKind[], what: string): void {
  const kind = probeNamed(scope, probe);
  if (!kinds.includes(kind)) {
    scope.source.fail(
      'bad-step',
      probe.offset,
      `${what} is for probes of kind ${series(kinds, 'and')}, \`${probe.text}\` is ${article(kind)}`,
      `name a probe of kind ${series(kinds, 'or')}`,
    );
  }
}

/** `a, b and c` */
export function series(words: readonly string[], last: 'and' | 'or'): string {
  return words.join(', ').replace(/, ([^,]*)$/, ` ${last} $1`);
}

const article = (kind: ProbeKind) =>
  kind === 'ops' || kind === 'fprobe' || kind === 'event' ? `an ${kind}` : `a ${kind} probe`;

function callStep(scope: Scope, names: Names, verb: Verb): Step {
  const { call, signature } = checkedCall(scope, names, asScalar(verb.value ?? undefined));
  const when = whenOf(scope, names, verb);
  const as = entryOf(verb.map as Mapping, 'as');
  return {
    do: 'call',
    function: call.function,
    arguments: call.arguments,
    as: as ? bind(scope, names, as, call.function, signature.result) : null,
    when,
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

function tailCall(scope: Scope, names: Names, verb: Verb, setting: Setting, last: boolean): Step {
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

function filterStep(scope: Scope, verb: Verb): Step {
  const map = asMap(verb.value ?? undefined);
  const probe = asScalar(get(map, 'probe'));
  requireKind(scope, probe, ['ops', 'graph', 'tracer'], '`filter`');
  const changes = map.entries.filter((entry) =>
    (filterChanges as readonly string[]).includes(entry.key.text),
  );
  const [change] = changes;
  if (!change || changes.length > 1) {
    return scope.source.fail(
      'bad-step',
      changes[1]?.key.offset ?? verb.key.offset,
      `\`filter\` makes one change, ${changes.length} given`,
      `give one of ${filterChanges.join(', ')}`,
    );
  }
  for (const name of scalarsOf(change.value)) functionNamed(scope, name);
  const word = change.key.text;
  return {
    do: 'filter',
    probe: probe.text,
    hash: word.startsWith('notrace_') ? 'notrace' : 'filter',
    change: word.replace('notrace_', '') as 'set',
    functions: textsOf(change.value),
    position: scope.source.position(verb.key.offset),
  };
}
