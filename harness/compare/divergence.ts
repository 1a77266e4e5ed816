// SPDX-License-Identifier: MIT
/**
 * Declared divergences: which apply to a subject, and what the expectation is there. A replaced
 * expectation remembers the place in `expect` it came from, so that outcomes of different subjects can be
 * laid side by side.
 */
import type { Case, Divergence, Expectation } from '../case/types.js';
import type { SubjectId } from '../target/outcome.js';
import type { AppliedDivergence } from './types.js';

/** What divergences do at one place of `expect`. */
export interface Touch {
  /** Another list of observations stands here. */
  readonly structural: boolean;
  /** Fields with another value. */
  readonly fields: ReadonlySet<string>;
}

export interface Effective {
  readonly expectations: readonly Expectation[];
  /** For each expectation its 0-based place in the case's `expect`. */
  readonly places: readonly number[];
  /** By 0-based place. */
  readonly touched: ReadonlyMap<number, Touch>;
}

export function applies(divergence: Divergence, subject: SubjectId, features: ReadonlySet<string>): boolean {
  const { arch, revision, target, feature, lacks } = divergence.on;
  return (
    (arch.length === 0 || arch.includes(subject.arch)) &&
    (revision.length === 0 || revision.includes(subject.revision)) &&
    (target.length === 0 || target.includes(subject.target)) &&
    feature.every((name) => features.has(name)) &&
    lacks.every((name) => !features.has(name))
  );
}

/** Of each expectation without divergences. */
const plain = new WeakMap<readonly Expectation[], Effective>();

/** The expectation after some divergences, applied in the order in which the case lists them. */
export function effective(expect: readonly Expectation[], divergences: readonly Divergence[]): Effective {
  if (divergences.length > 0) return changed(expect, divergences);
  let known = plain.get(expect);
  if (known === undefined) {
    known = { expectations: expect, places: expect.map((_, place) => place), touched: new Map() };
    plain.set(expect, known);
  }
  return known;
}

function changed(expect: readonly Expectation[], divergences: readonly Divergence[]): Effective {
  const stand: (readonly Expectation[])[] = expect.map((expectation) => [expectation]);
  const touched = new Map<number, Touch>();
  for (const { at, by } of divergences.flatMap((divergence) => divergence.replace)) {
    const place = at - 1;
    const before = touched.get(place) ?? { structural: false, fields: new Set<string>() };
    if ('instead' in by) {
      stand[place] = by.instead;
      touched.set(place, { ...before, structural: true });
    } else {
      stand[place] = (stand[place] ?? []).map((one) => ({ ...one, fields: { ...one.fields, ...by.fields } }));
      touched.set(place, { ...before, fields: new Set([...before.fields, ...Object.keys(by.fields)]) });
    }
  }
  return {
    expectations: stand.flat(),
    places: stand.flatMap((list, place) => list.map(() => place)),
    touched,
  };
}

export function applying(
  spec: Pick<Case, 'divergences'>,
  subject: SubjectId,
  features: ReadonlySet<string>,
): Divergence[] {
  return spec.divergences.filter((divergence) => applies(divergence, subject, features));
}

export function applied(divergence: Divergence): AppliedDivergence {
  const { because, source, position } = divergence;
  return { because, source, at: `${position.line}:${position.column}` };
}
