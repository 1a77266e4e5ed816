// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import { fakeTarget, seen, spec, subject } from '../cli/test/fakes.js';
import { Problem } from '../plan/problem.js';
import { run } from '../plan/run.js';
import type { RunEvent } from './events.js';
import { dispatch, jsonl, readLog } from './jsonl.js';

async function events(): Promise<RunEvent[]> {
  const target = fakeTarget(subject('alpha'), ['FPROBE'], () => [seen('result', { value: '1' })]);
  const list: RunEvent[] = [];
  const plan = {
    cases: [spec('a'), spec('b')],
    subjects: [{ target, short: 'al' }],
    axis: 'arch',
    seed: 3,
    harness: '0',
    command: ['run'],
  } as const;
  for await (const event of run(plan)) list.push(event);
  return list;
}

async function log(): Promise<string> {
  let text = '';
  const listener = jsonl((line) => {
    text += line;
  });
  for (const event of await events()) dispatch(event, [listener]);
  return text;
}

const refusal = (text: string): Problem => {
  try {
    readLog(text, 'run.jsonl');
  } catch (error) {
    if (error instanceof Problem) return error;
  }
  throw new Error('not refused');
};

test('what is read is what was written', async () => {
  expect(readLog(await log(), 'run.jsonl')).toEqual(await events());
});

describe('refused', () => {
  const lines = async () => (await log()).trimEnd().split('\n');
  const cases: [string, (lines: string[]) => string[], string][] = [
    ['without footer', (all) => all.slice(0, -1), 'has no footer: the run did not end'],
    ['cut off', (all) => [...all.slice(0, -1), (all.at(-1) ?? '').slice(0, 20)], 'line 4 is cut off'],
    ['without header', (all) => all.slice(1), 'does not begin with a header'],
    [
      'of another format',
      (all) => [(all[0] ?? '').replace('"format":1', '"format":2'), ...all.slice(1)],
      'format 2, but this version reads format 1',
    ],
    [
      'with a case missing',
      (all) => [all[0] ?? '', ...all.slice(2)],
      'the footer counts 2 cases, but there are 1',
    ],
    [
      'with a case twice',
      (all) => [all[0] ?? '', all[1] ?? '', all[1] ?? '', all[3] ?? ''],
      'a case occurs twice',
    ],
    ['with a second header', (all) => [all[0] ?? '', ...all], 'a header or footer stands among the cases'],
    ['broken inside', (all) => [all[0] ?? '', '{', ...all.slice(2)], 'line 2 is no JSON'],
    ['of something else', () => ['{"hello": 1}', '{}'], 'line 1 is no event of a run'],
    ['of nulls', () => ['null'], 'line 1 is no event of a run'],
    ['empty', () => [], 'empty'],
  ];
  test.each(cases)('%s', async (_name, change, message) => {
    const found = refusal(
      change(await lines())
        .map((line) => `${line}\n`)
        .join(''),
    );
    expect(found.message).toContain(message);
    expect(found.message).toMatch(/^run\.jsonl: .*; log refused$/);
    expect(found.exit).toBe(6);
  });
});
