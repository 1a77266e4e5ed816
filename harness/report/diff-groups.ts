// SPDX-License-Identifier: MIT
/** A difference of two runs as people read it: members of a family that changed alike are told together. */
import type { CaseChange, ResultChange, RunDiff } from '../compare/over-time.js';
import { seenOtherwise } from '../compare/seen-before.js';
import { type Direction, failing, STATUSES } from '../compare/statuses.js';
import type { Status } from '../compare/types.js';

/** Cases of one family with the same changes. */
export interface Group {
  /** `fprobe/arguments.{3,4}` */
  readonly label: string;
  readonly cases: readonly string[];
  readonly edited: boolean;
  readonly changes: readonly Change[];
}

/** Subjects of one case that changed alike. */
export interface Change {
  /** `alpha, beta@6.1` */
  readonly who: string;
  /** `as expected → differs` */
  readonly what: string;
  /** What is seen now, or why it fails, of the first of these subjects in the first of the cases; may be empty. */
  readonly why: string;
  readonly first: ResultChange;
}

export interface Grouped {
  readonly worse: readonly Group[];
  readonly better: readonly Group[];
  readonly other: readonly Group[];
  /** Those that fail are among the worse. */
  readonly added: readonly Group[];
  readonly deleted: readonly Group[];
}

/** Members of a family told by name; of more, the rest is counted. */
const BRACED = 6;

export function groupsOf(diff: RunDiff): Grouped {
  const { both, added, deleted } = diff.subjects;
  const all = [...both, ...added, ...deleted];
  const within = (wanted: (one: CaseChange) => boolean, only: (one: ResultChange) => boolean) =>
    gathered(diff.cases.filter(wanted), only, all);
  const towards = (direction: Direction) =>
    within(
      ({ kind }) => kind === 'changed' || direction === 'worse',
      (one) => one.direction === direction,
    );
  return {
    worse: towards('worse'),
    better: towards('better'),
    other: towards('other'),
    added: named(
      diff.cases.filter(
        ({ kind, results }) => kind === 'added' && !results.some(({ direction }) => direction === 'worse'),
      ),
    ),
    deleted: named(diff.cases.filter(({ kind }) => kind === 'deleted')),
  };
}

function gathered(
  cases: readonly CaseChange[],
  only: (one: ResultChange) => boolean,
  all: readonly string[],
): Group[] {
  const groups = new Map<string, { ids: string[]; edited: boolean; changes: readonly Change[] }>();
  for (const one of cases) {
    const results = one.results.filter(only);
    if (results.length === 0) continue;
    const alike = new Map<string, ResultChange[]>();
    for (const result of results) {
      const key = transition(result);
      const list = alike.get(key);
      if (list === undefined) alike.set(key, [result]);
      else list.push(result);
    }
    const parts = [...alike].map(([what, list]) => ({
      what,
      list,
      who: subjectsText(list.map(nameOf), all),
    }));
    const key = JSON.stringify([familyOf(one.case), one.edited, parts.map(({ what, who }) => [what, who])]);
    const known = groups.get(key);
    if (known !== undefined) {
      known.ids.push(one.case);
      continue;
    }
    const changes = parts.map(({ what, who, list: [first] }) => {
      const result = first as ResultChange;
      return { who, what, why: whyOf(result), first: result };
    });
    groups.set(key, { ids: [one.case], edited: one.edited === true, changes });
  }
  return [...groups.values()].map(({ ids, edited, changes }) => ({
    label: braced(ids),
    cases: ids,
    edited,
    changes,
  }));
}

/** Without their results: whole cases came or went. */
function named(cases: readonly CaseChange[]): Group[] {
  const families = new Map<string, string[]>();
  for (const one of cases) {
    const list = families.get(familyOf(one.case));
    if (list === undefined) families.set(familyOf(one.case), [one.case]);
    else list.push(one.case);
  }
  return [...families.values()].map((ids) => ({
    label: braced(ids),
    cases: ids,
    edited: false,
    changes: [],
  }));
}

const nameOf = ({ subject }: ResultChange) => subject;

function transition({ before, after, seen }: ResultChange): string {
  const word = (status: Status | null) => (status === null ? 'not there' : STATUSES[status].brief);
  if (before !== after) return `${word(before)} → ${word(after)}`;
  return seen === null ? `${word(after)}, for another reason` : `${word(after)}, but sees something else`;
}

/** A failure says why it is one; everything else, what is seen otherwise. */
function whyOf({ after, reason, seen }: ResultChange): string {
  if (after !== null && (failing(after) || !STATUSES[after].ran) && reason !== '') return reason;
  return (seen === null ? null : seenOtherwise(seen)) ?? '';
}

/** Without the parameters of a row. */
function familyOf(id: string): string {
  const dot = id.indexOf('.', id.lastIndexOf('/') + 1);
  return dot < 0 ? id : id.slice(0, dot);
}

function braced(ids: readonly string[]): string {
  const [first = ''] = ids;
  const family = familyOf(first);
  const members = ids.map((id) => id.slice(family.length + 1));
  if (ids.length === 1 || members.includes('')) return ids.join(', ');
  const shown = members.slice(0, members.length > BRACED ? BRACED - 1 : BRACED);
  const rest = members.length - shown.length;
  return `${family}.{${shown.join(',')}${rest > 0 ? `,… ${rest} more` : ''}}`;
}

/**
 * Subjects without what all of them share: `alpha` for all its revisions, `beta@6.1` for one, the target only where
 * there are several.
 * @param all subjects of both runs
 */
export function subjectsText(names: readonly string[], all: readonly string[]): string {
  if (names.length > 1 && names.length === all.length) return 'all subjects';
  const several = new Set(all.map((name) => name.slice(name.indexOf('/')))).size > 1;
  const short = (name: string) => (several ? name : name.slice(0, name.indexOf('/')));
  const archOf = (name: string) => name.slice(0, name.indexOf('@'));
  const byArch = (list: readonly string[]) => {
    const archs = new Map<string, string[]>();
    for (const name of list) archs.set(archOf(name), [...(archs.get(archOf(name)) ?? []), name]);
    return archs;
  };
  const whole = byArch(all);
  return [...byArch(names)]
    .flatMap(([arch, list]) => (list.length === whole.get(arch)?.length ? [arch] : list.map(short)))
    .join(', ');
}
