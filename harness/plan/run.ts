// SPDX-License-Identifier: MIT
/**
 * Runs cases on subjects and yields the event stream: header, one event per case sorted by id, footer. The
 * order never depends on timing. One thread: a case takes tens of microseconds, less than a message to a
 * worker; {@link Execute} is where workers would come in for targets that are slow.
 */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Case } from '../case/types.js';
import { compareCase } from '../compare/compare.js';
import { EXIT, exitCodeOf } from '../compare/exit-codes.js';
import type { Result } from '../compare/judge.js';
import { noCounts } from '../compare/statuses.js';
import type { Axis } from '../compare/types.js';
import type { FooterEvent, HeaderEvent, RunEvent } from '../report/events.js';
import { subjectName } from '../target/outcome.js';
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
export type Execute = (
  spec: Case,
  subjects: readonly Subject[],
) => readonly Result[] | Promise<readonly Result[]>;

export const inProcess: Execute = (spec, subjects) =>
  subjects.map(({ target }) => ({ outcome: target.run(spec), features: target.features }));

/** Cases between two looks at the event loop, so that a signal is heard. */
const BREATH = 16;

/** @param signal aborted: the stream ends after the case under way, its footer says interrupted */
export async function* run(
  plan: Plan,
  signal?: AbortSignal,
  execute: Execute = inProcess,
): AsyncGenerator<RunEvent, FooterEvent> {
  for (const { target } of plan.subjects) {
    const runsOn = ({ requires }: Case) => requires.every((feature) => target.features.has(feature));
    if (plan.cases.some(runsOn)) target.prepare?.();
  }
  yield headerOf(plan);
  const counts = noCounts();
  let [cases, unexplained, partial] = [0, 0, 0];
  for (const spec of plan.cases) {
    if (cases % BREATH === 0) await setImmediate();
    if (signal?.aborted) break;
    const comparison = compareCase(spec, await execute(spec, plan.subjects), plan.axis);
    for (const { status, absent } of comparison.verdicts) {
      counts[status]++;
      if (status === 'PASS' && absent.length > 0) partial++;
    }
    if (!comparison.explained) unexplained++;
    cases++;
    const { id, file, title, why, source, covers, requires, text } = spec;
    yield { event: 'case', spec: { id, file, title, why, source, covers, requires, text }, comparison };
  }
  const complete = cases === plan.cases.length;
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

function headerOf({ cases, subjects, axis, seed, harness, command }: Plan): HeaderEvent {
  const hash = createHash('sha256');
  for (const { id, text } of cases) hash.update(JSON.stringify([id, text]));
  return {
    event: 'header',
    format: 2,
    harness,
    interpretation: INTERPRETATION,
    caseSet: hash.digest('hex'),
    axis,
    subjects: subjects.map(({ target, short }) => ({
      name: subjectName(target.id),
      short,
      id: target.id,
      features: [...target.features].sort(),
    })),
    seed,
    command,
  };
}
