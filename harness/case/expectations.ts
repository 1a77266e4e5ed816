// SPDX-License-Identifier: MIT
/** Expectations: which fields each kind has, and what their texts may name. */

import { suggest } from '../ctype/nearest.js';
import { accessorNames, looksLikeAccessor, parseAccessor } from './accessor.js';
import { fieldsOf } from './expectation-kinds.js';
import { counters } from './schema.js';
import { asMap, functionNamed, probeNamed, type Scope, scalarsOf } from './scope.js';
import { type Entry, get, type Mapping, type Node, type Scalar } from './tree.js';
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
    checkField(scope, kind, name, entry);
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

/** Fields that name something of the case must name something that is there. */
function checkField(scope: Scope, kind: string, name: string, { key, value }: Entry): void {
  const { source } = scope;
  if (name === 'arguments' || name === 'frames') {
    if (value.kind !== 'list')
      source.fail(
        'wrong-shape',
        value.offset,
        `\`${name}\` is a list`,
        `write \`${name}: [1, 2]\`, one text for each`,
      );
    return;
  }
  if (name === 'probe' || name === 'function' || name === 'counter' || name === 'code') {
    if (value.kind !== 'scalar') {
      source.fail(
        'wrong-shape',
        value.offset,
        `\`${name}\` is one text, not a list`,
        'expect one observation for each',
      );
      return;
    }
    if (name === 'probe') probeNamed(scope, value);
    if (name === 'function') functionNamed(scope, value);
    if (name === 'counter' && !(counters as readonly string[]).includes(value.text)) {
      source.fail(
        'bad-expectation',
        value.offset,
        `there is no counter \`${value.text}\``,
        suggest(value.text, counters, 'counters'),
      );
    }
    if (name === 'code' && !/^(-E[A-Z0-9]+|-?[0-9]+)$/.test(value.text)) {
      source.fail(
        'bad-expectation',
        value.offset,
        `\`${value.text}\` is not an error code of the kernel`,
        'write it as -EINVAL',
      );
    }
  }
  if (kind === 'error' && name === 'call' && value.kind !== 'scalar') {
    source.fail('wrong-shape', key.offset, '`call` is one text', 'write it as the step: `register watch`');
  }
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
