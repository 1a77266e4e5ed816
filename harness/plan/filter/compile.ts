// SPDX-License-Identifier: MIT
/**
 * A filter's tree → a test of cases. Every name is checked here, so that a slip of the pen is an error and not an empty
 * selection. Before a run nobody knows results: then a test may leave open whether a case is meant.
 */
import { didYouMean } from '../suggest.js';
import { ASKING } from './asking.js';
import { FilterError, type Span } from './error.js';
import { isGlob, type Pathed, pathTest } from './paths.js';
import { isPredicate, PREDICATES, type Predicate } from './predicates.js';
import type { Term } from './syntax.js';
import type { Fail, Test, Words } from './types.js';

export interface Given {
  readonly text: string;
  /** `--filter` */
  readonly origin: string;
}

/** @throws FilterError for what nobody knows */
export function compile(term: Term, given: Given, words: Words): Test {
  const fail: Fail = (span, why) => {
    throw new FilterError(given.origin, given.text, span, why);
  };
  const build = (one: Term): Test => {
    if (one.kind === 'not') {
      const inner = build(one.of);
      return (candidate) => negated(inner(candidate));
    }
    if ('of' in one) {
      const parts = one.of.map(build);
      // What decides alone: true in `any`, false in `all`.
      const deciding = one.kind === 'any';
      return (candidate) => {
        let open = false;
        for (const part of parts) {
          const said = part(candidate);
          if (said === deciding) return deciding;
          if (said === null) open = true;
        }
        return open ? null : !deciding;
      };
    }
    if (one.kind === 'predicate') return predicateTest(one, words, fail);
    if (!one.quoted && isPredicate(one.text)) {
      return predicateTest({ kind: 'predicate', name: one.text, arguments: [], span: one.span }, words, fail);
    }
    return pathOf(one, words, fail);
  };
  return build(term);
}

/** Results a filter asks about, by the first predicate that does; `null`: none. */
export function firstAboutResults(term: Term): { name: string; span: Span } | null {
  if (term.kind === 'not') return firstAboutResults(term.of);
  if ('of' in term) {
    return term.of.reduce<ReturnType<typeof firstAboutResults>>(
      (found, one) => found ?? firstAboutResults(one),
      null,
    );
  }
  const name = term.kind === 'predicate' ? term.name : term.quoted ? '' : term.text;
  return isPredicate(name) && PREDICATES[name].asks === 'result' ? { name, span: term.span } : null;
}

/** Whether some predicate takes arguments of this kind. */
export function asksFor(term: Term, what: Predicate['arguments']): boolean {
  if (term.kind === 'not') return asksFor(term.of, what);
  if ('of' in term) return term.of.some((one) => asksFor(one, what));
  return term.kind === 'predicate' && isPredicate(term.name) && PREDICATES[term.name].arguments === what;
}

function negated(said: boolean | null): boolean | null {
  return said === null ? null : !said;
}

function pathOf({ text, span }: Extract<Term, { kind: 'path' }>, { paths }: Words, fail: Fail): Test {
  let test: (one: Pathed) => boolean;
  try {
    test = pathTest(text);
  } catch (error) {
    return fail(span, error instanceof RangeError ? error.message : 'this is no glob');
  }
  if (!isGlob(text) && !paths.some(test)) {
    const folders = paths.map(({ id }) => id.replace(/\/[^/]*$/, ''));
    const known = [...paths.map(({ id }) => id), ...folders, ...Object.keys(PREDICATES)];
    fail(span, `no case, family or folder is called \`${text}\`${didYouMean(text, known)}`);
  }
  return test;
}

function predicateTest(
  { name, arguments: given, span }: Extract<Term, { kind: 'predicate' }>,
  words: Words,
  fail: Fail,
): Test {
  if (!isPredicate(name)) {
    return fail(span, `there is no predicate \`${name}\`${didYouMean(name, Object.keys(PREDICATES))}`);
  }
  const { least, most, arguments: takes }: Predicate = PREDICATES[name];
  if (given.length < least || given.length > most) {
    const wanted = least === most ? `${least || 'no'}` : `at least ${least}`;
    fail(span, `\`${name}\` takes ${wanted} ${wanted === '1' || wanted.endsWith(' 1') ? 'name' : 'names'}`);
  }
  for (const { pattern, span } of given) {
    if (pattern && takes !== 'text') fail(span, `\`${name}\` takes names, not a regular expression`);
  }
  return ASKING[name](given, words, fail);
}
