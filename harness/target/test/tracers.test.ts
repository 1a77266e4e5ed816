// SPDX-License-Identifier: MIT
/** What tracers save and do not save, and what that costs of the shadow stack. Numbers: linux 7.2 kernel/trace/fgraph.c. */
import { describe, expect, it } from 'vitest';
import type { Revision } from '../../backend/contract.js';
import type { Case } from '../../case/types.js';
import { printedRetval } from '../../ftrace/tracers/retval.js';
import { createModelTarget } from '../model/model.js';
import type { Observation } from '../outcome.js';
import type { Target } from '../target.js';
import { backends, oneCase } from './subjects.js';

const targets = (revision: Revision): Target[] =>
  backends.map((loaded) => createModelTarget(loaded, revision));

const HEAD = 'title: t\nwhy: w\n';

const recursion = (tracer: string, last: string): Case =>
  oneCase(`${HEAD}functions:
  again:
    prototype: void again(u64 n)
    does:
      - tail_call: again(n - 1)
        when: n
probes:
  watch: { tracer: { ${tracer}, on: [again] } }
steps:
  - register: watch
  - call: again(124)
  - count: ${last}
`);

const counted = (observations: readonly Observation[]) =>
  observations.filter(({ kind }) => kind === 'count').map(({ fields }) => fields.value);

describe('reserved data', () => {
  // Without frame pointer test a frame is 4 words and a block of n words n + 1; the highest offset is 492, 491 with
  // it. A push needs room for its frame, a reserve for its block. What a push refuses counts as an overrun.
  it.each([
    { tracer: 'kind: function_graph', plain: 81, tested: 70, silent: [true, false] },
    {
      tracer: 'kind: function_graph, options: [nosleep-time]',
      plain: 70,
      tested: 61,
      silent: [false, false],
    },
  ])('of $tracer decides how many calls are recorded', ({ tracer, plain, tested, silent }) => {
    const found = targets('7.2').map((target) => {
      const test = target.features.has('HAVE_FUNCTION_GRAPH_FP_TEST');
      const { observations } = target.run(recursion(tracer, 'trace_overrun'));
      const entries = observations.filter(({ kind }) => kind === 'entry').length;
      const wanted = test ? tested : plain;
      // Where a frame still fits but its block does not, the call is declined and nothing is counted.
      const overrun = silent[test ? 1 : 0] ? 0 : 125 - wanted;
      return { entries, wanted, overrun: counted(observations), expected: [String(overrun)] };
    });
    expect(found.length).toBe(6);
    for (const { entries, wanted, overrun, expected } of found) {
      expect(entries).toBe(wanted);
      expect(overrun).toEqual(expected);
    }
  });

  it('of the profiler takes three words, and calls are counted that find no room for them', () => {
    for (const target of targets('7.2')) {
      const fits = target.features.has('HAVE_FUNCTION_GRAPH_FP_TEST') ? 54 : 61;
      const overrun = target.run(recursion('kind: profiler', 'trace_overrun'));
      expect(counted(overrun.observations)).toEqual([String(125 - fits)]);
      const hits = target.run(recursion('kind: profiler', '{ hits: again }'));
      expect(counted(hits.observations)).toEqual([String(fits)]);
    }
  });
});

describe('a tracer without options', () => {
  const spec = (kind: string) =>
    oneCase(`${HEAD}functions:
  f: { prototype: u64 f(u64 a), returns: a }
probes:
  watch: { tracer: { kind: ${kind}, on: [f] } }
steps:
  - register: watch
  - call: f(1)
`);

  it.each([
    [
      'function_graph',
      { entry: ['probe', 'function', 'depth'], exit: ['probe', 'function', 'depth', 'duration'] },
    ],
    ['function', { entry: ['probe', 'function', 'parent'] }],
  ])('%s records nothing that no option asked for', (kind, fields) => {
    const all = [...targets('6.12'), ...targets('7.2')];
    expect(all.length).toBe(12);
    for (const target of all) {
      const seen = target
        .run(spec(kind))
        .observations.filter((observation) => ['entry', 'exit'].includes(observation.kind))
        .map((observation) => [observation.kind, Object.keys(observation.fields)]);
      expect(Object.fromEntries(seen)).toEqual(fields);
    }
  });
});

describe('what an option asks for and the kernel does not have', () => {
  const asked = (option: string) =>
    oneCase(`${HEAD}functions:
  f: { prototype: u64 f(u64 a), returns: a }
probes:
  watch: { tracer: { kind: function_graph, on: [f], options: [${option}] } }
steps:
  - register: watch
  - call: f(7)
`);

  it.each([
    ['funcgraph-retaddr', 'FUNCTION_GRAPH_RETADDR', 'entry', 'parent', 'caller'],
    ['funcgraph-args', 'FUNCTION_TRACE_ARGS', 'entry', 'arguments', ['0x7']],
    ['funcgraph-retval', 'FUNCTION_GRAPH_RETVAL', 'exit', 'return', '0x7'],
  ])('%s reads as absent without %s', (option, symbol, kind, field, value) => {
    const all = [...targets('6.1'), ...targets('6.12'), ...targets('7.2')];
    for (const target of all.filter(({ missing = [] }) => missing.length === 0)) {
      const seen = target.run(asked(option)).observations.find((observation) => observation.kind === kind);
      expect(seen?.fields[field]).toEqual(target.features.has(symbol) ? value : `(no ${symbol})`);
    }
  });
});

describe('a printed return value', () => {
  it.each([
    [0n, '0x0'],
    [0xffff_ffff_ffff_f001n, '-4095'],
    [0xffff_ffff_ffff_f000n, '0xfffffffffffff000'],
    [0xffff_ffean, '-22'],
    [0xffff_f000n, '0xfffff000'],
    [0x1_ffff_ffean, '0x1ffffffea'],
    [0x8000_0000n, '0x80000000'],
  ])('of 0x%s is %s', (word, text) => {
    expect(printedRetval(word, false)).toBe(text);
    expect(printedRetval(word, true)).toBe(`0x${word.toString(16)}`);
  });
});
