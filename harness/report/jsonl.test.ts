// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import { divergence, expected, fakeTarget, seen, spec, subject } from '../cli/test/fakes.js';
import { Problem } from '../plan/problem.js';
import { run } from '../plan/run.js';
import type { RunEvent } from './events.js';
import { dispatch, jsonl, logText, readLog } from './jsonl.js';

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

/** Of a run that was to see something else. */
async function failing(): Promise<string> {
  const target = fakeTarget(subject('alpha'), [], () => [seen('result', { value: '1' })]);
  const cases = [spec('a', { expect: [expected('result', { value: '2' })] })];
  const plan = { cases, subjects: [{ target, short: 'al' }], axis: 'arch', seed: 3, harness: '0' } as const;
  const list: RunEvent[] = [];
  for await (const event of run({ ...plan, command: ['run'] })) list.push(event);
  return logText(list);
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

describe('of many subjects', () => {
  const longAgo = (file: string) => ({ file, text: `title: x\n${'# prose\n'.repeat(50)}` });
  const answers: Record<string, Parameters<typeof fakeTarget>[2]> = {
    a: ({ id }) => [seen('result', { value: id }), seen('body', { zeta: '1', alpha: ['x', 'y'] })],
    b: ({ id }) => [seen('result', { value: id }), seen('body', { zeta: '1', alpha: ['x', 'y'] })],
    c: () => [seen('result', { value: '(no ftrace_regs_get_argument)' })],
    d: () => [seen('result', { value: '0' })],
    e: () => ({ end: { kind: 'error', why: 'no symbol' } }),
    f: () => ({ end: { kind: 'crashed', why: 'jump' }, observations: [seen('fault', { why: 'jump' })] }),
    g: () => ({ end: { kind: 'unsupported', lacks: ['FPROBE'] } }),
    h: () => [seen('result', { value: '5' })],
  };
  const many = async () => {
    const list: RunEvent[] = [];
    const cases = ['a.1', 'a.2', 'b.1', 'a.3'].map((id) =>
      spec(id, {
        ...longAgo(id.startsWith('a') ? 'a.yaml' : 'b.yaml'),
        title: id === 'a.2' ? 'Another' : 'The same',
        expect: [expected('result', { value: 'a.1' })],
        divergences: [divergence({ arch: ['h'] }, [{ at: 1, by: { fields: { value: '5' } } }])],
      }),
    );
    const subjects = Object.entries(answers).map(([arch, answer]) => ({
      short: arch,
      target: fakeTarget(subject(arch), ['FPROBE'], answer),
    }));
    for await (const event of run({ cases, subjects, axis: 'arch', seed: 1, harness: '0', command: [] }))
      list.push(event);
    return list;
  };

  test('replay is exact, in every kind of verdict', async () => {
    const list = await many();
    const read = readLog(logText(list), 'run.jsonl');
    expect(read).toEqual(list);
    expect(logText(read)).toBe(logText(list));
    const statuses = list.flatMap((event) => (event.event === 'case' ? event.comparison.verdicts : []));
    expect(new Set(statuses.map(({ status }) => status)).size).toBeGreaterThan(4);
  });
  test('what several saw, and what several cases of a file say, is there once', async () => {
    const [, first = '', second = ''] = logText(await many()).split('\n');
    expect(first.match(/"zeta"/g)).toHaveLength(1);
    expect(first).toContain('# prose');
    expect(second).not.toContain('# prose');
  });
});

test('refused: an exit code that hides what failed', async () => {
  const text = await failing();
  expect(readLog(text, 'run.jsonl').at(-1)).toMatchObject({ exitCode: 1 });
  const found = refusal(text.replace('"exitCode":1', '"exitCode":0'));
  expect(found.message).toContain('the footer says exit code 0, but its cases make it 1');
  expect(found.exit).toBe(6);
});

describe('refused', () => {
  const lines = async () => (await log()).trimEnd().split('\n');
  const cases: [string, (lines: string[]) => string[], string][] = [
    ['without footer', (all) => all.slice(0, -1), 'has no footer: the run did not end'],
    ['cut off', (all) => [...all.slice(0, -1), (all.at(-1) ?? '').slice(0, 20)], 'line 4 is cut off'],
    ['without header', (all) => all.slice(1), 'does not begin with a header'],
    [
      'of another format',
      (all) => [(all[0] ?? '').replace('"format":2', '"format":1'), ...all.slice(1)],
      'format 1, but this version reads format 2',
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
    [
      'with a case that leans on one which is gone',
      (all) => [all[0] ?? '', (all[1] ?? '').replace('"title":"Title of a",', ''), ...all.slice(2)],
      'line 2 is a case that does not fit the lines before it',
    ],
    [
      'with a result of nobody',
      (all) => [(all[0] ?? '').replace(/"subjects":\[.*?\}\]/, '"subjects":[]'), ...all.slice(1)],
      'line 2 is a case that does not fit',
    ],
    [
      'with a count that is another',
      (all) => [...all.slice(0, -1), (all.at(-1) ?? '').replace('"PASS":2', '"PASS":1')],
      'the footer counts 1 PASS, but there are 2',
    ],
    [
      'with a status that there is not',
      (all) => [all[0] ?? '', (all[1] ?? '').replace('"PASS"', '"WEIRD"'), ...all.slice(2)],
      'a has the status WEIRD, which there is not',
    ],
    [
      'with differences that it does not count',
      (all) => [...all.slice(0, -1), (all.at(-1) ?? '').replace('"unexplained":0', '"unexplained":1')],
      'the footer counts 1 unexplained, but there are 0',
    ],
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
