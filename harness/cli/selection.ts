// SPDX-License-Identifier: MIT
/** What several verbs begin with: the selected cases and the subjects they run on. */
import { basename, resolve } from 'node:path';
import type { Case } from '../case/types.js';
import { loadCases } from '../plan/cases.js';
import { knownWords } from '../plan/known-words.js';
import { packageRoot } from '../plan/package-root.js';
import { defaultPlace, type Place, type Selected, select } from '../plan/select.js';
import { archsOf, type Subject, subjectsOf, targetsOf } from '../plan/subjects.js';
import { checkVocabulary } from '../plan/vocabulary.js';
import type { Invocation } from './invocation.js';
import { imageSettings } from './named-images.js';

export function casePlace({ options, io }: Pick<Invocation, 'options' | 'io'>): Place {
  if (options.cases === undefined) return defaultPlace(packageRoot, io.cwd);
  const caseDirectory = resolve(io.cwd, options.cases);
  return { caseDirectory, shown: `${basename(caseDirectory)}/`, from: io.cwd };
}

/**
 * As {@link selectedCases}, with every word checked that only back-ends can know. All of them are asked, since a
 * case speaks of more than what a run has selected.
 * @param among the cases, where they are known
 * @throws Problem, Problems
 */
export async function checkedCases(
  invocation: Invocation,
  among?: readonly Case[],
): Promise<readonly Case[]> {
  const cases = among ?? (await selectedCases(invocation));
  checkVocabulary(cases, await invocation.wiring.backends([]), knownWords);
  return cases;
}

/** Enough for what asks no back-end. @throws Problem, Problems */
export async function selectedCases(invocation: Invocation): Promise<Case[]> {
  const files = selectedFiles(invocation);
  return loadCases(files, await invocation.wiring.parser(files));
}

/** Whether more than names chooses the cases of a run; narrow.ts then says which. */
export function narrows({ options, io: { environment } }: Invocation): boolean {
  const { CI_NODE_INDEX, JOB_COMPLETION_INDEX, FTRACE_CONFORM_FILTER, FTRACE_CONFORM_SHARD } = environment;
  const given = [options.filter, options.shard, options.rerun];
  return (
    given.some((one) => one !== undefined) ||
    [CI_NODE_INDEX, JOB_COMPLETION_INDEX, FTRACE_CONFORM_FILTER, FTRACE_CONFORM_SHARD].some(Boolean)
  );
}

/** @throws Problem */
export function selectedFiles(invocation: Invocation): Selected[] {
  return select(invocation.arguments, casePlace(invocation));
}

/** @param arch overrides `--arch`. @throws Problem */
export async function selectedSubjects(
  invocation: Invocation,
  arch: readonly string[] = invocation.options.arch,
): Promise<Subject[]> {
  const { options, wiring } = invocation;
  const images = await imageSettings(invocation);
  const [backends, make] = await Promise.all([
    wiring.backends(archsOf(arch)),
    wiring.targets(targetsOf(arch, options.target), images),
  ]);
  return subjectsOf(backends, options.kernel, make, arch, options.target);
}
