// SPDX-License-Identifier: MIT
/**
 * A case of the log as it is stored. What subjects saw stands there once per distinct list, not once per subject, and
 * what is as in the case before of the same file is left out; reading gives back the event exactly. Header and
 * footer are stored as they are.
 */
import { normalForm } from '../compare/normal.js';
import type { Parting } from '../compare/parting.js';
import type { AppliedDivergence, Verdict } from '../compare/types.js';
import {
  type Observation,
  type Outcome,
  type OutcomeEnd,
  type SubjectId,
  subjectName,
} from '../target/outcome.js';
import type { CaseEvent, HeaderEvent } from './events.js';

type Spec = CaseEvent['spec'];

export interface CaseRecord {
  readonly event: 'case';
  /** `id` and `file`, and whatever is not as in the case before of this file. */
  readonly spec: Pick<Spec, 'id' | 'file'> & Partial<Spec>;
  /** Distinct lists of observations. */
  readonly seen: readonly (readonly Observation[])[];
  /** Distinct diffs; those against an expectation without their two heading lines, which name the subject. */
  readonly diffs: readonly string[];
  /** Distinct lists of declared divergences. */
  readonly divergences: readonly (readonly AppliedDivergence[])[];
  /** In the order of the header's subjects. */
  readonly results: readonly ResultRecord[];
  /** Places of subjects in the header; the text follows from what they saw. */
  readonly classes: readonly (readonly number[])[];
  readonly sentence: string | null;
  readonly explained: boolean;
  readonly parting?: Parting;
}

/** Left out: a subject that is the header's at this place; what a passing subject has none of. */
interface ResultRecord {
  readonly subject?: SubjectId;
  readonly status: Verdict['status'];
  readonly reason?: string;
  /** Index into `diffs`, and whether the headings are to be put before it. */
  readonly diff?: readonly [index: number, headed: boolean];
  /** Index into `divergences`. */
  readonly divergences?: number;
  readonly absent?: readonly string[];
  readonly end?: OutcomeEnd;
  /** Index into `seen`. */
  readonly seen: number;
  /** `null`: not counted. */
  readonly instructions: number | null;
}

type Subjects = HeaderEvent['subjects'];

/** Remembers, per file, the last case: one for writing a log, another for reading it. */
export class Specs {
  readonly #before = new Map<string, Spec>();

  shorten(spec: Spec): CaseRecord['spec'] {
    const before = this.#before.get(spec.file);
    this.#before.set(spec.file, spec);
    const changed = Object.entries(spec).filter(
      ([name, value]) => name === 'id' || name === 'file' || !same(value, before?.[name as keyof Spec]),
    );
    return Object.fromEntries(changed) as unknown as CaseRecord['spec'];
  }

  /** @throws RangeError where the log lacks what the case before should have said */
  restore(short: CaseRecord['spec']): Spec {
    const { id, file, title, why, source, covers, requires, text } = {
      ...this.#before.get(short.file),
      ...short,
    };
    if (
      title === undefined ||
      why === undefined ||
      source === undefined ||
      text === undefined ||
      !covers ||
      !requires
    )
      throw new RangeError('an incomplete case');
    const spec = { id, file, title, why, source, covers, requires, text };
    this.#before.set(file, spec);
    return spec;
  }
}

export function recordOf({ spec, comparison }: CaseEvent, subjects: Subjects, specs: Specs): CaseRecord {
  const [seen, diffs, divergences] = [
    new Table<readonly Observation[]>(),
    new Table<string>(),
    new Table<readonly AppliedDivergence[]>(),
  ];
  const results = comparison.verdicts.map((verdict, index): ResultRecord => {
    const outcome = comparison.outcomes[index] as Outcome;
    const { subject, status, reason, diff, absent } = verdict;
    const head = diff === null ? '' : heading(subject);
    const headed = diff?.startsWith(head) === true;
    return {
      ...(isSame(subject, subjects[index]?.id) ? {} : { subject }),
      status,
      ...(reason === '' ? {} : { reason }),
      ...(diff === null
        ? {}
        : { diff: [diffs.index(headed ? diff.slice(head.length) : diff), headed] as const }),
      ...(verdict.divergences.length === 0 ? {} : { divergences: divergences.index(verdict.divergences) }),
      ...(absent.length === 0 ? {} : { absent }),
      ...(outcome.end.kind === 'completed' ? {} : { end: outcome.end }),
      seen: seen.index(outcome.observations),
      instructions: outcome.instructions,
    };
  });
  const places = new Map(comparison.verdicts.map(({ subject }, index) => [subjectName(subject), index]));
  return {
    event: 'case',
    spec: specs.shorten(spec),
    seen: seen.values,
    diffs: diffs.values,
    divergences: divergences.values,
    results,
    classes: comparison.classes.map((one) => one.subjects.map((name) => places.get(name) as number)),
    sentence: comparison.sentence,
    explained: comparison.explained,
    ...(comparison.parting === undefined ? {} : { parting: comparison.parting }),
  };
}

/** @throws RangeError, TypeError for a record that refers to what is not there */
export function eventOf(record: CaseRecord, subjects: Subjects, specs: Specs): CaseEvent {
  const spec = specs.restore(record.spec);
  const ids = record.results.map((result, index) => result.subject ?? at(subjects, index).id);
  const { sentence, explained, parting } = record;
  return {
    event: 'case',
    spec,
    comparison: {
      case: spec.id,
      verdicts: record.results.map(({ status, reason = '', diff, divergences, absent = [] }, index) => ({
        case: spec.id,
        subject: at(ids, index),
        status,
        reason,
        diff:
          diff === undefined ? null : `${diff[1] ? heading(at(ids, index)) : ''}${at(record.diffs, diff[0])}`,
        divergences: divergences === undefined ? [] : at(record.divergences, divergences),
        absent,
      })),
      classes: record.classes.map((members) => ({
        subjects: members.map((member) => subjectName(at(ids, member))),
        text: normalForm(at(record.seen, at(record.results, members[0] ?? -1).seen)),
      })),
      sentence,
      explained,
      outcomes: record.results.map(({ end = { kind: 'completed' }, seen, instructions }, index) => ({
        case: spec.id,
        subject: at(ids, index),
        end,
        observations: at(record.seen, seen),
        instructions,
      })),
      ...(parting === undefined ? {} : { parting }),
    },
  };
}

/** Distinct values in the order of their first use. */
class Table<T> {
  readonly values: T[] = [];
  readonly #places = new Map<string, number>();
  /** Most equal values are one. */
  readonly #known = new Map<T, number>();

  index(value: T): number {
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const key = JSON.stringify(value);
    const place = this.#places.get(key) ?? this.values.push(value) - 1;
    this.#places.set(key, place);
    this.#known.set(value, place);
    return place;
  }
}

function isSame(a: SubjectId, b: SubjectId | undefined): boolean {
  return a === b || (a.arch === b?.arch && a.revision === b.revision && a.target === b.target);
}

/** As compare/diff.ts heads a diff against an expectation. */
function heading(subject: SubjectId): string {
  return `--- expected\n+++ ${subjectName(subject)}\n`;
}

function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new RangeError(`nothing at ${index}`);
  return value;
}

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  return typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b);
}
