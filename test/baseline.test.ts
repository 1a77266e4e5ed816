// SPDX-License-Identifier: MIT
/** The committed baseline is one that the program would write, git keeps it, and the page about it shows commands that are there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { BASELINE } from '../harness/cli/options.js';
import { parseArguments } from '../harness/cli/parse.js';
import { INTERPRETATION } from '../harness/compare/interpretation.js';
import { failing } from '../harness/compare/statuses.js';
import { discover } from '../harness/plan/discover.js';
import { packageRoot } from '../harness/plan/package-root.js';
import { defaultPlace, select } from '../harness/plan/select.js';
import { baselineText, readBaseline } from '../harness/report/baseline.js';

const text = readFileSync(join(packageRoot, BASELINE), 'utf8');
const baseline = readBaseline(text, BASELINE);

test('byte for byte as it would be written, of this interpretation', () => {
  expect(baselineText(baseline)).toBe(text);
  expect(baseline.interpretation).toBe(INTERPRETATION);
});

test('every subject, cases of every folder, and nothing that fails', async () => {
  const known = (await discover([])).flatMap(({ backend }) =>
    [...backend.revisions, ...(backend.untraced ?? [])].map(
      (revision) => `${backend.arch}@${revision}/model`,
    ),
  );
  const names = baseline.subjects.map(({ arch, revision, target }) => `${arch}@${revision}/${target}`);
  expect([...names].sort()).toEqual(known.sort());
  const folder = (id: string) => id.slice(0, id.indexOf('/'));
  const folders = select([], defaultPlace(packageRoot, packageRoot)).map(({ file }) => folder(file.id));
  expect(new Set([...baseline.cases.keys()].map(folder))).toEqual(new Set(folders));
  const failed = [...baseline.cases].filter(([, { statuses }]) =>
    statuses.some((status) => status !== null && failing(status)),
  );
  expect(failed.map(([id]) => id)).toEqual([]);
});

test('git keeps baselines and nothing else of reports/', async () => {
  const ignored = async (path: string) =>
    (await execa('git', ['check-ignore', '-q', '--no-index', path], { cwd: packageRoot, reject: false }))
      .exitCode;
  expect(await ignored(BASELINE)).toBe(1);
  expect(await ignored('reports/baseline/other.txt')).toBe(1);
  expect(await ignored('reports/run.jsonl')).toBe(0);
  expect(await ignored('reports/index.html')).toBe(0);
});

test('docs/baselines.md: every command is one', () => {
  const page = readFileSync(join(packageRoot, 'docs/baselines.md'), 'utf8');
  const blocks = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block);
  const commands = blocks.flatMap((block) => block.trim().split('\n'));
  expect(commands.length).toBeGreaterThan(12);
  for (const command of commands) {
    const [program, ...argv] = command.replace(/\s*#.*$/, '').split(' ');
    expect([command, program]).toEqual([command, 'ftrace-conform']);
    expect([command, parseArguments(argv)]).toEqual([
      command,
      expect.objectContaining({ verb: expect.anything() }),
    ]);
  }
});
