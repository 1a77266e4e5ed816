// SPDX-License-Identifier: MIT
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, fakeWiring, program, seen } from './test/fakes.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'conform-gate-'));
  for (const id of ['fprobe/a', 'fprobe/b', 'graph/c']) put(`cases/${id}.yaml`, sees);
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function put(file: string, value: unknown): void {
  const path = join(cwd, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
}

const sees = { expect: [{ kind: 'result', fields: { value: '6' }, position: {} }] };
const right = [seen('result', { value: '6' })];
const wrong = [seen('result', { value: '5' })];
const broken: Answer = { end: { kind: 'error', why: 'no such symbol' } };

type Answers = Record<string, Record<string, Answer>>;
const archs = (answers: Answers) =>
  fakeWiring(
    Object.fromEntries(
      ['alpha', 'beta', 'gamma'].map((name) => [
        name,
        { short: name.slice(0, 2), answer: ({ id }: { id: string }) => answers[name]?.[id] ?? right },
      ]),
    ),
  );
const run = (args: readonly string[], answers: Answers = {}, io = {}) =>
  program(['run', '--cases', 'cases', ...args], cwd, archs(answers), io);
const accept = (args: readonly string[] = [], io = {}) =>
  program(['expect', 'accept', ...args], cwd, archs({}), io);

const BASELINE = 'reports/baseline/corpus.txt';
const rows = () =>
  readFileSync(join(cwd, BASELINE), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
/** A baseline of a run with these answers. */
async function known(answers: Answers = {}): Promise<void> {
  await run([], answers);
  expect((await accept()).code).toBe(0);
}
/** What comes after the closing sentence of the run. */
const tail = (out: string) => out.slice(out.indexOf('\n', out.lastIndexOf(' × ')) + 1);
const BAD = { beta: { 'fprobe/a': wrong } };

describe('run --baseline', () => {
  test('as it was: 0, what fails as known included', async () => {
    await known(BAD);
    const { code, out } = await run(['--baseline'], BAD);
    expect(tail(out)).toBe(`\n9 results as in ${BASELINE}, 0 worse, 0 better.\n`);
    expect(code).toBe(0);
  });

  test('anything worse: 1, and what it is', async () => {
    await known(BAD);
    const { code, out } = await run(['--baseline'], { ...BAD, gamma: { 'graph/c': wrong } });
    expect(tail(out)).toBe(`
Worse: 1 result
  graph/c
    gamma: as expected → differs
      the caller gets 5, expected 6

8 results as in ${BASELINE}, 1 worse, 0 better.
`);
    expect(code).toBe(1);
  });

  test('better: 0, with a hint to accept', async () => {
    await known(BAD);
    const { code, out } = await run(['--baseline']);
    expect(tail(out)).toBe(`
Better: 1 result
  fprobe/a
    beta: differs → as expected

8 results as in ${BASELINE}, 0 worse, 1 better.
Once the run is as it shall be: ftrace-conform expect accept
`);
    expect(code).toBe(0);
  });

  test('a new case that passes is no matter; one that fails is worse', async () => {
    await known();
    put('cases/new/d.yaml', sees);
    const good = await run(['--baseline']);
    expect([good.code, tail(good.out)]).toEqual([
      0,
      `\n9 results as in ${BASELINE}, 0 worse, 0 better, 3 not in it.\nOnce the run is as it shall be: ftrace-conform expect accept\n`,
    ]);
    const bad = await run(['--baseline'], { alpha: { 'new/d': wrong } });
    expect([bad.code, tail(bad.out)]).toEqual([1, expect.stringContaining('alpha: not there → differs')]);
  });

  test('a part of the cases on a part of the subjects: the rest did not run', async () => {
    await known();
    const { code, out } = await run(['graph', '--arch', 'alpha,beta', '--baseline']);
    expect(tail(out).replaceAll(/\s+/g, ' ').trim()).toBe(
      `2 results as in ${BASELINE}, 0 worse, 0 better, 2 of its cases did not run, 1 of its subjects neither.`,
    );
    expect(code).toBe(0);
  });

  test('--fail-unsupported holds with it, too', async () => {
    const lacking: Answers = { beta: { 'fprobe/a': { end: { kind: 'unsupported', lacks: ['FPROBE'] } } } };
    await known(lacking);
    expect((await run(['--baseline'], lacking)).code).toBe(0);
    expect((await run(['--baseline', '--fail-unsupported'], lacking)).code).toBe(1);
  });
  test('--stop-fail would stop at what is known: refused', async () => {
    await known(BAD);
    const { code, err } = await run(['--baseline', '--stop-fail'], BAD);
    expect([code, err]).toEqual([2, expect.stringContaining('--stop-fail')]);
  });
  test('no verdict at all is never known: 3', async () => {
    const answers = { beta: { 'fprobe/a': broken } };
    await known(answers);
    expect((await run(['--baseline'], answers)).code).toBe(3);
  });

  test('what passed and no longer runs is worse, though the run is green', async () => {
    await known();
    for (const id of ['fprobe/a', 'fprobe/b', 'graph/c'])
      put(`cases/${id}.yaml`, { ...sees, requires: ['X'] });
    const wiring = fakeWiring({
      alpha: { short: 'al', answer: () => right },
      beta: { short: 'be', features: ['X'], answer: () => right },
    });
    const { code } = await program(['run', '--cases', 'cases', '--baseline'], cwd, wiring);
    expect(code).toBe(1);
  });

  test('other formats keep standard output to themselves', async () => {
    await known();
    const { code, out, err } = await run(['--format', 'json', '--baseline'], BAD);
    expect(() => JSON.parse(out)).not.toThrow();
    expect([code, err]).toEqual([1, expect.stringContaining('Worse: 1 result')]);
  });

  test('the log is the same with it and without', async () => {
    await known();
    const text = readFileSync(join(cwd, 'reports/run.jsonl'), 'utf8');
    await run(['--baseline']);
    expect(readFileSync(join(cwd, 'reports/run.jsonl'), 'utf8')).toBe(text);
  });

  test('another file, by name', async () => {
    await known();
    await accept(['--baseline=mine.txt']);
    rmSync(join(cwd, BASELINE));
    expect(await run(['--baseline=mine.txt'])).toMatchObject({ code: 0 });
  });

  test.each([
    ['not there', [], 2, `error: ${BASELINE}: cannot be read (ENOENT)\nmake it: ftrace-conform run, then`],
    ['a case taken for a file', ['fprobe'], 2, 'error: fprobe: cannot be read (ENOENT)'],
  ])('%s: an error before anything runs', async (_, file, exit, message) => {
    const { code, out, err } = await run(['--baseline', ...file]);
    expect([code, out]).toEqual([exit, '']);
    expect(err).toContain(message);
    expect(existsSync(join(cwd, 'reports'))).toBe(false);
  });

  test('a baseline that is none: 6, without a word on how to make one', async () => {
    put(BASELINE, 'hello\n');
    expect(await run(['--baseline'])).toEqual({
      code: 6,
      out: '',
      err: `error: ${BASELINE}:1: does not begin with "# ftrace-conform baseline"; baseline refused\n`,
    });
  });

  test('what failed and no longer runs is neither better nor worse', async () => {
    await known(BAD);
    put('cases/fprobe/a.yaml', { ...sees, requires: ['X'] });
    const wiring = fakeWiring(
      Object.fromEntries(
        ['alpha', 'beta', 'gamma'].map((name) => [
          name,
          { short: name.slice(0, 2), features: name === 'beta' ? [] : ['X'], answer: () => right },
        ]),
      ),
    );
    const { code, out } = await program(['run', '--cases', 'cases', '--baseline'], cwd, wiring);
    expect(
      out.endsWith(`
Otherwise: 1 result
  fprobe/a
    beta: differs → unsupported
      lacks X

8 results as in ${BASELINE}, 0 worse, 0 better, 1 otherwise.
Once the run is as it shall be: ftrace-conform expect accept
`),
    ).toBe(true);
    expect(code).toBe(0);
  });

  test('of another interpretation or axis: 6 before anything runs, unless asked for', async () => {
    await known();
    rmSync(join(cwd, 'reports/run.jsonl'));
    const refused = await run(['--baseline', '--compare', 'revision']);
    expect([refused.code, refused.out]).toEqual([6, '']);
    expect(refused.err).toContain('compared along arch and along revision; refused');
    put(BASELINE, readFileSync(join(cwd, BASELINE), 'utf8').replace('interpretation 1', 'interpretation 7'));
    const { code, err } = await run(['--baseline']);
    expect([code, err]).toEqual([6, expect.stringContaining('interpretation 7 and 1; refused')]);
    expect(existsSync(join(cwd, 'reports/run.jsonl'))).toBe(false);
    expect((await run(['--baseline', '--across-versions'])).code).toBe(0);
  });

  test('interrupted: 130, and nothing is compared', async () => {
    await known();
    const { code, err } = await run(['--baseline'], {}, { signal: AbortSignal.abort() });
    expect([code, err]).toEqual([130, expect.stringContaining('not compared')]);
  });
});

describe('expect accept', () => {
  test('the first time: all of the last run', async () => {
    await run([], BAD);
    expect(await accept()).toEqual({
      code: 0,
      out: '+ 11 lines, a new file\n',
      err: `wrote ${BASELINE}\n`,
    });
    expect(rows()).toEqual(['p F p fprobe/a', 'p p p fprobe/b', 'p p p graph/c']);
  });

  test('only what was selected; the difference comes first', async () => {
    await known(BAD);
    await run([], { alpha: { 'graph/c': wrong, 'fprobe/b': wrong } });
    expect(await accept(['fprobe/a', 'graph'])).toEqual({
      code: 0,
      out: [
        '-p F p fprobe/a',
        '+p p p fprobe/a',
        '-p p p graph/c',
        '+F p p graph/c',
        'Cases: 2 changed, 1 unchanged: 1 result worse, 1 better, 0 otherwise.',
        '',
      ].join('\n'),
      err: `wrote ${BASELINE}\n`,
    });
    expect(rows()).toEqual(['p p p fprobe/a', 'p p p fprobe/b', 'F p p graph/c']);
  });

  test('only these subjects', async () => {
    await known();
    await run([], { alpha: { 'graph/c': wrong }, beta: { 'graph/c': wrong } });
    await accept(['--arch', 'beta']);
    expect(rows().at(-1)).toBe('p F p graph/c');
  });

  test('a part of the subjects ran: the others keep their letters', async () => {
    await known(BAD);
    await run(['graph', '--arch', 'gamma'], { gamma: { 'graph/c': wrong } });
    const { out } = await accept();
    expect(rows()).toEqual(['p F p fprobe/a', 'p p p fprobe/b', 'p p F graph/c']);
    expect(out).toContain(
      '2 of the baseline are not in reports/run.jsonl and stay as they are; --prune drops them.',
    );
    await accept(['--prune']);
    expect(rows()).toEqual(['F graph/c']);
  });

  test('pruned in a part: subjects stay', async () => {
    await known(BAD);
    rmSync(join(cwd, 'cases/graph/c.yaml'));
    put('cases/graph/d.yaml', sees);
    await run(['--arch', 'alpha']);
    await accept(['graph', '--prune']);
    expect(rows()).toEqual(['p F p fprobe/a', 'p p p fprobe/b', 'p - - graph/d']);
  });

  test('line ends that a checkout has made CRLF of mean the same, and stay', async () => {
    await known(BAD);
    const path = join(cwd, BASELINE);
    const windows = readFileSync(path, 'utf8').replaceAll('\n', '\r\n');
    writeFileSync(path, windows);
    expect((await run(['--baseline'], BAD)).out).toContain(`9 results as in ${BASELINE}, 0 worse`);
    expect((await accept()).out).toContain('nothing to accept');
    await run([]);
    expect((await accept()).out).toMatch(/^-p F p fprobe\/a\n\+p p p fprobe\/a\nCases: 1 changed/);
    expect(readFileSync(path, 'utf8')).toBe(windows.replace('p F p fprobe/a', 'p p p fprobe/a'));
  });

  test('nothing new: nothing is written', async () => {
    await known();
    expect(await accept()).toEqual({
      code: 0,
      out: `${BASELINE} says what reports/run.jsonl says: nothing to accept.\n`,
      err: '',
    });
  });

  test('--dry-run shows it and writes nothing', async () => {
    await known(BAD);
    await run([]);
    expect(await accept(['--dry-run'], { environment: { CI: 'true' } })).toMatchObject({
      code: 0,
      out: expect.stringContaining('+p p p fprobe/a'),
      err: '',
    });
    expect(rows()).toContain('p F p fprobe/a');
  });

  test.each(['true', '1', 'yes'])('CI=%s: refused', async (CI) => {
    await run([]);
    const { code, out, err } = await accept([], { environment: { CI } });
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('error: CI is set');
    expect(existsSync(join(cwd, BASELINE))).toBe(false);
  });
  test.each(['', '0', 'false'])('CI=%j: not in CI', async (CI) => {
    await run([]);
    expect((await accept([], { environment: { CI } })).code).toBe(0);
  });

  test.each([
    ['no footer', (text: string) => text.replace(/\{"event":"footer".*\n/, ''), 6, 'has no footer'],
    [
      'interrupted',
      (text: string) =>
        text
          .replace('"complete":true', '"complete":false')
          .replace('"interrupted":false', '"interrupted":true'),
      6,
      'the run was interrupted after 3 cases',
    ],
  ])('%s: refused, nothing is written', async (_, spoil, exit, message) => {
    await run([]);
    put('reports/run.jsonl', spoil(readFileSync(join(cwd, 'reports/run.jsonl'), 'utf8')));
    const { code, out, err } = await accept();
    expect([code, out, existsSync(join(cwd, BASELINE))]).toEqual([exit, '', false]);
    expect(err).toContain(message);
  });

  test('a version changes as a whole or not at all', async () => {
    await known();
    put(BASELINE, readFileSync(join(cwd, BASELINE), 'utf8').replace('interpretation 1', 'interpretation 7'));
    for (const args of [
      [],
      ['graph', '--across-versions'],
      ['--arch', 'beta', '--across-versions'],
      ['--kernel', '7.2', '--across-versions'],
    ]) {
      expect(await accept(args)).toMatchObject({ code: 6, out: '', err: expect.stringContaining('refused') });
    }
    expect((await accept(['--across-versions'])).code).toBe(0);
    expect(readFileSync(join(cwd, BASELINE), 'utf8')).toContain('# interpretation 1\n');
  });

  test.each([
    [['fprbe'], 4, 'neither the log nor the baseline has a case fprbe'],
    [['--arch', 'alhpa'], 4, 'reports/run.jsonl has no alhpa; did you mean alpha?'],
    [['--log', 'none.jsonl'], 2, 'none.jsonl: cannot be read (ENOENT)'],
  ])('%j: what is not there', async (args, exit, message) => {
    await run([]);
    const { code, err } = await accept(args);
    expect([code, err]).toEqual([exit, expect.stringContaining(message)]);
  });

  test('selected as elsewhere: folder, family, id, path', async () => {
    for (const selector of ['graph', 'graph/', 'graph/c', 'cases/graph/c.yaml', './cases/graph/']) {
      await known();
      await run([], { alpha: { 'graph/c': wrong, 'fprobe/a': wrong } });
      await accept([selector]);
      expect([selector, ...rows()]).toEqual([selector, 'p p p fprobe/a', 'p p p fprobe/b', 'F p p graph/c']);
    }
  });
});

test.each([
  [['accept', '--patch'], 'expect accept has no --patch'],
  [['accept', '--format', 'json'], 'expect accept has no --format'],
  [['audit', '--prune'], 'expect audit has no --prune'],
  [['audit', '--dry-run'], 'expect audit has no --dry-run'],
  [['audit', '--baseline'], 'expect audit has no --baseline'],
])('expect %j: refused', async (args, message) => {
  const { code, out, err } = await program(['expect', ...args], cwd, archs({}));
  expect([code, out, err]).toEqual([2, '', expect.stringContaining(message)]);
});

test('expect knows two actions', async () => {
  expect(await program(['expect', 'acept'], cwd, archs({}))).toEqual({
    code: 2,
    out: '',
    err: 'error: expect acept: there is accept and audit; did you mean accept?\n',
  });
});
