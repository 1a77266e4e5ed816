// SPDX-License-Identifier: MIT
/** The committed manual pages are those of the tables; other programs can read them. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SEVERITY } from '../../compare/statuses.js';
import { packageRoot } from '../../plan/package-root.js';
import { OPTIONS } from '../options.js';
import { VERBS } from '../verbs.js';
import { casesPage } from './cases.js';
import { manPage } from './man.js';

const folder = join(packageRoot, 'docs/man');
const pages = [
  ['ftrace-conform.1', manPage],
  ['ftrace-conform-cases.5', casesPage],
] as const;
const has = (tool: string) => spawnSync(tool, ['--version']).error === undefined;

describe.each(pages)('%s', (name, make) => {
  test('is as the tables say; npx vitest run harness/cli/man/man.test.ts -u writes it', async () => {
    await expect(make()).toMatchFileSnapshot(join(folder, name));
  });

  test.skipIf(spawnSync('mandoc', ['-h']).error !== undefined)('mandoc finds nothing wrong', () => {
    const { stdout } = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', join(folder, name)], {
      encoding: 'utf8',
    });
    // No date: a page is the same whenever it is made.
    expect(stdout.split('\n').filter((line) => line !== '' && !line.includes('missing date'))).toEqual([]);
  });

  test.skipIf(!has('groff'))('groff sets it without a warning', () => {
    const { stderr, stdout } = spawnSync(
      'groff',
      ['-man', '-T', 'utf8', '-P', '-cbou', '-ww', join(folder, name)],
      {
        encoding: 'utf8',
      },
    );
    expect(stderr).toBe('');
    expect(stdout).toContain('NAME');
  });
});

/** As a reader sees it. */
const shown = (name: string) =>
  spawnSync('groff', ['-man', '-T', 'ascii', '-P', '-cbou', join(folder, name)], { encoding: 'utf8' }).stdout;

test.skipIf(!has('groff'))('a reader finds every verb, option, verdict', () => {
  const text = shown('ftrace-conform.1');
  for (const { name, examples } of VERBS) {
    expect(text).toContain(`ftrace-conform ${name} [options]`);
    for (const example of examples) expect(text).toContain(`  ${example}\n`);
  }
  for (const { flags } of Object.values(OPTIONS)) expect(text).toContain(`  ${flags}`);
  for (const status of SEVERITY) expect(text).toMatch(new RegExp(`^ +\\w\\w ${status}$`, 'm'));
  expect(text).toMatch(/^ +143 +terminated/m);
});

test.skipIf(!has('groff'))('a reader finds every key of a case', () => {
  const text = shown('ftrace-conform-cases.5');
  for (const word of ['title', 'divergences', 'kprobe_session', 'register', 'store_data', 'transparency']) {
    expect(text).toMatch(new RegExp(`^ +${word}\\b`, 'm'));
  }
});
