// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import { fakeTarget, seen, spec, subject } from '../cli/test/fakes.js';
import { compareCase } from '../compare/compare.js';
import type { CaseEvent, FooterEvent, HeaderEvent, RunEvent } from '../report/events.js';
import { described, inProcess, type Plan, run, stream } from './run.js';

const target = fakeTarget(subject('alpha'), ['KPROBES', 'FPROBE'], () => [seen('result', { value: '1' })]);
const plan = (count: number, parts: Partial<Plan> = {}): Plan => ({
  cases: Array.from({ length: count }, (_, index) => spec(`c.${index}`)),
  subjects: [{ target, short: 'al' }],
  axis: 'arch',
  seed: 1,
  harness: '0',
  command: ['run'],
  ...parts,
});

async function collect(events: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const list: RunEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

test('header, cases in order, footer', async () => {
  const events = await collect(run(plan(3)));
  expect(events.map((event) => (event.event === 'case' ? event.spec.id : event.event))).toEqual([
    'header',
    'c.0',
    'c.1',
    'c.2',
    'footer',
  ]);
  const header = events[0] as HeaderEvent;
  expect(header.subjects).toEqual([
    { name: 'alpha@7.2/model', short: 'al', id: subject('alpha'), features: ['FPROBE', 'KPROBES'] },
  ]);
  expect(events.at(-1)).toMatchObject({
    complete: true,
    cases: 3,
    exitCode: 0,
    counts: { PASS: 3, FAIL: 0 },
  });
});

test('events survive JSON', async () => {
  const events = await collect(run(plan(2)));
  expect(JSON.parse(JSON.stringify(events))).toEqual(events);
});

describe('hash of the case set', () => {
  const hash = async (cases: Plan['cases']) =>
    ((await collect(run(plan(0, { cases }))))[0] as HeaderEvent).caseSet;
  test('depends on ids and texts, and on where one ends', async () => {
    const base = await hash([spec('a', { text: 'b' })]);
    expect(base).toMatch(/^[0-9a-f]{64}$/);
    expect(await hash([spec('a', { text: 'b', title: 'other' })])).toBe(base);
    expect(await hash([spec('a', { text: 'c' })])).not.toBe(base);
    expect(await hash([spec('ab', { text: '' })])).not.toBe(base);
  });
});

describe('interruption', () => {
  test('ends with a footer that says so', async () => {
    const abort = new AbortController();
    const events: RunEvent[] = [];
    for await (const event of run(plan(100), abort.signal)) {
      events.push(event);
      if (event.event === 'case' && event.spec.id === 'c.4') abort.abort();
    }
    const footer = events.at(-1) as FooterEvent;
    expect(footer).toMatchObject({ complete: false, interrupted: true, exitCode: 130, cases: 5 });
    expect(events.filter((event): event is CaseEvent => event.event === 'case')).toHaveLength(5);
  });
  test('a signal is heard while cases run', async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 0);
    const busy = fakeTarget(subject('alpha'), [], () => {
      const until = performance.now() + 1;
      while (performance.now() < until);
      return [];
    });
    const events = await collect(run(plan(500, { subjects: [{ target: busy, short: 'al' }] }), abort.signal));
    expect(events.at(-1)).toMatchObject({ interrupted: true });
    expect(events.length).toBeLessThan(500);
  });
});

test('comparisons may take their time, and come from elsewhere', async () => {
  const { cases, subjects, axis, ...rest } = plan(3);
  const course = { ...rest, axis, cases, subjects: subjects.map(described) };
  const events = await collect(
    stream(course, async (index) => {
      await new Promise((resolve) => setTimeout(resolve, index === 0 ? 5 : 0));
      const one = cases[index] as Plan['cases'][number];
      return compareCase(one, inProcess(one, subjects), axis);
    }),
  );
  expect(events.map((event) => event.event)).toEqual(['header', 'case', 'case', 'case', 'footer']);
  expect(events.at(-1)).toMatchObject({ cases: 3, exitCode: 0 });
});

test('a fault of the harness itself is an ERROR of its case on its subject', async () => {
  const spoilt = fakeTarget(subject('beta'), ['FPROBE'], ({ id }) => {
    if (id === 'c.1') throw new Error('spoilt');
    return [seen('result', { value: '1' })];
  });
  const subjects = [
    { target, short: 'al' },
    { target: spoilt, short: 'be' },
  ];
  const events = await collect(run(plan(3, { subjects })));
  const statuses = events.flatMap((event) =>
    event.event === 'case' ? [event.comparison.verdicts.map(({ status }) => status)] : [],
  );
  expect(statuses).toEqual([
    ['PASS', 'PASS'],
    ['PASS', 'ERROR'],
    ['PASS', 'PASS'],
  ]);
  expect((events[2] as CaseEvent).comparison.verdicts[1]?.reason).toBe(
    'a fault of ftrace-conform itself: spoilt',
  );
  expect(events.at(-1)).toMatchObject({ complete: true, exitCode: 3 });
});
