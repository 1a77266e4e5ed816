// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { subject } from '../cli/test/fakes.js';
import type { Standing } from '../compare/over-time.js';
import { SEVERITY } from '../compare/statuses.js';
import type { Status } from '../compare/types.js';
import { Problem } from '../plan/problem.js';
import { accepted, type Chosen } from './accept.js';
import { baselineText, readBaseline } from './baseline.js';

const standing = (
  cases: Record<string, readonly (Status | null)[]>,
  subjects = [subject('alpha', '6.1'), subject('alpha'), subject('beta')],
): Standing => ({
  harness: '1.2.3',
  interpretation: 4,
  axis: 'arch',
  subjects,
  cases: new Map(Object.entries(cases).map(([id, statuses]) => [id, { statuses, detail: null }])),
});

const TEXT = `# ftrace-conform baseline 1
# harness 1.2.3
# interpretation 4
# axis arch
# subjects alpha@6.1/model alpha@7.2/model
# subjects beta@7.2/model
# letters p as expected, s skipped, u unsupported, x expected failure, X unexpected pass, F differs, T timeout, C crash, M not started, E harness error, - no verdict
up p fprobe/a.2
FC X fprobe/a.10
-p E graph/b
`;
const FACTS = standing({
  'fprobe/a.10': ['FAIL', 'CRASH', 'XPASS'],
  'fprobe/a.2': ['UNSUPPORTED', 'PASS', 'PASS'],
  'graph/b': [null, 'PASS', 'ERROR'],
  'graph/nobody': [null, null, null],
});

describe('the file', () => {
  test('one line per case in order of id, one letter per subject, the facts above', () => {
    expect(baselineText(FACTS)).toBe(TEXT);
  });

  test('reads back', () => {
    const read = readBaseline(TEXT, 'b.txt');
    expect(read).toMatchObject({
      harness: '1.2.3',
      interpretation: 4,
      axis: 'arch',
      subjects: FACTS.subjects,
    });
    expect([...read.cases].map(([id, { statuses }]) => [id, statuses])).toEqual([
      ['fprobe/a.2', ['UNSUPPORTED', 'PASS', 'PASS']],
      ['fprobe/a.10', ['FAIL', 'CRASH', 'XPASS']],
      ['graph/b', [null, 'PASS', 'ERROR']],
    ]);
  });

  test('any run reads back, byte for byte', () => {
    const status = fc.option(fc.constantFrom(...SEVERITY));
    const id = fc.stringMatching(/^[a-z]{1,3}\/[a-z0-9-]{1,4}(\.[a-z0-9-]{1,3})?$/);
    fc.assert(
      fc.property(fc.dictionary(id, fc.tuple(status, status, status), { maxKeys: 20 }), (cases) => {
        const text = baselineText(standing(cases));
        expect(baselineText(readBaseline(text, 'b'))).toBe(text);
      }),
    );
  });

  test.each([
    ['empty', () => '', ':1: does not begin with'],
    ['no baseline', () => '{"event":"header"}\n', ':1: does not begin with "# ftrace-conform baseline"'],
    [
      'of the future',
      () => TEXT.replace('baseline 1', 'baseline 2'),
      'format 2, but this version reads format 1',
    ],
    ['cut off', () => TEXT.slice(0, -3), ':10: the last line is cut off'],
    ['a letter too few', () => TEXT.replace('up p', 'up '), ':8: not one letter for each of 3 subjects'],
    ['a letter too many', () => TEXT.replace('up p', 'upp p'), ':8: not one letter for each of 3 subjects'],
    ['letters grouped otherwise', () => TEXT.replace('up p', 'u pp'), ':8: not one letter for each'],
    ['a blank for a letter', () => TEXT.replace('up p', 'u  p'), ':8: blanks among the letters'],
    ['an unknown letter', () => TEXT.replace('up p', 'uq p'), ':8: no verdict has the letter q'],
    ['an id twice', () => TEXT.replace('.10', '.2'), ':9: fprobe/a.2 must stand before fprobe/a.2'],
    ['not sorted', () => TEXT.replace('.10', '.1'), ':9: fprobe/a.1 must stand before fprobe/a.2'],
    ['a mark of a merge', () => TEXT.replace('FC', '=======\nFC'), ':9: not one letter'],
    [
      'an unknown fact',
      () => TEXT.replace('# axis', '# seed'),
      ':4: a line of the head that is not understood',
    ],
    ['a fact twice', () => TEXT.replace('# axis arch', '# axis arch\n# axis arch'), ':5: a line of the head'],
    ['no interpretation', () => TEXT.replace('# interpretation 4\n', ''), 'lacks "# interpretation …"'],
    ['no number', () => TEXT.replace('interpretation 4', 'interpretation four'), 'says interpretation four'],
    ['an axis that is none', () => TEXT.replace('axis arch', 'axis time'), 'says axis time'],
    ['no subjects', () => TEXT.replaceAll(/# subjects.*\n/g, ''), 'names no subjects'],
    ['a subject twice', () => TEXT.replace('beta@7.2', 'alpha@7.2'), 'names a subject twice'],
    ['a subject that is none', () => TEXT.replace('beta@7.2', 'beta'), 'no subject: beta/model'],
  ])('refused with exit code 6: %s', (_, text, message) => {
    const refusal = () => readBaseline(text(), 'b.txt');
    expect(refusal).toThrow(message);
    expect(refusal).toThrow(expect.objectContaining({ exit: 6 }));
    expect(refusal).toThrow(Problem);
  });
});

describe('accepting', () => {
  const all: Chosen = { case: () => true, subject: () => true, pruneCases: false, pruneSubjects: false };
  const rows = (given: Standing) =>
    baselineText(given)
      .split('\n')
      .slice(-1 - given.cases.size, -1);
  const A = subject('alpha');
  const B = subject('beta');
  const old = standing({ a: ['PASS', 'PASS'], b: ['FAIL', 'PASS'], c: ['PASS', 'FAIL'] }, [A, B]);
  const fresh = standing({ a: ['FAIL', 'FAIL'], b: ['PASS', 'PASS'], d: ['PASS', 'UNSUPPORTED'] }, [A, B]);

  test('the first time: all of it', () => {
    expect(rows(accepted(null, fresh, all))).toEqual(['F F a', 'p p b', 'p u d']);
  });
  test('chosen cases only; what the run has not stays', () => {
    expect(rows(accepted(old, fresh, { ...all, case: (id) => id === 'b' }))).toEqual([
      'p p a',
      'p p b',
      'p F c',
    ]);
    expect(rows(accepted(old, fresh, all))).toEqual(['F F a', 'p p b', 'p F c', 'p u d']);
  });
  test('chosen subjects only; of a new case, the others have no verdict', () => {
    expect(rows(accepted(old, fresh, { ...all, subject: ({ arch }) => arch === 'beta' }))).toEqual([
      'p F a',
      'F p b',
      'p F c',
      '- u d',
    ]);
  });
  test('pruned: what the run has not goes, of the chosen cases', () => {
    const prune = { ...all, pruneCases: true };
    expect(rows(accepted(old, fresh, prune))).toEqual(['F F a', 'p p b', 'p u d']);
    expect(rows(accepted(old, fresh, { ...prune, case: (id) => id !== 'c' }))).toContain('p F c');
  });
  test('a new subject stands where a run has it, and the old ones keep their letters', () => {
    const more = standing({ a: ['FAIL'] }, [subject('alpha', '6.12')]);
    const was = standing({ a: ['PASS', 'UNSUPPORTED'], b: ['PASS', 'PASS'] }, [subject('alpha', '6.1'), A]);
    const result = accepted(was, more, all);
    expect(result.subjects.map(({ revision }) => revision)).toEqual(['6.1', '6.12', '7.2']);
    expect(rows(result)).toEqual(['pFu a', 'p-p b']);
  });
  test('subjects that are no longer there go only when asked', () => {
    const only = standing({ a: ['PASS'] }, [B]);
    expect(accepted(old, only, all).subjects).toEqual([A, B]);
    expect(rows(accepted(old, only, { ...all, pruneSubjects: true }))).toEqual(['p a', 'p b', 'F c']);
  });
});
