// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expected, outcome, seen, subject } from '../../cli/test/fakes.js';
import { compareCase } from '../../compare/compare.js';
import type { Axis, Comparison, Status } from '../../compare/types.js';
import { compile, firstAboutResults } from './compile.js';
import { FilterError } from './error.js';
import { pathTest } from './paths.js';
import { parseFilter, type Term } from './syntax.js';
import type { Candidate, Words } from './types.js';

/** The tree in brackets, every operator written out. */
function shown(term: Term): string {
  if (term.kind === 'path') return term.text;
  if (term.kind === 'not') return `!${shown(term.of)}`;
  if (term.kind === 'predicate') {
    return `${term.name}<${term.arguments.map(({ text, pattern }) => (pattern ? `~${text}` : text)).join(';')}>`;
  }
  return `[${term.of.map(shown).join(term.kind === 'any' ? '|' : '&')}]`;
}

const error = (action: () => unknown): string => {
  try {
    action();
  } catch (caught) {
    if (caught instanceof FilterError) return caught.render();
    throw caught;
  }
  throw new Error('no error');
};

describe('syntax', () => {
  test.each([
    ['a', 'a'],
    ['a or b and not c', '[a|[b&!c]]'],
    ['(a or b) and c', '[[a|b]&c]'],
    ['a, b and c', '[a|[b&c]]'],
    ['not not a', '!!a'],
    ['nota or orb', '[nota|orb]'],
    ['fails(x)and passes( y , z )', '[fails<x>&passes<y;z>]'],
    ['a/{b,c}.[1-3], d/**', '[a/{b,c}.[1-3]|d/**]'],
    ['title(~^An? (x|y\\)) z$ )', 'title<~^An? (x|y\\)) z$>'],
    ['title("and (not)")', 'title<and (not)>'],
    ['"differs" or differs()', '[differs|differs<>]'],
  ])('%s', (text, tree) => expect(shown(parseFilter(text, '--filter'))).toBe(tree));

  test('a column and a caret', () => {
    expect(error(() => parseFilter('graph and (ops or', 'FTRACE_CONFORM_FILTER'))).toBe(
      [
        'error: FTRACE_CONFORM_FILTER, column 18: expected a path, a predicate, `not` or `(`',
        '  graph and (ops or',
        '                   ^',
      ].join('\n'),
    );
  });
  test('a caret below the place on the screen', () => {
    const told = error(() => parseFilter('title(日本) \t 한글)', '--filter')).split('\n');
    expect(told.slice(1)).toEqual(['  title(日本)   한글)', `  ${' '.repeat(14)}^^`]);
    const long = error(() => parseFilter(`${'漢'.repeat(60)} 한`, '--filter')).split('\n');
    expect(long[1]?.endsWith('漢 한')).toBe(true);
    expect(long[2]?.endsWith('^^')).toBe(true);
  });
  test.each([
    ['', 1, 'expected a path'],
    ['a b', 3, 'expected `and`, `or`, `,` or the end'],
    ['(a', 1, 'this `(` is not closed'],
    ['a)', 2, 'closes nothing'],
    ['covers(', 7, 'this `(` is not closed'],
    ['covers(a b)', 10, 'expected `,` or `)`'],
    ['and a', 1, '`and` needs a term'],
    ['a && b', 3, 'expected `and`'],
    ['!a', 1, 'say `not`'],
    ['"a', 1, 'this quote is not closed'],
    ['title(~)', 8, 'expected a regular expression'],
    [`${'('.repeat(200)}a`, 101, 'nested deeper than 100'],
    ['a'.repeat(10_001), 1, 'longer than'],
  ])('%s', (text, column, why) => {
    const told = error(() => parseFilter(text, '--filter'));
    expect(told).toContain(`--filter, column ${column}: `);
    expect(told).toContain(why);
    for (const line of told.split('\n').slice(1)) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('whatever is given: a tree or an error with a place', () => {
    const piece = fc.constantFrom(
      'a',
      'and',
      'or',
      'not',
      '(',
      ')',
      ',',
      '"',
      '~',
      ' ',
      'fails',
      '{',
      '[',
      '\\',
      '*',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        try {
          parseFilter(pieces.join(''), 'x');
        } catch (caught) {
          expect(caught).toBeInstanceOf(FilterError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

test.each([
  ['a/b', ['a/b', 'a/b.1', 'a/b/c'], ['a/bc', 'x/a/b']],
  ['a', ['a/b', 'a/b/c', 'a.1'], ['ab/c']],
  ['a/', ['a/b'], ['ab/c']],
  ['*/b', ['a/b', 'a/b.1'], ['a/c/b']],
  ['**/b', ['a/b', 'b', 'a/c/b'], ['a/bb']],
  ['a/**', ['a/b', 'a/b/c'], ['ab']],
  ['a/b.{1,10}', ['a/b.1', 'a/b.10'], ['a/b.2', 'a/b.100']],
  ['a/b.[!1-3]', ['a/b.4'], ['a/b.1']],
  ['?/b', ['a/b'], ['aa/b']],
  ['cases/a/b.yaml', ['a/b'], ['a/c']],
  ['./cases/a', ['a/b'], []],
])('path %s', (path, yes, no) => {
  const holds = (id: string) => pathTest(path)({ id, file: `cases/${id.replace(/\.\d+$/, '')}.yaml` });
  expect(yes.filter((id) => !holds(id))).toEqual([]);
  expect(no.filter(holds)).toEqual([]);
});

const words: Words = {
  paths: ['fprobe/entry', 'fprobe/exit.1', 'graph/plain'].map((id) => ({ id, file: `cases/${id}.yaml` })),
  features: ['FPROBE', 'KPROBES'],
  subjects: ['alpha', 'beta', 'gamma'].flatMap((arch) =>
    ['6.12', '7.2'].map((revision) => ({
      id: subject(arch, revision),
      short: `${arch.slice(0, 2)}@${revision}`,
    })),
  ),
  axis: 'arch',
};
const candidate = (parts: Partial<Candidate> = {}): Candidate => ({
  id: 'fprobe/entry',
  file: 'cases/fprobe/entry.yaml',
  title: 'An fprobe sees arguments',
  covers: ['FP-06'],
  requires: ['FPROBE'],
  kinds: () => ['fprobe', 'ops'],
  comparison: null,
  ...parts,
});
const ask = (text: string, parts: Partial<Candidate> = {}, axis: Axis = 'arch') =>
  compile(parseFilter(text, '--filter'), { text, origin: '--filter' }, { ...words, axis })(candidate(parts));

describe('about a case', () => {
  test.each([
    ['fprobe', true],
    ['graph', false],
    ['covers(FP-06)', true],
    ['covers(FP-02, FP-06)', true],
    ['covers(FP-02)', false],
    ['feature(FPROBE) and requires(FPROBE)', true],
    ['feature(KPROBES)', false],
    ['kind(ops)', true],
    ['kind(graph, direct)', false],
    ['title(FPROBE)', true],
    ['title(~^an .* arguments$)', true],
    ['title(~^fprobe)', false],
    ['not graph and (graph or kind(fprobe))', true],
  ])('%s', (text, holds) => expect(ask(text)).toBe(holds));

  test('a case for a row covers its subtests, and the other way round', () => {
    expect(ask('covers(BP-02/perf)', { covers: ['BP-02'] })).toBe(true);
    expect(ask('covers(BP-02)', { covers: ['BP-02/perf'] })).toBe(true);
    expect(ask('covers(BP-02/perf)', { covers: ['BP-02/legacy'] })).toBe(false);
  });
});

test('before a run, only what cannot depend on results is decided', () => {
  expect(ask('fails(alpha)')).toBe(null);
  expect(ask('graph and fails(alpha)')).toBe(false);
  expect(ask('fprobe or fails(alpha)')).toBe(true);
  expect(ask('fprobe and not fails(alpha)')).toBe(null);
  expect(firstAboutResults(parseFilter('graph and not (ops or differs)', 'x'))?.name).toBe('differs');
  expect(firstAboutResults(parseFilter('graph and not "differs"', 'x'))).toBe(null);
});

test('what is decided before a run is not undone by its results', () => {
  const atom = fc.constantFrom(
    'fprobe',
    'graph',
    'kind(ops)',
    'fails(alpha)',
    'passes',
    'differs',
    'one(fail)',
  );
  const { filter } = fc.letrec<{ filter: string }>((tie) => ({
    filter: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      atom,
      tie('filter').map((inner) => `not (${inner})`),
      fc
        .tuple(tie('filter'), fc.constantFrom('and', 'or'), tie('filter'))
        .map(([a, op, b]) => `(${a} ${op} ${b})`),
    ),
  }));
  const letter = fc.constantFrom('p', 'F', 'u', 'C', 'E');
  fc.assert(
    fc.property(filter, fc.array(letter, { minLength: 6, maxLength: 6 }), (text, [a, b, c, d, e, f]) => {
      const before = ask(text);
      const after = ask(text, { comparison: row(`${a}/${b}`, `${c}/${d}`, `${e}/${f}`) });
      expect(after).not.toBe(null);
      if (before !== null) expect(after).toBe(before);
      expect(ask(`not (${text})`, { comparison: row(`${a}/${b}`, `${c}/${d}`, `${e}/${f}`) })).toBe(!after);
    }),
  );
});

/** Statuses by subject, written as a row: one word per back-end, its revisions apart by `/`. */
function row(...cells: string[]): Comparison {
  const letters: Record<string, Status> = { p: 'PASS', F: 'FAIL', u: 'UNSUPPORTED', C: 'CRASH', E: 'ERROR' };
  const verdicts = cells.flatMap((cell, arch) =>
    cell.split('/').map((letter, revision) => ({
      case: 'c',
      subject: subject(['alpha', 'beta', 'gamma'][arch] as string, ['6.12', '7.2'][revision] as string),
      status: letters[letter] as Status,
      reason: '',
      diff: null,
      divergences: [],
      absent: [],
    })),
  );
  return { case: 'c', verdicts, classes: [], sentence: null, explained: true, outcomes: [] };
}

describe('about verdicts', () => {
  test.each([
    ['fails', row('p/p', 'p/F', 'u/u'), true],
    ['fails', row('p/p', 'u/p', 'u/u'), false],
    ['fails(beta)', row('p/p', 'p/F', 'u/u'), true],
    ['fails(al)', row('p/p', 'p/F', 'u/u'), false],
    ['fails(alpha, beta)', row('p/p', 'p/F', 'u/u'), false],
    ['fails(beta@6.12)', row('p/p', 'p/F', 'u/u'), false],
    ['fails(@7.2)', row('p/p', 'p/F', 'u/u'), true],
    ['fails(beta@7.2/model)', row('p/p', 'p/E', 'u/u'), true],
    ['passes(alpha)', row('u/p', 'p/F', 'u/u'), true],
    ['passes(beta)', row('p/p', 'p/F', 'u/u'), false],
    ['passes(gamma)', row('p/p', 'p/F', 'u/u'), false],
    ['passes', row('p/p', 'u/p', 'u/u'), true],
    ['unsupported(gamma)', row('p/p', 'u/p', 'u/u'), true],
    ['unsupported(beta)', row('p/p', 'u/p', 'u/u'), false],
    ['unsupported', row('u/u', 'u/u', 'u/u'), true],
    ['one(fail)', row('p/p', 'C/F', 'u/u'), true],
    ['one(fails)', row('p/F', 'C/F', 'u/u'), false],
    ['one(CRASH)', row('p/F', 'p/C', 'u/u'), true],
    ['one(unsupported)', row('p/F', 'u/u', 'u/p'), true],
    ['seq(pass, fail)', row('p/p', 'F/p', 'p/C'), true],
    ['seq(pass, fail)', row('p/p', 'F/p', 'u/C'), false],
    ['seq(unsupported, pass)', row('p/p', 'u/p', 'u/u'), true],
    ['fails(beta) and passes(alpha, gamma)', row('p/p', 'F/p', 'u/p'), true],
  ] as const)('%s', (text, comparison, holds) => expect(ask(text, { comparison })).toBe(holds));
  test('exactly one revision, where revisions are compared', () => {
    const comparison = row('p/F', 'p/F', 'p/p');
    expect(ask('one(fail)', { comparison }, 'revision')).toBe(true);
    expect(ask('one(fail)', { comparison }, 'arch')).toBe(false);
  });
});

describe('about differences', () => {
  /** What alpha, beta and gamma see, at 7.2; `declared` where that is expected of them. */
  const compared = (...values: string[]) =>
    compareCase(
      { id: 'c', expect: [expected('result', { value: 'any' })], divergences: [] },
      values.map((value, index) => ({
        outcome: outcome(subject(['alpha', 'beta', 'gamma'][index] as string), [seen('result', { value })]),
        features: new Set<string>(),
      })),
      'arch',
    );
  test.each([
    ['differs', ['1', '1', '1'], false],
    ['differs', ['1', '2', '1'], true],
    ['differs(beta)', ['1', '2', '1'], true],
    ['differs(alpha)', ['1', '2', '1'], false],
    ['differs(alpha, beta)', ['1', '2', '3'], true],
    ['one(differs)', ['1', '2', '1'], true],
    ['one(differs)', ['1', '2', '3'], false],
    ['undeclared', ['1', '2', '1'], true],
    ['undeclared', ['1', '1', '1'], false],
  ])('%s %j', (text, values, holds) => expect(ask(text, { comparison: compared(...values) })).toBe(holds));
});

describe('names', () => {
  test('a slip of the pen, with its place', () => {
    expect(error(() => ask('graph and fials(alpha)'))).toBe(
      [
        'error: --filter, column 11: there is no predicate `fials`; did you mean fails?',
        '  graph and fials(alpha)',
        '            ^^^^^',
      ].join('\n'),
    );
  });
  test.each([
    ['fprobe/entrie', 1, 'did you mean fprobe/entry'],
    ['fail', 1, 'did you mean fails'],
    ['covers(FP-O6)', 8, 'did you mean FP-06'],
    ['feature(FPROBES)', 9, 'did you mean FPROBE'],
    ['kind(fporbe)', 6, 'did you mean fprobe'],
    ['passes(alpha, betta)', 15, 'did you mean beta'],
    ['passes(@7.3)', 8, 'did you mean 7.2'],
    ['one(difers)', 5, 'did you mean differs'],
    ['seq(pass, differs)', 11, 'there is no state `differs`'],
    ['seq(pass)', 1, 'takes at least 2 names'],
    ['undeclared(alpha)', 1, 'takes no names'],
    ['title(~[)', 8, 'no regular expression'],
    ['kind(~fprobe)', 7, 'takes names'],
    ['graph/{a', 1, '`{` is not closed'],
    ['graph/[a', 1, '`[` is not closed'],
    ['graph/[z-a]', 1, 'no glob'],
  ])('%s', (text, column, why) => {
    const told = error(() => ask(text));
    expect(told).toContain(`column ${column}: `);
    expect(told).toContain(why);
  });
  test('a glob need not match anything', () => expect(ask('graph/none*')).toBe(false));
});
