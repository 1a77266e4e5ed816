// SPDX-License-Identifier: MIT
/**
 * Whether a re-creation is caught: a case that passes as the repository is fails with the edit, on the subjects concerned
 * and on no other. A case that can no longer be run, or has lost its declared divergence, catches nothing.
 */
import { parseCases } from '../../harness/case/parse.js';
import type { Case } from '../../harness/case/types.js';
import { compareCase } from '../../harness/compare/compare.js';
import { judge, type Result } from '../../harness/compare/judge.js';
import { failing } from '../../harness/compare/statuses.js';
import type { Status } from '../../harness/compare/types.js';
import { loadCases } from '../../harness/plan/cases.js';
import { packageRoot } from '../../harness/plan/package-root.js';
import { defaultPlace, select } from '../../harness/plan/select.js';
import type { Target } from '../../harness/target/target.js';
import { configured, mutated, subjects } from './mutant.js';
import type { Recreation, Where } from './recreation.js';

type Subjects = ReadonlyMap<string, Target>;

const read = new Map<string, readonly Case[]>();

/** Expanded cases of a selector of the command line; without one, all. */
export function casesOf(selector = ''): readonly Case[] {
  const found =
    read.get(selector) ??
    loadCases(select(selector === '' ? [] : [selector], defaultPlace(packageRoot, packageRoot)), parseCases);
  read.set(selector, found);
  return found;
}

function holds({ arch, revision, feature, lacks }: Where, { id, features, missing = [] }: Target): boolean {
  return (
    missing.length === 0 &&
    (arch.length === 0 || arch.includes(id.arch)) &&
    (revision.length === 0 || revision.includes(id.revision)) &&
    feature.every((name) => features.has(name)) &&
    lacks.every((name) => !features.has(name))
  );
}

/** Names of the subjects concerned. */
export function concerned({ on, config }: Pick<Recreation, 'on' | 'config'>): string[] {
  const all = [...configured({ config, on })];
  return all.filter(([, target]) => on.some((where) => holds(where, target))).map(([name]) => name);
}

/** A subject not concerned: of the same back-end if there is one. */
export function bystander(recreation: Recreation): string | undefined {
  const own = concerned(recreation);
  const archs = own.map((name) => subjects.get(name)?.id.arch);
  const others = [...subjects].filter(
    ([name, { missing = [] }]) => missing.length === 0 && !own.includes(name),
  );
  const near = others.find(([, { id }]) => archs.includes(id.arch));
  return (near ?? others[0])?.[0];
}

/** Subject → what passed and fails with the edit. */
export type Failures = Map<string, string[]>;

/** Subject → those of the selectors that catch it there. */
export interface Catch {
  readonly concerned: Failures;
  /** Of one subject that the bug does not concern. */
  readonly bystander: Failures;
}

/**
 * Runs the named cases on the subjects concerned and a bystander.
 * @throws when a case does not pass on a subject concerned as the repository is, or cannot be judged with the edit
 */
export async function quickly(recreation: Recreation): Promise<Catch> {
  const own = concerned(recreation);
  const other = bystander(recreation);
  const [plain, changed] = [configured(recreation), await mutated(recreation)];
  const fails = (name: string, spec: Case): boolean => {
    const [was, is] = [verdict(spec, plain.get(name)), verdict(spec, changed.get(name))];
    if (was !== 'PASS' && was !== 'UNSUPPORTED' && name !== other)
      throw new Error(`${spec.id} does not pass on ${name}: ${was}`);
    if (is === 'ERROR') throw new Error(`${spec.id} on ${name} cannot be judged with the edit`);
    return was === 'PASS' && (is === 'FAIL' || is === 'CRASH');
  };
  const failures = (names: readonly string[]): Failures =>
    new Map(
      names.map((name) => [
        name,
        recreation.caught.filter((selector) => casesOf(selector).some((spec) => fails(name, spec))),
      ]),
    );
  return { concerned: failures(own), bystander: failures(other === undefined ? [] : [other]) };
}

/** By itself, not compared with other subjects. */
function verdict(spec: Case, target: Target | undefined): Status | undefined {
  return target && judge(spec, { outcome: target.run(spec), features: target.features }).status;
}

const ran = new WeakMap<Target, Map<string, Result>>();

/** The result of a case, once run. */
function result(spec: Case, target: Target): Result {
  const known = ran.get(target) ?? new Map<string, Result>();
  ran.set(target, known);
  const found = known.get(spec.id) ?? { outcome: target.run(spec), features: target.features };
  known.set(spec.id, found);
  return found;
}

/** Verdicts of the whole corpus by `case subject`, the subjects compared with each other as in a run. */
function corpus(targets: Subjects): ReadonlyMap<string, Status> {
  const all = [...targets];
  const found = new Map<string, Status>();
  for (const spec of casesOf()) {
    const results = all.map(([, target]) => result(spec, target));
    for (const [index, { status }] of compareCase(spec, results, 'arch').verdicts.entries())
      found.set(`${spec.id} ${all[index]?.[0]}`, status);
  }
  return found;
}

/**
 * Runs the whole corpus on all subjects: what fails that did not fail before, on those where anything does.
 * @throws when some case cannot be judged with the edit
 */
export async function completely(recreation: Recreation): Promise<Failures> {
  const [plain, changed] = [configured(recreation), await mutated(recreation)];
  // Back-ends know nothing of each other: those without an edit are as before.
  const touched = ({ id }: Target) =>
    recreation.change.some(
      ({ file }) => file.startsWith('harness/') || file.startsWith(`backends/${id.arch}/`),
    );
  const mixed = [...changed].map(
    ([name, target]) => [name, touched(target) ? target : (plain.get(name) as Target)] as const,
  );
  const [before, after] = [corpus(plain), corpus(new Map(mixed))];
  const failures: Failures = new Map();
  for (const [key, is] of after) {
    const was = before.get(key) as Status;
    const [id = '', name = ''] = key.split(' ');
    if (is === 'ERROR' && was !== is) throw new Error(`${id} on ${name} cannot be judged with the edit`);
    if (!failing(was) && failing(is)) failures.set(name, [...(failures.get(name) ?? []), id]);
  }
  return failures;
}
