// SPDX-License-Identifier: MIT
/** Which subjects a run has: back-ends × revisions, each with a target, and how a column is headed. */
import { byVersion } from '../backend/by-version.js';
import type { LoadedBackend, Revision } from '../backend/contract.js';
import type { Target } from '../target/target.js';
import { Problem } from './problem.js';
import { didYouMean } from './suggest.js';

export interface Subject {
  /** Made when first asked for. @throws an error with a `render()` for a back-end whose sources are broken */
  readonly target: Target;
  readonly short: string;
}

/** As `createModelTarget` of harness/target/model/. */
export type MakeTarget = (loaded: LoadedBackend, revision: Revision) => Target;

/**
 * Subjects in order of back-end, then revision; without `revisions` all that a back-end models.
 * @throws Problem for a revision that no selected back-end models
 */
export function subjectsOf(
  backends: readonly LoadedBackend[],
  revisions: readonly string[],
  make: MakeTarget,
): Subject[] {
  const known = [...new Set(backends.flatMap(({ backend }) => backend.revisions))].sort(byVersion);
  for (const revision of revisions) {
    if (!known.includes(revision as Revision)) {
      throw new Problem(
        `no back-end models ${revision}${didYouMean(revision, known)}\nmodelled: ${known.join(', ')}`,
      );
    }
  }
  const pairs = backends.flatMap((loaded) => {
    const own = [...loaded.backend.revisions].sort(byVersion);
    const chosen = revisions.length > 0 ? own.filter((revision) => revisions.includes(revision)) : own;
    return chosen.map((revision) => ({ loaded, revision }));
  });
  const several = new Set(pairs.map(({ revision }) => revision)).size > 1;
  return pairs.map(({ loaded, revision }) =>
    lazily(
      () => make(loaded, revision),
      several ? `${loaded.backend.short}@${revision}` : loaded.backend.short,
    ),
  );
}

/** To make a target is to assemble its sources: what nobody asks for is not made. */
function lazily(make: () => Target, short: string): Subject {
  let made: Target | undefined;
  return {
    short,
    get target() {
      made ??= make();
      return made;
    },
  };
}
