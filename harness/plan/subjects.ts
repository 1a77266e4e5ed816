// SPDX-License-Identifier: MIT
/** Which subjects a run has: back-ends × revisions × targets, and how a column is headed. */
import { byVersion } from '../backend/by-version.js';
import type { Backend, LoadedBackend, Revision } from '../backend/contract.js';
import { DEFAULT_TARGET } from '../target/facts.js';
import type { SubjectId } from '../target/outcome.js';
import type { Target } from '../target/target.js';
import { Problem } from './problem.js';
import { didYouMean } from './suggest.js';

export interface Subject {
  /** Made when first asked for. @throws an error with a `render()` for a back-end whose sources are broken */
  readonly target: Target;
  readonly short: string;
  /** Gives back what the target holds, if it was made. */
  close?(): void;
}

/** As `loadTargets` of targets.ts gives it. */
export type MakeTarget = (loaded: LoadedBackend, revision: Revision, target: string) => Target;

/** Instead of a revision: the newest that a back-end knows. */
export const NEWEST = 'newest';

/** What a subject is called on the command line, as far as the name goes. */
export interface NameParts {
  readonly arch: string;
  readonly revision: string | undefined;
  readonly target: string | undefined;
}

/** `a`, `a@7.2`, `a/model`, `a@7.2/model`. */
export function partsOf(name: string): NameParts {
  const [, arch = name, revision, target] = /^([^@/]*)(?:@([^/]*))?(?:\/(.*))?$/s.exec(name) ?? [];
  return { arch, revision, target };
}

/** A back-end as `--arch` names it, up to a whole subject. */
export function archOf(name: string): string {
  return partsOf(name).arch;
}

/** Names of back-ends, each once. */
export function archsOf(names: readonly string[]): string[] {
  return [...new Set(names.map(archOf))];
}

/**
 * Names of targets, each once: those asked for, or else those that subjects are named with; the default one where some
 * subject is named without, or none is.
 * @param names as given for `--arch`. @param asked as given for `--target`
 */
export function targetsOf(names: readonly string[], asked: readonly string[]): string[] {
  if (asked.length > 0) return [...new Set(asked)].sort();
  const named = names.map((name) => partsOf(name).target ?? DEFAULT_TARGET);
  return [...new Set(named.length > 0 ? named : [DEFAULT_TARGET])].sort();
}

/** A back-end at a revision on a target, before there is one. */
export interface Chosen {
  readonly loaded: LoadedBackend;
  readonly revision: Revision;
  readonly target: string;
}

/**
 * What subjects are made of, in order of back-end, then revision, then target; without `revisions` all that a back-end knows.
 * @param names as given for `--arch`; none: of every back-end
 * @param targets as given for `--target`; none: as {@link targetsOf} says
 * @throws Problem for a revision that no selected back-end models, or when nothing is left
 */
export function chosenOf(
  backends: readonly LoadedBackend[],
  revisions: readonly string[],
  names: readonly string[] = [],
  targets: readonly string[] = [],
): Chosen[] {
  const known = [...new Set(backends.flatMap(({ backend }) => revisionsOf(backend)))].sort(byVersion);
  const named = names.map(partsOf);
  for (const revision of [...revisions, ...named.flatMap((one) => one.revision ?? [])]) {
    if (revision !== NEWEST && !known.includes(revision as Revision)) {
      throw new Problem(
        `no back-end models ${revision}${didYouMean(revision, known)}\nmodelled: ${known.join(', ')}`,
      );
    }
  }
  const all = targetsOf(names, targets);
  const chosen = backends.flatMap((loaded) => {
    const own = revisionsOf(loaded.backend);
    const among = (wanted: readonly string[], revision: Revision) =>
      wanted.includes(revision) || (wanted.includes(NEWEST) && revision === own.at(-1));
    const asked = revisions.length > 0 ? own.filter((revision) => among(revisions, revision)) : own;
    const mine = named.filter(({ arch }) => arch === loaded.backend.arch);
    const meant = (revision: Revision, target: string) =>
      mine.length === 0 ||
      mine.some(
        (one) =>
          (!one.revision || among([one.revision], revision)) &&
          (one.target ?? (targets.length > 0 ? target : DEFAULT_TARGET)) === target,
      );
    return asked.flatMap((revision) =>
      all.filter((target) => meant(revision, target)).map((target) => ({ loaded, revision, target })),
    );
  });
  if (chosen.length === 0 && names.some((name) => /[@/]/.test(name))) {
    const kernels = revisions.length === 0 ? '' : ` at ${revisions.join(', ')}`;
    const places = targets.length === 0 ? '' : ` on ${targets.join(', ')}`;
    throw new Problem(
      `no subject is ${names.join(' or ')}${kernels}${places}\nsubjects: ftrace-conform list --subjects`,
    );
  }
  return chosen;
}

/** Subjects of what {@link chosenOf} gives. @throws Problem as it does */
export function subjectsOf(
  backends: readonly LoadedBackend[],
  revisions: readonly string[],
  make: MakeTarget,
  names: readonly string[] = [],
  targets: readonly string[] = [],
): Subject[] {
  const chosen = chosenOf(backends, revisions, names, targets);
  const head = columnHeads(chosen);
  return chosen.map(({ loaded, revision, target }) =>
    lazily(() => make(loaded, revision, target), head(loaded.backend.short, { revision, target })),
  );
}

/** A column is headed by its back-end, and by whatever else differs: `a64`, `a64@6.1`, `a64/model`, `a64@6.1/model`. */
export function columnHeads(
  all: readonly Pick<SubjectId, 'revision' | 'target'>[],
): (short: string, of: Pick<SubjectId, 'revision' | 'target'>) => string {
  const several = (what: 'revision' | 'target') => new Set(all.map((one) => one[what])).size > 1;
  const [revisions, targets] = [several('revision'), several('target')];
  return (short, { revision, target }) =>
    `${short}${revisions ? `@${revision}` : ''}${targets ? `/${target}` : ''}`;
}

/** The back-end's part of such a head. */
export function backendHead(short: string): string {
  return short.replace(/[@/].*$/, '');
}

/** Closes all, even if some cannot be closed. @throws what the first of those throws */
export function closeAll(subjects: readonly Subject[]): void {
  const errors: unknown[] = [];
  for (const subject of subjects) {
    try {
      subject.close?.();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
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
    close() {
      made?.close?.();
    },
  };
}
