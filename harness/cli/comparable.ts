// SPDX-License-Identifier: MIT
/** Stored runs and baselines, as the verbs that compare them read them. */
import { EXIT } from '../compare/exit-codes.js';
import type { Standing } from '../compare/over-time.js';
import { Problem } from '../plan/problem.js';
import { isBaseline, readBaseline } from '../report/baseline.js';
import type { CaseEvent, FooterEvent, HeaderEvent } from '../report/events.js';
import { readLog } from '../report/jsonl.js';
import { standingOf } from '../report/standing.js';
import { number, plural, wasCutShort } from '../report/summary.js';
import type { Io } from './io.js';
import { textOf } from './stored-log.js';

export interface WholeRun {
  readonly header: HeaderEvent;
  readonly cases: readonly CaseEvent[];
}

/** @throws Problem, with exit code 6 for a log without footer and for one of a run that did not end */
export function wholeRun(text: string, name: string): WholeRun {
  const events = readLog(text, name);
  const footer = events.at(-1) as FooterEvent;
  const cut = wasCutShort(footer);
  if (cut !== null) {
    throw new Problem(
      `${name}: the run ${cut} after ${number(footer.cases)} ${plural(footer.cases, 'case')}; log refused, since nothing is known of the others`,
      EXIT.refused,
    );
  }
  return { header: events[0], cases: events.slice(1, -1) as CaseEvent[] };
}

/** A log or a baseline. @throws Problem */
export function readStanding(io: Io, name: string): Standing {
  const text = textOf(io, name);
  if (isBaseline(text)) return readBaseline(text, name);
  const { header, cases } = wholeRun(text, name);
  return standingOf(header, cases);
}

/** What keeps two from being compared, as an error that names the way out. */
export function notComparable(names: string, reasons: readonly string[]): Problem {
  return new Problem(
    `${names}: ${reasons.join('; ')}; refused\n--across-versions compares them all the same`,
    EXIT.refused,
  );
}
