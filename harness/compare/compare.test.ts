// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Case } from '../case/types.js';
import { divergence, expected, outcome, seen, spec, subject } from '../cli/test/fakes.js';
import type { Observation } from '../target/outcome.js';
import { compareCase } from './compare.js';

const entry = (last: string, parent = 'caller') =>
  seen('entry', { probe: 'watch', function: 'sum3', arguments: ['1', '2', last], parent });
const result = (value: string) => seen('result', { function: 'sum3', value });
const fault = seen('fault', { at: 'ftrace_caller+0x14', why: 'wild jump' });

function compare(by: Record<string, readonly Observation[]>, parts: Partial<Case> = {}) {
  const results = Object.entries(by).map(([arch, observations]) => ({
    outcome: outcome(
      arch,
      observations,
      observations.at(-1)?.kind === 'fault' ? { kind: 'crashed', why: 'wild jump' } : { kind: 'completed' },
    ),
    features: new Set<string>(),
  }));
  const found = compareCase(spec('c', parts), results, 'arch');
  return { ...found, statuses: found.verdicts.map(({ status }) => status).join(' ') };
}

describe('without expectation', () => {
  test('all agree', () => {
    expect(compare({ alpha: [entry('3')], beta: [entry('3')] })).toMatchObject({
      statuses: 'PASS PASS',
      explained: true,
      sentence: null,
      classes: [
        {
          subjects: ['alpha@7.2/model', 'beta@7.2/model'],
          text: ['entry watch sum3(1, 2, 3) parent=caller'],
        },
      ],
    });
  });

  test('the minority fails', () => {
    const found = compare({ alpha: [entry('3')], beta: [entry('0')], gamma: [entry('3')] });
    expect(found).toMatchObject({
      statuses: 'PASS FAIL PASS',
      explained: false,
      sentence: 'only beta differs: at entry, watch sees argument 2 of sum3 as 0, the others as 3',
    });
    expect(found.verdicts[1]?.reason).toBe(found.sentence);
    expect(found.classes.map(({ subjects }) => subjects.length)).toEqual([2, 1]);
  });

  test('on a tie all fail', () => {
    expect(compare({ alpha: [entry('3')], beta: [entry('0')] })).toMatchObject({
      statuses: 'FAIL FAIL',
      sentence: 'beta and alpha differ: at entry, watch sees argument 2 of sum3 as 0 on beta, as 3 on alpha',
    });
  });

  test('three ways', () => {
    expect(compare({ alpha: [entry('3')], beta: [entry('0')], gamma: [entry('9')] })).toMatchObject({
      statuses: 'FAIL FAIL FAIL',
      sentence: expect.stringMatching(/^no majority: beta and alpha differ: .*; gamma and alpha differ: /),
    });
  });

  test('something not seen, or seen in addition', () => {
    const usual = [entry('3'), result('6')];
    expect(compare({ alpha: usual, beta: [result('6')], gamma: usual }).sentence).toBe(
      'only beta differs: `entry watch sum3(1, 2, 3) parent=caller` is not seen on beta',
    );
    expect(compare({ alpha: [result('6')], beta: usual, gamma: [result('6')] }).sentence).toBe(
      'only beta differs: `entry watch sum3(1, 2, 3) parent=caller` is seen on beta and not on the others',
    );
  });

  test('a fault is told first', () => {
    expect(compare({ alpha: [entry('3')], beta: [entry('0'), fault], gamma: [entry('3')] })).toMatchObject({
      statuses: 'PASS CRASH PASS',
      sentence: 'only beta faults: wild jump, at ftrace_caller+0x14',
    });
  });

  test('spelling is part of normal form', () => {
    expect(compare({ alpha: [entry('3')], beta: [entry('0x3')], gamma: [entry('3')] }).explained).toBe(false);
  });
});

describe('with expectation', () => {
  const sees = [expected('entry', { arguments: ['1', '2', '3'] })];

  test('a field left out is compared all the same', () => {
    const by = { alpha: [entry('3')], beta: [entry('3', 'elsewhere')], gamma: [entry('3')] };
    expect(compare(by, { expect: sees })).toMatchObject({
      statuses: 'PASS FAIL PASS',
      explained: false,
      sentence:
        'only beta differs: at entry, watch sees the parent of sum3 as elsewhere, the others as caller',
    });
  });

  test('the expectation decides, not the majority', () => {
    const by = { alpha: [entry('3')], beta: [entry('0')], gamma: [entry('0')] };
    expect(compare(by, { expect: sees })).toMatchObject({ statuses: 'PASS FAIL FAIL', explained: false });
    expect(compare({ alpha: [entry('3')], beta: [entry('0')] }, { expect: sees }).statuses).toBe('PASS FAIL');
  });

  test('declared: explained, told, passed', () => {
    const declared = divergence({ arch: ['beta'] }, [
      { at: 1, by: { fields: { arguments: ['1', '2', 'stale'] } } },
    ]);
    const by = { alpha: [entry('3')], beta: [entry('stale')], gamma: [entry('3')] };
    expect(compare(by, { expect: sees, divergences: [declared] })).toMatchObject({
      statuses: 'PASS PASS PASS',
      explained: true,
      sentence: 'only beta differs: at entry, watch sees argument 2 of sum3 as stale, the others as 3',
    });
  });

  test('declared in one field, another one still counts', () => {
    const declared = divergence({ arch: ['beta'] }, [
      { at: 1, by: { fields: { arguments: ['1', '2', 'stale'] } } },
    ]);
    const by = { alpha: [entry('3')], beta: [entry('stale', 'elsewhere')], gamma: [entry('3')] };
    expect(compare(by, { expect: sees, divergences: [declared] })).toMatchObject({
      statuses: 'PASS FAIL PASS',
      explained: false,
      sentence:
        'only beta differs: at entry, watch sees the parent of sum3 as elsewhere, the others as caller',
    });
  });

  test('what one subject declares does not hide a difference of two others', () => {
    const declared = divergence({ arch: ['beta'] }, [{ at: 1, by: { fields: { parent: 'stale' } } }]);
    const by = { alpha: [entry('3')], beta: [entry('3', 'stale')], gamma: [entry('3', 'elsewhere')] };
    expect(compare(by, { expect: sees, divergences: [declared] })).toMatchObject({ explained: false });
  });

  test('a failing subject is no witness of what is usual for one that declares', () => {
    const declared = divergence({ arch: ['gamma'] }, [
      { at: 1, by: { fields: { arguments: ['1', '2', 'stale'] } } },
    ]);
    const wanted = [...sees, expected('result', { value: '6' })];
    const by = {
      alpha: [entry('0'), result('0')],
      beta: [entry('3'), result('6')],
      gamma: [entry('stale'), result('6')],
    };
    expect(compare(by, { expect: wanted, divergences: [declared] })).toMatchObject({
      statuses: 'FAIL PASS PASS',
      sentence: 'only alpha differs: at entry, watch sees argument 2 of sum3 as 0, the others as 3',
    });
  });

  test('declared on all, each otherwise', () => {
    const each = ['alpha', 'beta'].map((arch) =>
      divergence({ arch: [arch] }, [{ at: 1, by: { fields: { parent: arch } } }]),
    );
    const by = { alpha: [entry('3', 'alpha')], beta: [entry('3', 'beta')] };
    const wanted = [expected('entry', { parent: 'caller' })];
    expect(compare(by, { expect: wanted, divergences: each })).toMatchObject({
      statuses: 'PASS PASS',
      explained: true,
    });
  });

  test('another list of observations in one place', () => {
    const wanted = [expected('entry'), expected('result', { value: '6' })];
    const none = divergence({ arch: ['beta'] }, [{ at: 1, by: { instead: [] } }]);
    const by = { alpha: [entry('3'), result('6')], beta: [result('6')], gamma: [entry('3'), result('6')] };
    expect(compare(by, { expect: wanted, divergences: [none] })).toMatchObject({
      statuses: 'PASS PASS PASS',
      explained: true,
    });
    expect(compare({ ...by, beta: [result('7')] }, { expect: wanted, divergences: [none] })).toMatchObject({
      statuses: 'PASS FAIL PASS',
      explained: false,
    });
  });
});

describe('axes', () => {
  const at = (arch: string, revision: string, observations: readonly Observation[]) => ({
    outcome: outcome(subject(arch, revision), observations),
    features: new Set<string>(),
  });
  const results = [
    at('alpha', '6.12', [entry('3')]),
    at('alpha', '7.2', [entry('0')]),
    at('beta', '6.12', [entry('3')]),
    at('beta', '7.2', [entry('0')]),
  ];
  test('others are held', () => {
    expect(compareCase(spec('c'), results, 'arch')).toMatchObject({ explained: true, sentence: null });
    expect(compareCase(spec('c'), results, 'revision')).toMatchObject({
      explained: false,
      sentence: expect.stringContaining('at alpha/model: 7.2 and 6.12 differ'),
    });
  });
  test('what did not run is in no class', () => {
    const unsupported = {
      outcome: outcome('gamma', [], { kind: 'unsupported', lacks: ['FPROBE'] }),
      features: new Set<string>(),
    };
    const found = compareCase(spec('c'), [at('alpha', '7.2', [entry('3')]), unsupported], 'arch');
    expect(found).toMatchObject({ explained: true, classes: [{ subjects: ['alpha@7.2/model'] }] });
  });
});

test('equal outcomes are never unexplained, unequal ones always', () => {
  const observation = fc.constantFrom(entry('3'), entry('0'), result('6'), result('7'));
  const list = fc.array(observation, { maxLength: 4 });
  fc.assert(
    fc.property(list, list, list, (alpha, beta, gamma) => {
      const found = compare({ alpha, beta, gamma });
      const texts = new Set([alpha, beta, gamma].map((one) => JSON.stringify(one)));
      expect(found.classes.length).toBe(texts.size);
      expect(found.explained).toBe(texts.size === 1);
      expect(found.sentence === null).toBe(texts.size === 1);
      expect(found.statuses.includes('FAIL')).toBe(texts.size > 1);
    }),
  );
});
