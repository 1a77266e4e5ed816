// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { divergence, expected, fakeTarget, seen, spec, subject } from '../cli/test/fakes.js';
import { run } from '../plan/run.js';
import { declaredDifferences } from './declared.js';
import type { CaseEvent, HeaderEvent } from './events.js';
import { terminal } from './terminal.js';

const answers = (value: string) => () => [seen('result', { function: 'f', value })];
const subjects = [
  { target: fakeTarget(subject('alpha', '6.1'), ['FPROBE'], answers('1')), short: 'al@6.1' },
  { target: fakeTarget(subject('alpha', '6.12'), ['FPROBE'], answers('2')), short: 'al@6.12' },
  { target: fakeTarget(subject('alpha', '7.2'), ['FPROBE'], answers('2')), short: 'al' },
];
const wanted = [expected('result', { value: '2' })];
const older = divergence({ revision: ['6.1'] }, [{ at: 1, by: { fields: { value: '1' } } }], 'It was so.');
const cases = [
  spec('changes/declared', { expect: wanted, divergences: [older] }),
  spec('changes/undeclared', { expect: wanted }),
];
const plan = { cases, subjects, axis: 'revision', seed: 1, harness: '0', command: ['run'] } as const;

async function told(detail: 0 | 1 | 2): Promise<string> {
  const text: string[] = [];
  const listener = terminal({
    write: (part) => void text.push(part),
    paint: (_c, part) => part,
    width: 80,
    detail,
  });
  for await (const event of run(plan)) {
    if (event.event === 'header') listener.header?.(event);
    else if (event.event === 'case') listener.case?.(event);
    else listener.footer?.(event);
  }
  return text.join('');
}

test('who differs from whom, and why, by place in the file; what nobody declared is told elsewhere', async () => {
  const events = [];
  for await (const event of run(plan)) events.push(event);
  const header = events[0] as HeaderEvent;
  const all = events.filter((event): event is CaseEvent => event.event === 'case');
  expect(declaredDifferences(all, header.subjects)).toEqual([
    {
      id: 'changes/declared',
      sentence: 'only 6.1 differs: the caller of f gets 1, the others 2',
      reasons: ['al@6.1: It was so. (the manual)'],
    },
  ]);
});

test('the terminal tells them where every case has a row', async () => {
  expect(await told(2)).toContain(`Differences, as declared
  changes/declared
    only 6.1 differs: the caller of f gets 1, the others 2
      al@6.1: It was so. (the manual)
`);
  expect(await told(1)).not.toContain('Differences, as declared\n');
});
