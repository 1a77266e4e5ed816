// SPDX-License-Identifier: MIT
/** Divergences: where another outcome is expected. Those whose `when` excludes a row do not reach its case. */

import { suggest } from '../ctype/nearest.js';
import { resolveChange, resolveExpectations } from './expectations.js';
import type { Member, Row } from './family.js';
import { asMap, asScalar, type Scope, scalarsOf, textsOf } from './scope.js';
import { clip, type Entry, entryOf, get, type Mapping } from './tree.js';
import type { Divergence, Expectation, Replacement } from './types.js';

/**
 * @param family all members of the case's family, to refuse a `when` that never holds
 * @throws CaseError
 */
export function resolveDivergences(
  scope: Scope,
  root: Mapping,
  member: Member,
  family: readonly Member[],
  expect: readonly Expectation[] | null,
): Divergence[] {
  const node = entryOf(root, 'divergences');
  if (node?.value.kind !== 'list') return [];
  if (!expect) {
    return scope.source.fail(
      'bad-divergence',
      node.key.offset,
      '`divergences` without `expect`',
      'say first what is expected elsewhere',
    );
  }
  const resolved: Divergence[] = [];
  for (const item of node.value.items) {
    const map = asMap(item);
    const divergence = resolveDivergence(scope, map, expect, appliesTo(scope, map, member.row, family));
    if (divergence) resolved.push(divergence);
  }
  return resolved;
}

function resolveDivergence(
  scope: Scope,
  map: Mapping,
  expect: readonly Expectation[],
  applies: boolean,
): Divergence | null {
  const { source } = scope;
  const on = asMap(get(map, 'on'));
  if (on.entries.length === 0)
    source.fail(
      'bad-divergence',
      on.offset,
      '`on` names no condition',
      'give arch, revision, target, feature or lacks',
    );
  if (!applies) return null;
  const replace = asMap(get(map, 'replace'));
  if (replace.entries.length === 0)
    source.fail(
      'bad-divergence',
      replace.offset,
      '`replace` replaces nothing',
      'give the index in `expect` of what differs',
    );
  return {
    on: {
      arch: textsOf(get(on, 'arch')),
      revision: textsOf(get(on, 'revision')),
      target: textsOf(get(on, 'target')),
      feature: textsOf(get(on, 'feature')),
      lacks: textsOf(get(on, 'lacks')),
    },
    because: asScalar(get(map, 'because')).text.trim(),
    source: asScalar(get(map, 'source')).text.trim(),
    replace: replace.entries.map((entry) => resolveReplacement(scope, entry, expect)),
    position: source.position(map.offset),
  };
}

function resolveReplacement(
  scope: Scope,
  { key, value }: Entry,
  expect: readonly Expectation[],
): Replacement {
  const index = /^[1-9][0-9]{0,5}$/.test(key.text) ? Number(key.text) : 0;
  const replaced = expect[index - 1];
  if (!replaced) {
    return scope.source.fail(
      'bad-divergence',
      key.offset,
      `there is no expectation ${clip(key.text)}`,
      expect.length === 0 ? '`expect` is empty' : `\`expect\` has items 1 to ${expect.length}`,
    );
  }
  if (value.kind === 'list') return { at: index, by: { instead: resolveExpectations(scope, value) } };
  return { at: index, by: { fields: resolveChange(scope, asMap(value), replaced).fields } };
}

function appliesTo(scope: Scope, map: Mapping, row: Row, family: readonly Member[]): boolean {
  const when = entryOf(map, 'when');
  if (!when) return true;
  const { source } = scope;
  if (row.size === 0)
    return source.fail(
      'bad-divergence',
      when.key.offset,
      '`when` without `for:`',
      'remove it, or make the case a family',
    );
  let applies = true;
  for (const { key, value } of asMap(when.value).entries) {
    if (!row.has(key.text)) {
      source.fail(
        'bad-divergence',
        key.offset,
        `\`${key.text}\` is not a parameter of \`for\``,
        suggest(key.text, row.keys(), 'its parameters'),
      );
    }
    const known = new Set(family.map((other) => textOf(other.row, key.text)));
    for (const wanted of scalarsOf(value)) {
      if (!known.has(wanted.text)) {
        source.fail(
          'bad-divergence',
          wanted.offset,
          `\`${key.text}\` is never \`${clip(wanted.text)}\``,
          `its values are ${clip([...known].join(', '))}`,
        );
      }
    }
    applies &&= textsOf(value).includes(textOf(row, key.text) ?? '');
  }
  return applies;
}

function textOf(row: Row, name: string): string | undefined {
  const node = row.get(name);
  return node?.kind === 'scalar' ? node.text : undefined;
}
