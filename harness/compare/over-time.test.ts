// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import { seen, subject } from '../cli/test/fakes.js';
import { byId } from '../plan/order.js';
import type { Observation, SubjectId } from '../target/outcome.js';
import { type CaseStanding, compareRuns as compared, incomparable, type Standing } from './over-time.js';
import { directionOf, SEVERITY } from './statuses.js';
import type { Status } from './types.js';

const A = subject('alpha');
const B = subject('beta');
const one = [seen('result', { value: '1' })];
const two = [seen('result', { value: '2' })];

const standing = (
  cases: Record<string, CaseStanding>,
  subjects: readonly SubjectId[] = [A, B],
): Standing => ({
  harness: '1.0.0',
  interpretation: 1,
  axis: 'arch',
  subjects,
  cases: new Map(Object.entries(cases)),
});

const compareRuns = (before: Standing, after: Standing) => compared(before, after, byId);
const letters = (...statuses: (Status | null)[]): CaseStanding => ({ statuses, detail: null });
const told = (
  statuses: readonly (Status | null)[],
  lists: readonly (readonly Observation[])[],
  more: { text?: string; reasons?: readonly string[] } = {},
): CaseStanding => ({
  statuses,
  detail: { text: more.text ?? 'title: T', reasons: more.reasons ?? statuses.map(() => ''), seen: lists },
});

describe('better, worse, other', () => {
  test.each<[Status, Status, 'better' | 'worse' | 'other']>([
    ['PASS', 'FAIL', 'worse'],
    ['PASS', 'CRASH', 'worse'],
    ['PASS', 'XPASS', 'worse'],
    ['PASS', 'XFAIL', 'worse'],
    ['PASS', 'UNSUPPORTED', 'worse'],
    ['PASS', 'SKIP', 'other'],
    ['UNSUPPORTED', 'FAIL', 'worse'],
    ['SKIP', 'ERROR', 'worse'],
    ['FAIL', 'CRASH', 'worse'],
    ['FAIL', 'ERROR', 'worse'],
    ['FAIL', 'PASS', 'better'],
    ['FAIL', 'XFAIL', 'better'],
    ['XPASS', 'PASS', 'better'],
    ['CRASH', 'FAIL', 'better'],
    ['UNSUPPORTED', 'PASS', 'better'],
    ['XFAIL', 'PASS', 'better'],
    // Nobody has seen it pass.
    ['FAIL', 'UNSUPPORTED', 'other'],
    ['ERROR', 'SKIP', 'other'],
    ['XFAIL', 'UNSUPPORTED', 'other'],
    ['SKIP', 'PASS', 'other'],
    ['FAIL', 'FAIL', 'other'],
  ])('%s → %s: %s', (before, after, direction) => {
    expect(directionOf(before, after)).toBe(direction);
  });

  test('what is better one way is never better the other way', () => {
    for (const before of SEVERITY) {
      for (const after of SEVERITY) {
        const both = [directionOf(before, after), directionOf(after, before)];
        expect(both.filter((one) => one === 'better').length).toBeLessThanOrEqual(1);
        expect(both.filter((one) => one === 'worse').length).toBeLessThanOrEqual(1);
      }
    }
  });
});

describe('two runs', () => {
  test('added, deleted, changed, unchanged; those that stay are counted only', () => {
    const diff = compareRuns(
      standing({ a: letters('PASS', 'PASS'), b: letters('FAIL', 'PASS'), d: letters('PASS', 'PASS') }),
      standing({ a: letters('PASS', 'PASS'), c: letters('PASS', null), d: letters('PASS', 'FAIL') }),
    );
    expect(diff.cases.map(({ case: id, kind }) => [id, kind])).toEqual([
      ['b', 'deleted'],
      ['c', 'added'],
      ['d', 'changed'],
    ]);
    expect(diff.counts).toEqual({
      cases: { added: 1, deleted: 1, changed: 1, unchanged: 1 },
      results: { better: 0, worse: 1, other: 0, added: 1, deleted: 2, unchanged: 3 },
    });
    expect(diff.cases[2]?.results).toEqual([
      {
        subject: 'beta@7.2/model',
        before: 'PASS',
        after: 'FAIL',
        direction: 'worse',
        reason: '',
        seen: null,
      },
    ]);
  });

  test('a failing case that goes is no regression; one that comes is worse', () => {
    const some = standing({ a: letters('FAIL', 'CRASH') });
    expect(compareRuns(some, standing({})).counts.results).toMatchObject({ worse: 0, better: 0, deleted: 2 });
    expect(compareRuns(standing({}), some).counts.results).toMatchObject({ worse: 2, added: 0 });
  });

  test('a case that passes but sees something else is other; equal text in other objects is not', () => {
    const before = standing({ a: told(['PASS', 'PASS'], [one, one]) });
    const after = standing({ a: told(['PASS', 'PASS'], [structuredClone(one), two]) });
    const { cases, counts } = compareRuns(before, after);
    expect(counts.results).toMatchObject({ other: 1, unchanged: 1, worse: 0 });
    expect(cases[0]?.results[0]).toMatchObject({
      subject: 'beta@7.2/model',
      seen: { before: one, after: two },
    });
  });

  test('what an unsupported subject lacks is all that is seen of it', () => {
    const un = (reason: string) => standing({ a: told(['UNSUPPORTED'], [[]], { reasons: [reason] }) }, [A]);
    expect(compareRuns(un('lacks X'), un('lacks X')).cases).toEqual([]);
    expect(compareRuns(un('lacks X'), un('lacks Y')).cases[0]?.results[0]).toMatchObject({
      direction: 'other',
      reason: 'lacks Y',
    });
  });

  test('an edit of the case is told beside a change, and is none by itself', () => {
    const run = (text: string, status: Status) => standing({ a: told([status], [one], { text }) }, [A]);
    expect(compareRuns(run('x', 'PASS'), run('y', 'PASS')).cases).toEqual([]);
    expect(compareRuns(run('x', 'PASS'), run('y', 'FAIL')).cases[0]?.edited).toBe(true);
    expect(compareRuns(run('x', 'PASS'), run('x', 'FAIL')).cases[0]?.edited).toBe(false);
    const known = standing({ a: letters('PASS') }, [A]);
    expect(compareRuns(known, run('x', 'FAIL')).cases[0]?.edited).toBeNull();
  });

  test('subjects come and go without a word on each case, unless one comes that fails', () => {
    const C = subject('gamma');
    const before = standing({ a: letters('PASS', 'FAIL'), b: letters('PASS', 'PASS') }, [A, B]);
    const after = standing({ a: letters('PASS', 'PASS'), b: letters('PASS', 'FAIL') }, [A, C]);
    const { subjects, cases, counts } = compareRuns(before, after);
    expect(subjects).toEqual({
      both: ['alpha@7.2/model'],
      added: ['gamma@7.2/model'],
      deleted: ['beta@7.2/model'],
    });
    expect(cases.map((change) => change.case)).toEqual(['b']);
    expect(counts.results).toEqual({ better: 0, worse: 1, other: 0, added: 1, deleted: 2, unchanged: 2 });
  });

  test('subjects are told by name, not by place', () => {
    const before = standing({ a: letters('PASS', 'FAIL') }, [A, B]);
    const after = standing({ a: letters('FAIL', 'PASS') }, [B, A]);
    expect(compareRuns(before, after).counts.cases.unchanged).toBe(1);
  });
});

describe('comparable', () => {
  const model = standing({});
  const on = (...targets: string[]) =>
    standing(
      { a: letters(...targets.map((): Status => 'PASS')) },
      targets.map((target) => subject('alpha', '7.2', target)),
    );
  test('the same interpretation and axis, and targets of which one has all of the other', () => {
    expect(incomparable(model, model)).toEqual([]);
    expect(incomparable(model, { ...model, interpretation: 2 })).toEqual(['interpretation 1 and 2']);
    expect(incomparable(model, { ...model, axis: 'revision' })).toEqual([
      'compared along arch and along revision',
    ]);
    expect(incomparable(on('model'), on('kernel'))).toEqual(['on target model and on kernel']);
    expect(incomparable(on('model'), on('kernel', 'model'))).toEqual([]);
    expect(incomparable(on('model', 'kernel'), on('model'))).toEqual([]);
  });
  test('along target, the very same targets: verdicts come from all of them', () => {
    const along = (some: Standing): Standing => ({ ...some, axis: 'target' });
    expect(incomparable(along(on('model')), along(on('kernel', 'model')))).toEqual([
      'on target model and on kernel, model',
    ]);
    expect(incomparable(along(on('model', 'kernel')), along(on('kernel', 'model')))).toEqual([]);
  });
  test('a target more is subjects more, and no other subject than before', () => {
    expect(compareRuns(on('model'), on('kernel', 'model')).subjects).toEqual({
      both: ['alpha@7.2/model'],
      added: ['alpha@7.2/kernel'],
      deleted: [],
    });
    expect(compareRuns(on('kernel', 'model'), on('model')).subjects.deleted).toEqual(['alpha@7.2/kernel']);
  });
  test('all the same: a subject on another target is the same subject', () => {
    expect(compareRuns(on('model'), on('kernel'))).toMatchObject({
      subjects: { both: ['alpha@7.2/kernel'], added: [], deleted: [] },
      counts: { cases: { unchanged: 1 } },
    });
  });
});
