// SPDX-License-Identifier: MIT
/** What the documents promise is there: links lead somewhere, and the first screen counts what there is. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseCases } from '../harness/case/parse.js';
import { loadCases } from '../harness/plan/cases.js';
import { discover } from '../harness/plan/discover.js';
import { packageRoot } from '../harness/plan/package-root.js';
import { defaultPlace, select } from '../harness/plan/select.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
  ...readdirSync(join(root, 'backends')).map((name) => `backends/${name}/README.md`),
].filter((name) => name.endsWith('.md'));

test.each(documents)('%s: links lead somewhere, and nothing is left to fill in', (name) => {
  const text = readFileSync(join(root, name), 'utf8');
  expect(text).not.toContain('@@');
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target = '']) => target);
  expect(links.filter((target) => !existsSync(join(root, dirname(name), target)))).toEqual([]);
});

test('the first screen of the README counts the corpus as it is', async () => {
  const text = readFileSync(join(root, 'README.md'), 'utf8');
  const [, cases, subjects] = /^([\d,]+) cases × (\d+) subjects:/m.exec(text) ?? [];
  expect(Number(cases?.replaceAll(',', ''))).toBe(
    loadCases(select([], defaultPlace(packageRoot, packageRoot)), parseCases).length,
  );
  const known = (await discover([])).flatMap(({ backend }) => [
    ...backend.revisions,
    ...(backend.untraced ?? []),
  ]);
  expect(Number(subjects)).toBe(known.length);
});
