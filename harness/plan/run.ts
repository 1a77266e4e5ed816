// SPDX-License-Identifier: MIT
/**
 * Runs cases on subjects and yields the event stream: header, one event per case sorted by id, footer. The
 * order never depends on timing. Here in one thread; crew.ts spreads cases over several.
 */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Case } from '../case/types.js';
import { compareCase } from '../compare/compare.js';
import { EXIT, exitCodeOf } from '../compare/exit-codes.js';
import type { Result } from '../compare/judge.js';
import { noCounts } from '../compare/statuses.js';
import type { Axis, Comparison } from '../compare/types.js';
import type { CaseEvent, FooterEvent, HeaderEvent, RunEvent } from '../report/events.js';
import { lacking } from '../target/lacking.js';
import { subjectName } from '../target/outcome.js';
import type { Target } from '../target/target.js';
import { withParting } from './parting.js';
import type { Subject } from './subjects.js';

/** Version of how cases are interpreted; raised when an old outcome may not be compared with a new one. */
export const INTERPRETATION = 1;

export interface Plan {
  /** Sorted by id. */
  readonly cases: readonly Case[];
  readonly subjects: readonly Subject[];
  readonly axis: Axis;
  readonly seed: number;
  readonly harness: string;
  readonly command: readonly string[];
}

/** Results of one case on all subjects, in subject order. */
export const inProcess = (spec: Case, subjects: readonly Subject[]): readonly Result[] =>
  subjects.map(({ target }) => ({ outcome: target.run(spec), features: target.features }));

/** Cases between two looks at the event loop, so that a signal is heard. */
const BREATH = 16;

/** What a log keeps of a case. */
export type CaseSpec = CaseEvent['spec'];

/** A plan as far as the events of its run show it. */
export interface Course extends Omit<Plan, 'cases' | 'subjects'> {
  /** Sorted by id. */
  readonly cases: readonly CaseSpec[];
  readonly subjects: HeaderEvent['subjects'];
}

/**
 * Makes those subjects ready that some case runs on.
 * @throws what is wrong with the first subject that cannot be made ready, see {@link Target.prepare}
 */
export function prepare({ cases, subjects }: Pick<Plan, 'cases' | 'subjects'>): void {
  for (const { target } of subjects) if (isNeeded(target, cases)) target.prepare?.();
}

/** Whether some case runs on the target. */
export function isNeeded(target: Target, cases: readonly Case[]): boolean {
  return cases.some((spec) => lacking(target, spec).length === 0);
}

/** @param signal aborted: the stream ends after the case under way, its footer says interrupted */
export function run(plan: Plan, signal?: AbortSignal): AsyncGenerator<RunEvent, FooterEvent> {
  const { cases, subjects, axis } = plan;
  return stream(
    { ...plan, subjects: subjects.map(described) },
    async (index) => {
      const spec = cases[index] as Case;
      return withParting(compareCase(spec, inProcess(spec, subjects), axis), spec, subjects, axis);
    },
    signal,
  );
}

/**
 * The events of a run, wherever its cases are compared.
 * @param compare is asked for each case once, in order, by its index
 */
export async function* stream(
  course: Course,
  compare: (index: number) => Promise<Comparison>,
  signal?: AbortSignal,
): AsyncGenerator<RunEvent, FooterEvent> {
  yield headerOf(course);
  const counts = noCounts();
  let [cases, unexplained, partial] = [0, 0, 0];
  for (const spec of course.cases) {
    if (cases % BREATH === 0) await setImmediate();
    if (signal?.aborted) break;
    const comparison = await compare(cases);
    for (const { status, absent } of comparison.verdicts) {
      counts[status]++;
      if (status === 'PASS' && absent.length > 0) partial++;
    }
    if (!comparison.explained) unexplained++;
    cases++;
    yield { event: 'case', spec: kept(spec), comparison };
  }
  const complete = cases === course.cases.length;
  const footer: FooterEvent = {
    event: 'footer',
    complete,
    cases,
    counts,
    unexplained,
    partial,
    exitCode: complete ? exitCodeOf(counts, unexplained) : EXIT.interrupted,
    interrupted: !complete,
  };
  yield footer;
  return footer;
}

export function kept({ id, file, title, why, source, covers, requires, text }: CaseSpec): CaseSpec {
  return { id, file, title, why, source, covers, requires, text };
}

export function described({ target, short }: Subject): Course['subjects'][number] {
  return {
    name: subjectName(target.id),
    short,
    id: target.id,
    features: [...target.features].sort(),
  };
}

function headerOf({ cases, subjects, axis, seed, harness, command }: Course): HeaderEvent {
  const hash = createHash('sha256');
  for (const { id, text } of cases) hash.update(JSON.stringify([id, text]));
  return {
    event: 'header',
    format: 2,
    harness,
    interpretation: INTERPRETATION,
    caseSet: hash.digest('hex'),
    axis,
    subjects,
    seed,
    command,
  };
}
