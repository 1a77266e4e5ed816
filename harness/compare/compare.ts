// SPDX-License-Identifier: MIT
/**
 * One case over all its subjects: classes of equal outcomes along an axis, whether every difference is
 * declared, and the sentence that names the odd one out.
 */
import { type Observation, type SubjectId, subjectName } from '../target/outcome.js';
import { withoutAbsent, withoutAbsentFields } from './absent.js';
import { blameOf } from './blame.js';
import { excuse } from './excuse.js';
import { type Judged, type Judgements, judge, type Result } from './judge.js';
import { normalLine, sameLists } from './normal.js';
import { type OddClass, oddOneOut } from './sentence.js';
import { failing } from './statuses.js';
import type { Axis, Comparison, OutcomeClass, Verdict } from './types.js';

/**
 * Targets are models of one another: whatever the axis, they must not differ silently, so they are compared besides
 * where there are several.
 * @param given in subject order; their outcomes all of this case
 */
export function compareCase(spec: Judged, given: readonly Result[], axis: Axis): Comparison {
  const results = sharedLists(given);
  const seenBefore: Judgements = new Map();
  const verdicts = results.map((result) => judge(spec, result, seenBefore));
  const own = along(axis, spec, results, verdicts);
  const besides =
    axis !== 'target' && severalTargets(results) ? along('target', spec, results, verdicts) : null;
  const sentences = [
    ...own.sentences.map(({ place, told }) => (own.places > 1 || besides ? `at ${place}: ${told}` : told)),
    ...(besides?.sentences.map(({ place, told }) => `at ${place}: ${told}`) ?? []),
  ];
  return {
    case: spec.id,
    verdicts,
    classes: own.classes,
    sentence: sentences.length > 0 ? sentences.join('; ') : null,
    explained: own.explained && besides?.explained !== false,
    outcomes: results.map(({ outcome }) => outcome),
  };
}

interface Along {
  readonly classes: readonly OutcomeClass[];
  /** How many there are to compare at. */
  readonly places: number;
  readonly sentences: readonly { readonly place: string; readonly told: string }[];
  readonly explained: boolean;
}

/** @param verdicts those whom the comparison fails are changed */
function along(axis: Axis, spec: Judged, results: readonly Result[], verdicts: Verdict[]): Along {
  const classes: OutcomeClass[] = [];
  const sentences: { place: string; told: string }[] = [];
  let explained = true;
  const groups = grouped(results, axis);
  for (const [place, group] of groups) {
    const subjects = group.map((index) => (results[index] as Result).outcome.subject);
    const seen = group.map((index) => (results[index] as Result).outcome.observations);
    const names = subjects.map((subject) => subject[axis]);
    const plain = classesOf(names, seen);
    classes.push(
      ...plain.map(({ members, observations }) => ({
        subjects: members.map((member) => subjectName(subjects[member] as SubjectId)).sort(),
        text: linesOf(observations),
      })),
    );
    const open =
      plain.length > 1 ? classesOf(names, withoutAbsent(unexplained(spec, group, results, verdicts))) : plain;
    const told = [open, classesOf(names, withoutAbsent(seen)), plain].find(several) ?? plain;
    const odd = oddOneOut(told.map(toldOf));
    // A difference that is declared has its reason.
    const blamed = axis === 'target' && open.length > 1 ? blameOf(open.map(({ names }) => names)) : null;
    const sentence = odd === null || blamed === null ? odd : `${odd}; ${blamed}`;
    if (sentence !== null) sentences.push({ place, told: sentence });
    if (open.length > 1) {
      explained = false;
      blame(verdicts, group, open, sentence ?? '');
    }
  }
  return { classes, places: groups.size, sentences, explained };
}

function severalTargets(results: readonly Result[]): boolean {
  const [first] = results;
  return results.some(({ outcome }) => outcome.subject.target !== first?.outcome.subject.target);
}

/** Subjects that saw the same share one list: most do, and all of them are kept until the end of the run. */
export function sharedLists(results: readonly Result[]): Result[] {
  const lists: (readonly Observation[])[] = [];
  return results.map((result) => {
    const { outcome } = result;
    const first = lists.find((list) => sameLists(list, outcome.observations));
    if (first !== undefined) return { ...result, outcome: { ...outcome, observations: first } };
    lists.push(outcome.observations);
    return result;
  });
}

function unexplained(
  spec: Judged,
  group: readonly number[],
  results: readonly Result[],
  verdicts: readonly Verdict[],
): (readonly Observation[])[] {
  return excuse(
    spec,
    group.map((index) => results[index] as Result),
    group.map((index) => !failing((verdicts[index] as Verdict).status)),
  );
}

/** Indices of comparable results by what the other two axes hold: `7.2/model`. */
function grouped(results: readonly Result[], axis: Axis): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  results.forEach(({ outcome: { subject, end } }, index) => {
    if (end.kind !== 'completed' && end.kind !== 'crashed') return;
    const held = (['arch', 'revision', 'target'] as const).filter((name) => name !== axis);
    const place = held.map((name) => subject[name]).join('/');
    groups.set(place, [...(groups.get(place) ?? []), index]);
  });
  return groups;
}

/** Lists are never changed once they are compared, and each is asked for several times. */
const lines = new WeakMap<readonly Observation[], { readonly list: string[]; readonly text: string }>();

function written(observations: readonly Observation[]) {
  let known = lines.get(observations);
  if (known === undefined) {
    const list = observations.map(normalLine);
    known = { list, text: list.join('\n') };
    lines.set(observations, known);
  }
  return known;
}

const linesOf = (observations: readonly Observation[]) => written(observations).list;
const textOf = (observations: readonly Observation[]) => written(observations).text;

interface Class extends OddClass {
  /** Indices into the group. */
  readonly members: readonly number[];
}

const several = (classes: readonly Class[]) => classes.length > 1;

const toldOf = ({ names, observations }: Class): OddClass => ({
  names,
  observations: observations.map(withoutAbsentFields),
});

/** Largest first; of equal size, in subject order. */
function classesOf(names: readonly string[], seen: readonly (readonly Observation[])[]): Class[] {
  const byText = new Map<string, number[]>();
  seen.forEach((observations, index) => {
    const text = textOf(observations);
    byText.set(text, [...(byText.get(text) ?? []), index]);
  });
  return [...byText.values()]
    .sort((a, b) => b.length - a.length)
    .map((members) => ({
      members,
      names: members.map((member) => names[member] as string),
      observations: seen[members[0] as number] as readonly Observation[],
    }));
}

/**
 * Fails those of the minority whom the expectation let pass; on a tie everybody. Where the
 * expectation has already failed all but one class, it has decided who is wrong.
 */
function blame(
  verdicts: Verdict[],
  group: readonly number[],
  classes: readonly Class[],
  sentence: string,
): void {
  const passing = (member: number) => !failing((verdicts[group[member] as number] as Verdict).status);
  if (classes.filter(({ members }) => members.some(passing)).length < 2) return;
  const [first, second] = classes;
  const majority = first?.members.length === second?.members.length ? null : first;
  for (const { members } of classes.filter((one) => one !== majority)) {
    for (const member of members.filter(passing)) {
      const index = group[member] as number;
      verdicts[index] = { ...(verdicts[index] as Verdict), status: 'FAIL', reason: sentence };
    }
  }
}
