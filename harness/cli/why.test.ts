// SPDX-License-Identifier: MIT
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fakeWiring, program, seen } from './test/fakes.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'conform-'));
  mkdirSync(join(cwd, 'cases'));
  writeFileSync(join(cwd, 'cases/gated.yaml'), 'title: Gated\nrequires: [FPROBE]\n');
  writeFileSync(join(cwd, 'cases/bad.yaml'), 'title: Bad\n');
  writeFileSync(join(cwd, 'cases/many.yaml'), '- { row: 1 }\n- { row: 2 }\n');
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const right = () => [seen('result', { value: '1' })];
const wrong = () => [seen('result', { value: '2' })];
const archs = {
  alpha: { short: 'al', features: ['FPROBE'], revisions: ['6.1', '7.2'], answer: right },
  beta: { short: 'be', answer: right },
  gamma: {
    short: 'ga',
    features: ['FPROBE'],
    answer: ({ id }: { id: string }) => (id === 'bad' ? wrong() : right()),
  },
};
const ask = (...args: string[]) => program(args, cwd, fakeWiring(archs));

test('what is lacking, and where it is had', async () => {
  const { code, out } = await ask('why', 'gated', 'beta', '--cases', 'cases');
  expect([code, out]).toEqual([
    0,
    `gated  Gated

beta@7.2/model: does not run, for lack of FPROBE.
    FPROBE: beta has it at no kernel; alpha, gamma have it at some.

It runs on 3 of 4 subjects: alpha@6.1/model, alpha@7.2/model, gamma@7.2/model.
`,
  ]);
});

test('where it runs, the command that runs it there; a subject is named as it is printed', async () => {
  const { code, out } = await ask('why', 'gated', 'alpha@6.1/model', '--cases', 'cases');
  expect(code).toBe(0);
  const [command] = /ftrace-conform run .*/.exec(out) ?? [];
  expect(command).toBe('ftrace-conform run gated --arch alpha@6.1/model');
  expect(out).toContain('alpha@6.1/model: it runs.\n');
  expect(out).not.toContain('alpha@7.2/model: it runs');
});

test.each([
  [['gated', 'gama'], 2, 'no back-end gama; did you mean gamma?'],
  [['gatet', 'beta'], 4, 'no case matches gatet; did you mean gated?'],
  [['many', 'beta'], 2, 'why takes one case; many names 2, for example\n  many.1\n  many.2'],
  [['gated', 'beta@9.9'], 2, 'no back-end models 9.9'],
  [['gated', 'beta@7.2/kernel'], 2, 'this version of ftrace-conform has no target kernel\ntargets: model'],
])('%j', async (args, expected, message) => {
  const { code, out, err } = await ask('why', ...args, '--cases', 'cases');
  expect([code, out]).toEqual([expected, '']);
  expect(err).toContain(message);
});

test('a subject as it is printed selects it alone, with --kernel too', async () => {
  const subjects = async (...args: string[]) =>
    (await ask('list', '--subjects', '--cases', 'cases', ...args)).out.match(/^\S+/gm);
  expect(await subjects('--arch', 'alpha@7.2/model,beta')).toEqual(['alpha@7.2/model', 'beta@7.2/model']);
  expect(await subjects('--arch', 'alpha@newest')).toEqual(['alpha@7.2/model']);
  const none = await ask('run', '--cases', 'cases', '--arch', 'alpha@6.1', '--kernel', '7.2');
  expect([none.code, none.out]).toEqual([2, '']);
  expect(none.err).toContain('no subject is alpha@6.1 at 7.2');
});

test('every command at the end of a failing run reproduces that failure alone', async () => {
  const bad = await ask('run', '--cases', 'cases');
  expect(bad.code).toBe(1);
  const commands = [...bad.out.matchAll(/^ +ftrace-conform (run .*)$/gm)].map(([, command = '']) => command);
  expect(commands.length).toBe(1);
  for (const command of commands) {
    const again = await ask(...command.split(' '), '--cases', 'cases', '--format', 'jsonl');
    expect(again.code).toBe(1);
    const cases = again.out.split('\n').filter((line) => line.startsWith('{"event":"case"'));
    expect(cases.map((line) => JSON.parse(line).spec.id)).toEqual(['bad']);
  }
});

test('--fail-unsupported: 1 where something could not run, and the log says so', async () => {
  const chosen = ['run', 'gated', '--cases', 'cases', '--arch'];
  expect((await ask(...chosen, 'alpha', '--fail-unsupported')).code).toBe(0);
  const { code, err } = await ask(...chosen, 'alpha,beta', '--fail-unsupported');
  expect(code).toBe(1);
  expect(err).toContain('1 unsupported: a failure, by --fail-unsupported\n');
  expect((await ask(...chosen, 'alpha,beta')).code).toBe(0);
  const log = await ask('report', 'reports/run.jsonl', '--format', 'jsonl');
  expect(JSON.parse(log.out.split('\n')[0] ?? '').command).not.toContain('--fail-unsupported');
});

test('-k: a log of each case, those that passed too', async () => {
  const { code, err } = await ask('run', '-k', '--cases', 'cases', 'bad', 'gated', '--out', 'there');
  expect(code).toBe(1);
  expect(err).toContain('wrote 2 logs below there/logs\n');
  const log = (id: string) => readFileSync(join(cwd, `there/logs/${id}.log`), 'utf8');
  expect(log('gated')).toBe(`gated  Gated
cases/gated.yaml

UNSUPPORTED beta@7.2/model: lacks FPROBE
PASS alpha@6.1/model
PASS alpha@7.2/model
PASS gamma@7.2/model

seen by alpha@6.1/model
    result = 1

seen by alpha@7.2/model, gamma@7.2/model
    result = 1
`);
  expect(log('bad')).toMatch(/^FAIL gamma@7\.2\/model: only gamma differs/m);
});
