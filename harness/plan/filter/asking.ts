// SPDX-License-Identifier: MIT
/** What each predicate of the table tests, once its names are checked. */
import { coverIds } from '../../case/covers.js';
import type { ProbeKind } from '../../case/types.js';
import { unexpected } from '../../compare/statuses.js';
import type { Axis, Comparison } from '../../compare/types.js';
import { type SubjectId, subjectName } from '../../target/outcome.js';
import { backendHead } from '../subjects.js';
import { didYouMean } from '../suggest.js';
import { type PredicateName, STATES, SYNONYMS } from './predicates.js';
import { apart, cell, hasSequence, inState, isPass, namesAlong, STATUS_NAMES } from './results.js';
import type { Argument } from './syntax.js';
import type { Fail, Test, Words } from './types.js';

type Ask = (given: readonly Argument[], words: Words, fail: Fail) => Test;

/** Every argument, replaced by the known word it is. */
function known(given: readonly Argument[], words: Iterable<string>, what: string, fail: Fail): string[] {
  const all = new Set(words);
  for (const { text, span } of given) {
    if (!all.has(text)) fail(span, `there is no ${what} \`${text}\`${didYouMean(text, all)}`);
  }
  return given.map(({ text }) => text);
}

const requires: Ask = (given, { features }, fail) => {
  const names = new Set(known(given, features, 'feature', fail));
  return (candidate) => candidate.requires.some((name) => names.has(name));
};

/** For each of the subjects named, or once for all of them. */
const each =
  (holds: (comparison: Comparison, wanted: (subject: SubjectId) => boolean, axis: Axis) => boolean): Ask =>
  (given, words, fail) => {
    const wanted = given.length === 0 ? [() => true] : given.map((one) => subjectsMeant(one, words, fail));
    return ({ comparison }) =>
      comparison === null ? null : wanted.every((subjects) => holds(comparison, subjects, words.axis));
  };

export const ASKING: Readonly<Record<PredicateName, Ask>> = {
  covers: (given, _, fail) => {
    const names = known(given, coverIds, 'upstream test or historical bug', fail);
    // A case for a whole row covers its subtests, and one for a subtest something of the row.
    const within = (a: string, b: string) => a === b || a.startsWith(`${b}/`);
    return ({ covers }) => covers.some((id) => names.some((name) => within(id, name) || within(name, id)));
  },
  feature: requires,
  requires,
  kind: (given, _, fail) => {
    const names = new Set(known(given, Object.keys(KINDS), 'kind of probe', fail));
    return (candidate) => candidate.kinds().some((kind) => names.has(kind));
  },
  title: ([argument], _, fail) => {
    const { text, pattern, span } = argument as Argument;
    if (!pattern) return ({ title }) => title.toLowerCase().includes(text.toLowerCase());
    let expression: RegExp;
    try {
      expression = new RegExp(text, 'i');
    } catch (error) {
      return fail(span, `no regular expression: ${(error as Error).message.replace(/^.*: /, '')}`);
    }
    return ({ title }) => expression.test(title);
  },
  fails: (given, words, fail) =>
    given.length > 0
      ? each((comparison, wanted) => inState(cell(comparison, wanted), 'fail'))(given, words, fail)
      : ({ comparison }) => comparison && unexpected(comparison),
  passes: each((comparison, wanted) => isPass(cell(comparison, wanted))),
  unsupported: each((comparison, wanted) => inState(cell(comparison, wanted), 'unsupported')),
  differs: each((comparison, wanted, axis) => {
    const names = apart(comparison, axis);
    return comparison.verdicts.some(({ subject }) => wanted(subject) && names.has(subjectName(subject)));
  }),
  undeclared: () => (candidate) => candidate.comparison && !candidate.comparison.explained,
  one: ([argument], { axis }, fail) => {
    const state = stateOf(argument as Argument, true, fail);
    return ({ comparison }) => {
      if (comparison === null) return null;
      const odd = state === 'differs' ? apart(comparison, axis) : null;
      const stands = (name: string) =>
        odd === null
          ? inState(
              cell(comparison, (subject) => subject[axis] === name),
              state,
            )
          : comparison.verdicts.some(
              ({ subject }) => subject[axis] === name && odd.has(subjectName(subject)),
            );
      return namesAlong(comparison, axis).filter(stands).length === 1;
    };
  },
  seq: (given, _, fail) => {
    const states = given.map((one) => stateOf(one, false, fail));
    return ({ comparison }) => comparison && hasSequence(comparison, states);
  },
};

function stateOf({ text, span }: Argument, comparing: boolean, fail: Fail): string {
  const state = SYNONYMS[text] ?? text;
  const states = [...STATES.filter((one) => comparing || one !== 'differs'), ...STATUS_NAMES];
  if (states.includes(state)) return state;
  return fail(
    span,
    `there is no state \`${text}\`${didYouMean(text, states)}\n  states: ${states.join(', ')}`,
  );
}

/** `back-end`, `@revision`, `/target` and combinations; a back-end by its name or by the head of its column. */
function subjectsMeant({ text, span }: Argument, { subjects }: Words, fail: Fail) {
  const [, arch = '', revision, target] = /^([^@/]*)(?:@([^/]*))?(?:\/(.*))?$/.exec(text) ?? [];
  const shorts = new Map(subjects.map(({ id, short }) => [backendHead(short), id.arch]));
  const name = shorts.get(arch) ?? arch;
  const check = (part: string | undefined, all: readonly string[], what: string) => {
    if (part === undefined || part === '' || all.includes(part)) return;
    const list = [...new Set(all)];
    fail(
      span,
      `no subject here has the ${what} \`${part}\`${didYouMean(part, list)}\n  there: ${list.join(', ')}`,
    );
  };
  check(name, [...subjects.map(({ id }) => id.arch)], 'back-end');
  check(revision, [...subjects.map(({ id }) => id.revision)], 'revision');
  check(target, [...subjects.map(({ id }) => id.target)], 'target');
  const meant = (subject: SubjectId) =>
    (name === '' || subject.arch === name) &&
    (!revision || subject.revision === revision) &&
    (!target || subject.target === target);
  if (!subjects.some(({ id }) => meant(id))) fail(span, `no subject here is \`${text}\``);
  return meant;
}

/** All kinds of probes; the type keeps it whole. */
const KINDS: Readonly<Record<ProbeKind, true>> = {
  ops: true,
  graph: true,
  fprobe: true,
  kprobe: true,
  kretprobe: true,
  direct: true,
  fentry: true,
  fmod_ret: true,
  fexit: true,
  fsession: true,
  livepatch: true,
  tracer: true,
  event: true,
  fentry_multi: true,
  fexit_multi: true,
  fsession_multi: true,
  kprobe_multi: true,
  kretprobe_multi: true,
  kprobe_session: true,
  perf: true,
};
