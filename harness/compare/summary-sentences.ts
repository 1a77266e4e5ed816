// SPDX-License-Identifier: MIT
/**
 * A whole run in a few sentences: full columns and full rows of the matrix are told as such (`only s390, on all 14
 * direct cases; everything else agrees`), the rest by whichever grouping gives fewer sentences. The idea is that of
 * arethetypeswrong, packages/core/src/problems.ts.
 */
import { byVersion } from '../backend/by-version.js';
import { type SubjectId, subjectName } from '../target/outcome.js';
import { EXIT } from './exit-codes.js';
import { listed } from './sentence.js';
import { failing, STATUSES } from './statuses.js';
import type { Comparison, Verdict } from './types.js';

/** As much of a case event as the sentences need. */
export interface Told {
  readonly spec: { readonly id: string };
  readonly comparison: Comparison;
}

/** `unexpected`: what fails the run; `declared`: where a divergence that a case declares applied. */
export type About = 'unexpected' | 'declared';

/** Folders told by name in one sentence, and cases told by name where a folder has no more of them. */
const FOLDERS = 4;
const NAMED = 2;

/** Sentences above which revisions are not told apart. */
const MANY = 8;

/**
 * Sentences without final stop, the most cases first; the last says what everything else does. `[]` for no cases, and
 * for declared divergences where there are none.
 */
export function compress(cases: readonly Told[], about: About = 'unexpected'): string[] {
  if (cases.length === 0) return [];
  const run = new Run(cases);
  const marks = run.rows.flatMap((row) => marksOf(row, about));
  if (marks.length === 0 && about === 'declared') return [];
  const sentences = groupsOf(marks, run).map((group) => sentence(group, run));
  const rest = about === 'declared' ? 'everything else agrees' : run.rest(marks.length > 0);
  const [only] = sentences;
  return sentences.length === 1 ? [`${only}; ${rest}`] : [...sentences, rest];
}

/** A subject's place on the axes other than arch, as it is told: `6.1`, or `6.1/model` among several targets. */
type Place = string;

interface Row {
  readonly id: string;
  readonly folder: string;
  readonly verdicts: readonly Verdict[];
  /** Where each back-end gave a verdict on the case. */
  readonly ran: ReadonlyMap<string, readonly Place[]>;
  /** Largest classes of equal size, no declared reason: nobody is the odd one. */
  readonly tie: readonly (readonly SubjectId[])[];
  readonly placeOf: (subject: SubjectId) => Place;
}

/** Something to tell of one case: who, and on which back-ends' account the folder is counted. */
interface Mark {
  readonly row: Row;
  readonly who: string;
  readonly archs: readonly string[];
  /** Each back-end for itself, and how it is told. */
  readonly columns: readonly (readonly [arch: string, who: string])[];
  /** `only` may be said. */
  readonly alone: boolean;
  readonly broken: boolean;
}

interface Group {
  readonly marks: readonly Mark[];
  readonly who: string;
  readonly archs: readonly string[];
  readonly alone: boolean;
  readonly broken: boolean;
}

class Run {
  readonly rows: readonly Row[];
  /** Cases of a folder that ran on some of these back-ends, asked often. */
  readonly #sizes = new Map<string, number>();
  readonly #folders = new Map<string, Row[]>();

  constructor(cases: readonly Told[]) {
    const targets = new Set<string>();
    for (const { comparison } of cases) {
      for (const { subject } of comparison.verdicts) targets.add(subject.target);
    }
    const placeOf = ({ revision, target }: SubjectId) =>
      targets.size > 1 ? `${revision}/${target}` : revision;
    this.rows = cases.map((one) => rowOf(one, placeOf));
    for (const row of this.rows) {
      const known = this.#folders.get(row.folder);
      if (known === undefined) this.#folders.set(row.folder, [row]);
      else known.push(row);
    }
  }

  size(folder: string): number {
    return this.#folders.get(folder)?.length ?? 0;
  }

  /** Cases of a folder on which some of these back-ends gave a verdict. */
  sizeFor(folder: string, archs: readonly string[]): number {
    const key = `${folder}\n${archs.join()}`;
    let size = this.#sizes.get(key);
    if (size === undefined) {
      size = (this.#folders.get(folder) ?? []).filter(({ ran }) =>
        archs.some((arch) => ran.has(arch)),
      ).length;
      this.#sizes.set(key, size);
    }
    return size;
  }

  rest(more: boolean): string {
    const verdicts = this.rows.flatMap((row) => row.verdicts);
    const who = `everything${more ? ' else' : ''}${verdicts.some((one) => !judged(one)) ? ' that ran' : ''}`;
    const declared = verdicts.some(({ divergences }) => divergences.length > 0);
    return `${who} agrees${declared ? ', or differs as declared' : ''}`;
  }
}

function rowOf({ spec: { id }, comparison }: Told, placeOf: Row['placeOf']): Row {
  const ran = new Map<string, Place[]>();
  for (const verdict of comparison.verdicts.filter(judged)) {
    const { subject } = verdict;
    ran.set(subject.arch, [...(ran.get(subject.arch) ?? []), placeOf(subject)]);
  }
  return {
    id,
    folder: folderOf(id),
    verdicts: comparison.verdicts,
    ran,
    tie: comparison.explained ? [] : tiedClasses(comparison),
    placeOf,
  };
}

/** Of one comparison; where there were several, at several revisions for example, classes are not of one kind. */
function tiedClasses({ classes, verdicts }: Comparison): SubjectId[][] {
  const ids = new Map(verdicts.map(({ subject }) => [subjectName(subject), subject]));
  const members = classes.map(({ subjects }) => subjects.flatMap((name) => ids.get(name) ?? []));
  const all = members.flat();
  const constant = (['arch', 'revision', 'target'] as const).filter(
    (axis) => new Set(all.map((subject) => subject[axis])).size === 1,
  );
  const largest = members.filter(({ length }) => length === members[0]?.length);
  return constant.length >= 2 && largest.length > 1 ? largest : [];
}

function judged({ status }: Verdict): boolean {
  return STATUSES[status].ran || STATUSES[status].exit === EXIT.harness;
}

function folderOf(id: string): string {
  const slash = id.lastIndexOf('/');
  return slash < 0 ? '' : id.slice(0, slash);
}

function marksOf(row: Row, about: About): Mark[] {
  if (about === 'declared') {
    const odd = row.verdicts.filter(({ divergences }) => divergences.length > 0);
    return odd.length === 0 ? [] : [markOf(row, odd, false)];
  }
  const bad = row.verdicts.filter(({ status }) => failing(status));
  const isBroken = ({ status }: Verdict) => STATUSES[status].exit === EXIT.harness;
  return [bad.filter((one) => !isBroken(one)), bad.filter(isBroken)].flatMap((odd, index) =>
    odd.length === 0 ? [] : [markOf(row, odd, index === 1)],
  );
}

function markOf(row: Row, odd: readonly Verdict[], broken: boolean): Mark {
  const places = placesOf(
    odd.map(({ subject }) => subject),
    row,
  );
  const archs = [...places.keys()];
  const all = [...row.ran].every(([arch, ran]) => places.get(arch)?.length === ran.length);
  const columns = [...places].map(
    ([arch, own]) => [arch, subjectsText(new Map([[arch, own]]), row)] as const,
  );
  if (!all) return { row, who: subjectsText(places, row), archs, columns, alone: true, broken };
  const who =
    row.ran.size === 1 && row.verdicts.some((one) => one.subject.arch !== archs[0])
      ? `${archs[0]}, where alone it runs`
      : row.tie.length > 1 && !broken
        ? row.tie.map((some) => subjectsText(placesOf(some, row), row)).join(' against ')
        : 'all subjects';
  return { row, who, archs, columns, alone: false, broken };
}

function placesOf(subjects: readonly SubjectId[], { placeOf }: Row): Map<string, Place[]> {
  const places = new Map<string, Place[]>();
  for (const subject of subjects) {
    places.set(subject.arch, [...(places.get(subject.arch) ?? []), placeOf(subject)]);
  }
  return places;
}

/** `s390`, where all its revisions are meant; `riscv and s390 at 6.1`; `s390, and riscv at 6.1 and 6.12`. */
function subjectsText(places: ReadonlyMap<string, readonly Place[]>, { ran }: Row): string {
  const archs = new Map<string, string[]>();
  for (const [arch, some] of places) {
    const at = some.length === ran.get(arch)?.length ? '' : listed([...some].sort(byVersion));
    archs.set(at, [...(archs.get(at) ?? []), arch]);
  }
  const told = [...archs]
    .sort(([a], [b]) => (a === '' ? -1 : b === '' ? 1 : 0))
    .map(([at, names]) => `${listed(names)}${at && ` at ${at}`}`);
  return told.join(', and ');
}

/**
 * By the exact set of subjects, or each back-end for itself, if that gives fewer; where it still gives many, without
 * their revisions.
 */
function groupsOf(marks: readonly Mark[], run: Run): Group[] {
  const full = marks.filter(({ alone }) => !alone);
  const rest = marks.filter(({ alone }) => alone);
  const bySet = grouped(rest);
  const byColumn = grouped(
    rest.flatMap((mark) => mark.columns.map(([arch, who]) => ofArch(mark, arch, who))),
  );
  const fewer = byColumn.length < bySet.length ? byColumn : bySet;
  const told =
    fewer.length > MANY
      ? grouped(rest.flatMap((mark) => mark.columns.map(([arch]) => ofArch(mark, arch, arch))))
      : fewer;
  const groups = [...grouped(full), ...(told.length < fewer.length ? told : fewer)];
  const order = new Map(run.rows.map((row, index) => [row, index]));
  const first = ({ marks: [mark] }: Group) => order.get((mark as Mark).row) as number;
  return groups.sort((a, b) => b.marks.length - a.marks.length || first(a) - first(b));
}

/** Others may be odd there too: `only` would be wrong. */
function ofArch(mark: Mark, arch: string, who: string): Mark {
  return { ...mark, who, archs: [arch], alone: false };
}

function grouped(marks: readonly Mark[]): Group[] {
  const groups = new Map<string, Mark[]>();
  for (const mark of marks) {
    const key = `${mark.broken}\n${mark.who}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [mark]);
    else known.push(mark);
  }
  return [...groups.values()].map((group) => {
    const [{ who, alone, broken }] = group as [Mark];
    return { marks: group, who, alone, broken, archs: [...new Set(group.flatMap(({ archs }) => archs))] };
  });
}

function sentence(group: Group, run: Run): string {
  const { marks, who, alone, broken } = group;
  const head = `${alone ? 'only ' : ''}${who}${broken ? ' (harness errors)' : ''}`;
  if (marks.length === run.rows.length && marks.length > 1) return `${head}, on every case`;
  const folders = new Map<string, Mark[]>();
  for (const mark of marks) {
    const known = folders.get(mark.row.folder);
    if (known === undefined) folders.set(mark.row.folder, [mark]);
    else known.push(mark);
  }
  const ordered = [...folders].sort(([, a], [, b]) => b.length - a.length);
  const shown = ordered.slice(0, ordered.length > FOLDERS ? FOLDERS - 1 : FOLDERS);
  const more = ordered.slice(shown.length);
  const parts = shown.map(([folder, some]) => folderText(folder, some, group, run));
  if (more.length > 0) {
    const count = more.reduce((sum, [, some]) => sum + some.length, 0);
    parts.push(`${count} more in ${more.length} folders`);
  }
  return `${head}, on ${listed(parts)}`;
}

/** `all 14 direct cases`, `3 of 52 graph cases`, `direct/tail-jump`. */
function folderText(folder: string, marks: readonly Mark[], { archs }: Group, run: Run): string {
  const size = run.size(folder);
  const own = run.sizeFor(folder, archs);
  const name = folder === '' ? '' : `${folder} `;
  const cases = (count: number) => `${name}${count === 1 ? 'case' : 'cases'}`;
  if (marks.length === own && own > 1) {
    return `all ${own} ${cases(own)}${own < size ? ' that run there' : ''}`;
  }
  if (marks.length <= NAMED) return listed(marks.map(({ row }) => row.id));
  return `${marks.length} of ${own} ${cases(own)}`;
}
