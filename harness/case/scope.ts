// SPDX-License-Identifier: MIT
/** What a case declares, as the checks of steps, handlers and expectations need it. */

import { suggest } from '../ctype/nearest.js';
import { isIdentifier } from '../ctype/prototype.js';
import type { Signature, StructType, ValueType } from '../ctype/types.js';
import type { Source } from './source.js';
import type { Mapping, Node, Scalar } from './tree.js';
import type { ProbeKind } from './types.js';

export interface Scope {
  readonly source: Source;
  readonly structs: ReadonlyMap<string, StructType>;
  /** Name → bytes. */
  readonly objects: ReadonlyMap<string, number>;
  readonly functions: ReadonlyMap<string, { readonly signature: Signature; readonly traceable: boolean }>;
  readonly probes: ReadonlyMap<string, ProbeKind>;
  /** Tasks that some step names besides the first one. */
  readonly tasks: ReadonlySet<string>;
}

/** Names with a value: parameters, and what `as` bound so far. */
export type Names = Map<string, ValueType>;

/** @throws CaseError if no function is called so */
export function functionNamed(scope: Scope, name: Scalar, offset = name.offset, text = name.text) {
  const found = scope.functions.get(text);
  if (found) return found;
  return scope.source.fail(
    'unknown-name',
    offset,
    `there is no function \`${text}\``,
    suggest(text, scope.functions.keys(), 'the functions'),
  );
}

/** @throws CaseError if no probe is called so */
export function probeNamed(scope: Scope, name: Scalar): ProbeKind {
  const found = scope.probes.get(name.text);
  if (found) return found;
  return scope.source.fail(
    'unknown-name',
    name.offset,
    `there is no probe \`${name.text}\``,
    suggest(name.text, scope.probes.keys(), 'the probes'),
  );
}

/** @throws CaseError if two texts of a list are the same */
export function refuseTwice(source: Source, list: readonly Scalar[]): void {
  const seen = new Set<string>();
  for (const { text, offset } of list) {
    if (seen.has(text))
      source.fail('duplicate-name', offset, `\`${text}\` is in the list twice`, 'keep one of them');
    seen.add(text);
  }
}

/** @throws CaseError if a key or a name cannot be one */
export function checkName(source: Source, name: Scalar, what: string): string {
  if (!isIdentifier(name.text)) {
    source.fail(
      'bad-name',
      name.offset,
      `\`${name.text}\` cannot name ${what}`,
      'a name is a word of letters, digits and _ that is not a word of C',
    );
  }
  return name.text;
}

// Nodes whose kind the schema has established.

export const asScalar = (node: Node | undefined): Scalar => node as Scalar;
export const asMap = (node: Node | undefined): Mapping => node as Mapping;

/** A list of scalars, a single scalar as a list of one; nothing as an empty one. */
export function scalarsOf(node: Node | undefined): readonly Scalar[] {
  if (node === undefined) return [];
  return node.kind === 'list' ? (node.items as readonly Scalar[]) : [node as Scalar];
}

export function textsOf(node: Node | undefined): string[] {
  return scalarsOf(node).map((scalar) => scalar.text);
}
