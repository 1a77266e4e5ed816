// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import type { Case } from '../case/types.js';
import { divergence, expected, outcome, seen, spec } from '../cli/test/fakes.js';
import type { Observation, OutcomeEnd } from '../target/outcome.js';
import { type Judgements, judge } from './judge.js';

const entry = (last: string) =>
  seen('entry', { probe: 'watch', function: 'sum3', arguments: ['1', '2', last], parent: 'caller' });
const exit = (value: string) => seen('exit', { probe: 'watch', function: 'sum3', return: value });
const fault = seen('fault', { at: 'ftrace_caller+0x14', why: 'store of 8 bytes to unmapped 0x10' });

const sees = [expected('entry', { arguments: ['1', '2', '3'] }), expected('exit', { return: '6' })];

function verdict(
  parts: Partial<Case>,
  observations: readonly Observation[],
  end: OutcomeEnd = { kind: 'completed' },
  features: readonly string[] = [],
) {
  return judge(spec('c', parts), {
    outcome: outcome('alpha', observations, end),
    features: new Set(features),
  });
}

describe('with an expectation', () => {
  test('as expected', () => {
    expect(verdict({ expect: sees }, [entry('0x3'), exit('6')])).toMatchObject({
      status: 'PASS',
      reason: '',
      diff: null,
    });
  });

  test('another value: the field in kernel words, and a diff of nothing else', () => {
    const { status, reason, diff } = verdict({ expect: sees }, [entry('0'), exit('6')]);
    expect([status, reason]).toEqual(['FAIL', 'at entry, watch sees argument 2 of sum3 as 0, expected 3']);
    expect(diff).toBe(
      [
        '--- expected',
        '+++ alpha@7.2/model',
        '@@ -1,2 +1,2 @@',
        '-entry watch sum3(1, 2, 3) parent=caller',
        '+entry watch sum3(1, 2, 0) parent=caller',
        ' exit watch sum3 return=6',
      ].join('\n'),
    );
  });

  test('one observation too few', () => {
    const { status, reason, diff } = verdict({ expect: sees }, [entry('3')]);
    expect([status, reason]).toEqual(['FAIL', 'missing: `exit return=6`']);
    expect(diff).toContain('-exit return=6');
  });

  test('one too many, which an empty expectation sees too', () => {
    expect(verdict({ expect: sees }, [entry('3'), exit('6'), exit('6')])).toMatchObject({ status: 'FAIL' });
    expect(verdict({ expect: [] }, [exit('6')])).toMatchObject({
      status: 'FAIL',
      reason: 'not expected: `exit watch sum3 return=6`',
    });
  });

  test('in order', () => {
    expect(verdict({ expect: sees }, [exit('6'), entry('3')]).status).toBe('FAIL');
  });

  test('lists of other length', () => {
    expect(verdict({ expect: [expected('entry', { arguments: ['1'] })] }, [entry('3')]).reason).toBe(
      'at entry, watch sees the arguments of sum3 as [1, 2, 3], expected [1]',
    );
  });
});

describe('faults', () => {
  const crashed: OutcomeEnd = { kind: 'crashed', why: 'store of 8 bytes to unmapped 0x10' };
  test('a fault nobody expected is a crash', () => {
    const { status, reason, diff } = verdict({ expect: sees }, [entry('3'), fault], crashed);
    expect([status, reason]).toEqual(['CRASH', 'store of 8 bytes to unmapped 0x10']);
    expect(diff).toContain('+fault at=ftrace_caller+0x14');
  });
  test('without an expectation as well', () => {
    expect(verdict({ expect: null }, [entry('3'), fault], crashed).status).toBe('CRASH');
  });
  test('a fault at the place where the case expects it is not', () => {
    const expectFault = [expected('entry'), expected('fault', { at: 'ftrace_caller+0x14' })];
    expect(verdict({ expect: expectFault }, [entry('3'), fault], crashed).status).toBe('PASS');
  });
  test('an expected fault after something wrong is a plain failure', () => {
    const expectFault = [expected('entry', { parent: 'other' }), expected('fault')];
    expect(verdict({ expect: expectFault }, [entry('3'), fault], crashed).status).toBe('FAIL');
  });
  test('an expected fault elsewhere is a crash', () => {
    const expectFault = [expected('entry'), expected('fault', { at: 'sum3+0x0' })];
    expect(verdict({ expect: expectFault }, [entry('3'), fault], crashed).status).toBe('CRASH');
  });
});

describe('transparency', () => {
  const noticed = seen('transparency', { function: 'sum3', what: 'callee-saved r1 changed' });
  test('fails, unless the case expects it', () => {
    const reason = 'tracing can be noticed in sum3: callee-saved r1 changed';
    expect(verdict({ expect: null }, [entry('3'), noticed])).toMatchObject({ status: 'FAIL', reason });
    expect(verdict({ expect: sees }, [entry('3'), noticed, exit('6')])).toMatchObject({
      status: 'FAIL',
      reason,
    });
    expect(verdict({ expect: [expected('transparency')] }, [noticed]).status).toBe('PASS');
    expect(verdict({ expect: [expected('transparency')] }, [noticed, noticed])).toMatchObject({
      status: 'FAIL',
      reason,
    });
  });
});

describe('a disturbance by an interrupt', () => {
  const disturbed = seen('disturbed', { by: 'irq', at: 'ftrace_caller+0x4', what: 'exit is missing' });
  test('fails with its place before anything else is said', () => {
    const reason = 'irq at ftrace_caller+0x4 changes what is seen: exit is missing';
    expect(verdict({ expect: null }, [entry('3'), disturbed])).toMatchObject({ status: 'FAIL', reason });
    expect(verdict({ expect: sees }, [entry('3'), disturbed])).toMatchObject({ status: 'FAIL', reason });
  });
});

describe('no verdict on the target', () => {
  test('unsupported names what is lacking', () => {
    expect(
      verdict({ expect: sees }, [], { kind: 'unsupported', lacks: ['FPROBE', 'KPROBES'] }),
    ).toMatchObject({
      status: 'UNSUPPORTED',
      reason: 'lacks FPROBE, KPROBES',
      divergences: [],
    });
  });
  test('an error keeps its reason', () => {
    expect(verdict({ expect: sees }, [], { kind: 'error', why: 'no such symbol' })).toMatchObject({
      status: 'ERROR',
      reason: 'no such symbol',
    });
  });
});

describe('what the kernel does not give', () => {
  const partial = (fields: Record<string, string>) =>
    seen('entry', { probe: 'watch', function: 'sum3', ...fields });
  const no = (name: string) => `(no ${name})`;
  const asks = {
    expect: [expected('entry', { parent: 'caller', sp: 'S' }), expected('exit', { return: '6' })],
  };
  test('is no difference, but named, sorted, once', () => {
    const lacking = [
      partial({ parent: no('get_return_address'), sp: no('get_argument'), unasked: no('get_regs') }),
      seen('exit', { return: no('get_argument') }),
    ];
    expect(verdict(asks, lacking)).toMatchObject({
      status: 'PASS',
      absent: ['get_argument', 'get_return_address'],
    });
  });
  test('is named beside a failure too', () => {
    const lacking = [partial({ parent: no('get_return_address'), sp: 'T' }), exit('6')];
    expect(verdict(asks, lacking)).toMatchObject({ status: 'FAIL', absent: ['get_return_address'] });
  });
  test('is nothing where all is given, or nothing is asserted', () => {
    expect(verdict(asks, [partial({ parent: 'caller', sp: 'S' }), exit('6')]).absent).toEqual([]);
    expect(verdict({ expect: null }, [partial({ parent: no('x') })]).absent).toEqual([]);
  });
  test('is a failure where the subject has what would give it, asserted or not', () => {
    const lacking = [partial({ parent: 'caller', sp: 'S', unasked: no('GET_REGS') }), exit('6')];
    expect(verdict(asks, lacking, undefined, ['FPROBE'])).toMatchObject({ status: 'PASS' });
    const { status, reason } = verdict(asks, lacking, undefined, ['FPROBE', 'GET_REGS']);
    expect([status, reason]).toEqual(['FAIL', 'unasked is not given for want of GET_REGS, which is there']);
    expect(verdict({ expect: null }, lacking, undefined, ['GET_REGS']).status).toBe('FAIL');
  });
});

describe('declared divergences', () => {
  const onStack = divergence(
    { arch: ['alpha'] },
    [{ at: 1, by: { fields: { arguments: ['1', '2', 'stale'] } } }],
    'the third is on the stack',
  );
  test('explain the difference and are listed', () => {
    expect(verdict({ expect: sees, divergences: [onStack] }, [entry('stale'), exit('6')])).toMatchObject({
      status: 'PASS',
      divergences: [{ because: 'the third is on the stack', source: 'the manual', at: '9:5' }],
    });
  });
  test('are strict: one that no longer shows fails', () => {
    expect(verdict({ expect: sees, divergences: [onStack] }, [entry('3'), exit('6')])).toMatchObject({
      status: 'XPASS',
      reason: 'declared divergence no longer shows: the third is on the stack',
    });
  });
  test('do not excuse another value', () => {
    expect(verdict({ expect: sees, divergences: [onStack] }, [entry('7'), exit('6')]).status).toBe('FAIL');
  });
  test('apply only where all conditions hold', () => {
    const elsewhere = [
      { arch: ['beta'] },
      { arch: ['alpha'], revision: ['6.1'] },
      { feature: ['FPROBE', 'KPROBES'] },
      { lacks: ['FPROBE'] },
    ].map((on) => ({
      ...onStack,
      on: { arch: [], revision: [], target: [], feature: [], lacks: [], ...on },
    }));
    for (const one of elsewhere) {
      const found = verdict({ expect: sees, divergences: [one] }, [entry('3'), exit('6')], undefined, [
        'FPROBE',
      ]);
      expect(found).toMatchObject({ status: 'PASS', divergences: [] });
    }
    const here = {
      ...onStack,
      on: { arch: ['alpha', 'beta'], revision: ['7.2'], target: [], feature: ['FPROBE'], lacks: ['KPROBES'] },
    };
    expect(
      verdict({ expect: sees, divergences: [here] }, [entry('stale'), exit('6')], undefined, ['FPROBE'])
        .status,
    ).toBe('PASS');
  });
  test('several apply together, each of them needed', () => {
    const noExit = divergence({ arch: ['alpha'] }, [{ at: 2, by: { instead: [] } }], 'no exit');
    const both = { expect: sees, divergences: [onStack, noExit] };
    expect(verdict(both, [entry('stale')]).status).toBe('PASS');
    expect(verdict(both, [entry('3')])).toMatchObject({
      status: 'XPASS',
      reason: expect.stringContaining('on the stack'),
    });
    expect(verdict(both, [entry('3'), exit('6')])).toMatchObject({
      status: 'XPASS',
      reason: 'declared divergence no longer shows: the third is on the stack / no exit',
    });
  });
  test('several observations may stand for one', () => {
    const twice = divergence({}, [
      { at: 2, by: { instead: [expected('exit', { return: '6' }), expected('exit')] } },
    ]);
    expect(verdict({ expect: sees, divergences: [twice] }, [entry('3'), exit('6'), exit('6')]).status).toBe(
      'PASS',
    );
  });
});

describe('what is known of a list of observations', () => {
  const given = [entry('stale'), exit('6')];
  const parts = {
    expect: sees,
    divergences: [
      divergence({ arch: ['alpha'] }, [{ at: 1, by: { fields: { arguments: ['1', '2', 'stale'] } } }]),
    ],
  };
  const inTurn = (
    part: Partial<Case>,
    list: readonly Observation[],
    ...subjects: readonly (readonly [arch: string, features?: readonly string[]])[]
  ) => {
    const known: Judgements = new Map();
    return subjects.map(([arch, features = []]) => {
      const result = { outcome: outcome(arch, list, { kind: 'completed' }), features: new Set(features) };
      return judge(spec('c', part), result, known).status;
    });
  };

  test('serves those whom nothing distinguishes', () => {
    expect(inTurn({ expect: sees }, [entry('3'), exit('6')], ['beta'], ['gamma'])).toEqual(['PASS', 'PASS']);
    expect(inTurn(parts, given, ['beta'], ['gamma'])).toEqual(['FAIL', 'FAIL']);
  });
  test('excuses nobody else from what a divergence declares', () => {
    expect(inTurn(parts, given, ['alpha'], ['beta'])).toEqual(['PASS', 'FAIL']);
    expect(inTurn(parts, [entry('3'), exit('6')], ['beta'], ['alpha'])).toEqual(['PASS', 'XPASS']);
  });
  test('does not hide that a subject has what another lacks', () => {
    const lacking = [seen('entry', { probe: 'watch', function: 'sum3', arguments: '(no ARGS)' }), exit('6')];
    const subjects = [['beta'], ['gamma', ['ARGS']], ['delta']] as const;
    expect(inTurn({ expect: sees }, lacking, ...subjects)).toEqual(['PASS', 'FAIL', 'PASS']);
  });
});
