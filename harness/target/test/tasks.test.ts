// SPDX-License-Identifier: MIT
/** Tasks: what a case cannot ask of them is no verdict on the subject. */
import { describe, expect, test } from 'vitest';
import { STACKS } from '../../backend/stacks.js';
import { backends, lines, named, oneCase, target } from './subjects.js';

const run = (arch: string, steps: string, entry = 'true') =>
  target(named(arch)).run(
    oneCase(`
title: tasks
why: test
functions:
  f: { prototype: 'u64 f(u64 a)', does: [sleep], returns: a + 1 }
  g: { prototype: 'u64 g(u64 a)', returns: a + 2 }
probes: { watch: { ops: { on: [g], entry: ${entry} } } }
steps: [${steps}]
`),
  );
const sleeper = '{ in_task: { task: one, does: [call: f(1)] } }';

describe('a task', () => {
  test('goes on where it slept, on a stack and with registers of its own', () => {
    for (const { backend } of backends) {
      const outcome = run(
        backend.arch,
        `${sleeper}, { in_task: { task: two, does: [call: f(5)] } }, wake: one, wake: two`,
      );
      expect(lines(outcome).join('\n')).not.toMatch(/transparency|fault/);
      expect(outcome.observations.map(({ fields }) => fields.value ?? '')).toEqual(['', '', '2', '6']);
    }
  });

  test.each([
    ['the first one sleeps', 'call: f(1)', /nobody is left/],
    [
      'one that sleeps gets new work',
      `${sleeper}, { in_task: { task: one, does: [call: g(1)] } }`,
      /wake it/,
    ],
    [
      'there are too many',
      Array.from({ length: STACKS }, (_, n) => `{ in_task: { task: t${n}, does: [call: g(1)] } }`).join(', '),
      /more than 6 tasks/,
    ],
  ])('cannot be had where %s', (_what, steps, why) => {
    expect(run('arm64', steps).end).toMatchObject({ kind: 'error', why: expect.stringMatching(why) });
  });

  test('that sleeps no more is not woken: it went another way than the case meant', () => {
    const outcome = run('arm64', `${sleeper}, wake: one, wake: one`);
    expect(lines(outcome).at(-1)).toBe('error call=wake one code=-ESRCH');
  });

  test('cannot sleep in a handler', () => {
    const outcome = run(
      'arm64',
      'register: watch, { in_task: { task: one, does: [call: g(1)] } }',
      '[call: f(1)]',
    );
    expect(outcome.end).toMatchObject({ kind: 'error', why: expect.stringContaining('cannot sleep') });
  });

  test('cannot run while it runs', () => {
    const outcome = run(
      'arm64',
      'register: watch, { in_task: { task: one, does: [call: g(1)] } }',
      '[{ in_task: { task: one, does: [stack_trace] } }]',
    );
    expect(outcome.end).toMatchObject({ kind: 'error', why: expect.stringContaining('runs already') });
  });
});
