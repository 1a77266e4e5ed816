// SPDX-License-Identifier: MIT
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { publishedDiffSchema } from '../report/diff-schema.js';
import { type Answer, type FakeArch, fakeWiring, program, seen } from './test/fakes.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'conform-diff-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function put(file: string, value: unknown): void {
  const path = join(cwd, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
}

const entry = (argument: string) =>
  seen('entry', { probe: 'watch', function: 'f', arguments: [argument], parent: 'caller' });
const RESULT = seen('result', { value: '6' });
/** Only the argument is asserted. */
const sees = {
  expect: [
    { kind: 'entry', fields: { arguments: ['1'] }, position: {} },
    { kind: 'result', fields: {}, position: {} },
  ],
};
const right = [entry('1'), RESULT];
const wrong = [entry('0'), RESULT];

/** A run with these answers by subject and case; `right` where none is given. */
const archs = (answers: Record<string, Record<string, Answer>>): Record<string, FakeArch> =>
  Object.fromEntries(
    ['alpha', 'beta', 'gamma'].map((name) => [
      name,
      {
        short: name.slice(0, 2),
        features: name === 'gamma' ? ['KPROBES'] : [],
        answer: ({ id }) => answers[name]?.[id] ?? right,
      },
    ]),
  );

const conform = (args: readonly string[], answers: Record<string, Record<string, Answer>> = {}, io = {}) =>
  program(args, cwd, fakeWiring(archs(answers)), io);

function corpus(): void {
  put('cases/fprobe/a.yaml', [
    { row: 1, ...sees },
    { row: 2, ...sees },
    { row: 3, ...sees },
  ]);
  put('cases/graph/b.yaml', sees);
  put('cases/graph/c.yaml', sees);
}

async function log(name: string, answers: Record<string, Record<string, Answer>> = {}, ...args: string[]) {
  const ran = await conform(['run', '--cases', 'cases', '--out', name, ...args], answers);
  expect(ran.err).toContain('wrote');
  return `${name}/run.jsonl`;
}

const change = (file: string, edit: (text: string) => string) =>
  writeFileSync(join(cwd, file), edit(readFileSync(join(cwd, file), 'utf8')));

describe('diff', () => {
  test('nothing changed: 0', async () => {
    corpus();
    const [old, young] = [await log('old'), await log('new')];
    expect(await conform(['diff', old, young])).toEqual({ code: 0, out: 'Cases: 5 unchanged.\n', err: '' });
  });

  test('worse, better, otherwise, added, deleted; members that changed alike together', async () => {
    corpus();
    const old = await log('old', { gamma: { 'graph/b': wrong } });
    put('cases/new/d.yaml', sees);
    rmSync(join(cwd, 'cases/graph/c.yaml'));
    const young = await log('new', {
      beta: { 'fprobe/a.1': wrong, 'fprobe/a.2': wrong },
      alpha: { 'fprobe/a.3': [entry('1'), seen('result', { value: '7' })] },
    });
    const { code, out, err } = await conform(['diff', old, young]);
    expect(out).toBe(`Worse: 3 results
  fprobe/a.{1,2}
    beta: as expected → differs
      at entry, watch sees argument 0 of f as 0, expected 1
  fprobe/a.3
    alpha: as expected → differs
      only alpha differs: the caller gets 7, the others 6

Better: 1 result
  graph/b
    gamma: differs → as expected
      at entry, watch sees argument 0 of f as 1, before 0

Added: 1 case
  new/d

Deleted: 1 case
  graph/c

Cases: 4 changed, 1 added, 1 deleted, 0 unchanged: 3 results worse, 1 better, 0
otherwise.
`);
    expect([code, err]).toEqual([1, '']);
  });

  test('a case whose outcome is another but still passes: otherwise, 0; -v shows the outcome', async () => {
    corpus();
    const all = Object.fromEntries(
      ['alpha', 'beta', 'gamma'].map((name) => [
        name,
        { 'graph/b': [entry('1'), seen('result', { value: '7' })] },
      ]),
    );
    const [old, young] = [await log('old'), await log('new', all)];
    const { code, out } = await conform(['diff', old, young, '-v']);
    expect(out).toBe(`Otherwise: 3 results
  graph/b
    all subjects: as expected, but sees something else
      the caller gets 7, before 6
      --- before
      +++ after
      @@ -1,2 +1,2 @@
       entry watch f(1) parent=caller
      -result = 6
      +result = 7

Cases: 1 changed, 4 unchanged: 0 results worse, 0 better, 3 otherwise.
`);
    expect(code).toBe(0);
  });

  test('deleting a failing case is no regression; an edited case is told', async () => {
    corpus();
    const bad = { beta: { 'graph/c': wrong } };
    const old = await log('old', bad);
    rmSync(join(cwd, 'cases/graph/c.yaml'));
    put('cases/graph/b.yaml', { ...sees, requires: ['KPROBES'] });
    const young = await log('new', bad);
    const { code, out } = await conform(['diff', old, young]);
    expect(out).toContain('Deleted: 1 case\n  graph/c\n');
    expect(out).toContain(
      '  graph/b (case edited)\n    alpha, beta: as expected → unsupported\n      lacks KPROBES\n',
    );
    expect(code).toBe(1);
    put('cases/graph/b.yaml', sees);
    expect((await conform(['diff', old, await log('new', bad)])).code).toBe(0);
  });

  test('a new case that fails is worse', async () => {
    corpus();
    const old = await log('old');
    put('cases/new/d.yaml', sees);
    const { code, out } = await conform(['diff', old, await log('new', { beta: { 'new/d': wrong } })]);
    expect([code, out.split('\n').slice(0, 3)]).toEqual([
      1,
      ['Worse: 1 result', '  new/d', '    beta: not there → differs'],
    ]);
  });

  test('subjects that only one run has are named, and are no change', async () => {
    corpus();
    const [old, young] = [
      await log('old', {}, '--arch', 'alpha,beta'),
      await log('new', {}, '--arch', 'beta,gamma'),
    ];
    expect((await conform(['diff', old, young])).out).toBe(
      'Only in the new run: gamma.\nOnly in the old run: alpha.\nCases: 5 unchanged.\n',
    );
  });

  test('made by another version: said', async () => {
    corpus();
    const [old, young] = [await log('old'), await log('new')];
    change(old, (text) => text.replace(/"harness":"[^"]*"/, '"harness":"0.0.1"'));
    expect((await conform(['diff', old, young])).out).toMatch(
      /^By ftrace-conform 0\.0\.1 before, \d+\.\d+\.\d+ after\.\nCases: 5 unchanged\.\n$/,
    );
  });

  test('colour only when asked for', async () => {
    corpus();
    const [old, young] = [await log('old'), await log('new', { beta: { 'graph/b': wrong } })];
    expect((await conform(['diff', old, young])).out).not.toContain('\u001b');
    expect((await conform(['diff', old, young, '--color', 'always'])).out).toContain(
      '\u001b[31mWorse: 1 result\u001b[0m',
    );
  });
});

describe('formats of diff', () => {
  const two = async () => {
    corpus();
    const old = await log('old', { gamma: { 'graph/b': wrong } });
    return [old, await log('new', { beta: { 'fprobe/a.1': wrong } })];
  };

  test('json keeps to its schema, and says what changed', async () => {
    const [old, young] = await two();
    const { code, out } = await conform(['diff', old as string, young as string, '--format', 'json']);
    const validate = new Ajv({ allErrors: true }).compile(publishedDiffSchema());
    const value = JSON.parse(out);
    validate(value);
    expect(validate.errors).toBeNull();
    expect(code).toBe(1);
    expect(value.counts).toEqual({
      cases: { added: 0, changed: 2, deleted: 0, unchanged: 3 },
      results: { added: 0, better: 1, deleted: 0, other: 0, unchanged: 13, worse: 1 },
    });
    expect(value.cases[0]).toEqual({
      case: 'fprobe/a.1',
      kind: 'changed',
      edited: false,
      results: [
        {
          subject: 'beta@7.2/model',
          before: 'PASS',
          after: 'FAIL',
          direction: 'worse',
          reason: 'at entry, watch sees argument 0 of f as 0, expected 1',
          seen: {
            sentence: 'at entry, watch sees argument 0 of f as 0, before 1',
            diff: '--- before\n+++ after\n@@ -1,2 +1,2 @@\n-entry watch f(1) parent=caller\n+entry watch f(0) parent=caller\n result = 6',
          },
        },
      ],
    });
    for (const spoilt of [{ format: 2 }, { extra: 1 }, { cases: [{}] }, { counts: {} }])
      expect(validate({ ...value, ...spoilt })).toBe(false);
  });

  test('the schema is the one that is published', async () => {
    await expect(`${JSON.stringify(publishedDiffSchema(), null, 2)}\n`).toMatchFileSnapshot(
      '../report/diff.schema.json',
    );
  });

  test('markdown: worse results open, better ones folded', async () => {
    const [old, young] = await two();
    expect(
      (await conform(['diff', old as string, young as string, '--format', 'markdown'])).out,
    ).toBe(`## ftrace-conform: worse than before

Cases: 2 changed, 3 unchanged: 1 result worse, 1 better, 0 otherwise.

### Worse (1)

- \`fprobe/a.1\`
  - beta: as expected → differs<br>at entry, watch sees argument 0 of f as 0, expected 1

<details><summary>Better (1)</summary>

- \`graph/b\`
  - gamma: differs → as expected<br>at entry, watch sees argument 0 of f as 1, before 0

</details>
`);
  });

  test.each(['html', 'jsonl'])('%s: there is none', async (format) => {
    expect(await conform(['diff', 'a', 'b', '--format', format])).toEqual({
      code: 2,
      out: '',
      err: `error: diff has the formats pretty, json and markdown, not ${format}\n`,
    });
  });
});

describe('refused', () => {
  const spoilt = async (edit: (text: string) => string) => {
    corpus();
    const old = await log('old');
    await log('new');
    change('new/run.jsonl', edit);
    return conform(['diff', old, 'new/run.jsonl']);
  };
  test.each([
    ['no footer', (text: string) => text.replace(/\{"event":"footer".*\n/, ''), 'has no footer'],
    ['cut off', (text: string) => text.slice(0, -9), 'is cut off'],
    ['no log', () => 'hello\nhello\n', 'line 1 is no JSON'],
    [
      'interrupted',
      (text: string) =>
        text
          .replace('"complete":true', '"complete":false')
          .replace('"interrupted":false', '"interrupted":true'),
      'the run was interrupted after 5 cases',
    ],
  ])('%s: 6', async (_, edit, message) => {
    const { code, out, err } = await spoilt(edit);
    expect([code, out]).toEqual([6, '']);
    expect(err).toContain(`error: new/run.jsonl: `);
    expect(err).toContain(message);
  });

  test('a log that is not there: 2', async () => {
    expect(await conform(['diff', 'a', 'b'])).toEqual({
      code: 2,
      out: '',
      err: 'error: a: cannot be read (ENOENT)\n',
    });
  });

  test.each([
    ['interpretation', '"interpretation":1', '"interpretation":2', 'interpretation 1 and 2'],
    ['axis', '"axis":"arch"', '"axis":"revision"', 'compared along arch and along revision'],
  ])('another %s: 6 without --across-versions', async (_, from, to, why) => {
    const { code, out, err } = await spoilt((text) => text.replace(from, to));
    expect([code, out]).toEqual([6, '']);
    expect(err).toBe(
      `error: old/run.jsonl, new/run.jsonl: ${why}; refused\n--across-versions compares them all the same\n`,
    );
    expect(await conform(['diff', 'old/run.jsonl', 'new/run.jsonl', '--across-versions'])).toEqual({
      code: 0,
      out: 'Cases: 5 unchanged.\n',
      err: '',
    });
  });

  test('another target: 6 without --across-versions; with it, the same subjects on another target', async () => {
    const { code, err } = await spoilt((text) =>
      text.replaceAll('/model', '/metal').replaceAll('"model"', '"metal"'),
    );
    expect(code).toBe(6);
    expect(err).toContain('on target model and on metal; refused');
    expect((await conform(['diff', 'old/run.jsonl', 'new/run.jsonl', '--across-versions'])).out).toBe(
      'Cases: 5 unchanged.\n',
    );
  });
});
