// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import { expected, fakeTarget, seen, spec, subject } from '../cli/test/fakes.js';
import type { CaseEvent, RunEvent } from '../report/events.js';
import { logText, readLog } from '../report/jsonl.js';
import type { TraceEvent } from '../target/target.js';
import { run } from './run.js';

const step = (
  at: string,
  text: string,
  registers: readonly (readonly [string, string])[] = [],
): TraceEvent => ({
  kind: 'instruction',
  at,
  where: `backends/some/trampoline.S:${at.length}`,
  text,
  registers,
  stores: [],
});
const event = (name: string, detail = ''): TraceEvent => ({ kind: 'event', name, detail });
const observation = (text: string): TraceEvent => ({ kind: 'observation', text });
const traceOf = (value: string): TraceEvent[] => [
  event('argument 0 of f', `in r${value}`),
  ...Array.from({ length: 40 }, (_, row) => step(`f+${row}`, `nop  ${row}`)),
  event('enter tracer'),
  step('f+99', 'load\tr1,  0', [['r1', value]]),
  observation(`result f = ${value}`),
  event('call g'),
];

/** By subject: what f gives. */
async function ran(
  values: Readonly<Record<string, string>>,
  wanted: string | null = '1',
): Promise<RunEvent[]> {
  const subjects = Object.entries(values).map(([name, value]) => {
    const [arch = '', revision] = name.split('@');
    const answer = () => [seen('result', { function: 'f', value })];
    return { target: fakeTarget(subject(arch, revision), [], answer, traceOf(value)), short: arch };
  });
  const expect = wanted === null ? null : [expected('result', { function: 'f', value: wanted })];
  const plan = {
    cases: [spec('c', { expect })],
    subjects,
    axis: 'arch',
    seed: 1,
    harness: '0',
    command: [],
  } as const;
  const events: RunEvent[] = [];
  for await (const one of run(plan)) events.push(one);
  return events;
}

const partingOf = (events: readonly RunEvent[]) =>
  events.find((one): one is CaseEvent => one.event === 'case')?.comparison.parting;

describe('who is held against whom', () => {
  const who = async (values: Readonly<Record<string, string>>, wanted?: string | null) =>
    partingOf(await ran(values, wanted))?.subjects;

  test('nobody, where all is as expected', async () => {
    expect(await who({ a: '1', b: '1' })).toBeUndefined();
  });
  test('who fails against who passes at its revision, before others', async () => {
    expect(await who({ 'a@6.1': '1', 'a@7.2': '1', 'b@6.1': '1', 'b@7.2': '2' })).toEqual([
      'b@7.2/model',
      'a@7.2/model',
    ]);
  });
  test('against its own older revision, where all of its revision fail alike', async () => {
    expect(await who({ 'a@6.1': '1', 'a@7.2': '2', 'b@7.2': '2' })).toEqual(['a@7.2/model', 'a@6.1/model']);
  });
  test('against who fails otherwise, where nobody passes', async () => {
    expect(await who({ a: '2', b: '3' })).toEqual(['a@7.2/model', 'b@7.2/model']);
  });
  test('alone, where all see the same', async () => {
    expect(await who({ a: '2', b: '2' })).toEqual(['a@7.2/model', null]);
  });
  test('the odd one out, where nothing is expected', async () => {
    expect(await who({ a: '1', b: '2', c: '1' }, null)).toEqual(['b@7.2/model', 'a@7.2/model']);
  });
});

describe('what is kept', () => {
  test('up to the first observation that differs, with the last instructions that led there', async () => {
    const parting = partingOf(await ran({ a: '1', b: '2' }));
    expect(parting?.told).toEqual([
      'first observation that differs: b@7.2/model sees `result f = 2`, a@7.2/model `result f = 1`',
    ]);
    expect(parting?.rows.map(({ state, left }) => [state, left?.mark, left?.text])).toEqual([
      ['otherwise', '*', 'argument 0 of f  in r2'],
      ['same', '*', 'enter tracer'],
      ['parted', '=', 'result f = 2'],
    ]);
    const [, long, last] = parting?.rows ?? [];
    expect([long?.left?.before, long?.left?.steps.length]).toEqual([8, 32]);
    expect(long?.left?.steps.at(-1)?.text).toBe('nop 39');
    expect(last?.right?.steps).toEqual([
      { at: 'f+99', where: 'trampoline.S:4', text: 'load r1, 0', effects: ['r1=1'] },
    ]);
  });
  test('alone, up to the first thing that is not expected', async () => {
    const parting = partingOf(await ran({ a: '2' }));
    expect(parting?.told).toEqual([]);
    expect(parting?.rows.at(-1)).toMatchObject({
      state: 'same',
      left: { text: 'result f = 2' },
      right: null,
    });
  });
  test('in the log too', async () => {
    const events = await ran({ a: '1', b: '2' });
    expect(partingOf(events)).toBeDefined();
    expect(readLog(logText(events), 'log')).toEqual(events);
  });
});
