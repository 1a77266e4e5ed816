// SPDX-License-Identifier: MIT
/**
 * Runs cases on subjects and yields the event stream: header, one event per case sorted by id, footer. The
 * order never depends on timing. Here in one thread; crew.ts spreads cases over several.
 */
import { setImmediate } from 'node:timers/promises';
import type { Runnable } from '../case/runnable.js';
import type { Case } from '../case/types.js';
import { compareCase } from '../compare/compare.js';
import { type ExitCode, interruptedExit } from '../compare/exit-codes.js';
import { INTERPRETATION } from '../compare/interpretation.js';
import type { Result } from '../compare/judge.js';
import { unexpected } from '../compare/statuses.js';
import type { Axis, Comparison } from '../compare/types.js';
import type { CaseEvent, FooterEvent, HeaderEvent, RunEvent } from '../report/events.js';
import { lacking } from '../target/lacking.js';
import { type OutcomeEnd, subjectName } from '../target/outcome.js';
import type { Target } from '../target/target.js';
import { caseSetOf } from './case-set.js';
import { withParting } from './parting.js';
import type { Subject } from './subjects.js';
import { Tally } from './tally.js';

export interface Plan {
  /** Sorted by id. */
  readonly cases: readonly Case[];
  readonly subjects: readonly Subject[];
  readonly axis: Axis;
  readonly seed: number;
  readonly harness: string;
  readonly command: readonly string[];
  /** Of a part of a run, see {@link HeaderEvent}. */
  readonly shard?: HeaderEvent['shard'];
  /** See {@link HeaderEvent}. */
  readonly rerun?: HeaderEvent['rerun'];
  /** End after the first case that fails. */
  readonly stopFail?: boolean;
  /** What the code of a run that came to its end means for whoever asked for it. */
  readonly exit?: (code: ExitCode, footer: FooterEvent) => ExitCode;
  /** UNSUPPORTED makes the run fail. */
  readonly failUnsupported?: boolean;
}

/** Results of one case on all subjects, in subject order. What breaks is an ERROR there, and the others run. */
export const inProcess = (spec: Runnable, subjects: readonly Subject[]): readonly Result[] =>
  subjects.map(({ target }) => {
    try {
      return { outcome: target.run(spec), features: target.features };
    } catch (error) {
      return without(spec, target, faultIn(error));
    }
  });

/** One case run and compared: the same record whichever thread does it, and never an exception. */
export function compared(
  spec: Case,
  subjects: readonly Subject[],
  axis: Axis,
  results: readonly Result[] = inProcess(spec, subjects),
): Comparison {
  try {
    return compareCase(spec, results, axis);
  } catch (error) {
    return lost(spec, subjects, axis, faultIn(error));
  }
}

/** The same, with the traces of a case that fails where they part. */
export async function comparedInFull(
  spec: Case,
  subjects: readonly Subject[],
  axis: Axis,
  results?: readonly Result[],
): Promise<Comparison> {
  const comparison = compared(spec, subjects, axis, results);
  try {
    return await withParting(comparison, spec, subjects, axis);
  } catch (error) {
    return lost(spec, subjects, axis, faultIn(error));
  }
}

/** A case without outcomes, for a reason that is no subject's. */
export function lost(spec: Case, subjects: readonly Subject[], axis: Axis, why: string): Comparison {
  return compareCase(
    spec,
    subjects.map(({ target }) => without(spec, target, why)),
    axis,
  );
}

function without(spec: Runnable, target: Target, why: string): Result {
  const lacks = lacking(target, spec);
  const end: OutcomeEnd =
    target.skips !== undefined
      ? { kind: 'skipped', why: target.skips }
      : lacks.length > 0
        ? { kind: 'unsupported', lacks }
        : { kind: 'error', why };
  return {
    outcome: { case: spec.id, subject: target.id, end, observations: [], instructions: 0 },
    features: target.features,
  };
}

function faultIn(error: unknown): string {
  return `a fault of ftrace-conform itself: ${error instanceof Error ? error.message : String(error)}`;
}

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
export function isNeeded(target: Target, cases: readonly Runnable[]): boolean {
  return target.skips === undefined && cases.some((spec) => lacking(target, spec).length === 0);
}

/** What the events of a run show of its plan. */
export function courseOf(plan: Plan): Course {
  return { ...plan, subjects: plan.subjects.map(described) };
}

/** @param signal aborted: the stream ends after the case under way, its footer says interrupted */
export function run(plan: Plan, signal?: AbortSignal): AsyncGenerator<RunEvent, FooterEvent> {
  const { cases, subjects, axis } = plan;
  return stream(courseOf(plan), (index) => comparedInFull(cases[index] as Case, subjects, axis), signal);
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
  const tally = new Tally();
  let failed = false;
  const aborted = signal && whenAborted(signal);
  for (const spec of course.cases) {
    if (tally.cases % BREATH === 0) await setImmediate();
    if (signal?.aborted) break;
    const comparison = await Promise.race([compare(tally.cases), ...(aborted ? [aborted] : [])]);
    if (comparison === undefined) break;
    tally.add(comparison);
    failed = unexpected(comparison);
    yield { event: 'case', spec: kept(spec), comparison };
    if (failed && course.stopFail) break;
  }
  const complete = tally.cases === course.cases.length;
  const interrupted = !complete && !(failed && course.stopFail);
  const counted = tally.footer(course.failUnsupported);
  const exitCode = counted.exitCode as ExitCode;
  const footer: FooterEvent = {
    ...counted,
    complete,
    exitCode: interrupted ? interruptedExit(signal?.reason) : (course.exit?.(exitCode, counted) ?? exitCode),
    interrupted,
  };
  yield footer;
  return footer;
}

/** Settled once the run is to end. */
export function whenAborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }));
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

function headerOf({ cases, subjects, axis, seed, harness, command, shard, rerun }: Course): HeaderEvent {
  return {
    event: 'header',
    format: 2,
    harness,
    interpretation: INTERPRETATION,
    caseSet: caseSetOf(cases),
    axis,
    subjects,
    seed,
    command,
    ...(shard === undefined ? {} : { shard }),
    ...(rerun === undefined ? {} : { rerun }),
  };
}
