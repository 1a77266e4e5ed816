// SPDX-License-Identifier: MIT
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fakeWiring, program, seen } from '../test/fakes.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'conform-'));
  mkdirSync(join(cwd, 'cases'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

/** How often each case ran on each subject. */
let runs: string[];
const answer =
  (name: string) =>
  ({ id, title }: { id: string; title: string }) => {
    runs.push(`${id} ${name}`);
    // A case says in its title what beta sees.
    return [seen('result', { value: name === 'beta' ? title : 'one' })];
  };
const wiring = fakeWiring({
  alpha: { short: 'al', answer: answer('alpha') },
  beta: { short: 'be', answer: answer('beta') },
});
const put = (id: string, title: string) => writeFileSync(join(cwd, `cases/${id}.yaml`), `title: ${title}\n`);

/** Does each thing when the program waits, and ends it after the last. */
async function watching(...acts: (() => void)[]) {
  runs = [];
  const abort = new AbortController();
  const parts: string[] = [];
  let [out, all] = ['', ''];
  const code = await program(['run', '--cases', 'cases', '--watch'], cwd, wiring, {
    signal: abort.signal,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      all += text;
      if (!text.startsWith('waiting')) return;
      parts.push(out);
      out = '';
      const act = acts.shift();
      if (act === undefined) abort.abort('SIGINT');
      else setTimeout(act, 20);
    },
  });
  return { code: code.code, parts, err: all };
}

test('the whole run, then what a case changes: for the worse, and for the better', async () => {
  put('a', 'one');
  put('b', 'one');
  const { code, parts, err } = await watching(
    () => {
      runs = [];
      put('a', 'two');
    },
    () => {
      expect(runs).toEqual(['a alpha', 'a beta']);
      put('a', 'one');
    },
  );
  expect(code).toBe(130);
  const [whole, worse, better] = parts;
  expect(whole).toContain('2 cases × 2 subjects: 4 as expected, 0 not');
  expect(worse).toMatch(/^\S+\/a\.yaml\n {2}worse {2}a\n/);
  expect(worse).toContain('         ok → NG: all subjects\n');
  expect(worse).toContain('-result = one\n');
  expect(worse).toContain('+result = two\n');
  expect(worse).toContain('ftrace-conform run a\n');
  expect(worse).toMatch(/\n1 worse, 1 as before\n/);
  expect(better).toMatch(/\n {2}better a\n/);
  expect(better).toMatch(/\n1 better, 1 as before\n/);
  expect(err).toContain('1 case run again on all subjects\n');
});

test('a new case, one that goes, and one that is no case: all is as before until it is mended', async () => {
  put('a', 'one');
  const { parts, err } = await watching(
    () => put('b', 'one'),
    () => writeFileSync(join(cwd, 'cases/b.yaml'), '{'),
    () => rmSync(join(cwd, 'cases/b.yaml')),
  );
  expect(parts[1]).toMatch(/\n {2}new {4}b\n {9}ok: all subjects\n1 new, 1 as before\n/);
  expect(parts[2]).toBe(`${parts[2]?.split('\n')[0]}\n`);
  expect(err).toContain('cases/b.yaml:1:1: not YAML\n');
  expect(parts[3]).toMatch(/\n {2}gone {3}b\n1 gone, 1 as before\n/);
});

test('saved without a change: nothing has changed', async () => {
  put('a', 'one');
  const { parts } = await watching(() => {
    runs = [];
    put('a', 'one');
  });
  expect(parts[1]).toMatch(/\n1 as before\n/);
  expect(runs).toEqual([]);
});
