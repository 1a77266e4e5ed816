// SPDX-License-Identifier: MIT
/**
 * How far targets of one run saw the same: for each back-end at each revision and each two targets, on how many cases, and
 * every disagreement with who is to be suspected. It does not depend on the axis that the run compared along.
 */
import { byVersion } from '../backend/by-version.js';
import { withoutAbsent } from '../compare/absent.js';
import { blameOf } from '../compare/blame.js';
import { normalForm } from '../compare/normal.js';
import { listed } from '../compare/sentence.js';
import { failing } from '../compare/statuses.js';
import type { Comparison, Verdict } from '../compare/types.js';
import type { Observation, Outcome } from '../target/outcome.js';
import type { CaseEvent } from './events.js';
import { number, plural } from './summary.js';

/** Two targets of a back-end at a revision. */
export interface FidelityRow {
  readonly arch: string;
  readonly revision: string;
  readonly targets: readonly [string, string];
  /** Cases that ran to an end on both. */
  readonly cases: number;
  readonly equal: number;
  readonly different: number;
  /** Of those that differ. */
  readonly declared: number;
}

/** Cases on which targets of a back-end at a revision part in the same way. */
export interface Disagreement {
  readonly arch: string;
  readonly revision: string;
  /** Targets that saw the same, the largest class first. */
  readonly classes: readonly (readonly string[])[];
  /** Whether the cases declare it. */
  readonly declared: boolean;
  /** Who is to be suspected, or the declared reason. */
  readonly blame: string;
  /** Ids, sorted. */
  readonly cases: readonly string[];
}

export interface Fidelity {
  readonly rows: readonly FidelityRow[];
  /** Those that nobody declared first. */
  readonly disagreements: readonly Disagreement[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** `null` where no case ran on two targets of the same back-end and revision. */
export function fidelityOf(events: readonly CaseEvent[]): Fidelity | null {
  const rows = new Map<string, Mutable<FidelityRow>>();
  const found = new Map<string, Disagreement & { readonly cases: string[] }>();
  for (const { spec, comparison } of events) {
    for (const place of placesOf(comparison)) {
      const { arch, revision } = place[0]?.outcome.subject ?? { arch: '', revision: '' };
      const texts = seenBy(place);
      place.forEach((one, index) => {
        for (let other = index + 1; other < place.length; other++) {
          const targets = [one, place[other] as Seen].map(({ outcome }) => outcome.subject.target);
          const key = JSON.stringify([arch, revision, targets]);
          const row = rows.get(key) ?? emptyRow(arch, revision, targets as [string, string]);
          rows.set(key, row);
          row.cases++;
          if (texts[index] === texts[other]) row.equal++;
          else {
            row.different++;
            if (isDeclared([one, place[other] as Seen])) row.declared++;
          }
        }
      });
      const classes = classesOf(place, texts);
      if (classes.length < 2) continue;
      const declared = isDeclared(place);
      const blame = declared ? reasonsOf(place) : (blameOf(classes) ?? '');
      const key = JSON.stringify([arch, revision, classes, declared, blame]);
      const known = found.get(key) ?? { arch, revision, classes, declared, blame, cases: [] };
      known.cases.push(spec.id);
      found.set(key, known);
    }
  }
  if (rows.size === 0) return null;
  return {
    rows: [...rows.values()].sort((a, b) => byPlace(a, b) || order(a.targets.join(), b.targets.join())),
    disagreements: [...found.values()].sort(
      (a, b) => Number(a.declared) - Number(b.declared) || byPlace(a, b) || b.cases.length - a.cases.length,
    ),
  };
}

interface Seen {
  readonly outcome: Outcome;
  readonly verdict: Verdict;
}

/** What ran to an end that can be compared, by back-end and revision; only where several targets did. */
function placesOf({ outcomes, verdicts }: Comparison): Seen[][] {
  const places = new Map<string, Seen[]>();
  outcomes.forEach((outcome, index) => {
    const { subject, end } = outcome;
    const verdict = verdicts[index];
    if (verdict === undefined || (end.kind !== 'completed' && end.kind !== 'crashed')) return;
    const key = `${subject.arch}@${subject.revision}`;
    places.set(key, [...(places.get(key) ?? []), { outcome, verdict }]);
  });
  return [...places.values()]
    .filter(({ length }) => length > 1)
    .map((place) => place.sort((a, b) => order(a.outcome.subject.target, b.outcome.subject.target)));
}

/** What each saw, as text; a field that one of them has no means to give does not count. */
function seenBy(place: readonly Seen[]): string[] {
  const texts = new Map<readonly Observation[], string>();
  return withoutAbsent(place.map(({ outcome }) => outcome.observations)).map((list) => {
    const known = texts.get(list) ?? normalForm(list).join('\n');
    texts.set(list, known);
    return known;
  });
}

function classesOf(place: readonly Seen[], texts: readonly string[]): string[][] {
  const classes = new Map<string, string[]>();
  place.forEach(({ outcome }, index) => {
    const text = texts[index] as string;
    classes.set(text, [...(classes.get(text) ?? []), outcome.subject.target]);
  });
  return [...classes.values()].sort((a, b) => b.length - a.length);
}

/** A difference that nobody declared fails somebody. */
function isDeclared(seen: readonly Seen[]): boolean {
  return seen.every(({ verdict }) => !failing(verdict.status));
}

function reasonsOf(place: readonly Seen[]): string {
  const reasons = place.flatMap(({ verdict }) => verdict.divergences.map(({ because }) => because.trim()));
  return [...new Set(reasons)].join(' / ');
}

function emptyRow(arch: string, revision: string, targets: readonly [string, string]): Mutable<FidelityRow> {
  return { arch, revision, targets, cases: 0, equal: 0, different: 0, declared: 0 };
}

type Place = Pick<FidelityRow, 'arch' | 'revision'>;

function byPlace(a: Place, b: Place): number {
  return order(a.arch, b.arch) || byVersion(a.revision, b.revision);
}

function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** For each two targets over all back-ends: `model and qemu-user: 203 of 204 outcomes equal, 1 different`. */
export function fidelitySums({ rows }: Fidelity): string[] {
  const pairs = new Map<string, FidelityRow[]>();
  for (const row of rows) {
    const name = row.targets.join(' and ');
    pairs.set(name, [...(pairs.get(name) ?? []), row]);
  }
  return [...pairs].map(([name, own]) => {
    const sum = (what: 'cases' | 'equal' | 'different' | 'declared') =>
      own.reduce((total, row) => total + row[what], 0);
    const [cases, equal, different, declared] = [
      sum('cases'),
      sum('equal'),
      sum('different'),
      sum('declared'),
    ];
    const how = declared === 0 ? '' : `, ${number(declared)} of them as declared`;
    return `${name}: ${number(equal)} of ${number(cases)} ${plural(cases, 'outcome')} equal, ${number(different)} different${how}`;
  });
}

/** Cases told by name. */
const NAMED = 3;

/** `alpha@7.2, model against qemu-user on fprobe/a, fprobe/b: …` */
export function disagreementSentence({
  arch,
  revision,
  classes,
  declared,
  blame,
  cases,
}: Disagreement): string {
  const rest = cases.length - NAMED;
  const which = rest > 0 ? `${cases.slice(0, NAMED).join(', ')} and ${number(rest)} more` : listed(cases);
  const how = declared ? `declared: ${blame}` : blame;
  return `${arch}@${revision}, ${classes.map(listed).join(' against ')} on ${which}: ${how}`;
}
