// SPDX-License-Identifier: MIT
/** Expectations: which fields each kind has, and what their texts may name. */

import { ERRNO } from '../backend/errno.js';
import { nearest, suggest } from '../ctype/nearest.js';
import { accessorNames, looksLikeAccessor, parseAccessor } from './accessor.js';
import {
  anything,
  coreOps,
  fieldsOf,
  otherCpu,
  outermost,
  recordFlags,
  siteStates,
  stickyFlags,
} from './expectation-kinds.js';
import { checkFailingCall } from './failing-call.js';
import { counters, interrupts } from './schema.js';
import { asMap, functionNamed, probeNamed, refuseTwice, type Scope, scalarsOf } from './scope.js';
import { clip, type Entry, get, type Mapping, type Node, type Scalar } from './tree.js';
import type { Expectation, FieldValue } from './types.js';
import { inText } from './typing.js';

type Fields = Record<string, FieldValue>;

/** @throws CaseError */
export function resolveExpectations(scope: Scope, node: Node): Expectation[] {
  return node.kind === 'list' ? node.items.map((item) => resolveExpectation(scope, asMap(item))) : [];
}

/** @throws CaseError */
export function resolveExpectation(scope: Scope, map: Mapping): Expectation {
  const [entry, second] = map.entries;
  if (!entry || second) {
    return scope.source.fail(
      'bad-expectation',
      second?.key.offset ?? map.offset,
      second
        ? `one item expects two things, \`${entry?.key.text}\` and \`${second.key.text}\``
        : 'an empty expectation',
      'begin a new item with `-`',
    );
  }
  const kind = entry.key.text;
  const fields =
    entry.value.kind === 'map' ? fieldsIn(scope, kind, entry.value) : { value: (entry.value as Scalar).text };
  return { kind, fields, position: scope.source.position(entry.key.offset) };
}

function fieldsIn(scope: Scope, kind: string, map: Mapping): Fields {
  const fields: Fields = {};
  for (const entry of map.entries) {
    const name = fieldName(scope, kind, entry.key);
    if (Object.hasOwn(fields, name))
      scope.source.fail('duplicate-key', entry.key.offset, `\`${name}\` is given twice`, 'keep one of them');
    checkField(scope, name, entry);
    fields[name] = valueIn(entry.value);
  }
  return fields;
}

function valueIn(node: Node): FieldValue {
  return node.kind === 'list' ? scalarsOf(node).map((item) => item.text) : (node as Scalar).text;
}

function fieldName(scope: Scope, kind: string, key: Scalar): string {
  const about = fieldsOf(kind);
  const known = Object.keys(about?.fields ?? {});
  if (known.includes(key.text)) return key.text;
  if (about?.accessors && looksLikeAccessor(key.text))
    return inText(scope, key, 'bad-accessor', parseAccessor).text;
  const words = about?.accessors ? [...known, ...accessorNames] : known;
  const near = suggest(key.text, words, 'fields');
  return scope.source.fail(
    'unknown-key',
    key.offset,
    `an expectation of kind \`${kind}\` has no field \`${key.text}\``,
    near.startsWith('did')
      ? near
      : `its fields are ${known.join(', ')}${about?.accessors ? ', and accessors' : ''}`,
  );
}

type Check = (scope: Scope, value: Scalar) => void;

/** Fields that hold one text each, and of which texts. */
const checks: Readonly<Record<string, Check>> = {
  probe: probeNamed,
  function: functionNamed,
  by: takerNamed,
  counter: oneOf('counter', counters, 'counters'),
  site: oneOf('state of a site', siteStates, 'states'),
  ops: opsNamed,
  code: checkCode,
  call: checkFailingCall,
};

/** Fields that hold a list. */
const lists: readonly string[] = [
  ...['arguments', 'frames', 'flags', 'sticky', 'lines', 'fetched', 'targets', 'cookies'],
];

/** Fields with a closed vocabulary must keep to it; those that name something of the case, to what is there. */
function checkField(scope: Scope, name: string, { value }: Entry): void {
  const { source } = scope;
  for (const text of scalarsOf(value)) refuseAbsent(scope, text);
  if (value.kind === 'scalar' && value.text === anything) return;
  if (lists.includes(name)) {
    if (value.kind !== 'list') {
      source.fail(
        'wrong-shape',
        value.offset,
        `\`${name}\` is a list`,
        `write \`${name}: [${name === 'arguments' ? '1, 2' : '…'}]\`, one text for each, or \`any\``,
      );
    }
    if (name === 'flags') checkFlags(scope, name, scalarsOf(value), recordFlags);
    if (name === 'sticky') checkFlags(scope, name, scalarsOf(value), stickyFlags);
    return;
  }
  const check = checks[name];
  if (check === undefined) return;
  if (value.kind === 'scalar') check(scope, value);
  else
    source.fail(
      'wrong-shape',
      value.offset,
      `\`${name}\` is one text, not a list`,
      'expect one observation for each',
    );
}

/** Such a text satisfies every expectation, so asserting it would assert nothing. */
function refuseAbsent(scope: Scope, value: Scalar): void {
  if (!/^\(no .*\)$/.test(value.text)) return;
  scope.source.fail(
    'bad-expectation',
    value.offset,
    `\`${clip(value.text)}\` cannot be expected`,
    'it is observed where a kernel has no means to give the field, and fits every expectation: leave the field out',
  );
}

function oneOf(what: string, words: readonly string[], all: string, where = ''): Check {
  return (scope, value) => {
    if (words.includes(value.text)) return;
    scope.source.fail(
      'bad-expectation',
      value.offset,
      `there is no ${what} \`${clip(value.text)}\`${where}`,
      suggest(value.text, words, all),
    );
  };
}

function checkFlags(scope: Scope, field: string, flags: readonly Scalar[], known: readonly string[]): void {
  refuseTwice(scope.source, flags);
  const check = oneOf('flag', known, 'the flags there', ` in \`${field}\``);
  for (const flag of flags) check(scope, flag);
}

/** A stack trace is taken by a function, in a handler of a probe, by an interrupt, or at top level of a task. */
function takerNamed(scope: Scope, value: Scalar): void {
  const outside = [...scope.tasks, outermost, otherCpu, ...interrupts];
  const known = [...scope.functions.keys(), ...scope.probes.keys(), ...outside];
  if (known.includes(value.text)) return;
  scope.source.fail(
    'unknown-name',
    value.offset,
    `there is no function or probe \`${clip(value.text)}\``,
    suggest(value.text, known, 'the functions and probes'),
  );
}

function opsNamed(scope: Scope, value: Scalar): void {
  const programs = [...scope.functions.keys()].map((name) => `bpf_trampoline_${name}`);
  const probes = [...scope.probes.keys()];
  // Before 7.2 every fprobe has an ops of its own.
  const fprobes = probes.map((name) => `fprobe_handler ${name}`);
  const patches = [...scope.functions.keys()].map((name) => `klp_ops_${name}`);
  const known = [...probes, ...coreOps, ...programs, ...fprobes, ...patches];
  if (!known.includes(value.text))
    scope.source.fail(
      'unknown-name',
      value.offset,
      `there is no ops \`${clip(value.text)}\``,
      suggest(value.text, known, 'the ops of this case'),
    );
}

function checkCode(scope: Scope, value: Scalar): void {
  if (/^-?[0-9]+$/.test(value.text)) return;
  const known = Object.keys(ERRNO).map((name) => `-${name}`);
  if (known.includes(value.text)) return;
  const near = nearest(value.text, known);
  scope.source.fail(
    'bad-expectation',
    value.offset,
    `\`${clip(value.text)}\` is not an error code of the ftrace API`,
    near === undefined ? 'write it as -EINVAL, or as a number' : `did you mean \`${near}\`?`,
  );
}

/** Fields of a change in a divergence: of the same kind as what is replaced. @throws CaseError */
export function resolveChange(scope: Scope, map: Mapping, replaced: Expectation): Expectation {
  const change = resolveExpectation(scope, map);
  if (change.kind !== replaced.kind) {
    scope.source.fail(
      'bad-divergence',
      map.entries[0]?.key.offset ?? map.offset,
      `a change of kind \`${change.kind}\` for an expectation of kind \`${replaced.kind}\``,
      'use the same kind, or put a list in its place: `- …`',
    );
  }
  if (Object.keys(change.fields).length === 0) {
    scope.source.fail(
      'bad-divergence',
      get(map, change.kind)?.offset ?? map.offset,
      'the change changes nothing',
      'name the fields that differ',
    );
  }
  return change;
}
