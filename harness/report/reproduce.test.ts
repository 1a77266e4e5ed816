// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import { spec } from '../cli/test/fakes.js';
import type { CaseEvent, HeaderEvent } from './events.js';
import { explainCommand, runCommand } from './reproduce.js';
import { type Course, eventsOf, wantsOne, zero } from './test/stream.js';

async function told(cases: readonly ReturnType<typeof spec>[], who: readonly string[], course: Course = {}) {
  const events = await eventsOf(cases, (_, { arch }) => (who.includes(arch) ? zero : undefined), course);
  const group = events.filter((event): event is CaseEvent => event.event === 'case');
  return { header: events[0] as HeaderEvent, group };
}

describe('the command that reproduces a failure', () => {
  test('runs the failing back-ends alone, where the expectation fails', async () => {
    const { header, group } = await told([wantsOne('a/b')], ['beta', 'gamma']);
    expect(runCommand(group, false, header)).toBe('ftrace-conform run a/b --arch beta --arch gamma');
  });

  test('runs all where all fail, and where only comparison fails them', async () => {
    const all = await told([wantsOne('a/b')], ['alpha', 'beta', 'gamma']);
    expect(runCommand(all.group, false, all.header)).toBe('ftrace-conform run a/b');
    const free = await told([spec('a/b')], ['beta']);
    expect(runCommand(free.group, false, free.header)).toBe('ftrace-conform run a/b');
    const several = await told([spec('a/b')], ['beta'], { revisions: ['6.1', '7.2'] });
    expect(runCommand(several.group, false, several.header)).toBe('ftrace-conform run a/b');
  });

  test('names the members of a family, or the family where all or many are meant', async () => {
    const family = Array.from({ length: 9 }, (_, row) => wantsOne(`a/b.${row}`, { file: 'cases/a/b.yaml' }));
    const { header, group } = await told(family, ['beta']);
    const command = (count: number, whole: boolean) => runCommand(group.slice(0, count), whole, header);
    expect(command(2, false)).toBe('ftrace-conform run a/b.{0,1} --arch beta');
    expect(command(9, false)).toBe('ftrace-conform run a/b --arch beta');
    expect(command(2, true)).toBe('ftrace-conform run a/b --arch beta');
  });

  test('compares along the axis of the run', async () => {
    const { header, group } = await told([wantsOne('a/b')], ['beta'], {
      axis: 'revision',
      revisions: ['6.1', '7.2'],
    });
    expect(runCommand(group, false, header)).toBe('ftrace-conform run a/b --compare revision');
  });
});

test('the command that explains it holds it against one that behaves otherwise', async () => {
  const { group } = await told([wantsOne('a/b')], ['alpha']);
  expect(explainCommand(group[0] as CaseEvent)).toBe('ftrace-conform explain a/b --arch alpha --vs beta');
  const all = await told([wantsOne('a/b')], ['alpha', 'beta', 'gamma']);
  expect(explainCommand(all.group[0] as CaseEvent)).toBe('ftrace-conform explain a/b --arch alpha');
  const none = await told([wantsOne('a/b')], []);
  expect(explainCommand(none.group[0] as CaseEvent)).toBeNull();
});
