// SPDX-License-Identifier: MIT
/** Formats as a user asks for them: one to standard output, from a run and from its log alike. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FORMAT_NAMES, FORMATS } from '../report/formats.js';
import type { TraceEvent } from '../target/target.js';
import type { Io } from './io.js';
import { type FakeArch, fakeWiring, program, seen } from './test/fakes.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'conform-'));
  mkdirSync(join(cwd, 'cases/fprobe'), { recursive: true });
  const expect = [{ kind: 'result', fields: { value: '1' }, position: {} }];
  for (const name of ['a', 'b', 'c'])
    writeFileSync(join(cwd, `cases/fprobe/${name}.yaml`), JSON.stringify({ expect }));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const usual: FakeArch['answer'] = () => [seen('result', { value: '1' })];
const archs = (beta: FakeArch['answer']) => ({
  alpha: { short: 'al', answer: usual },
  beta: { short: 'be', answer: beta },
  gamma: { short: 'ga', answer: usual },
});
const good = archs(usual);
const bad = archs(({ id }) => [seen('result', { value: id === 'fprobe/b' ? '0' : '1' })]);

const run = (args: readonly string[], who: Readonly<Record<string, FakeArch>> = bad, io: Partial<Io> = {}) =>
  program(['run', '--cases', 'cases', ...args], cwd, fakeWiring(who), io);
const report = (args: readonly string[], io: Partial<Io> = {}) =>
  program(['report', 'reports/run.jsonl', ...args], cwd, fakeWiring({}), io);

/** What a format starts with. */
const STARTS: Record<(typeof FORMAT_NAMES)[number], RegExp> = {
  pretty: /^ftrace-conform /,
  json: /^\{\n/,
  jsonl: /^\{"event":"header",/,
  html: /^<!doctype html>/i,
  junit: /^<\?xml /,
  ktap: /^KTAP version 1\n/,
  'ktap-kselftest': /^TAP version 13\n/,
  kcidb: /^\{"builds":/,
  markdown: /^## ftrace-conform: 1 case not as expected\n/,
  mail: /^Subject: ftrace: beta not as expected in fprobe\/b\n/,
  badges: /^\{\n {2}"alpha":/,
};

describe.each(FORMAT_NAMES)('--format %s', (format) => {
  test('is printed by a run and from its log alike, twice the same, and nothing beside it', async () => {
    const first = await run(['--format', format, '--kcidb-models']);
    expect([first.code, first.out]).toEqual([1, expect.stringMatching(STARTS[format])]);
    expect(first.err).toBe('wrote reports/run.jsonl\nwrote reports/report.json\nwrote reports/index.html\n');
    const stored = await report(['--format', format, '--kcidb-models']);
    expect(stored).toEqual({ code: 1, out: first.out, err: '' });
    expect((await run(['--format', format, '--kcidb-models'])).out).toBe(first.out);
  });

  test('a run of which nothing was cut short exits 0 where all is as expected', async () => {
    const { code } = await run(['--format', format, '--kcidb-models'], good);
    expect(code).toBe(0);
  });
});

describe('--schema', () => {
  const withSchema = FORMAT_NAMES.filter((name) => FORMATS[name].schema !== undefined);

  test.each(withSchema)('%s: describes what the format prints, and runs nothing', async (format) => {
    const { code, out, err } = await run(['--format', format, '--schema']);
    expect([code, err, readdirSync(cwd)]).toEqual([0, '', ['cases']]);
    const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(JSON.parse(out));
    const printed = (await run(['--format', format, '--kcidb-models'])).out;
    const values = format === 'jsonl' ? printed.trimEnd().split('\n') : [printed];
    for (const value of values) {
      validate(JSON.parse(value));
      expect(validate.errors).toBeNull();
    }
    expect(validate({})).toBe(format === 'badges');
  });

  test.each(['json', 'jsonl'])('%s: allows every seed that there is', async (format) => {
    const { out } = await run(['--format', format, '--schema']);
    const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(JSON.parse(out));
    const [printed = ''] = (await run(['--format', format, '--seed', '9007199254740991'])).out.split(
      format === 'json' ? /$/ : '\n',
    );
    validate(JSON.parse(printed));
    expect(validate.errors).toBeNull();
  });

  test('is refused where the format is no JSON', async () => {
    expect(await run(['--format', 'junit', '--schema'])).toEqual({
      code: 2,
      out: '',
      err: 'error: --format junit is no JSON and has no schema; these have: json, jsonl, kcidb, badges\n',
    });
  });
});

describe('refused, before anything runs', () => {
  let ran = 0;
  const counting = archs((spec) => {
    ran++;
    return usual(spec);
  });
  beforeEach(() => {
    ran = 0;
  });

  test.each([
    [['--format', 'kcidb'], 2, 'no kernel ran, only: model; --kcidb-models'],
    [['--format', 'kcidb', '--kcidb-models', '--kcidb-origin', 'My Lab'], 2, '--kcidb-origin My Lab: small'],
    [['--before', 'old.jsonl'], 2, '--before is for --format mail'],
    [['--format', 'mail', '--before', 'old.jsonl'], 2, 'old.jsonl: cannot be read (ENOENT)'],
    [['--format', 'mail', '--before', 'cases/fprobe/a.yaml'], 6, 'line 1 is no event of a run; log refused'],
    [
      ['--badges', 'cases/fprobe/a.yaml'],
      2,
      '--badges cases/fprobe/a.yaml: a.yaml is a file; name a directory',
    ],
    [['--badges', ''], 2, '--badges is empty; name a directory'],
    [['--show-progress', 'often'], 2, 'Allowed choices are auto, bar, counter, none'],
  ])('%j', async (args, code, message) => {
    const found = await run(args, counting);
    expect([found.code, found.out]).toEqual([code, '']);
    expect(found.err).toContain(message);
    expect(found.err).not.toContain('wrote');
    expect(ran).toBe(0);
  });

  test('--arch of a stored run, but for a mail', async () => {
    await run([]);
    expect(await report(['--arch', 'beta'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--arch goes with --format mail'),
    });
    expect((await report(['--arch', 'beta', '--format', 'mail'])).out).toContain('ftrace: beta not as');
    expect((await report(['--arch', 'alpha', '--format', 'mail'])).out).toContain('alpha: 3 cases, all as');
    expect(await report(['--arch', 'alhpa', '--format', 'mail'])).toMatchObject({
      code: 2,
      out: '',
      err: 'error: the run has no back-end alhpa; did you mean alpha?\n',
    });
  });
});

test('a mail about what became worse since an earlier run', async () => {
  await run(['--out', 'old'], good);
  const { out } = await run(['--format', 'mail', '--before', 'old/run.jsonl']);
  expect(out).toContain('Subject: [REGRESSION] ftrace: beta not as expected in fprobe/b\n');
  expect(out).toContain('\n  ftrace-conform run fprobe/b --arch beta\n');
});

test('badges as files, for shields.io to be pointed at', async () => {
  const { err } = await run(['--badges', 'reports/badges']);
  expect(err).toContain('wrote 3 badges to reports/badges\n');
  expect(readdirSync(join(cwd, 'reports/badges')).sort()).toEqual(['alpha.json', 'beta.json', 'gamma.json']);
  const beta = JSON.parse(readFileSync(join(cwd, 'reports/badges/beta.json'), 'utf8'));
  expect(beta).toMatchObject({ schemaVersion: 1, message: '1 not as expected', color: 'red' });
  const again = await report(['--badges', 'elsewhere']);
  expect(again.code).toBe(1);
  expect(readFileSync(join(cwd, 'elsewhere/beta.json'), 'utf8')).toBe(
    readFileSync(join(cwd, 'reports/badges/beta.json'), 'utf8'),
  );
});

describe('--show-progress', () => {
  const wrote = 'wrote reports/run.jsonl\nwrote reports/report.json\nwrote reports/index.html\n';

  test('a bar on a terminal only; standard output is the same', async () => {
    const quiet = await run([]);
    expect(quiet.err).toBe(wrote);
    const shown = await run([], bad, { errIsTerminal: true });
    expect(shown.out).toBe(quiet.out);
    expect(shown.err).toContain('] 3/3  1 not as expected  fprobe/c');
    expect(shown.err.endsWith(`\r\u001b[K${wrote}`)).toBe(true);
    const none = await run(['--show-progress', 'none'], bad, { errIsTerminal: true });
    expect(none.err).toBe(wrote);
  });

  test('is taken away before a result is printed on the same terminal', async () => {
    let screen = '';
    const put = (text: string) => {
      screen += text;
    };
    await run([], bad, { errIsTerminal: true, out: put, err: put });
    for (const line of screen.split('\n')) {
      const last = line.slice(line.lastIndexOf('\r\u001b[K') + 1);
      expect(last.includes('not as expected  fprobe')).toBe(false);
    }
  });

  test('a line per case where it is asked for', async () => {
    const { err } = await run(['--show-progress', 'counter']);
    expect(err).toBe(`1/3 ok fprobe/a\n2/3 NG fprobe/b\n3/3 ok fprobe/c\n${wrote}`);
  });
});

describe('colour', () => {
  const escapes = async (args: readonly string[], environment: Record<string, string>, isTerminal: boolean) =>
    (await run(args, bad, { environment, isTerminal })).out.includes('\u001b[');
  test.each([
    [[], {}, true, true],
    [[], {}, false, false],
    [[], { NO_COLOR: '1' }, true, false],
    [['--color', 'never'], {}, true, false],
    [['--color', 'always'], { NO_COLOR: '1' }, false, true],
    [['--format', 'markdown', '--color', 'always'], {}, true, false],
  ])('%j with %j on a terminal: %s → %s', async (args, environment, isTerminal, coloured) => {
    expect(await escapes(args, environment, isTerminal)).toBe(coloured);
  });
});

describe('a mail', () => {
  const trace = (value: string): TraceEvent[] => [
    { kind: 'event', name: 'enter tracer', detail: '' },
    {
      kind: 'instruction',
      at: 'ftrace_caller+0x14',
      where: 'backends/some/trampoline.S:42',
      text: `load  r1, ${value}`,
      registers: [['r1', value]],
      stores: [],
    },
    { kind: 'observation', text: `result = ${value}` },
  ];
  const beta: FakeArch['answer'] = ({ id }) => [seen('result', { value: id === 'fprobe/b' ? '0' : '1' })];
  const traced = {
    alpha: { short: 'al', answer: usual, trace: trace('1') },
    beta: { short: 'be', answer: beta, trace: trace('0') },
  };

  test('shows two traces aligned by event, and the command that shows all of them', async () => {
    await run([], traced);
    const { out } = await report(['--format', 'mail']);
    const [, parts = ''] = out.split('Where it parts\n\n');
    expect(
      parts.split('\n\nAs expected')[0],
    ).toBe(`  first observation that differs: beta@7.2/model sees \`result = 0\`,
    alpha@7.2/model \`result = 1\`

  < beta@7.2/model   > alpha@7.2/model
      * enter tracer
    <   ftrace_caller+0x14  trampoline.S:42  load r1, 0  r1=0
  ! < = result = 0
    >   ftrace_caller+0x14  trampoline.S:42  load r1, 1  r1=1
  ! > = result = 1

  ftrace-conform explain fprobe/b --arch beta@7.2 --vs alpha@7.2`);
  });

  test('about another back-end than the traced one shows what that one saw', async () => {
    const both = { ...traced, beta: { ...traced.beta }, gamma: { short: 'ga', answer: beta } };
    await run([], both);
    const { out } = await report(['--format', 'mail', '--arch', 'gamma']);
    expect(out).toContain('+++ gamma@7.2/model');
    expect(out).not.toContain('trampoline.S:42');
  });

  test.each([
    ['alpha', 0],
    ['beta', 1],
    ['alpha,beta', 1],
  ])('about %s ends with what it tells', async (arch, code) => {
    await run([]);
    const ran = await report(['--format', 'mail', '--arch', arch]);
    expect(ran.code).toBe(code);
    expect(ran.out.includes('all as expected')).toBe(code === 0);
  });

  test('about what nothing supports ends as its run, told to fail by that', async () => {
    const expect1 = JSON.stringify({ requires: ['FPROBE'] });
    writeFileSync(join(cwd, 'cases/fprobe/lacking.yaml'), expect1);
    const who = { ...good, beta: { ...good.beta, features: ['FPROBE'] } };
    expect((await run(['--fail-unsupported'], who)).code).toBe(1);
    expect((await report(['--format', 'mail', '--arch', 'beta'])).code).toBe(0);
    expect((await report(['--format', 'mail', '--arch', 'alpha'])).code).toBe(1);
    expect((await report(['--filter', 'fprobe/lacking'])).code).toBe(1);
    expect((await report(['--filter', 'fprobe/a'])).code).toBe(0);
  });
});
