// SPDX-License-Identifier: MIT

import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BackendError } from '../backend/required-symbols.js';
import { type FakeArch, fakeWiring, program, seen } from './test/fakes.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'conform-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function put(file: string, value: unknown): void {
  const path = join(cwd, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
}

const entry = (last: string) =>
  seen('entry', { probe: 'watch', function: 'sum3', arguments: ['1', '2', last], parent: 'caller' });
const usual = () => [entry('3'), seen('exit', { probe: 'watch', function: 'sum3', return: '6' })];
const arch = (short: string, answer: FakeArch['answer'] = usual, features = ['FPROBE']): FakeArch => ({
  short,
  answer,
  features,
});

const sees = {
  expect: [
    {
      kind: 'entry',
      fields: { probe: 'watch', function: 'sum3', arguments: ['1', '2', '0x3'] },
      position: {},
    },
    { kind: 'exit', fields: { return: '6' }, position: {} },
  ],
};

const three = {
  alpha: arch('al'),
  beta: arch('be', ({ id }) => (id === 'fprobe/arguments.3' ? [entry('0'), ...usual().slice(1)] : usual())),
  gamma: arch('ga', usual, []),
};

function corpus(): void {
  put('cases/fprobe/arguments.yaml', [
    { row: 1, ...sees },
    { row: 2, ...sees },
    { row: 3, ...sees, title: 'An fprobe sees the third argument' },
  ]);
  put('cases/fprobe/gated.yaml', { requires: ['FPROBE'], ...sees });
  put('cases/graph/plain.yaml', sees);
}

const run = (args: readonly string[], archs: Record<string, FakeArch> = three) =>
  program(['run', '--cases', 'cases', ...args], cwd, fakeWiring(archs));

describe('run', () => {
  test('all as expected: 0, and reports are written', async () => {
    corpus();
    const { code, out, err } = await run([], { alpha: arch('al'), gamma: arch('ga') });
    expect(out).toMatchInlineSnapshot(`
      "ftrace-conform 0.1.0  2 subjects at 7.2/model, seed 1
      interpretation 1, cases a3513b7b368f, ftrace-conform run --seed 1

      case         al  ga
      fprobe (4)   ok  ok
      graph/plain  ok  ok

      ok as expected   un unsupported   NG differs

      5 cases × 2 subjects: 10 as expected, 0 not
      "
    `);
    expect(err).toBe('wrote reports/run.jsonl\nwrote reports/report.json\nwrote reports/index.html\n');
    expect(code).toBe(0);
    expect(readdirSync(join(cwd, 'reports')).sort()).toEqual(['index.html', 'report.json', 'run.jsonl']);
  });

  test('a failing case: at once with diff, in the matrix, again with its command', async () => {
    corpus();
    const { code, out } = await run([]);
    expect(out).toMatchInlineSnapshot(`
      "ftrace-conform 0.1.0  3 subjects at 7.2/model, seed 1
      interpretation 1, cases a3513b7b368f, ftrace-conform run --seed 1

      fprobe/arguments.3  An fprobe sees the third argument
        only beta differs: at entry, watch sees argument 2 of sum3 as 0, the others as
        3
        NG be: at entry, watch sees argument 2 of sum3 as 0, expected 0x3
           --- expected
           +++ beta@7.2/model
           @@ -1,2 +1,2 @@
           -entry watch sum3(1, 2, 0x3) parent=caller
           +entry watch sum3(1, 2, 0) parent=caller
            exit watch sum3 return=6

      case                al  be  ga
      fprobe (3)          ok  ok  ok  ga: 1 un
      fprobe/arguments.3  ok  NG  ok
      graph/plain         ok  ok  ok

      ok as expected   un unsupported   NG differs

      Not as expected
        only beta, on fprobe/arguments.3; everything else that ran agrees

        fprobe/arguments.3  be NG
            ftrace-conform run fprobe/arguments.3 --arch beta
            ftrace-conform explain fprobe/arguments.3 --arch beta --vs alpha

      1 case differs between subjects without a declared reason.
      5 cases × 3 subjects: 13 as expected, 1 not, 1 unsupported
      (ftrace-conform list --unsupported)
      "
    `);
    expect(code).toBe(1);
  });

  test('a difference without any expectation fails the run, and the whole comparison is what reproduces it', async () => {
    put('cases/free.yaml', { title: 'Nobody says what to see' });
    const { code, out } = await run(['free']);
    expect(code).toBe(0);
    const odd = { ...three, beta: arch('be', () => [entry('0')]) };
    const found = await run(['free'], odd);
    expect(found.code).toBe(1);
    expect(out).not.toContain('Not as expected');
    expect(found.out).toContain('-exit watch sum3 return=6');
    expect(found.out).toContain(
      '      ftrace-conform run free\n      ftrace-conform explain free --arch beta --vs alpha\n',
    );
    expect(found.out).toContain('1 case differs between subjects without a declared reason.');
  });

  test('a declared divergence is counted; one that no longer shows fails', async () => {
    const declared = {
      on: { arch: ['beta'], revision: [], target: [], feature: [], lacks: [] },
      because: 'the third argument is on the stack',
      source: 'the manual',
      replace: [{ at: 1, by: { fields: { arguments: ['1', '2', '0'] } } }],
      position: { line: 3, column: 5 },
    };
    put('cases/declared.yaml', { ...sees, divergences: [declared] });
    const shows = { alpha: arch('al'), beta: arch('be', () => [entry('0'), ...usual().slice(1)]) };
    const found = await run([], shows);
    expect(found.code).toBe(0);
    expect(found.out).toContain('1 case differs between subjects as declared, with reason and source.');
    const gone = await run([], { alpha: arch('al'), beta: arch('be') });
    expect(gone.code).toBe(1);
    expect(gone.out).toContain(
      'XP be: declared divergence no longer shows: the third argument is on the stack',
    );
  });

  test('many failures: who, in one sentence; diffs of the first ten only, unless asked for', async () => {
    for (let file = 0; file < 14; file++) put(`cases/many/${file}.yaml`, sees);
    put('cases/graph/plain.yaml', sees);
    const wrong = {
      alpha: arch('al'),
      beta: arch('be', () => [entry('0'), ...usual().slice(1)]),
      gamma: arch('ga'),
    };
    const diffs = (out: string) => out.match(/--- expected/g)?.length;
    const { out } = await run([], wrong);
    expect(out).toContain('Not as expected\n  only beta, on every case; everything else agrees\n');
    expect(diffs(out)).toBe(10);
    expect(out.match(/^ +ftrace-conform run /gm)).toHaveLength(15);
    expect(out).not.toContain('ftrace-conform explain ');
    expect(out).toContain('Diffs of the first 10 are above; -v shows all.');
    expect(diffs((await run(['-v'], wrong)).out)).toBe(15);
    const tie = await run(['graph'], { alpha: arch('al', () => []), beta: arch('be', () => []) });
    expect(tie.out).toContain('  all subjects, on graph/plain\n');
  });

  test('cases of a family that fail alike are told once', async () => {
    put(
      'cases/fprobe/arguments.yaml',
      [1, 2, 3, 4, 5, 6].map((row) => ({ row, ...sees })),
    );
    const beta = arch('be', ({ id }) =>
      id.endsWith('.5') ? usual() : [entry(id.endsWith('.2') ? '9' : '0'), ...usual().slice(1)],
    );
    const { out } = await run([], { ...three, beta, delta: beta });
    expect(out.split('\n').filter((line) => line.includes('fprobe/arguments'))).toEqual([
      'fprobe/arguments.1  Title of fprobe/arguments.1',
      'fprobe/arguments.2  Title of fprobe/arguments.2',
      'fprobe/arguments.3  Title of fprobe/arguments.3',
      '  likewise fprobe/arguments.{4,6}',
      'fprobe/arguments.{1,2,3,… 2 more} (5)  ok  NG  NG  ok',
      'fprobe/arguments.5                     ok  ok  ok  ok',
      '  fprobe/arguments.{1,3,4,6}  be, be NG',
      '      ftrace-conform run fprobe/arguments.{1,3,4,6} --arch beta --arch delta',
      '      ftrace-conform explain fprobe/arguments.1 --arch beta --vs alpha',
      '  fprobe/arguments.2  be, be NG',
      '      ftrace-conform run fprobe/arguments.2 --arch beta --arch delta',
      '      ftrace-conform explain fprobe/arguments.2 --arch beta --vs alpha',
    ]);
    const whole = await run([], { ...three, beta: arch('be', () => []) });
    expect(whole.out).toContain('ftrace-conform run fprobe/arguments --arch beta\n');
    expect((await run(['-vv'], { ...three, beta })).out).not.toContain('likewise');
  });

  test('thousands of observations: the surroundings of the first difference', async () => {
    put('cases/long.yaml', {
      expect: Array.from({ length: 3000 }, () => ({ kind: 'result', fields: { value: '1' }, position: {} })),
    });
    const long = {
      alpha: arch('al', () => Array.from({ length: 3000 }, () => seen('result', { value: '2' }))),
    };
    const { out } = await run([], long);
    expect(out.split('\n').length).toBeLessThan(70);
    expect(out).toContain('-result = 1\n');
    expect(out).toContain('+result = 2\n');
    expect(out).toMatch(/\n {5}… 5,\d\d\d more lines; explain shows all\n/);
    expect((await run(['-vv'], long)).out.split('\n').length).toBeGreaterThan(6000);
  });

  test('what a kernel does not give is counted beside what passed', async () => {
    corpus();
    const partly = arch('be', () => [
      seen('entry', {
        probe: 'watch',
        function: 'sum3',
        arguments: '(no ftrace_regs_get_argument)',
        parent: 'caller',
      }),
      ...usual().slice(1),
    ]);
    const { code, out } = await run(['graph'], { ...three, beta: partly });
    expect(code).toBe(0);
    expect(out.replace(/\n/g, ' ')).toContain(
      '3 as expected (1 without a field that their kernel does not give), 0 not',
    );
    const page = readFileSync(join(cwd, 'reports/index.html'), 'utf8');
    expect(page).toContain('not given by this kernel: ftrace_regs_get_argument');
    const report = JSON.parse(readFileSync(join(cwd, 'reports/report.json'), 'utf8'));
    expect(report.partial).toBe(1);
    expect(report.cases[0].verdicts[1].absent).toEqual(['ftrace_regs_get_argument']);
  });

  test('a crash', async () => {
    corpus();
    const why = 'jump to unmapped 0xdead4e60';
    const wild = arch('be', () => ({
      end: { kind: 'crashed', why },
      observations: [entry('3'), seen('fault', { at: 'ftrace_caller+0x14', why })],
    }));
    const { code, out } = await run(['graph'], { ...three, beta: wild });
    expect(code).toBe(1);
    expect(out).toContain('only beta faults: jump to unmapped 0xdead4e60, at ftrace_caller+0x14');
    expect(out).toContain('graph/plain  ok  CR  ok');
    expect(out).toContain('CR crash');
  });

  test('a broken back-end or case outranks a failure: 3', async () => {
    corpus();
    const broken = arch('ga', () => ({ end: { kind: 'error', why: 'no symbol ftrace_caller' } }));
    const { code, out } = await run([], { ...three, gamma: broken });
    expect(code).toBe(3);
    expect(out).toContain('ER ga: no symbol ftrace_caller');
    expect(out).toMatch(/, \d harness errors/);
  });

  test('nothing could run: 4, and nothing selected: 4 with nothing written', async () => {
    corpus();
    const { code, out } = await run(['fprobe/gated', '--arch', 'gamma']);
    expect([code, out.trimEnd().split('\n').at(-2)]).toEqual([
      4,
      '1 case × 1 subject: 0 as expected, 0 not, 1 unsupported',
    ]);
    rmSync(join(cwd, 'reports'), { recursive: true });
    const none = await run(['fprobe/gate']);
    expect(none).toEqual({
      code: 4,
      out: '',
      err: 'error: no case matches fprobe/gate; did you mean fprobe/gated?\nids: ftrace-conform list\n',
    });
    expect(readdirSync(cwd)).toEqual(['cases']);
  });

  test('wrong cases: all told, nothing runs, nothing written', async () => {
    corpus();
    put('cases/fprobe/bad.yaml', ': [');
    put('cases/graph/number.yaml', '5');
    const { code, out, err } = await run([]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toBe(
      'error: cases/fprobe/bad.yaml:1:1: not YAML\n\nerror: cases/graph/number.yaml:1:1: a case is a mapping\n\n2 errors\n',
    );
    expect(readdirSync(cwd)).toEqual(['cases']);
  });

  test.each([
    [['--arch', 'alpah'], 2, 'no back-end alpah; did you mean alpha?'],
    [['--kernel', '7.1'], 2, 'no back-end models 7.1; did you mean 7.2?'],
    [['--archs', 'alpha'], 2, '(Did you mean --arch?)'],
    [['--seed', 'x'], 2, 'Expected an integer from 0'],
    [['--compare', 'time'], 2, 'Allowed choices are arch, revision, target'],
    [['--format', 'xml'], 2, 'Allowed choices are pretty, json, jsonl, html'],
  ])('%j: code %i and %s, on stderr only', async (args, code, message) => {
    corpus();
    const found = await run(args);
    expect([found.code, found.out]).toEqual([code, '']);
    expect(found.err).toContain(message);
    expect(found.err).not.toMatch(/\n\s+at /);
    expect(readdirSync(cwd)).toEqual(['cases']);
  });

  test('the same twice is the same to the byte, wherever it is', async () => {
    corpus();
    const contents = () =>
      ['run.jsonl', 'report.json', 'index.html'].map((name) =>
        readFileSync(join(cwd, 'reports', name), 'utf8'),
      );
    await run([join(cwd, 'cases/fprobe/arguments.yaml')]);
    const first = contents();
    expect(first.join('')).not.toContain(cwd);
    const before = cwd;
    cwd = mkdtempSync(join(tmpdir(), 'elsewhere-'));
    corpus();
    await run([join(cwd, 'cases/fprobe/arguments.yaml')]);
    expect(contents()).toEqual(first);
    rmSync(cwd, { recursive: true });
    cwd = before;
  });

  test('along another axis', async () => {
    corpus();
    const both = { alpha: { ...arch('al'), revisions: ['6.12', '7.2'] } };
    const { code, out } = await run(['graph', '--axis', 'revision'], both);
    expect(code).toBe(0);
    expect(out).toContain('columns of a back-end: 6.12, 7.2\ncase        al\ngraph/plain ok ok');
  });

  test('columns of several revisions line up where a back-end lacks one', async () => {
    corpus();
    const uneven = { alpha: { ...arch('al'), revisions: ['6.12', '7.2'] }, beta: arch('be') };
    expect((await run(['graph'], uneven)).out).toContain('graph/plain ok ok     ok\n');
  });

  test('-v: a row per family; -vv: a row per case', async () => {
    corpus();
    expect((await run(['fprobe', '-v'])).out).toMatch(
      /fprobe\/arguments \(2\) +ok +ok +ok\nfprobe\/arguments\.3 +ok +NG +ok\nfprobe\/gated +ok +ok +un/,
    );
    expect((await run(['fprobe', '-vv'])).out).toMatch(/fprobe\/arguments\.1 .*\nfprobe\/arguments\.2 /);
  });

  test('colour where it is wanted, and the same words without', async () => {
    corpus();
    const { out } = await run([]);
    const always = await run(['--color', 'always']);
    expect(always.out).toContain('\u001b[31mNG\u001b[0m');
    expect(stripVTControlCharacters(always.out)).toBe(out);
    const terminal = (environment: Record<string, string>, ...args: string[]) =>
      program(['run', '--cases', 'cases', ...args], cwd, fakeWiring(three), {
        isTerminal: true,
        environment,
      });
    expect((await terminal({})).out).toBe(always.out);
    expect((await terminal({ NO_COLOR: '1' })).out).toBe(out);
    expect((await terminal({ TERM: 'dumb' })).out).toBe(out);
    expect((await terminal({}, '--color=never')).out).toBe(out);
  });

  test('no line is wider than the terminal, except ids and diffs', async () => {
    corpus();
    for (const line of (await run([])).out.split('\n')) {
      if (!/^ {5}[-+@ ]|^fprobe/.test(line)) expect(line.length).toBeLessThanOrEqual(80);
    }
  });

  test('interrupted: 130, and only the log, which says so', async () => {
    corpus();
    const { code, out } = await program(['run', '--cases', 'cases'], cwd, fakeWiring(three), {
      signal: AbortSignal.abort(),
    });
    expect(code).toBe(130);
    expect(out).toContain('interrupted, the rest did not run');
    expect(readdirSync(join(cwd, 'reports'))).toEqual(['run.jsonl']);
    expect(readFileSync(join(cwd, 'reports/run.jsonl'), 'utf8')).toContain('"interrupted":true');
  });

  describe('a place for reports', () => {
    const refused = async (out: string, archs: Record<string, FakeArch> = three) => {
      corpus();
      const before = readdirSync(cwd, { recursive: true }).sort();
      let ran = 0;
      const counting = Object.fromEntries(
        Object.entries(archs).map(([name, one]) => [
          name,
          {
            ...one,
            answer: () => {
              ran++;
              return [];
            },
          },
        ]),
      );
      const found = await run(['--out', out], counting);
      expect([found.code, found.out, ran]).toEqual([2, '', 0]);
      expect(readdirSync(cwd, { recursive: true }).sort()).toEqual(before);
      return found.err;
    };

    test('an empty name', async () => {
      expect(await refused('')).toBe('error: --out is empty; name a directory\n');
    });
    test('a file, and what is below a file', async () => {
      put('file', '');
      for (const out of ['file', 'file/below/more']) {
        expect(await refused(out)).toBe(`error: --out ${out}: file is a file; name a directory\n`);
      }
    });
    test('where nothing can be made; it is told at once', async () => {
      expect(await refused('/proc/reports/today')).toMatch(
        /^error: --out \/proc\/reports\/today: no directory can be made in proc.*; name another directory\n$/,
      );
    });
    test('a link to nothing', async () => {
      symlinkSync('gone', join(cwd, 'link'));
      expect(await refused('link/deep')).toMatch(/^error: --out link\/deep: .*\(EEXIST\); name another/);
    });
    test('a directory where a report should be', async () => {
      put('out/index.html/x', '');
      expect(await refused('out')).toContain('index.html is there and is no regular file');
    });
    test.skipIf(process.getuid?.() === 0)('a directory that may not be written', async () => {
      mkdirSync(join(cwd, 'shut'), { mode: 0o500 });
      expect(await refused('shut/deep')).toMatch(/permission denied.*; name another directory\n$/);
      expect(await refused('shut')).toMatch(/^error: --out shut: cannot be written to: permission denied/);
    });
    test('a deep one is made', async () => {
      corpus();
      await run(['--out', 'a/b/../c']);
      expect(readdirSync(join(cwd, 'a/c')).sort()).toEqual(['index.html', 'report.json', 'run.jsonl']);
    });
  });

  test('a back-end whose sources are broken: 2, nothing runs, nothing is written', async () => {
    corpus();
    const why = 'back-end beta at 7.2: backends/beta/trampoline.S does not define ftrace_stub';
    const wiring = fakeWiring(three);
    const broken = {
      ...wiring,
      targets: async (): ReturnType<typeof wiring.targets> => {
        const make = await wiring.targets([]);
        return (loaded, revision, target) => {
          if (loaded.backend.arch === 'beta') throw new BackendError(why);
          return make(loaded, revision, target);
        };
      },
    };
    const found = await program(['run', '--cases', 'cases'], cwd, broken);
    expect(found).toEqual({ code: 2, out: '', err: `error: ${why}\n` });
    expect(readdirSync(cwd)).toEqual(['cases']);
    const others = await program(['run', '--cases', 'cases', '--arch', 'alpha'], cwd, broken);
    expect(others.code).toBe(0);
  });
});

describe('report', () => {
  const again = (...args: string[]) => program(['report', ...args], cwd, fakeWiring({}));

  test('replays the log into every format, and exits as the run did', async () => {
    corpus();
    const first = await run([]);
    const text = (name: string) => readFileSync(join(cwd, 'reports', name), 'utf8');
    expect(await again('reports/run.jsonl')).toEqual({ code: 1, out: first.out, err: '' });
    for (const [format, name] of [
      ['json', 'report.json'],
      ['html', 'index.html'],
      ['jsonl', 'run.jsonl'],
    ] as const) {
      expect((await again('reports/run.jsonl', '--format', format)).out).toBe(text(name));
      expect((await run(['--format', format])).out).toBe(text(name));
    }
  });

  test('refuses a log without its footer, and one that is not there', async () => {
    corpus();
    await run([]);
    const text = readFileSync(join(cwd, 'reports/run.jsonl'), 'utf8');
    put('cut.jsonl', text.slice(0, text.lastIndexOf('{"event":"footer"')));
    expect(await again('cut.jsonl')).toEqual({
      code: 6,
      out: '',
      err: 'error: cut.jsonl: has no footer: the run did not end; log refused\n',
    });
    expect(await again('gone.jsonl')).toMatchObject({
      code: 2,
      err: 'error: gone.jsonl: cannot be read (ENOENT)\n',
    });
  });
});

describe('list', () => {
  const list = (...args: string[]) => program(['list', '--cases', 'cases', ...args], cwd, fakeWiring(three));

  test('ids, and nothing else', async () => {
    corpus();
    expect(await list('fprobe')).toEqual({
      code: 0,
      out: 'fprobe/arguments.1\nfprobe/arguments.2\nfprobe/arguments.3\nfprobe/gated\n',
      err: '',
    });
  });
  test('every id can be pasted back', async () => {
    corpus();
    for (const id of (await list()).out.trimEnd().split('\n')) expect((await list(id)).out).toBe(`${id}\n`);
  });
  test('subjects and their features; what cannot run and why', async () => {
    corpus();
    expect((await list('--subjects')).out).toBe(
      'alpha@7.2/model  (al)\n    FPROBE\nbeta@7.2/model  (be)\n    FPROBE\ngamma@7.2/model  (ga)\n    no features\n',
    );
    expect((await list('--unsupported')).out).toBe('fprobe/gated  gamma@7.2/model  lacks FPROBE\n');
  });
  test('upstream tests and the cases for each; of a selection, what it covers', async () => {
    put('cases/a/one.yaml', { covers: ['FP-02'] });
    put('cases/a/two.yaml', { covers: ['FP-02', 'FP-06'] });
    const whole = (await list('--covers')).out;
    expect(whole).toMatch(/^FP-01 .*\n {4}no case\nFP-02 .*\n {4}a\/one\n {4}a\/two\nFP-03 /m);
    expect(whole).toMatch(/\nbug +65 +0 +65 {2}historical bugs\n$/);
    const { out } = await list('--covers', 'a/one');
    expect(out).toMatch(/^FP-02 {2}Y {2}.*\n {4}a\/one\n$/);
  });
});
