// SPDX-License-Identifier: MIT
/** `run --baseline`: a run fails by what is worse than the baseline, not by what is known to fail. */
import { EXIT, type ExitCode, gravestExit } from '../compare/exit-codes.js';
import { compareRuns, incomparable, type Standing } from '../compare/over-time.js';
import { byId } from '../plan/order.js';
import { Problem } from '../plan/problem.js';
import { readBaseline } from '../report/baseline.js';
import { changedLines } from '../report/diff-text.js';
import type { CaseEvent, HeaderEvent, RunEvent } from '../report/events.js';
import { standingOf } from '../report/standing.js';
import { coloured, mayColour, plain } from '../report/style.js';
import { number } from '../report/summary.js';
import { wrap } from '../report/wrap.js';
import { notComparable } from './comparable.js';
import type { Io } from './io.js';
import { BASELINE, type OptionValues } from './options.js';
import { textOf } from './stored-log.js';

export interface Gate {
  /** Before anything runs. @throws Problem with exit code 6 when the run will not be comparable */
  admit(header: HeaderEvent): void;
  /** Tells what is worse and what is better; gives the exit code. */
  judge(events: readonly RunEvent[]): ExitCode;
}

/** @throws Problem for a baseline that cannot be read */
export function openGate(name: string, options: OptionValues, io: Io): Gate {
  let baseline: Standing;
  try {
    baseline = readBaseline(textOf(io, name), name);
  } catch (error) {
    if (!(error instanceof Problem) || error.exit !== EXIT.usage) throw error;
    throw new Problem(
      `${error.message}\nmake it: ftrace-conform run, then ftrace-conform expect accept\n` +
        'cases stand before --baseline, or a file is named: --baseline=FILE',
    );
  }
  return {
    admit(header) {
      const reasons = incomparable(baseline, standingOf(header, []));
      if (reasons.length > 0 && !options.acrossVersions) throw notComparable(`${name}, this run`, reasons);
    },
    judge: (events) => judge(name, baseline, events, options, io),
  };
}

function judge(
  name: string,
  baseline: Standing,
  events: readonly RunEvent[],
  options: OptionValues,
  io: Io,
): ExitCode {
  const [header, footer] = [events[0] as HeaderEvent, events.at(-1)];
  if (footer?.event !== 'footer' || !footer.complete) {
    io.err(`not compared with ${name}: the run did not end\n`);
    return footer?.event === 'footer' ? (footer.exitCode as ExitCode) : EXIT.interrupted;
  }
  const cases = events.filter((event): event is CaseEvent => event.event === 'case');
  const found = compareRuns(baseline, standingOf(header, cases), byId);
  const { counts, subjects } = found;
  const { worse, better, added, other } = counts.results;
  // Standard output belongs to the format, where it is not for people.
  const pretty = options.format === 'pretty';
  const tell = pretty ? io.out : io.err;
  const paint = pretty && mayColour(options.color, io.isTerminal, io.environment) ? coloured : plain;
  const width = Math.max(60, Math.min(io.columns, 120));
  const missing = [
    ...(counts.cases.deleted > 0 ? [`${number(counts.cases.deleted)} of its cases did not run`] : []),
    ...(subjects.deleted.length > 0 ? [`${subjects.deleted.length} of its subjects neither`] : []),
  ];
  const sentence = [
    `${number(counts.results.unchanged)} results as in ${name}, ${number(worse)} worse, ${number(better)} better`,
    ...(other > 0 ? [`${number(other)} otherwise`] : []),
    ...(added > 0 ? [`${number(added)} not in it`] : []),
    ...missing,
  ].join(', ');
  const lines = ['', ...changedLines(found, { paint, width, verbose: options.verbose > 0 })];
  lines.push(...wrap(`${sentence}.`, width));
  if (worse === 0 && better + other + added > 0)
    lines.push(...wrap(`Once the run is as it shall be: ${acceptCommand(name, options)}`, width));
  tell(`${lines.join('\n')}\n`);
  return gravestExit([
    // What fails as it did is known; what gave no verdict at all is not.
    ...(footer.exitCode === EXIT.unexpected ? [] : [footer.exitCode as ExitCode]),
    ...(worse > 0 || (options.failUnsupported && footer.counts.UNSUPPORTED > 0) ? [EXIT.unexpected] : []),
  ]);
}

function acceptCommand(name: string, { out }: OptionValues): string {
  const log = out === 'reports' ? '' : ` --out ${out}`;
  return `ftrace-conform expect accept${log}${name === BASELINE ? '' : ` --baseline=${name}`}`;
}
