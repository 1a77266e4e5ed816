// SPDX-License-Identifier: MIT
/**
 * The one vocabulary of verdicts: what each status means and how every format spells it. Help, legend,
 * matrix, HTML, KTAP, JUnit and KCIDB all print from this table. Words are those of ftracetest and
 * DejaGnu; KTAP spellings follow linux 7.2 Documentation/dev-tools/ktap.rst, KCIDB ones its schema v5.3.
 */
import { EXIT } from './exit-codes.js';
import type { Comparison, Status } from './types.js';

export type Colour = 'green' | 'red' | 'yellow' | 'magenta' | 'cyan' | 'grey';

export interface StatusEntry {
  /** One sentence without the final stop, for help and legends. */
  readonly meaning: string;
  /** The same in at most 23 characters, for help. */
  readonly inShort: string;
  /** Two or three words for the legend under a matrix. */
  readonly brief: string;
  /** Cell of the matrix. */
  readonly letters: string;
  /** Single letter for compact baselines. */
  readonly letter: string;
  readonly colour: Colour;
  readonly ktap: { readonly ok: boolean; readonly directive: string };
  readonly junit: 'testcase' | 'failure' | 'skipped' | 'error';
  readonly kcidb: 'PASS' | 'FAIL' | 'SKIP' | 'ERROR' | 'MISS';
  /** Exit code of a run in which this is the gravest verdict. */
  readonly exit: number;
  /** Whether the subject's code was executed to an end that can be judged. */
  readonly ran: boolean;
}

/** Gravest first; the order in which legends and counts are printed is the reverse. */
export const STATUSES: Readonly<Record<Status, StatusEntry>> = {
  ERROR: {
    meaning: 'the case or the back-end broke; no verdict on the target',
    inShort: 'case or back-end broke',
    brief: 'harness error',
    letters: 'ER',
    letter: 'E',
    colour: 'magenta',
    ktap: { ok: false, directive: 'ERROR' },
    junit: 'error',
    kcidb: 'ERROR',
    exit: EXIT.harness,
    ran: false,
  },
  MISS: {
    meaning: 'the harness could not start it',
    inShort: 'could not be started',
    brief: 'not started',
    letters: 'ms',
    letter: 'M',
    colour: 'magenta',
    ktap: { ok: false, directive: 'ERROR not run' },
    junit: 'error',
    kcidb: 'MISS',
    exit: EXIT.harness,
    ran: false,
  },
  CRASH: {
    meaning: 'the target died: a machine fault, an oops or a signal',
    inShort: 'fault, oops or signal',
    brief: 'crash',
    letters: 'CR',
    letter: 'C',
    colour: 'red',
    ktap: { ok: false, directive: 'ERROR crash' },
    junit: 'error',
    kcidb: 'FAIL',
    exit: EXIT.unexpected,
    ran: true,
  },
  TIMEOUT: {
    meaning: 'no verdict in time',
    inShort: 'no verdict in time',
    brief: 'timeout',
    letters: 'TM',
    letter: 'T',
    colour: 'red',
    ktap: { ok: false, directive: 'TIMEOUT' },
    junit: 'error',
    kcidb: 'FAIL',
    exit: EXIT.unexpected,
    ran: true,
  },
  FAIL: {
    meaning: 'the target did something else',
    inShort: 'did something else',
    brief: 'differs',
    letters: 'NG',
    letter: 'F',
    colour: 'red',
    ktap: { ok: false, directive: '' },
    junit: 'failure',
    kcidb: 'FAIL',
    exit: EXIT.unexpected,
    ran: true,
  },
  XPASS: {
    meaning: 'recorded or declared as differing, and no longer so',
    inShort: 'recorded, but it passes',
    brief: 'unexpected pass',
    letters: 'XP',
    letter: 'X',
    colour: 'red',
    ktap: { ok: false, directive: 'XPASS' },
    junit: 'failure',
    kcidb: 'PASS',
    exit: EXIT.unexpected,
    ran: true,
  },
  XFAIL: {
    meaning: 'failed as recorded, with an issue',
    inShort: 'failed as recorded',
    brief: 'expected failure',
    letters: 'xf',
    letter: 'x',
    colour: 'yellow',
    ktap: { ok: true, directive: 'XFAIL' },
    junit: 'skipped',
    kcidb: 'FAIL',
    exit: EXIT.ok,
    ran: true,
  },
  UNSUPPORTED: {
    meaning: 'the architecture or kernel lacks a feature the case requires',
    inShort: 'a feature is lacking',
    brief: 'unsupported',
    letters: 'un',
    letter: 'u',
    colour: 'grey',
    ktap: { ok: true, directive: 'SKIP unsupported' },
    junit: 'skipped',
    kcidb: 'SKIP',
    exit: EXIT.ok,
    ran: false,
  },
  SKIP: {
    meaning: 'the target cannot be started here, or is not wanted; the reason says why',
    inShort: 'cannot be started here',
    brief: 'skipped',
    letters: 'sk',
    letter: 's',
    colour: 'grey',
    ktap: { ok: true, directive: 'SKIP' },
    junit: 'skipped',
    kcidb: 'SKIP',
    exit: EXIT.ok,
    ran: false,
  },
  PASS: {
    meaning: 'as expected, declared divergences included',
    inShort: 'as expected',
    brief: 'as expected',
    letters: 'ok',
    letter: 'p',
    colour: 'green',
    ktap: { ok: true, directive: '' },
    junit: 'testcase',
    kcidb: 'PASS',
    exit: EXIT.ok,
    ran: true,
  },
};

/** Statuses from gravest to best. */
export const SEVERITY: readonly Status[] = Object.keys(STATUSES) as Status[];

/** Cell of a subject for which there is no verdict at all. */
export const NO_VERDICT = '--';

/** Whether anything about a case is not as expected. */
export function unexpected({ explained, verdicts }: Pick<Comparison, 'explained' | 'verdicts'>): boolean {
  return !explained || verdicts.some(({ status }) => failing(status));
}

/** The graver of two. */
export function graver(a: Status, b: Status): Status {
  return SEVERITY.indexOf(a) <= SEVERITY.indexOf(b) ? a : b;
}

/** Whether a verdict makes a run end with a code other than 0 by itself. */
export function failing(status: Status): boolean {
  return STATUSES[status].exit !== EXIT.ok;
}

/** What a change from one verdict to another is; `other`: neither, since one of them says nothing of the target. */
export type Direction = 'better' | 'worse' | 'other';

/**
 * Whether the same case on the same subject stands better or worse than before. Failing is worse than not failing; of
 * two that fail the graver is worse. What was as expected and no longer runs is worse, since a run that loses a feature
 * would else stay green; what failed and no longer runs is not better: nobody has seen it pass.
 */
export function directionOf(before: Status, after: Status): Direction {
  if (before === after) return 'other';
  if (failing(before) && failing(after)) return graver(before, after) === after ? 'worse' : 'better';
  if (failing(after)) return 'worse';
  if (failing(before)) return STATUSES[after].ran ? 'better' : 'other';
  if (before === 'SKIP' || after === 'SKIP') return 'other';
  if (before === 'PASS') return 'worse';
  return after === 'PASS' ? 'better' : 'other';
}

/** Letter of a subject for which there is no verdict at all, in compact baselines. */
export const NO_LETTER = '-';

export function noCounts(): Record<Status, number> {
  return Object.fromEntries(SEVERITY.map((status) => [status, 0])) as Record<Status, number>;
}
