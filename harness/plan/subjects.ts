// SPDX-License-Identifier: MIT
/** Which subjects a run has: back-ends × revisions, each with a target, and how a column is headed. */
import { byVersion } from '../backend/by-version.js';
import type { Backend, LoadedBackend, Revision } from '../backend/contract.js';
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

/** Instead of a revision: the newest that a back-end knows. */
export const NEWEST = 'newest';

/** A back-end as `--arch` names it, up to a whole subject: `a`, `a@7.2`, `a@7.2/model`. */
export function archOf(name: string): string {
  return name.split('@')[0] as string;
}

/** Names of back-ends, each once. */
export function archsOf(names: readonly string[]): string[] {
  return [...new Set(names.map(archOf))];
}

/**
 * Subjects in order of back-end, then revision; without `revisions` all that a back-end knows.
 * @param names as given for `--arch`; none: of every back-end
 * @throws Problem for a revision that no selected back-end models, a target there is not, or when nothing is left
 */
export function subjectsOf(
  backends: readonly LoadedBackend[],
  revisions: readonly string[],
  make: MakeTarget,
  names: readonly string[] = [],
): Subject[] {
  const known = [...new Set(backends.flatMap(({ backend }) => revisionsOf(backend)))].sort(byVersion);
  const named = names.map((name) => partsOf(name));
  for (const revision of [...revisions, ...named.flatMap((one) => one.revision ?? [])]) {
    if (revision !== NEWEST && !known.includes(revision as Revision)) {
      throw new Problem(
        `no back-end models ${revision}${didYouMean(revision, known)}\nmodelled: ${known.join(', ')}`,
      );
    }
  }
  const pairs = backends.flatMap((loaded) => {
    const own = revisionsOf(loaded.backend);
    const among = (wanted: readonly string[], revision: Revision) =>
      wanted.includes(revision) || (wanted.includes(NEWEST) && revision === own.at(-1));
    const chosen = revisions.length > 0 ? own.filter((revision) => among(revisions, revision)) : own;
    const mine = named.filter(({ arch }) => arch === loaded.backend.arch);
    const kept = chosen.filter(
      (one) => mine.length === 0 || mine.some(({ revision }) => !revision || among([revision], one)),
    );
    return kept.map((revision) => ({ loaded, revision }));
  });
  if (pairs.length === 0 && names.some((name) => name.includes('@'))) {
    const kernels = revisions.length === 0 ? '' : ` at ${revisions.join(', ')}`;
    throw new Problem(
      `no subject is ${names.join(' or ')}${kernels}\nsubjects: ftrace-conform list --subjects`,
    );
  }
  const several = new Set(pairs.map(({ revision }) => revision)).size > 1;
  return pairs.map(({ loaded, revision }) =>
    lazily(
      () => make(loaded, revision),
      several ? `${loaded.backend.short}@${revision}` : loaded.backend.short,
    ),
  );
}

const TARGETS = ['model'];

/** @throws Problem */
function partsOf(name: string): { arch: string; revision?: string } {
  const [arch = name, rest] = name.split('@');
  if (rest === undefined) return { arch };
  const [revision = rest, target] = rest.split('/');
  if (target !== undefined && !TARGETS.includes(target)) {
    throw new Problem(`${name}: no target ${target}\ntargets: ${TARGETS.join(', ')}`);
  }
  return { arch, revision };
}

function revisionsOf({ revisions, untraced = [] }: Backend): Revision[] {
  return [...revisions, ...untraced].sort(byVersion);
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
