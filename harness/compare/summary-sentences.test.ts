// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import { type Answer, fakeTarget, seen, spec, subject } from '../cli/test/fakes.js';
import { compareCase } from './compare.js';
import { compress, type Told } from './summary-sentences.js';
import type { Status } from './types.js';

const ARCHS = ['alpha', 'beta', 'gamma', 'delta'];

/** Cases as a run compares them; what a subject answers is by arch, revision and id. */
function compared(
  ids: readonly string[],
  answer: (arch: string, id: string, revision: string) => Answer | null,
  archs: readonly string[] = ARCHS,
  revisions: readonly string[] = ['7.2'],
): Told[] {
  return ids.map((id) => {
    const one = spec(id);
    const results = archs.flatMap((arch) =>
      revisions.map((revision) => {
        const target = fakeTarget(subject(arch, revision), [], () => {
          const said = answer(arch, id, revision);
          return said ?? { end: { kind: 'unsupported', lacks: ['FPROBE'] } };
        });
        return { outcome: target.run(one), features: target.features };
      }),
    );
    return { spec: one, comparison: compareCase(one, results, 'arch') };
  });
}

const one = [seen('result', { value: '1' })];
const two = [seen('result', { value: '2' })];
const numbered = (folder: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${folder}/c${String(index).padStart(3, '0')}`);

describe('what is not as expected', () => {
  test('a full column of one folder', () => {
    const ids = [...numbered('direct', 14), ...numbered('graph', 5)];
    const cases = compared(ids, (arch, id) => (arch === 'beta' && id.startsWith('direct/') ? two : one));
    expect(compress(cases)).toEqual(['only beta, on all 14 direct cases; everything else agrees']);
  });

  test('a part of a folder is counted, and told by name where it is small', () => {
    const ids = [...numbered('direct', 4), ...numbered('graph', 5)];
    const odd = ['direct/c001', 'graph/c000', 'graph/c001', 'graph/c002'];
    const cases = compared(ids, (arch, id) => (arch === 'beta' && odd.includes(id) ? two : one));
    expect(compress(cases)).toEqual([
      'only beta, on 3 of 5 graph cases and direct/c001; everything else agrees',
    ]);
  });

  test('every case', () => {
    const cases = compared(numbered('direct', 3), (arch) => (arch === 'beta' ? two : one));
    expect(compress(cases)).toEqual(['only beta, on every case; everything else agrees']);
  });

  test('nobody', () => {
    expect(compress(compared(['a/b'], () => one))).toEqual(['everything agrees']);
    expect(compress(compared(['a/b'], (arch) => (arch === 'beta' ? null : one)))).toEqual([
      'everything that ran agrees',
    ]);
    expect(compress([])).toEqual([]);
  });

  test('sets of subjects, the most cases first', () => {
    const ids = [...numbered('direct', 4), ...numbered('graph', 5)];
    const cases = compared(ids, (arch, id) =>
      id.startsWith('direct/') ? (arch === 'beta' ? two : one) : arch === 'alpha' ? two : one,
    );
    expect(compress(cases)).toEqual([
      'only alpha, on all 5 graph cases',
      'only beta, on all 4 direct cases',
      'everything else agrees',
    ]);
  });

  test('each back-end for itself, where that takes fewer sentences', () => {
    const odd: Record<string, readonly string[]> = {
      'graph/c000': ['alpha'],
      'graph/c001': ['beta'],
      'graph/c002': ['alpha', 'beta'],
    };
    const archs = [...ARCHS, 'epsilon'];
    const cases = compared(numbered('graph', 9), (arch, id) => (odd[id]?.includes(arch) ? two : one), archs);
    expect(compress(cases)).toEqual([
      'alpha, on graph/c000 and graph/c002',
      'beta, on graph/c001 and graph/c002',
      'everything else agrees',
    ]);
  });

  test('where no majority is, who stands against whom', () => {
    const cases = compared(numbered('graph', 2), (arch) => (arch === 'alpha' || arch === 'beta' ? two : one));
    expect(compress(cases)).toEqual([
      'alpha and beta against delta and gamma, on every case; everything else agrees',
    ]);
  });

  test('revisions are named where not all are meant', () => {
    const odd = (arch: string, id: string, revision: string) =>
      arch === 'beta' && (id === 'graph/c000' || revision === '6.1') ? two : one;
    const cases = compared(numbered('graph', 5), odd, ARCHS, ['6.1', '6.12']);
    expect(compress(cases)).toEqual([
      'only beta at 6.1, on 4 of 5 graph cases',
      'only beta, on graph/c000',
      'everything else agrees',
    ]);
  });

  test('what a back-end cannot run is none of its cases', () => {
    const cases = compared(numbered('graph', 5), (arch, id) =>
      arch !== 'beta' ? one : id < 'graph/c003' ? two : null,
    );
    expect(compress(cases)).toEqual([
      'only beta, on all 3 graph cases that run there; everything else that ran agrees',
    ]);
  });

  test('a back-end that runs a case alone is not the odd one', () => {
    const fault: Answer = { end: { kind: 'crashed', why: 'wild jump' }, observations: [] };
    const cases = compared(['graph/a', 'graph/b'], (arch, id) =>
      id === 'graph/a' ? one : arch === 'beta' ? fault : null,
    );
    expect(compress(cases)).toEqual([
      'beta, where alone it runs, on graph/b; everything else that ran agrees',
    ]);
  });

  test('errors of the harness are told apart', () => {
    const broken: Answer = { end: { kind: 'error', why: 'no such symbol' } };
    const cases = compared(numbered('graph', 5), (arch, id) =>
      arch === 'beta' ? (id === 'graph/c000' ? broken : two) : one,
    );
    expect(compress(cases)).toEqual([
      'only beta, on 4 of 5 graph cases',
      'only beta (harness errors), on graph/c000',
      'everything else agrees',
    ]);
  });

  test('many folders are summed up', () => {
    const folders = ['a', 'b', 'c', 'd', 'e', 'f'];
    const ids = folders.flatMap((folder, index) => numbered(folder, 9 - index));
    const cases = compared([...ids, 'z/z'], (arch, id) => (arch === 'beta' && id !== 'z/z' ? two : one));
    expect(compress(cases)).toEqual([
      'only beta, on all 9 a cases, all 8 b cases, all 7 c cases and 15 more in 3 folders; everything else agrees',
    ]);
  });
});

describe('what cases declare', () => {
  const declaredOn = (cases: readonly Told[], arch: string, ids: readonly string[]): Told[] =>
    cases.map(({ spec, comparison }) => ({
      spec,
      comparison: {
        ...comparison,
        verdicts: comparison.verdicts.map((verdict) =>
          verdict.subject.arch === arch && ids.includes(spec.id)
            ? { ...verdict, divergences: [{ because: 'it is so', source: 'a book', at: '1:1' }] }
            : verdict,
        ),
      },
    }));
  const ids = [...numbered('direct', 3), ...numbered('graph', 5)];

  test('is told for itself', () => {
    const cases = declaredOn(
      compared(ids, () => one),
      'beta',
      numbered('direct', 3),
    );
    expect(compress(cases, 'declared')).toEqual(['only beta, on all 3 direct cases; everything else agrees']);
    expect(compress(cases)).toEqual(['everything agrees, or differs as declared']);
    expect(
      compress(
        compared(ids, () => one),
        'declared',
      ),
    ).toEqual([]);
  });
});

test('every status that fails a run is told, and no other', () => {
  const [told] = compared(['graph/a', 'graph/b'], () => one) as [Told];
  const withStatus = (status: Status): Told => ({
    spec: told.spec,
    comparison: {
      ...told.comparison,
      verdicts: told.comparison.verdicts.map((verdict, index) =>
        index === 1 ? { ...verdict, status } : verdict,
      ),
    },
  });
  const failing: Status[] = ['FAIL', 'XPASS', 'CRASH', 'TIMEOUT', 'ERROR', 'MISS'];
  for (const status of failing)
    expect(compress([withStatus(status)])[0]).toMatch(/^only beta.*, on graph\/a;/);
  for (const status of ['PASS', 'XFAIL', 'SKIP', 'UNSUPPORTED'] as const)
    expect(compress([withStatus(status)])).toHaveLength(1);
  for (const status of ['PASS', 'XFAIL', 'SKIP', 'UNSUPPORTED'] as const)
    expect(compress([withStatus(status)])[0]).toMatch(/^everything/);
});
