// SPDX-License-Identifier: MIT
/**
 * Two runs of the same corpus: what was added, deleted, changed, and whether for better or worse. One of them may be a
 * baseline, which keeps verdicts only; where both keep outcomes, what was seen is compared too.
 */
import { type Observation, type SubjectId, subjectName } from '../target/outcome.js';
import { normalForm } from './normal.js';
import { type Direction, directionOf, failing, STATUSES } from './statuses.js';
import type { Axis, Status } from './types.js';

/** What a run, or a baseline, says. */
export interface Standing {
  readonly harness: string;
  readonly interpretation: number;
  readonly axis: Axis;
  readonly subjects: readonly SubjectId[];
  /** By id. */
  readonly cases: ReadonlyMap<string, CaseStanding>;
}

export interface CaseStanding {
  /** By place of the subject; `null`: no verdict. */
  readonly statuses: readonly (Status | null)[];
  /** `null` where only verdicts are kept. */
  readonly detail: CaseDetail | null;
}

export interface CaseDetail {
  /** Text of the case file. */
  readonly text: string;
  /** By place of the subject. */
  readonly reasons: readonly string[];
  /** By place of the subject; equal lists are mostly one. */
  readonly seen: readonly (readonly Observation[])[];
}

/** One case on one subject. */
export interface ResultChange {
  readonly subject: string;
  /** `null`: not in this run. */
  readonly before: Status | null;
  readonly after: Status | null;
  readonly direction: Direction;
  /** Of the verdict after; where there is none, of the one before. */
  readonly reason: string;
  /** What was seen, where both runs say and it is not the same. */
  readonly seen: { readonly before: readonly Observation[]; readonly after: readonly Observation[] } | null;
}

export interface CaseChange {
  readonly case: string;
  readonly kind: 'added' | 'deleted' | 'changed';
  /** Whether the case itself was edited in between; `null` where nobody knows. */
  readonly edited: boolean | null;
  /** In subject order. */
  readonly results: readonly ResultChange[];
}

export interface RunDiff {
  /** Versions of ftrace-conform. */
  readonly harness: { readonly before: string; readonly after: string };
  readonly subjects: {
    readonly both: readonly string[];
    readonly added: readonly string[];
    readonly deleted: readonly string[];
  };
  /** Without those that stayed as they were; in order of id. */
  readonly cases: readonly CaseChange[];
  readonly counts: {
    readonly cases: Readonly<Record<'added' | 'deleted' | 'changed' | 'unchanged', number>>;
    /** `added`, `deleted`: without those that are `worse`. */
    readonly results: Readonly<Record<Direction | 'added' | 'deleted' | 'unchanged', number>>;
  };
}

/** Why two runs are not comparable: one clause each; none if they are. */
export function incomparable(before: Standing, after: Standing): string[] {
  const [old, young] = [targetsOf(before), targetsOf(after)];
  const within = (some: readonly string[], all: readonly string[]) => some.every((one) => all.includes(one));
  const along = before.axis === 'target' || after.axis === 'target';
  const sameTargets = along
    ? within(old, young) && within(young, old)
    : within(old, young) || within(young, old);
  return [
    ...(before.interpretation === after.interpretation
      ? []
      : [`interpretation ${before.interpretation} and ${after.interpretation}`]),
    ...(before.axis === after.axis ? [] : [`compared along ${before.axis} and along ${after.axis}`]),
    ...(sameTargets ? [] : [`on target ${old.join(', ')} and on ${young.join(', ')}`]),
  ];
}

function targetsOf({ subjects }: Standing): string[] {
  return [...new Set(subjects.map(({ target }) => target))].sort();
}

/** Subjects by place before and after; `-1`: not there. */
interface Pairing {
  readonly name: string;
  readonly before: number;
  readonly after: number;
}

/**
 * @param before the older one. Where each has one target and not the same, subjects are the same if the rest of their
 *   name is: see {@link incomparable}
 * @param order of ids
 */
export function compareRuns(
  before: Standing,
  after: Standing,
  order: (a: string, b: string) => number,
): RunDiff {
  const pairs = pairingOf(before, after);
  const cases: CaseChange[] = [];
  const counts = {
    cases: { added: 0, deleted: 0, changed: 0, unchanged: 0 },
    results: { better: 0, worse: 0, other: 0, added: 0, deleted: 0, unchanged: 0 },
  };
  for (const id of [...new Set([...before.cases.keys(), ...after.cases.keys()])].sort(order)) {
    const [old, young] = [before.cases.get(id), after.cases.get(id)];
    const kind = old === undefined ? 'added' : young === undefined ? 'deleted' : 'changed';
    const same = sameSeen();
    const results: ResultChange[] = [];
    for (const pair of pairs) {
      const change = changeOf(pair, old, young, same);
      if (change === null) continue;
      if (change === 'unchanged') {
        counts.results.unchanged++;
        continue;
      }
      const { direction } = change;
      const came =
        change.before === null ? 'added' : change.after === null ? 'deleted' : ('changed' as const);
      counts.results[came === 'changed' || direction === 'worse' ? direction : came]++;
      // A subject that only one run has says nothing of the case, unless it fails.
      if (kind !== 'changed' || came === 'changed' || direction === 'worse') results.push(change);
    }
    if (kind === 'changed' && results.length === 0) counts.cases.unchanged++;
    else {
      counts.cases[kind]++;
      const [was, is] = [old?.detail, young?.detail];
      cases.push({ case: id, kind, edited: was && is ? was.text !== is.text : null, results });
    }
  }
  const named = (wanted: (pair: Pairing) => boolean) => pairs.filter(wanted).map(({ name }) => name);
  return {
    harness: { before: before.harness, after: after.harness },
    subjects: {
      both: named(({ before, after }) => before >= 0 && after >= 0),
      added: named(({ before }) => before < 0),
      deleted: named(({ after }) => after < 0),
    },
    cases,
    counts,
  };
}

/** In the order of the younger run; what is only in the older one comes last. */
function pairingOf(before: Standing, after: Standing): Pairing[] {
  const [old, young] = [targetsOf(before), targetsOf(after)];
  const moved = old.length === 1 && young.length === 1 && old[0] !== young[0];
  const key = (id: SubjectId) => (moved ? `${id.arch}@${id.revision}` : subjectName(id));
  const places = new Map(before.subjects.map((id, place) => [key(id), place]));
  const pairs = after.subjects.map((id, place): Pairing => {
    const known = places.get(key(id));
    places.delete(key(id));
    return { name: subjectName(id), before: known ?? -1, after: place };
  });
  for (const place of places.values())
    pairs.push({ name: subjectName(before.subjects[place] as SubjectId), before: place, after: -1 });
  return pairs;
}

function changeOf(
  pair: Pairing,
  old: CaseStanding | undefined,
  young: CaseStanding | undefined,
  same: (a: readonly Observation[], b: readonly Observation[]) => boolean,
): ResultChange | 'unchanged' | null {
  const before = old?.statuses[pair.before] ?? null;
  const after = young?.statuses[pair.after] ?? null;
  if (before === null && after === null) return null;
  const reasonBefore = old?.detail?.reasons[pair.before] ?? '';
  const reason = after === null ? reasonBefore : (young?.detail?.reasons[pair.after] ?? '');
  const part = { subject: pair.name, before, after, reason };
  // What comes new and fails is worse; what goes, even if it failed, is no regression.
  if (before === null || after === null)
    return { ...part, direction: after !== null && failing(after) ? 'worse' : 'other', seen: null };
  const direction = directionOf(before, after);
  const [was, is] = [old?.detail?.seen[pair.before], young?.detail?.seen[pair.after]];
  const differ = was !== undefined && is !== undefined && !same(was, is);
  // What a subject lacks, or why nothing could run, is all that is seen of one that did not run.
  const otherwise =
    old?.detail && young?.detail && !STATUSES[after].ran && before === after && reason !== reasonBefore;
  if (before === after && !differ && !otherwise) return 'unchanged';
  return { ...part, direction, seen: differ ? { before: was, after: is } : null };
}

/** Whether two lists are equal in normal form; most subjects of a case share theirs, so each pair is looked at once. */
function sameSeen() {
  const known = new Map<readonly Observation[], Map<readonly Observation[], boolean>>();
  const texts = new Map<readonly Observation[], string>();
  const text = (list: readonly Observation[]) => {
    let one = texts.get(list);
    if (one === undefined) {
      one = normalForm(list).join('\n');
      texts.set(list, one);
    }
    return one;
  };
  return (a: readonly Observation[], b: readonly Observation[]): boolean => {
    if (a === b) return true;
    let row = known.get(a);
    if (row === undefined) {
      row = new Map();
      known.set(a, row);
    }
    let equal = row.get(b);
    if (equal === undefined) {
      equal = text(a) === text(b);
      row.set(b, equal);
    }
    return equal;
  };
}
