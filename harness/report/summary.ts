// SPDX-License-Identifier: MIT
/** The closing sentence: what ran and was as expected, what was not, and what did not run and why. */
import { byVersion } from '../backend/by-version.js';
import { STATUSES } from '../compare/statuses.js';
import type { Status } from '../compare/types.js';
import { subjectName } from '../target/outcome.js';
import type { CaseEvent, FooterEvent, HeaderEvent } from './events.js';

/** Where reasons for what did not run are listed. */
export const UNSUPPORTED_HINT = 'ftrace-conform list --unsupported';

/**
 * `153 cases × 3 subjects: 440 as expected, 3 not, 16 unsupported`. Zero counts are left out, except that
 * `0 not` is said.
 */
export function closingSentence(footer: FooterEvent, subjects: number): string {
  const { counts } = footer;
  const sum = (...statuses: Status[]) => statuses.reduce((total, status) => total + counts[status], 0);
  const parts = [
    `${number(sum('PASS', 'XFAIL'))} as expected${partly(footer.partial)}`,
    `${number(sum('FAIL', 'XPASS', 'CRASH', 'TIMEOUT'))} not`,
  ];
  const add = (count: number, what: string) => count > 0 && parts.push(`${number(count)} ${what}`);
  add(counts.UNSUPPORTED, `${STATUSES.UNSUPPORTED.brief} (${UNSUPPORTED_HINT})`);
  add(counts.SKIP, STATUSES.SKIP.brief);
  add(counts.ERROR, 'harness errors');
  add(counts.MISS, STATUSES.MISS.brief);
  const many = `${number(footer.cases)} ${plural(footer.cases, 'case')} × ${subjects} ${plural(subjects, 'subject')}`;
  const cut = cutShort(footer);
  return `${many}: ${parts.join(', ')}${cut === null ? '' : `; ${cut}, the rest did not run`}`;
}

/** Why a run did not come to its end; `null` where it did. A run of `--stop-fail` was interrupted by nobody. */
export function cutShort({
  complete,
  interrupted,
}: FooterEvent): 'interrupted' | 'stopped at a case that fails' | null {
  if (interrupted) return 'interrupted';
  return complete ? null : 'stopped at a case that fails';
}

/** The same of a run that is named: `run.jsonl: was interrupted`. */
export function wasCutShort(footer: FooterEvent): string | null {
  const cut = cutShort(footer);
  return cut === 'interrupted' ? `was ${cut}` : cut;
}

/** Where nothing could be started, and why: one line per reason. */
export function skippedSentences(events: readonly CaseEvent[]): string[] {
  const reasons = new Map<string, Set<string>>();
  for (const { comparison } of events) {
    for (const { status, reason, subject } of comparison.verdicts) {
      if (status !== 'SKIP') continue;
      const names = reasons.get(reason) ?? new Set();
      reasons.set(reason, names.add(subjectName(subject)));
    }
  }
  return [...reasons].map(([reason, names]) => `skipped on ${[...names].join(', ')}: ${reason}`);
}

/** Said beside what passed: some of it passed on less than the case asserts. */
function partly(partial: number): string {
  return partial === 0 ? '' : ` (${number(partial)} without a field that their kernel does not give)`;
}

/** `3 subjects at 7.2/model`, or where revisions differ `17 subjects: 6 back-ends at 6.1, 6.12, 7.2 (model)`. */
export function subjectsSentence(subjects: HeaderEvent['subjects']): string {
  const distinct = (name: 'arch' | 'revision' | 'target') => [...new Set(subjects.map(({ id }) => id[name]))];
  const [archs, revisions, targets] = [
    distinct('arch'),
    distinct('revision').sort(byVersion),
    distinct('target'),
  ];
  const many = `${subjects.length} ${plural(subjects.length, 'subject')}`;
  if (revisions.length === 1 && targets.length === 1) return `${many} at ${revisions[0]}/${targets[0]}`;
  const backends = `${archs.length} ${plural(archs.length, 'back-end')}`;
  return `${many}: ${backends} at ${revisions.join(', ')} (${targets.join(', ')})`;
}

/** One more sentence about differences, or `null` where there are none. */
export function differenceSentence(events: readonly CaseEvent[]): string | null {
  // Classes are of one revision, or one architecture: there are several wherever there are several of those.
  const differ = events.filter(({ comparison }) => comparison.sentence !== null);
  const open = differ.filter(({ comparison }) => !comparison.explained).length;
  const declared = differ.length - open;
  const parts = [
    ...(declared > 0 ? [`${differing(declared)} as declared, with reason and source`] : []),
    ...(open > 0 ? [`${differing(open)} without a declared reason`] : []),
  ];
  return parts.length === 0 ? null : `${parts.join('; ')}.`;
}

function differing(count: number): string {
  return `${number(count)} ${plural(count, 'case differs', 'cases differ')} between subjects`;
}

/** Facts at the head of every report. */
export function headerFacts(header: HeaderEvent): (readonly [name: string, value: string])[] {
  return [
    ['harness', `ftrace-conform ${header.harness}, interpretation ${header.interpretation}`],
    ['command', header.command.join(' ')],
    ['subjects', header.subjects.map(({ name }) => name).join(', ')],
    ['compared along', header.axis],
    ['case set', `sha256 ${header.caseSet}`],
    ...(header.shard === undefined
      ? []
      : [
          [
            'shard',
            `${header.shard.index} of ${header.shard.of}, of sha256 ${header.shard.caseSet}`,
          ] as const,
        ]),
    ['seed', String(header.seed)],
  ];
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? one : many;
}

/** 10,871 */
export function number(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}
