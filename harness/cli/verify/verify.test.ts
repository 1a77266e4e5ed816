// SPDX-License-Identifier: MIT
/** `verify` from the command line: what it says and how it ends, above all when it cannot do its work. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withTools } from '../../target/qemu/test/tools.js';
import { backends } from '../../target/test/subjects.js';
import { fakeWiring, program } from '../test/fakes.js';
import { wiring as real } from '../wiring.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'conform-'));
  mkdirSync(join(cwd, 'cases'));
  writeFileSync(join(cwd, 'cases/a.yaml'), '{}');
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const fake = fakeWiring({
  alpha: { short: 'al', answer: () => [] },
  beta: { short: 'be', answer: () => [] },
});
const verify = (...args: string[]) =>
  program(['verify', '--cases', 'cases', ...args], cwd, fake, { environment: { PATH: '/nowhere' } });

describe('without tools', () => {
  test('it says what is missing and how to get it, and is never green', async () => {
    for (const args of [[], ['--random', '3'], ['--instructions'], ['--corpus', '--random', '1']]) {
      const { code, out } = await verify(...args);
      expect(code, args.join(' ')).toBe(4);
      expect(out).toContain(
        'SKIP alpha@7.2: no clang-19 and no ld.lld-19 and no qemu-alpha and no setpriv in PATH: ',
      );
      expect(out).toContain('apt install clang-19 lld-19 qemu-user');
      expect(out).toContain('SKIP beta@7.2');
      expect(out).toContain('nothing was compared');
    }
  });

  test('as JSON too', async () => {
    const { code, out } = await verify('--format', 'json', '--arch', 'beta');
    expect(code).toBe(4);
    expect(JSON.parse(out)).toMatchObject({ subjects: [], skipped: [{ subject: 'beta@7.2' }] });
  });
});

test('formats that it has not are refused', async () => {
  const { code, err } = await verify('--format', 'junit');
  expect([code, err]).toEqual([2, 'error: verify prints pretty or json, not junit\n']);
});

const [loaded] = backends;
if (loaded !== undefined)
  withTools(loaded, () =>
    describe('with tools', { timeout: 120_000 }, () => {
      const newest = ['--arch', loaded.backend.arch, '--kernel', 'newest'];
      const run = (...args: string[]) =>
        program(['verify', ...newest, ...args], cwd, real, { environment: { PATH: process.env.PATH } });

      test('a case is compared, counted, and equal', async () => {
        const { code, out, err } = await run('fprobe/six-arguments');
        expect([code, err]).toEqual([0, expect.stringMatching(/: 1 cases\n$/)]);
        const [head = '', row = ''] = out.split('\n');
        expect(head.split(/ {2,}/)).toEqual([
          'subject',
          'cases',
          'compared',
          'trampolines',
          'rows',
          'mismatches',
        ]);
        expect(row).toMatch(/@\S+\/qemu-user +1 +\d+ +\d+\/\d+ +\d+\/\d+ +0$/);
        expect(out).toMatch(/not compared: \S+:\d+ .*: not reached\n/);
      });

      test('random states follow from the seed, which is printed', async () => {
        const runs = [await run('--random', '1', '--seed', '5'), await run('--random', '1', '--seed', '5')];
        expect(runs[0]?.code).toBe(0);
        expect(runs[0]?.out).toContain('\nseed 5\n');
        expect(runs[1]).toEqual(runs[0]);
        expect((await run('--random', '1', '--seed', '6')).out).not.toBe(runs[0]?.out);
      });

      test('JSON has all figures', async () => {
        const { code, out } = await run('--instructions', '--format', 'json');
        const { subjects, skipped } = JSON.parse(out);
        expect([code, skipped, subjects.length]).toEqual([0, [], 1]);
        expect(subjects[0]).toMatchObject({ mismatches: [], broken: [], cases: 0 });
        expect(subjects[0].rows.executed).toBeGreaterThan(20);
      });
    }),
  );
