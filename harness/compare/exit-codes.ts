// SPDX-License-Identifier: MIT
/**
 * Exit codes: stable, printed by `--help`, and the only place that decides which one a run ends with.
 * 4 is kselftest's KSFT_SKIP (linux 7.2 tools/testing/selftests/kselftest.h); 130 is 128 + SIGINT, 143 is 128 + SIGTERM.
 */
import type { Status } from './types.js';

export const EXIT = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  harness: 3,
  nothing: 4,
  outstanding: 5,
  refused: 6,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** In the order of `--help`, which has room for 32 characters each. */
export const EXIT_MEANINGS: readonly (readonly [code: ExitCode, meaning: string, inShort: string])[] = [
  [EXIT.ok, 'every result as expected', 'all as expected'],
  [
    EXIT.unexpected,
    'FAIL, XPASS, CRASH, TIMEOUT, or a divergence nobody declared',
    'unexpected result or difference',
  ],
  [EXIT.usage, 'wrong arguments or wrong cases; nothing ran', 'wrong arguments, settings, cases'],
  [EXIT.harness, 'ERROR or MISS: no verdict on the target', 'ERROR or MISS: no verdict'],
  [
    EXIT.nothing,
    'nothing could run, or nothing on a subject that was asked for',
    'nothing ran, or not everywhere',
  ],
  [EXIT.outstanding, 'what ran passed, part of a rerun is outstanding', 'passed; a rerun is outstanding'],
  [EXIT.refused, 'logs incomplete, of another format or not to be merged: refused', 'log refused'],
  [EXIT.interrupted, 'interrupted; the partial log says so', 'interrupted; the log says so'],
  [EXIT.terminated, 'terminated; the partial log says so', 'terminated; the log says so'],
];

/** Highest first: when several apply, the first of these wins. */
export const EXIT_SEVERITY: readonly ExitCode[] = [
  EXIT.refused,
  EXIT.harness,
  EXIT.unexpected,
  EXIT.outstanding,
  EXIT.nothing,
  EXIT.ok,
];

/** The gravest of several codes; {@link EXIT.ok} for none. */
export function gravestExit(codes: readonly ExitCode[]): ExitCode {
  return EXIT_SEVERITY.find((code) => codes.includes(code)) ?? EXIT.ok;
}

/**
 * Code of a finished run.
 * @param unexplained number of cases with a difference nobody declared
 * @param failUnsupported whether UNSUPPORTED counts as unexpected
 */
export function exitCodeOf(
  counts: Readonly<Record<Status, number>>,
  unexplained: number,
  failUnsupported = false,
): ExitCode {
  const refused = failUnsupported ? counts.UNSUPPORTED : 0;
  const unexpected = counts.FAIL + counts.XPASS + counts.CRASH + counts.TIMEOUT + unexplained + refused;
  const broken = counts.ERROR + counts.MISS;
  const ran = counts.PASS + counts.XFAIL + unexpected;
  return gravestExit([
    ...(broken > 0 ? [EXIT.harness] : []),
    ...(unexpected > 0 ? [EXIT.unexpected] : []),
    // A subject that was asked for and could not be started must not go unnoticed.
    ...(ran + broken === 0 || counts.SKIP > 0 ? [EXIT.nothing] : []),
  ]);
}

/** Code of a run that a signal ended. @param reason of the abort: the signal's name */
export function interruptedExit(reason: unknown): ExitCode {
  return reason === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted;
}
