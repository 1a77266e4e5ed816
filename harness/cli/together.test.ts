// SPDX-License-Identifier: MIT
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fakeWiring, program, seen } from './test/fakes.js';
import type { Wiring } from './wiring.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'conform-'));
  writeFileSync(join(cwd, 'file'), '');
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const asked = async (): Promise<never> => {
  throw new Error('something was loaded');
};
const nothing: Wiring = {
  parser: asked,
  textParser: asked,
  backends: asked,
  targetNames: () => ['model'],
  targets: asked,
};

test.each([
  [['--list', '--baseline'], {}, '--list runs nothing: not with --baseline'],
  [['--list', '--watch'], {}, '--list runs nothing: not with --watch'],
  [['--watch', '--baseline'], {}, '--watch runs whole files: name them'],
  [['--watch', '--filter', 'a'], {}, '--watch runs whole files: name them'],
  [['--watch', '--shard', '1/2'], {}, '--watch runs whole files: name them'],
  [['--watch', '--rerun', 'no-such-log'], {}, '--watch runs whole files: name them'],
  [['--watch'], { CI_NODE_INDEX: '1', CI_NODE_TOTAL: '2' }, '--watch runs whole files: name them'],
  [['--watch', '--format', 'json'], {}, 'not with --format json'],
  [['--watch', '--stop-fail'], {}, '--watch stays when a case fails: not with --stop-fail'],
  [['--baseline', '--stop-fail'], {}, '--stop-fail would end at what is known to fail'],
  [['--out', 'file'], {}, '--out file: file is a file; name a directory'],
  [['--out', 'file/below'], {}, '--out file/below: file is a file; name a directory'],
  [['--out', ''], {}, '--out is empty; name a directory'],
  [['--badges', 'file'], {}, '--badges file: file is a file; name a directory'],
  [['--out', 'file', '--filter', 'a'], {}, '--out file: file is a file; name a directory'],
])('%j %j: refused before anything is loaded or written', async (args, environment, message) => {
  const { code, out, err } = await program(['run', ...args], cwd, nothing, { environment });
  expect([code, out, readdirSync(cwd)]).toEqual([2, '', ['file']]);
  expect(err).toContain(message);
});

test('a merge into a file is refused before a log is read', async () => {
  const { code, err } = await program(['report', '--merge', 'none', '--out', 'file'], cwd, nothing);
  expect([code, err]).toEqual([2, 'error: --out file: file is a file; name a directory\n']);
});

test('what settings ask of every run does not matter to a list', async () => {
  writeFileSync(join(cwd, 'case.yaml'), '{}');
  const wiring = fakeWiring({ alpha: { short: 'al', answer: () => [seen('result')] } });
  const environment = { FTRACE_CONFORM_BASELINE: '1', FTRACE_CONFORM_OUT: 'file' };
  const { code, out } = await program(['run', '--cases', '.', '--list'], cwd, wiring, { environment });
  expect([code, out]).toEqual([0, 'case\n']);
});
