// SPDX-License-Identifier: MIT
/** Event streams for tests of formats: what fake subjects see, compared as in a run. */
import type { Case } from '../../case/types.js';
import { type Answer, expected, fakeTarget, seen, spec, subject } from '../../cli/test/fakes.js';
import type { Axis, Status } from '../../compare/types.js';
import { run } from '../../plan/run.js';
import type { SubjectId } from '../../target/outcome.js';
import type { RunEvent } from '../events.js';

export interface Course {
  readonly archs?: readonly string[];
  readonly revisions?: readonly string[];
  readonly target?: string;
  readonly features?: readonly string[];
  readonly axis?: Axis;
  readonly command?: readonly string[];
}

export const one: Answer = [seen('result', { function: 'f', value: '1' })];
export const zero: Answer = [seen('result', { function: 'f', value: '0' })];

/** A case that expects {@link one}. */
export const wantsOne = (id: string, parts: Partial<Case> = {}): Case =>
  spec(id, { expect: [expected('result', { function: 'f', value: '1' })], ...parts });

/** @param answer what a subject sees of a case; {@link one} where it gives nothing */
export async function eventsOf(
  cases: readonly Case[],
  answer: (id: string, on: SubjectId) => Answer | undefined,
  course: Course = {},
): Promise<RunEvent[]> {
  const { archs = ['alpha', 'beta', 'gamma'], revisions = ['7.2'], target = 'model', features = [] } = course;
  const subjects = archs.flatMap((arch) =>
    revisions.map((revision) => {
      const on = subject(arch, revision, target);
      const short = arch.slice(0, 2);
      return {
        short: revisions.length > 1 ? `${short}@${revision}` : short,
        target: fakeTarget(on, features, ({ id }) => answer(id, on) ?? one),
      };
    }),
  );
  const { axis = 'arch', command = ['run', '--seed', '1'] } = course;
  const events: RunEvent[] = [];
  for await (const event of run({ cases, subjects, axis, seed: 1, harness: '1.2.3', command }))
    events.push(event);
  return events;
}

/** Gives one verdict another status, as targets would that do not exist yet; the footer counts it. */
export function withStatus(
  events: readonly RunEvent[],
  id: string,
  arch: string,
  status: Status,
  reason: string,
): RunEvent[] {
  let before: Status | undefined;
  const changed = events.map((event): RunEvent => {
    if (event.event !== 'case' || event.spec.id !== id) return event;
    const verdicts = event.comparison.verdicts.map((verdict) => {
      if (verdict.subject.arch !== arch) return verdict;
      before = verdict.status;
      return { ...verdict, status, reason };
    });
    return { ...event, comparison: { ...event.comparison, verdicts } };
  });
  return changed.map((event) => {
    if (event.event !== 'footer' || before === undefined) return event;
    const counts = { ...event.counts, [before]: event.counts[before] - 1 };
    return { ...event, counts: { ...counts, [status]: counts[status] + 1 } };
  });
}

/** Three folders, every status once, on three back-ends; `beta` is to blame for all of it. */
export async function everyStatus(course: Course = {}): Promise<RunEvent[]> {
  const odd: Record<string, Answer> = {
    'direct/a': zero,
    'fprobe/crash': { end: { kind: 'crashed', why: 'wild jump to 0x10' }, observations: [] },
    'fprobe/error': { end: { kind: 'error', why: 'no such symbol: g' } },
  };
  const cases = [
    wantsOne('direct/a', { title: 'A <direct> call & "more"' }),
    wantsOne('direct/b'),
    wantsOne('fprobe/crash'),
    wantsOne('fprobe/error'),
    wantsOne('fprobe/miss'),
    wantsOne('fprobe/timeout'),
    wantsOne('graph/gated', { requires: ['FPROBE'] }),
    wantsOne('graph/skip'),
    wantsOne('graph/xfail'),
    wantsOne('graph/xpass'),
  ];
  const events = await eventsOf(cases, (id, { arch }) => (arch === 'beta' ? odd[id] : undefined), course);
  const changes: [string, Status, string][] = [
    ['fprobe/miss', 'MISS', 'no image'],
    ['fprobe/timeout', 'TIMEOUT', '60 s'],
    ['graph/skip', 'SKIP', 'too slow'],
    ['graph/xfail', 'XFAIL', '#123 the frame is short'],
    ['graph/xpass', 'XPASS', 'declared divergence no longer shows: it is so'],
  ];
  return changes.reduce((all, [id, status, why]) => withStatus(all, id, 'beta', status, why), events);
}
