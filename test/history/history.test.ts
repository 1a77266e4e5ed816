// SPDX-License-Identifier: MIT
/**
 * Historical bugs, re-created in the sources of today, are caught: each by the cases that it names, on the subjects
 * concerned and not on one beside. `npm run history` runs the whole corpus for each.
 */
import { fileURLToPath } from 'node:url';
import { describe, expect, it, test } from 'vitest';
import { units } from '../../harness/case/covers.js';
import { casesOf, quickly } from './catch.js';
import { page } from './document.js';
import { edited } from './edit.js';
import { notShown, recreations } from './recreation.js';

const bugs = recreations();
const bugIds = new Set(units.filter(({ restatable }) => restatable === 'bug').map(({ id }) => id));

describe('a bug re-created is caught', () => {
  test.each(bugs)('$id', async (recreation) => {
    const { concerned, bystander } = await quickly(recreation);
    expect(concerned.size).toBeGreaterThan(0);
    for (const [subject, cases] of concerned) expect(cases, `caught on ${subject}`).not.toEqual([]);
    expect(recreation.caught.filter((one) => ![...concerned.values()].flat().includes(one))).toEqual([]);
    expect([...bystander.values()].flat()).toEqual([]);
  });
});

describe('the re-creations', () => {
  it('are of known bugs, and those that have none say why', () => {
    expect([...bugs.map(({ id }) => id), ...Object.keys(notShown())].sort()).toEqual([...bugIds].sort());
  });

  it('are what the cases say that they cover', () => {
    const named = bugs.flatMap(({ id, caught }) =>
      caught.flatMap((selector) => casesOf(selector).map(({ file }) => `${file}: ${id}`)),
    );
    const claimed = casesOf().flatMap(({ file, covers }) =>
      covers.filter((id) => bugIds.has(id)).map((id) => `${file}: ${id}`),
    );
    expect([...new Set(claimed)].sort()).toEqual([...new Set(named)].sort());
  });

  it('are what docs/history.md tells', async () => {
    await expect(page()).toMatchFileSnapshot(
      fileURLToPath(new URL('../../docs/history.md', import.meta.url)),
    );
  });
});

describe('an edit', () => {
  const source = 'a\n  b\n    c\n  b\nd\n';
  const edit = (old: string, next: string) => edited(source, { file: 'f.ts', old, new: next });

  it('replaces lines wherever they are indented', () => {
    expect(edit('b\n  c\n', 'x\n\n  y\n')).toBe('a\n  x\n\n    y\n  b\nd\n');
    expect(edit('d\n', '')).toBe('a\n  b\n    c\n  b\n');
  });

  it.each([
    ['b\n', /there 2 times/],
    ['e\n', /there 0 times/],
    ['b\nc\n', /there 0 times/],
    ['x\n', /changes nothing/],
  ])('is refused for %j', (old, why) => {
    expect(() => edit(old, 'x\n')).toThrow(why);
  });
});
