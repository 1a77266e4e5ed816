// SPDX-License-Identifier: MIT
/** What a mail is about: what is worse than in an earlier run, or else what is not as expected. */
import { EXIT } from '../../compare/exit-codes.js';
import { failing, STATUSES } from '../../compare/statuses.js';
import { compress, compressed } from '../../compare/summary-sentences.js';
import type { Status, Verdict } from '../../compare/types.js';
import { Problem } from '../../plan/problem.js';
import { didYouMean } from '../../plan/suggest.js';
import { runsKernelText } from '../../target/facts.js';
import { subjectName } from '../../target/outcome.js';
import type { CaseEvent, FooterEvent, HeaderEvent, RunEvent } from '../events.js';
import { wasCutShort } from '../summary.js';

export interface Focus {
  /** Cases, each with the verdicts that are meant. */
  readonly cases: readonly { readonly event: CaseEvent; readonly bad: readonly Verdict[] }[];
  readonly archs: readonly string[];
  readonly sentences: readonly string[];
  readonly regression: boolean;
  /** Whether a kernel's own text ran. */
  readonly kernel: boolean;
  /** `s390: `, or nothing where all back-ends are meant. */
  readonly of: string;
}

interface Wanted {
  readonly arch: readonly string[];
  readonly target?: readonly string[];
  readonly reporter: string | null;
  readonly before: { readonly name: string; readonly events: readonly RunEvent[] } | null;
}

/** @throws Problem with exit code 6 */
export function checkComparable(header: HeaderEvent, { name, events }: NonNullable<Wanted['before']>): void {
  const [old, end] = [events[0] as HeaderEvent, events.at(-1)];
  const cut = wasCutShort(end as FooterEvent);
  if (cut !== null) throw new Problem(`${name}: ${cut}, so nothing can be compared with it`, EXIT.refused);
  for (const what of ['interpretation', 'axis'] as const) {
    if (old[what] === header[what]) continue;
    throw new Problem(
      `${name}: its ${what} is ${old[what]}, that of this run ${header[what]}; they cannot be compared`,
      EXIT.refused,
    );
  }
}

/** @throws Problem for a bad reporter, a back-end that the run does not have, and as {@link checkComparable} */
export function checkFocus(header: HeaderEvent, { arch, target = [], before, reporter }: Wanted): void {
  if (reporter !== null && !/^[^<>\p{Cc}]*[^<>\p{Cc}\s] <[^<>@\s]+@[A-Za-z0-9.-]+>$/u.test(reporter)) {
    throw new Problem(`--reporter ${JSON.stringify(reporter)}: not as in 'A Tester <tester@example.org>'`);
  }
  const known = [...new Set(header.subjects.map(({ id }) => id.arch))];
  for (const name of arch) {
    if (!known.includes(name)) throw new Problem(`the run has no back-end ${name}${didYouMean(name, known)}`);
  }
  const targets = [...new Set(header.subjects.map(({ id }) => id.target))];
  for (const name of target) {
    if (!targets.includes(name))
      throw new Problem(`the run has no target ${name}${didYouMean(name, targets)}`);
  }
  if (before !== null) checkComparable(header, before);
}

export function focusOf(events: readonly RunEvent[], { arch, target = [], before }: Wanted): Focus {
  const cases = events.filter((event): event is CaseEvent => event.event === 'case');
  const header = events[0] as HeaderEvent;
  const meant = ({ status, subject }: Verdict) =>
    failing(status) &&
    (arch.length === 0 || arch.includes(subject.arch)) &&
    (target.length === 0 || target.includes(subject.target));
  const failed = chosen(cases, (_, verdict) => meant(verdict));
  const old = before === null ? null : statusesOf(before.events);
  const worse =
    old === null ? [] : chosen(cases, (event, verdict) => meant(verdict) && old(event, verdict) !== null);
  const focus = worse.length > 0 ? worse : failed;
  const archs = [...new Set(focus.flatMap(({ bad }) => bad.map(({ subject }) => subject.arch)))];
  return {
    cases: focus,
    archs,
    sentences: sentencesOf(cases, focus),
    regression: worse.length > 0,
    kernel: header.subjects.some(({ id }) => runsKernelText(id.target)),
    of: arch.length === 0 ? '' : `${arch.join(', ')}: `,
  };
}

function chosen(
  cases: readonly CaseEvent[],
  wanted: (event: CaseEvent, verdict: Verdict) => boolean,
): Focus['cases'] {
  return cases
    .map((event) => ({ event, bad: event.comparison.verdicts.filter((verdict) => wanted(event, verdict)) }))
    .filter(({ bad }) => bad.length > 0);
}

/** The old status where it was as expected, of the same case in the same words; else `null`. */
function statusesOf(events: readonly RunEvent[]): (event: CaseEvent, verdict: Verdict) => Status | null {
  const old = new Map<string, CaseEvent>();
  for (const event of events) if (event.event === 'case') old.set(event.spec.id, event);
  return ({ spec }, { subject }) => {
    const before = old.get(spec.id);
    if (before === undefined || before.spec.text !== spec.text) return null;
    const name = subjectName(subject);
    const found = before.comparison.verdicts.find((one) => subjectName(one.subject) === name);
    return found && STATUSES[found.status].ran && !failing(found.status) ? found.status : null;
  };
}

/** Of what is meant only; that the rest agrees is said where it does. */
function sentencesOf(cases: readonly CaseEvent[], focus: Focus['cases']): string[] {
  const meant = new Set(focus.flatMap(({ bad }) => bad));
  const isOther = (verdict: Verdict) => failing(verdict.status) && !meant.has(verdict);
  if (!cases.some(({ comparison }) => comparison.verdicts.some(isOther))) return compress(cases);
  const masked = cases.map(({ spec, comparison }) => ({
    spec,
    comparison: {
      ...comparison,
      verdicts: comparison.verdicts.map((verdict) =>
        isOther(verdict) ? { ...verdict, status: 'PASS' as const } : verdict,
      ),
    },
  }));
  return compressed(masked, 'unexpected').sentences.map((told) => told.replace(/^only /, ''));
}
