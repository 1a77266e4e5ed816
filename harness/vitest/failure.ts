// SPDX-License-Identifier: MIT
/** What a test says of a case that is not as expected: sentence, difference, and the command that shows it alone. */
import type { Case } from '../case/types.js';
import { failing } from '../compare/statuses.js';
import type { Comparison, Verdict } from '../compare/types.js';
import { subjectName } from '../target/outcome.js';

/** Options of `ftrace-conform run` with which the same is selected. */
export type Reproducer = readonly string[];

class ConformanceError extends Error {
  override readonly name = 'ConformanceError';
}

const among = (names: readonly string[]) => (verdict: Verdict) =>
  names.includes(subjectName(verdict.subject));

/** Why the case cannot run on any of these subjects; `null` where it can on one. */
export function unsupportedBy({ verdicts }: Comparison, names: readonly string[]): string | null {
  const own = verdicts.filter(among(names));
  if (own.some(({ status }) => status !== 'UNSUPPORTED' && status !== 'SKIP')) return null;
  return [...new Set(own.map(({ reason }) => reason))].join('; ');
}

/** `null` when these subjects are as expected. */
export function failureOf(
  spec: Case,
  comparison: Comparison,
  names: readonly string[],
  reproducer: Reproducer,
  failUnsupported: boolean,
): Error | null {
  const bad = comparison.verdicts
    .filter(among(names))
    .filter(({ status }) => failing(status) || (failUnsupported && status === 'UNSUPPORTED'));
  if (bad.length === 0) return null;
  const lines = [
    spec.title,
    ...(comparison.explained || comparison.sentence === null ? [] : [comparison.sentence]),
    ...alike(bad).flatMap(([{ status, reason, diff }, who]) => [
      `${who.join(', ')} ${status}${reason === comparison.sentence ? '' : `: ${reason}`}`,
      ...linesOf(diff).map((line) => `  ${line}`),
    ]),
    `ftrace-conform ${['run', spec.id, ...reproducer].join(' ')}`,
  ];
  const error = new ConformanceError(lines.join('\n'));
  // Where the case is compared is of no use to who reads it.
  error.stack = `${error.name}: ${error.message}`;
  return error;
}

/** Without its headings: they name one subject. */
const linesOf = (diff: string | null) => (diff === null ? [] : diff.split('\n').slice(2));

/** Verdicts that say the same, each once, with all of its subjects. */
function alike(verdicts: readonly Verdict[]): (readonly [Verdict, string[]])[] {
  const groups = new Map<string, readonly [Verdict, string[]]>();
  for (const verdict of verdicts) {
    const key = JSON.stringify([verdict.status, verdict.reason, linesOf(verdict.diff)]);
    const [, who] = groups.get(key) ?? groups.set(key, [verdict, []]).get(key) ?? [verdict, []];
    who.push(subjectName(verdict.subject));
  }
  return [...groups.values()];
}
