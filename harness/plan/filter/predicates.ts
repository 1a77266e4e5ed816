// SPDX-License-Identifier: MIT
/**
 * The predicates of filters, as data: the document and the errors are made from this table. Those about a case choose
 * before a run; those about results choose among what ran, and need a log or the end of a run.
 */

/** `states`: see {@link STATES}; `subjects`: back-ends, `@revision`, `back-end@revision`. */
export type Arguments = 'covers' | 'features' | 'kinds' | 'text' | 'subjects' | 'states' | 'none';

export interface Predicate {
  readonly asks: 'case' | 'result';
  readonly arguments: Arguments;
  /** Number of arguments. */
  readonly least: number;
  readonly most: number;
  /** One sentence without the final stop. */
  readonly meaning: string;
}

const MANY = Number.POSITIVE_INFINITY;

export const PREDICATES = {
  covers: {
    asks: 'case',
    arguments: 'covers',
    least: 1,
    most: MANY,
    meaning: 'covers one of these upstream tests or old bugs, or one of its subtests',
  },
  feature: {
    asks: 'case',
    arguments: 'features',
    least: 1,
    most: MANY,
    meaning: 'requires one of these Kconfig symbols',
  },
  requires: {
    asks: 'case',
    arguments: 'features',
    least: 1,
    most: MANY,
    meaning: 'the same as feature',
  },
  kind: {
    asks: 'case',
    arguments: 'kinds',
    least: 1,
    most: MANY,
    meaning: 'has a probe of one of these kinds',
  },
  title: {
    asks: 'case',
    arguments: 'text',
    least: 1,
    most: 1,
    meaning: 'its title has this text, or matches this regular expression, in whatever case',
  },
  fails: {
    asks: 'result',
    arguments: 'subjects',
    least: 0,
    most: MANY,
    meaning: 'each of these is not as expected; without names: somebody is not',
  },
  passes: {
    asks: 'result',
    arguments: 'subjects',
    least: 0,
    most: MANY,
    meaning: 'each of these is as expected wherever it ran; without names: all are',
  },
  unsupported: {
    asks: 'result',
    arguments: 'subjects',
    least: 0,
    most: MANY,
    meaning: 'each of these lacks what the case requires; without names: all do',
  },
  differs: {
    asks: 'result',
    arguments: 'subjects',
    least: 0,
    most: MANY,
    meaning: 'each of these stands apart from the majority; without names: outcomes differ',
  },
  undeclared: {
    asks: 'result',
    arguments: 'none',
    least: 0,
    most: 0,
    meaning: 'outcomes differ without a declared reason',
  },
  one: {
    asks: 'result',
    arguments: 'states',
    least: 1,
    most: 1,
    meaning: 'exactly one name along the compared axis is in this state',
  },
  seq: {
    asks: 'result',
    arguments: 'states',
    least: 2,
    most: MANY,
    meaning: 'some back-end is in these states at successive revisions',
  },
} as const satisfies Readonly<Record<string, Predicate>>;

export type PredicateName = keyof typeof PREDICATES;

/** Of `one` and `seq`, besides every status as it is printed: `CRASH`. */
export const STATES = ['pass', 'fail', 'unsupported', 'differs'] as const;

/** What people also write. */
export const SYNONYMS: Readonly<Record<string, string>> = {
  passes: 'pass',
  fails: 'fail',
  differ: 'differs',
};

export function isPredicate(name: string): name is PredicateName {
  return Object.hasOwn(PREDICATES, name);
}
