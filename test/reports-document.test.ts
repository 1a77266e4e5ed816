// SPDX-License-Identifier: MIT
/** docs/reports.md: its commands run, and it names every format. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type FakeArch, fakeWiring, program, seen } from '../harness/cli/test/fakes.js';
import { FORMAT_NAMES } from '../harness/report/formats.js';

const text = readFileSync(fileURLToPath(new URL('../docs/reports.md', import.meta.url)), 'utf8');

/** Words as a shell has them: quotes, and comments. */
function words(line: string): string[] {
  const found = line.replace(/\s#.*$/, '').match(/'[^']*'|[^\s']+/g) ?? [];
  return found.map((word) => word.replace(/^'(.*)'$/, '$1'));
}

const commands = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
  .flatMap(([, block = '']) => block.trim().split('\n'))
  .map(words);

test('every command runs', async () => {
  expect(commands.length).toBeGreaterThan(8);
  const cwd = mkdtempSync(join(tmpdir(), 'conform-'));
  try {
    mkdirSync(join(cwd, 'cases'));
    writeFileSync(
      join(cwd, 'cases/a.yaml'),
      JSON.stringify({ expect: [{ kind: 'result', fields: {}, position: {} }] }),
    );
    const arch: FakeArch = { short: 's', answer: () => [seen('result', { value: '1' })] };
    const wiring = fakeWiring({ s390: arch, alpha: arch });
    const own = ['--cases', 'cases'];
    await program(['run', ...own, '--format', 'jsonl'], cwd, wiring);
    writeFileSync(join(cwd, 'old.jsonl'), readFileSync(join(cwd, 'reports/run.jsonl')));
    for (const [name, ...args] of commands) {
      expect(name).toBe('ftrace-conform');
      const { code, out, err } = await program(args[0] === 'run' ? [...args, ...own] : args, cwd, wiring);
      expect([args, code, err.replace(/^wrote .*\n/gm, '')]).toEqual([args, 0, '']);
      expect(out).not.toBe('');
    }
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
});

test('every format has a row', () => {
  const rows = [...text.matchAll(/^\| `([^`]+)` /gm)].map(([, name]) => name);
  expect(rows.filter((name) => name !== '--format')).toEqual(FORMAT_NAMES);
});
