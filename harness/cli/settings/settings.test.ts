// SPDX-License-Identifier: MIT
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../../plan/package-root.js';
import { OPTIONS, type OptionName } from '../options.js';
import { fakeWiring, program, seen } from '../test/fakes.js';
import { KEYS } from './file.js';
import { keyOf } from './names.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'conform-'));
  mkdirSync(join(cwd, 'cases/graph'), { recursive: true });
  for (const id of ['one', 'two', 'graph/three']) writeFileSync(join(cwd, `cases/${id}.yaml`), '{}');
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const answer = () => [seen('result', { value: '1' })];
const wiring = fakeWiring({
  alpha: { short: 'al', revisions: ['6.1', '7.2'], answer },
  beta: { short: 'be', revisions: ['6.1', '6.12'], answer },
});
const settings = (text: string, name = 'ftrace-conform.yaml') => writeFileSync(join(cwd, name), text);
const run = (args: readonly string[], environment: Record<string, string> = {}) =>
  program([...args], cwd, wiring, { environment });
/** What ran, from the log's header and the ids. */
async function ran(args: readonly string[], environment: Record<string, string> = {}) {
  const { out, err, code } = await run(
    ['run', '--cases', 'cases', '--format', 'jsonl', ...args],
    environment,
  );
  expect([code, err.replaceAll(/wrote .*\n/g, '')]).toEqual([0, '']);
  const [header, ...events] = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return {
    seed: header.seed,
    subjects: header.subjects.map(({ name }: { name: string }) => name),
    ids: events.flatMap(({ spec }) => spec?.id ?? []),
  };
}

describe('the nearest wins', () => {
  test('command line over environment over profile over file over default', async () => {
    const file = 'seed: 2\nprofiles:\n  mine: { seed: 3 }\n';
    const four = { FTRACE_CONFORM_SEED: '4', FTRACE_CONFORM_PROFILE: 'mine' };
    expect((await ran([])).seed).toBe(1);
    settings(file);
    expect((await ran([])).seed).toBe(2);
    expect((await ran(['--profile', 'mine'])).seed).toBe(3);
    expect((await ran([], { FTRACE_CONFORM_PROFILE: 'mine' })).seed).toBe(3);
    expect((await ran([], four)).seed).toBe(4);
    expect((await ran(['--seed', '5'], four)).seed).toBe(5);
  });

  test('a file names the profile that is used unless another is', async () => {
    settings('profile: mine\nprofiles:\n  mine: { seed: 3 }\n  other: { seed: 9 }\n');
    expect((await ran([])).seed).toBe(3);
    expect((await ran(['--profile', 'other'])).seed).toBe(9);
  });

  test('cases: those of the command line, else those selected', async () => {
    settings('select: [graph, one]\n');
    expect((await ran([])).ids).toEqual(['graph/three', 'one']);
    expect((await ran(['two'])).ids).toEqual(['two']);
    expect((await ran([], { FTRACE_CONFORM_SELECT: 'two,one' })).ids).toEqual(['one', 'two']);
  });

  test('--config names another file', async () => {
    settings('seed: 2\n');
    settings('seed: 7\n', 'other.yaml');
    expect((await ran(['--config', 'other.yaml'])).seed).toBe(7);
    expect((await ran([], { FTRACE_CONFORM_CONFIG: 'other.yaml' })).seed).toBe(7);
  });
});

test('a revision is a text, and a list may be one text', async () => {
  settings('kernel: 6.1\narch: alpha\n');
  expect((await ran([])).subjects).toEqual(['alpha@6.1/model']);
});

test('quick: the newest kernel of each back-end; a file adds to it', async () => {
  expect((await ran(['--profile', 'quick'])).subjects).toEqual(['alpha@7.2/model', 'beta@6.12/model']);
  settings('profiles:\n  quick: { arch: beta }\n');
  expect((await ran(['--profile', 'quick'])).subjects).toEqual(['beta@6.12/model']);
});

test('nothing but comments is nothing; an option that a verb has not is none of its business', async () => {
  settings('# nothing yet\n\n');
  expect((await ran([])).seed).toBe(1);
  settings('seed: 5\njobs: 2\n');
  const { code, out } = await run(['list', '--cases', 'cases']);
  expect([code, out]).toEqual([0, 'graph/three\none\ntwo\n']);
});

describe('what is wrong is told with its place, and nothing runs', () => {
  test.each([
    ['sede: 1\n', 'ftrace-conform.yaml:1:1: unknown key `sede`', 'did you mean `seed`?'],
    ['seed: much\n', 'ftrace-conform.yaml:1:7: seed: expected an integer from 0, found the text `much`', '^'],
    ['color: blue\n', 'ftrace-conform.yaml:1:8: color: expected auto, always, never, found', 'blue'],
    ['\nkernel: { a: b }\n', 'ftrace-conform.yaml:2:9: kernel: expected a text or a list of texts', 'map'],
    [
      'profiles:\n  a:\n    jobz: 2\n',
      'ftrace-conform.yaml:3:5: unknown key `jobz` in the profile `a`',
      'jobs',
    ],
    ['profiles:\n  a: { seed: -1 }\n', 'ftrace-conform.yaml:2:14: seed: expected an integer', 'found'],
    ['profiles: quick\n', 'ftrace-conform.yaml:1:11: profiles: expected a map of settings', 'quick'],
    ['profiles:\n  a: { profile: b }\n', 'ftrace-conform.yaml:2:8: unknown key `profile`', ''],
    ['seed: [1\n', 'ftrace-conform.yaml:', 'not closed'],
    ['- seed\n', 'ftrace-conform.yaml:1:1:', 'map'],
    ['seed: 1\nseed: 2\n', 'ftrace-conform.yaml:2:1: `seed` is given twice', ''],
    ['config: x.yaml\n', 'ftrace-conform.yaml:1:1: unknown key `config`', 'FTRACE_CONFORM_CONFIG'],
    ['filter: a\n', ':1:1: unknown key `filter`', 'the command line, --filter, or the environment, FTRACE_'],
    ['watch: true\n', ':1:1: unknown key `watch`', '--watch is for the command line alone'],
    ['wacth: true\n', ':1:1: unknown key `wacth`', '--watch is for the command line alone'],
    ['fliter: a\n', ':1:1: unknown key `fliter`', 'filter is for the command line'],
    ['baseline: 3\n', ':1:11: baseline: expected a text, true or false', 'found'],
  ])('%j', async (text, place, more) => {
    settings(text);
    const { code, out, err } = await run(['run', '--cases', 'cases']);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(place);
    expect(err).toContain(more);
    expect(err).not.toMatch(/\n\s+at /);
  });

  test.each([
    [{ FTRACE_CONFORM_SEED: 'x' }, [], "FTRACE_CONFORM_SEED: expected an integer from 0, found 'x'"],
    [{ FTRACE_CONFORM_COMPARE: 'kernel' }, [], 'FTRACE_CONFORM_COMPARE: expected arch, revision, target'],
    [{ FTRACE_CONFORM_FAIL_UNSUPPORTED: 'maybe' }, [], 'expected true or false'],
    [{ FTRACE_CONFORM_PROFILE: 'quik' }, [], 'no profile quik; did you mean quick? (FTRACE_CONFORM_PROFILE)'],
    [{ FTRACE_CONFORM_SEDE: '1' }, [], 'FTRACE_CONFORM_SEDE sets nothing; did you mean FTRACE_CONFORM_SEED?'],
    [{ FTRACE_CONFORM_RUBBISH: '1' }, [], 'FTRACE_CONFORM_RUBBISH sets nothing\n'],
    [{ FTRACE_CONFORM_WATCH: '1' }, [], 'sets nothing: --watch is for the command line alone'],
    [{ FTRACE_CONFORM_WACTH: '1' }, [], 'sets nothing; --watch is for the command line alone'],
    [{ FTRACE_CONFORM_BASELINE: '1' }, [], 'reports/baseline/corpus.txt: cannot be read (ENOENT)'],
    [{ FTRACE_CONFORM_BASELINE: 'true' }, [], 'reports/baseline/corpus.txt: cannot be read (ENOENT)'],
    [{ FTRACE_CONFORM_BASELINE: './1' }, [], './1: cannot be read (ENOENT)'],
    [{}, ['--profile', 'x'], 'no profile x (command line)\nprofiles: ci, nightly, quick'],
    [{}, ['--config', 'none.yaml'], 'none.yaml: cannot be read (ENOENT)'],
    [{}, ['--config'], '--config needs a file'],
  ])('%j %j', async (environment, args, message) => {
    const { code, out, err } = await run(['run', '--cases', 'cases', ...args], environment);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
  });
});

test('doctor --config: each value and its origin', async () => {
  settings('seed: 2\nprofiles:\n  quick: { jobs: 3 }\n');
  const environment = {
    FTRACE_CONFORM_OUT: 'there',
    FTRACE_CONFORM_SED: 'alpha',
    FTRACE_CONFORM_DEBUG: '1',
  };
  const { code, out } = await run(['doctor', '--config', '--profile', 'quick'], environment);
  expect(code).toBe(0);
  const row = (name: string) =>
    out
      .split('\n')
      .find((line) => line.startsWith(`  ${name} `))
      ?.trim()
      .split(/ {2,}/);
  expect(row('file')).toEqual(['file', 'ftrace-conform.yaml', 'read']);
  expect(row('profile')).toEqual(['profile', 'quick', 'command line']);
  expect(row('seed')).toEqual(['seed', '2', 'ftrace-conform.yaml:1:1']);
  expect(row('kernel')).toEqual(['kernel', 'newest', 'profile quick (built in)']);
  expect(row('jobs')).toEqual(['jobs', '3', 'profile quick (ftrace-conform.yaml:3:12)']);
  expect(row('out')).toEqual(['out', 'there', 'FTRACE_CONFORM_OUT']);
  expect(row('arch')).toEqual(['arch', 'all', 'default']);
  for (const key of KEYS.keys()) expect(row(key)?.length).toBe(3);
  expect(out).toContain('FTRACE_CONFORM_SED sets nothing; did you mean FTRACE_CONFORM_SEED?\n');
  expect(out).not.toContain('DEBUG');
});

test('doctor --config: what the environment alone may narrow', async () => {
  const rows = async (environment: Record<string, string>) =>
    (await run(['doctor', '--config'], environment)).out.match(/^ {2}(filter|shard) .*$/gm);
  expect(await rows({})).toEqual([
    '  filter             -                        default',
    '  shard              -                        default',
  ]);
  expect(await rows({ FTRACE_CONFORM_FILTER: 'graph', CI_NODE_INDEX: '2', CI_NODE_TOTAL: '3' })).toEqual([
    '  filter             graph                    FTRACE_CONFORM_FILTER',
    '  shard              2/3                      CI_NODE_INDEX',
  ]);
});

test.each([
  [{ FTRACE_CONFORM_BASELINE: 'no' }, ''],
  [{}, 'baseline: false\n'],
  [{ FTRACE_CONFORM_SEDE: '' }, ''],
])('%j, %j: nothing is asked', async (environment, file) => {
  settings(file);
  expect((await ran([], environment)).ids).toHaveLength(3);
});

test('baseline: true is the one that is committed', async () => {
  settings('baseline: true\n');
  const { code, err } = await run(['run', '--cases', 'cases']);
  expect([code, err]).toEqual([2, expect.stringContaining('reports/baseline/corpus.txt: cannot be read')]);
});

test('every option has a key of its own', () => {
  const names = Object.keys(OPTIONS) as OptionName[];
  expect(new Set(names.map(keyOf)).size).toBe(names.length);
});

test('the example of the document is one', async () => {
  const text = readFileSync(join(packageRoot, 'docs/daily.md'), 'utf8');
  const [, example = ''] = /```yaml\n([^`]*)```/.exec(text) ?? [];
  settings(example);
  const { out, code } = await run(['doctor', '--config', '--profile', 'port']);
  expect(code).toBe(0);
  expect(out).toMatch(/ verbose +1 +profile port \(ftrace-conform\.yaml:6:37\)\n/);
});
