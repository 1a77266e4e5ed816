// SPDX-License-Identifier: MIT
/** `--target` in every verb that has it, with fakes for what is not the model. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TraceEvent } from '../target/target.js';
import { type FakeArch, type FakeElsewhere, fakeWiring, program, seen } from './test/fakes.js';

let cwd: string;
const LACKS = 'qemu-alpha is missing; apt install qemu-user';
const trace: TraceEvent[] = [{ kind: 'event', name: 'argument 1', detail: 'in register r1' }];

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'conform-'));
  mkdirSync(join(cwd, 'cases'));
  for (const name of ['one', 'two', 'three']) {
    const expectation = { kind: 'result', fields: { value: '1' }, position: {} };
    writeFileSync(join(cwd, `cases/${name}.yaml`), JSON.stringify({ expect: [expectation] }));
  }
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const arch = (short: string, elsewhere: FakeElsewhere = {}): FakeArch => ({
  short,
  revisions: ['6.1', '7.2'],
  trace,
  answer: () => [seen('result', { value: '1' })],
  targets: { 'qemu-user': elsewhere },
});
const zero = () => [seen('result', { value: '0' })];
const sound = { alpha: arch('al'), beta: arch('be') };

const on =
  (archs: Record<string, FakeArch>) =>
  (args: string, io: Parameters<typeof program>[3] = {}) => {
    const [verb = '', ...rest] = args.split(' ').filter(Boolean);
    const places = ['run', 'list', 'explain', 'why'].includes(verb) ? ['--cases', 'cases'] : [];
    return program([verb, ...rest, ...places], cwd, fakeWiring(archs), io);
  };
const file = (name: string) => readFileSync(join(cwd, 'reports', name), 'utf8');

describe('which subjects there are', () => {
  const subjects = async (options: string, archs: Record<string, FakeArch> = sound) => {
    const { code, out, err } = await on(archs)(`list --subjects ${options}`);
    return code === 0 ? (out.match(/^\S+@\S+ .*$/gm) ?? []) : [err];
  };

  test('of the model, if nothing is said', async () => {
    expect(await subjects('--kernel 7.2')).toEqual(['alpha@7.2/model  (al)', 'beta@7.2/model  (be)']);
  });

  test('of those named, once each, with a column for each', async () => {
    const both = [
      'alpha@6.1/model  (al@6.1/model)',
      'alpha@6.1/qemu-user  (al@6.1/qemu-user)',
      'alpha@7.2/model  (al@7.2/model)',
      'alpha@7.2/qemu-user  (al@7.2/qemu-user)',
    ];
    expect(await subjects('--arch alpha --target qemu-user,model --target model')).toEqual(both);
    expect(await subjects('--arch alpha --kernel 7.2 --target qemu-user')).toEqual([
      'alpha@7.2/qemu-user  (al)',
    ]);
  });

  test('a subject may name its target itself, and what names none is on the default one', async () => {
    expect(await subjects('--arch alpha@7.2/qemu-user')).toEqual(['alpha@7.2/qemu-user  (al)']);
    expect(await subjects('--arch alpha/qemu-user --arch beta@7.2 --kernel 7.2')).toEqual([
      'alpha@7.2/qemu-user  (al/qemu-user)',
      'beta@7.2/model  (be/model)',
    ]);
    expect(await subjects('--arch alpha@7.2/qemu-user --target model')).toEqual([
      'error: no subject is alpha@7.2/qemu-user on model\nsubjects: ftrace-conform list --subjects\n',
    ]);
  });

  test('a slip of the pen, and what this version has not', async () => {
    const targets = '\ntargets: model, qemu-user\n';
    expect(await subjects('--target qemu-usr')).toEqual([
      `error: no target qemu-usr; did you mean qemu-user?${targets}`,
    ]);
    expect(await subjects('--arch alpha@7.2/modle')).toEqual([
      `error: no target modle; did you mean model?${targets}`,
    ]);
    const kernel = `error: this version of ftrace-conform has no target kernel${targets}`;
    expect(await subjects('--target kernel')).toEqual([kernel]);
    for (const verb of ['run', 'features', 'explain one']) {
      expect(await on(sound)(`${verb} --target kernel`)).toEqual({ code: 2, out: '', err: kernel });
    }
  });

  test('settings and environment say it too, and doctor tells from where', async () => {
    const { out } = await on(sound)('list --subjects --arch alpha --kernel 7.2', {
      environment: { FTRACE_CONFORM_TARGET: 'qemu-user' },
    });
    expect(out).toMatch(/^alpha@7\.2\/qemu-user {2}\(al\)/);
    const none = await on(sound)('doctor --config');
    expect(none.out).toMatch(/^ {2}target {12} +model +default$/m);
    writeFileSync(join(cwd, 'ftrace-conform.yaml'), 'profiles: { real: { target: [model, qemu-user] } }\n');
    const told = await on(sound)('doctor --config --profile real');
    expect(told.out).toMatch(/^ {2}target {12} +model, qemu-user +profile real/m);
  });
});

describe('run', () => {
  test('on two targets: a column for each, the command says so, the log reads back', async () => {
    const { code, out } = await on(sound)('run one --target model --target qemu-user');
    expect(code).toBe(0);
    expect(out).toContain('columns of a back-end: 6.1/model, 6.1/qemu-user, 7.2/model, 7.2/qemu-user');
    expect(JSON.parse(file('report.json')).command.join(' ')).toBe(
      'run one --target model --target qemu-user --seed 1',
    );
    const again = await program(['report', 'reports/run.jsonl'], cwd, fakeWiring({}));
    expect(again).toEqual({ code: 0, out, err: '' });
  });

  test('compared along target with one target, says that nothing is', async () => {
    const { code, err } = await on(sound)('run one --compare target');
    expect(code).toBe(0);
    expect(err).toContain('--compare target: only model is there to compare; name more with --target\n');
    const two = await on(sound)('run one --compare target --target model,qemu-user');
    expect(two.err).not.toContain('--compare target');
  });

  test('an outcome that differs between targets without a declared reason fails the run', async () => {
    for (const axis of ['arch', 'target']) {
      const odd = { alpha: arch('al', { answer: zero }), beta: arch('be', { answer: zero }) };
      writeFileSync(join(cwd, 'cases/free.yaml'), '{ expect: null }');
      const { code, out } = await on(odd)(`run free --compare ${axis} --target model,qemu-user`);
      expect(code).toBe(1);
      expect(out).toContain('model and qemu-user: 0 of 4 outcomes equal, 4 different\n');
    }
  });

  test('a subject that fails is run again on its target alone', async () => {
    const { code, out } = await on({ ...sound, beta: arch('be', { answer: zero }) })(
      'run one --kernel 7.2 --target qemu-user',
    );
    expect(code).toBe(1);
    expect(out).toContain('      ftrace-conform run one --arch beta --target qemu-user\n');
  });

  test('every target is closed: at the end, on interrupt, and when something is wrong', async () => {
    const told = (heard: string[]): FakeElsewhere => ({
      heard: (what, subject) => what !== 'run' && heard.push(`${what} ${subject}`),
    });
    const both = ['alpha@6.1', 'alpha@7.2'].map((name) => `${name}/qemu-user`);
    const done = [...both.map((name) => `prepare ${name}`), ...both.map((name) => `close ${name}`)];
    const heard: string[] = [];
    await on({ alpha: arch('al', told(heard)) })('run --target qemu-user');
    expect(heard).toEqual(done);

    const cut: string[] = [];
    const { code } = await on({ alpha: arch('al', told(cut)) })('run --target qemu-user', {
      signal: AbortSignal.abort('SIGINT'),
    });
    expect([code, cut]).toEqual([130, done]);

    const broken: string[] = [];
    const wrong = await on({
      alpha: arch('al', told(broken)),
      beta: arch('be', {
        heard: (what, subject) => {
          broken.push(`${what} ${subject}`);
          if (what === 'prepare') throw new RangeError('no memory');
        },
      }),
    })('run --kernel 7.2 --target qemu-user');
    expect(wrong.code).toBe(3);
    expect(broken.filter((one) => one.startsWith('close'))).toEqual([
      'close alpha@7.2/qemu-user',
      'close beta@7.2/qemu-user',
    ]);
  });

  describe('where a tool is missing', () => {
    const lacking = { alpha: arch('al', { lacks: LACKS }), beta: arch('be') };

    test('every case is skipped with the remedy, and nothing at all ran: 4', async () => {
      const { code, out } = await on(lacking)('run --arch alpha --kernel 7.2 --target qemu-user');
      expect(code).toBe(4);
      expect(out).toContain('3 cases × 1 subject: 0 as expected, 0 not, 3 skipped');
      expect(out).toContain(`skipped on alpha@7.2/qemu-user: ${LACKS}\n`);
      const { cases } = JSON.parse(file('report.json'));
      for (const { verdicts } of cases) expect(verdicts).toMatchObject([{ status: 'SKIP', reason: LACKS }]);
    });

    test('nor is it green beside what ran', async () => {
      const { code, out } = await on(lacking)('run one --kernel 7.2 --target model,qemu-user');
      expect(out).toContain('1 case × 4 subjects: 3 as expected, 0 not, 1 skipped');
      expect(code).toBe(4);
      expect((await on(lacking)('run one --kernel 7.2 --arch beta --target qemu-user')).code).toBe(0);
    });

    test('nor in a shard, nor against a baseline, nor merged', async () => {
      const asked = 'run --kernel 7.2 --target model,qemu-user --shard';
      const codes = [(await on(lacking)(`${asked} 1/2 --out a`)).code];
      codes.push((await on(lacking)(`${asked} 2/2 --out b`)).code);
      expect(codes).toContain(4);
      const merged = await program(
        ['report', '--merge', 'a/run.jsonl', 'b/run.jsonl'],
        cwd,
        fakeWiring(lacking),
      );
      expect(merged.code).toBe(4);
      await on(sound)('run --kernel 7.2');
      expect((await on(sound)('expect accept --baseline=base.txt')).code).toBe(0);
      const gate = 'run --kernel 7.2 --baseline=base.txt --target model';
      expect((await on(lacking)(gate)).code).toBe(0);
      expect((await on(lacking)(`${gate},qemu-user`)).code).toBe(4);
    });

    test('what fails is still worse', async () => {
      const bad = { ...lacking, beta: arch('be', { answer: zero }) };
      expect((await on(bad)('run --kernel 7.2 --target model,qemu-user')).code).toBe(1);
    });
  });
});

describe('logs of one target each', () => {
  test('are merged into the run of both', async () => {
    const both = await on(sound)('run --target model --target qemu-user --out both');
    await on(sound)('run --out a');
    await on(sound)('run --target qemu-user --out b');
    const { code, err } = await program(
      ['report', '--merge', 'b/run.jsonl', 'a/run.jsonl', '--out', 'merged'],
      cwd,
      fakeWiring(sound),
    );
    expect([code, err.includes('error')]).toEqual([both.code, false]);
    const log = (name: string) => readFileSync(join(cwd, name, 'run.jsonl'), 'utf8').split('\n');
    expect(log('merged').slice(1)).toEqual(log('both').slice(1));
    const header = (name: string) => JSON.parse(log(name)[0] as string);
    expect(header('merged').subjects).toEqual(header('both').subjects);
    expect([...header('merged').command].sort()).toEqual([...header('both').command].sort());
  });

  test('enter one baseline, each target in columns of its own', async () => {
    const base = () => readFileSync(join(cwd, 'base.txt'), 'utf8');
    const [accept, archs] = ['expect accept --baseline=base.txt', { alpha: arch('al', { answer: zero }) }];
    await on(archs)('run --kernel 7.2');
    await on(archs)(accept);
    await on(archs)('run --kernel 7.2 --target qemu-user');
    expect((await on(archs)(`${accept} --target model`)).err).toMatch(/has no model/);
    expect((await on(archs)(accept)).code).toBe(0);
    expect(base()).toContain('# subjects alpha@7.2/model alpha@7.2/qemu-user\n');
    expect(base()).toMatch(/^pF one$/m);
    const skipping = { alpha: arch('al', { lacks: LACKS }) };
    await on(skipping)('run --kernel 7.2 --target model,qemu-user');
    const left = await on(skipping)(accept);
    expect(left.err).toContain('skips every case there: alpha@7.2/qemu-user\n');
    expect(base()).toMatch(/^pF one$/m);
    expect((await on(archs)(`${accept} --target kernel`)).err).toMatch(/has no kernel/);
  });
});

test('a mail may be about one target', async () => {
  const elsewhere = { alpha: arch('al', { answer: zero }) };
  await on(elsewhere)('run one --kernel 7.2 --target model,qemu-user');
  const mail = (target: string, format = 'mail') =>
    program(
      ['report', 'reports/run.jsonl', '--format', format, '--target', target],
      cwd,
      fakeWiring(elsewhere),
    );
  const { out } = await mail('qemu-user');
  expect(out).toContain('alpha@7.2: the caller gets 0, expected 1');
  expect((await mail('model')).out).not.toContain('the caller gets 0, expected 1');
  expect((await mail('qemu')).err).toMatch(/^error: the run has no target qemu/);
  expect((await mail('model', 'markdown')).err).toMatch(/--target goes with --format mail/);
});

describe('filters', () => {
  test('know targets as part of a subject', async () => {
    await on({
      alpha: arch('al', { answer: ({ id }) => (id === 'two' ? zero() : [seen('result', { value: '1' })]) }),
    })('run --target model,qemu-user');
    const list = (filter: string) =>
      program(['list', '--from', 'reports/run.jsonl', '--filter', filter], cwd, fakeWiring({}));
    expect((await list('fails(/qemu-user) and passes(/model)')).out).toBe('two\n');
    expect((await list('fails(al@7.2/qemu-user)')).out).toBe('two\n');
    expect((await list('fails(/qemu)')).err).toMatch(/no subject here has the target `qemu`/);
  });
});

describe('explain', () => {
  test('on a target, and one against the other', async () => {
    const alone = await on(sound)('explain one --arch alpha --target qemu-user');
    expect(alone.out).toContain('alpha@7.2/qemu-user\n');
    const beside = await on({ alpha: arch('al', { answer: zero }) })(
      'explain one --arch alpha@6.1 --vs alpha@6.1/qemu-user',
    );
    expect(beside.code).toBe(0);
    expect(beside.out).toContain('--- alpha@6.1/model');
    expect(beside.out).toContain('+++ alpha@6.1/qemu-user');
    expect(beside.out).toMatch(
      /not declared: (at \S+: )?model and qemu-user differ|not declared: qemu-user and model/,
    );
  });

  test('refuses what cannot be', async () => {
    const two = await on(sound)('explain one --arch alpha --target model,qemu-user');
    expect(two.err).toBe('error: explain takes one --target; the second is of --vs NAME/TARGET\n');
    const same = await on(sound)('explain one --arch alpha --vs alpha/model');
    expect(same.err).toMatch(/are the same subject, alpha@7.2\/model; .* as NAME\/TARGET\n$/);
    const mute = await on({ alpha: arch('al', { traceless: true }) })('explain one --arch alpha/qemu-user');
    expect(mute.code).toBe(2);
    expect(mute.err).toBe(
      'error: alpha@7.2/qemu-user runs cases and cannot trace them\nthe model can: ftrace-conform explain one --arch alpha@7.2/model\n',
    );
    const absent = await on({ alpha: arch('al', { lacks: LACKS }) })('explain one --arch alpha/qemu-user');
    expect(absent).toEqual({
      code: 4,
      out: '',
      err: `error: alpha@7.2/qemu-user cannot run here: ${LACKS}\n`,
    });
  });

  test('a run whose failing subject cannot be traced is told without a trace', async () => {
    const { code, out } = await on({ alpha: arch('al', { answer: zero, traceless: true }) })(
      'run one --kernel 7.2 --target qemu-user',
    );
    expect(code).toBe(1);
    expect(out).not.toContain('fault of ftrace-conform');
  });

  test('closes what it made', async () => {
    const heard: string[] = [];
    const told = arch('al', { heard: (what, subject) => heard.push(`${what} ${subject}`) });
    await on({ alpha: told })('explain one --arch alpha/qemu-user');
    expect(heard).toEqual(['close alpha@7.2/qemu-user']);
  });
});

describe('what cannot run', () => {
  const lacking = { alpha: arch('al', { lacks: LACKS }) };

  test('list --subjects and list --unsupported tell it once', async () => {
    const subjects = await on(lacking)('list --subjects --kernel 7.2 --target qemu-user');
    expect(subjects.out).toMatch(
      new RegExp(`^alpha@7.2/qemu-user {2}\\(al\\)\n {4}cannot run here: ${LACKS}\n`),
    );
    const { out } = await on(lacking)('list --unsupported --kernel 7.2 --target qemu-user');
    expect(out).toBe(`every case  alpha@7.2/qemu-user  ${LACKS}\n`);
  });

  test('why tells it too', async () => {
    const { out } = await on(lacking)('why one alpha@7.2/qemu-user');
    expect(out.replace(/\s+/g, ' ')).toContain(
      `alpha@7.2/qemu-user: does not run, since nothing can be run there: ${LACKS}`,
    );
  });

  test('features are of one target at a time', async () => {
    const { err } = await on(sound)('features --target model,qemu-user');
    expect(err).toBe('error: features takes one --target at a time, not model and qemu-user\n');
  });
});

test('completion knows the targets of this version', async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { out } = await on(sound)(`completion ${shell}`);
    expect(out).toContain('model qemu-user');
  }
});
