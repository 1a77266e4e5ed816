// SPDX-License-Identifier: MIT
/** What runs and what is shown: filters, shards, reruns, and logs that are merged. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TraceEvent } from '../target/target.js';
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
const read = (file: string) => readFileSync(join(cwd, file), 'utf8');

const wanted = { expect: [{ kind: 'result', fields: { value: '1' }, position: {} }] };
const FILES = {
  'fprobe/entry': [1, 2, 3, 4, 5, 6].map((row) => ({
    row,
    ...wanted,
    requires: ['FPROBE'],
    covers: ['FP-06'],
  })),
  'fprobe/exit': { ...wanted, title: 'An fprobe sees the return value', probes: [{ kind: 'fprobe' }] },
  'graph/plain': { ...wanted, probes: [{ kind: 'graph' }, { kind: 'ops' }] },
  'graph/nested': wanted,
};
const IDS = [
  ...[1, 2, 3, 4, 5, 6].map((row) => `fprobe/entry.${row}`),
  'fprobe/exit',
  'graph/nested',
  'graph/plain',
];
beforeEach(() => {
  for (const [id, value] of Object.entries(FILES)) put(`cases/${id}.yaml`, value);
});

/** Back-ends of which some fail some cases. */
const arch = (short: string, fails: readonly string[] = [], features = ['FPROBE']): FakeArch => ({
  short,
  features,
  revisions: ['6.12', '7.2'],
  answer: ({ id }) => [seen('result', { value: fails.includes(id) ? '2' : '1' })],
});
const ARCHS = {
  alpha: arch('al'),
  beta: arch('be', ['fprobe/entry.3', 'graph/plain']),
  gamma: arch('ga', [], []),
};
const GOOD = { alpha: arch('al'), beta: arch('be'), gamma: arch('ga', [], []) };

const conform = (argv: readonly string[], environment: Record<string, string> = {}, archs = ARCHS) =>
  program(argv, cwd, fakeWiring(archs), { environment });
const lines = (text: string) => text.split('\n').filter((line) => line !== '');
const run = (...argv: string[]) => conform(['run', '--cases', 'cases', ...argv]);
const list = (...argv: string[]) => conform(['list', '--cases', 'cases', ...argv]);

describe('--filter before a run', () => {
  test.each([
    ['covers(FP-06)', IDS.slice(0, 6)],
    ['fprobe/entry.{1,2}, graph', ['fprobe/entry.1', 'fprobe/entry.2', 'graph/nested', 'graph/plain']],
    ['kind(ops, fprobe)', ['fprobe/exit', 'graph/plain']],
    ['title(~return) or */nested', ['fprobe/exit', 'graph/nested']],
    ['cases/graph/plain.yaml', ['graph/plain']],
  ])('list and run --list of %s', async (filter, ids) => {
    const listed = await list('--filter', filter);
    expect(await run('--list', '--filter', filter)).toEqual(listed);
    expect(listed).toEqual({ code: 0, out: `${ids.join('\n')}\n`, err: '' });
    expect(existsSync(join(cwd, 'reports'))).toBe(false);
  });
  test('runs those, and its command says so', async () => {
    const { code, out } = await run('graph', '--filter', 'kind(ops)', '--arch', 'alpha');
    expect(code).toBe(0);
    expect(out).toContain('1 case × 2 subjects: 2 as expected');
    const [header = ''] = lines(read('reports/run.jsonl'));
    expect(JSON.parse(header).command).toEqual([
      'run',
      'graph',
      '--arch',
      'alpha',
      '--filter',
      'kind(ops)',
      '--seed',
      '1',
    ]);
  });
  test('comes from the environment too; the command line wins', async () => {
    const environment = { FTRACE_CONFORM_FILTER: 'graph' };
    const listed = (...argv: string[]) => conform(['list', '--cases', 'cases', ...argv], environment);
    expect((await listed()).out).toBe('graph/nested\ngraph/plain\n');
    expect((await listed('--filter', 'fprobe/exit')).out).toBe('fprobe/exit\n');
  });
  test('a wrong one: its place, 2, nothing on stdout', async () => {
    expect(await list('--filter', 'covers(FP-60)')).toEqual({
      code: 2,
      out: '',
      err: expect.stringContaining(
        'error: --filter, column 8: there is no upstream test or historical bug `FP-60`',
      ),
    });
  });
  test('selects nothing: 4, unless that is allowed', async () => {
    for (const verb of ['run', 'list']) {
      const given = [verb, '--cases', 'cases', '--filter', 'none*'];
      expect(await conform(given)).toEqual({
        code: 4,
        out: '',
        err: 'error: no case is selected; --allow-empty takes that for an answer\n',
      });
      expect(await conform([...given, '--allow-empty'])).toEqual({
        code: 0,
        out: '',
        err: 'nothing to run\n',
      });
    }
    expect((await run('--list', '--filter', 'none*')).code).toBe(4);
    expect(existsSync(join(cwd, 'reports'))).toBe(false);
  });
  test('results cannot be asked for before a run', async () => {
    for (const told of [
      await list('--filter', 'graph and fails(beta)'),
      await run('--list', '--filter', 'differs'),
    ]) {
      expect([told.code, told.out]).toEqual([2, '']);
      expect(told.err).toContain('asks about results, and before a run there are none');
    }
  });
});

describe('--filter over results', () => {
  test('of a log: report and list --from', async () => {
    await run();
    const listed = async (filter: string) =>
      lines((await list('--from', 'reports/run.jsonl', '--filter', filter)).out);
    expect(await listed('fails(beta) and passes(alpha)')).toEqual(['fprobe/entry.3', 'graph/plain']);
    expect(await listed('fails(be) and passes(alpha, gamma)')).toEqual(['graph/plain']);
    expect(await listed('one(differs) and kind(ops)')).toEqual(['graph/plain']);
    expect(await listed('unsupported(gamma) and not fails')).toEqual(
      IDS.filter((id) => /entry\.[^3]/.test(id)),
    );
    expect((await list('--from', 'reports/run.jsonl')).out).toBe(`${IDS.join('\n')}\n`);
    const { code, out } = await conform([
      'report',
      'reports/run.jsonl',
      '--filter',
      'fails(beta)',
      '--format',
      'json',
    ]);
    expect(code).toBe(1);
    const report = JSON.parse(out);
    expect(report.cases.map(({ id }: { id: string }) => id)).toEqual(['fprobe/entry.3', 'graph/plain']);
    expect(report.counts).toMatchObject({ FAIL: 4, PASS: 6, UNSUPPORTED: 2 });
    expect(report.command).toEqual(['run', '--seed', '1', '--filter', 'fails(beta)']);
    const passing = await conform(['report', 'reports/run.jsonl', '--filter', 'not fails']);
    expect([passing.code, passing.out]).toEqual([0, expect.stringContaining('7 cases × 6 subjects')]);
  });
  test('nothing is as it says: 4', async () => {
    await run('graph');
    const report = ['report', 'reports/run.jsonl', '--filter', 'fails(alpha)'];
    expect((await conform(report)).code).toBe(4);
    expect((await conform([...report, '--allow-empty'])).code).toBe(0);
    expect((await list('--from', 'reports/run.jsonl', '--filter', 'fails(alpha)')).code).toBe(4);
    const unknown = await conform(['report', 'reports/run.jsonl', '--filter', 'fails(delta)']);
    expect([unknown.code, unknown.out]).toEqual([2, '']);
    expect(unknown.err).toContain('no subject here has the back-end `delta`');
  });
  test('of the run itself: all of its part runs and is written, the rest is shown', async () => {
    const { code, out, err } = await run('--filter', 'graph and passes(beta)');
    expect(code).toBe(1);
    expect(out).toContain('1 case × 6 subjects: 6 as expected, 0 not');
    expect(err).toContain('shown: 1 of 2 cases that ran, by the filter\n');
    expect(lines(read('reports/run.jsonl'))).toHaveLength(4);
  });
});

describe('--shard', () => {
  const shardOf = async (...argv: string[]) => lines((await run('--list', ...argv)).out);
  test('every case is in exactly one, and a new case moves none', async () => {
    const before = await Promise.all([1, 2, 3].map((index) => shardOf('--shard', `${index}/3`)));
    expect(before.flat().sort()).toEqual(IDS);
    put('cases/graph/another.yaml', wanted);
    const after = await Promise.all([1, 2, 3].map((index) => shardOf('--shard', `${index}/3`)));
    for (const [index, ids] of before.entries()) expect(after[index]).toEqual(expect.arrayContaining(ids));
    expect(after.flat()).toHaveLength(IDS.length + 1);
  });
  test('where a case belongs is written down once and for all', async () => {
    // From sha256sum(1): fprobe/entry.1 begins with c3a55142, fprobe/exit with 4e6e1877; 1 + that modulo 3.
    expect(await shardOf('--shard', '1/3')).toContain('fprobe/entry.1');
    expect(await shardOf('--shard', '2/3')).toEqual(
      expect.arrayContaining(['fprobe/exit', 'graph/nested', 'graph/plain']),
    );
    expect(await shardOf('--shard', '1/1')).toEqual(IDS);
  });
  test.each([
    [{ CI_NODE_INDEX: '2', CI_NODE_TOTAL: '3' }, '2/3'],
    [{ JOB_COMPLETION_INDEX: '1', JOB_COMPLETION_TOTAL: '3' }, '2/3'],
    [{ FTRACE_CONFORM_SHARD: '3/3', CI_NODE_INDEX: '2', CI_NODE_TOTAL: '3' }, '3/3'],
  ])('%j', async (environment, shard) => {
    const { out, err } = await conform(['list', '--cases', 'cases'], environment as Record<string, string>);
    expect(lines(out)).toEqual(await shardOf('--shard', shard));
    expect(err).toMatch(new RegExp(`^shard ${shard} \\([A-Z_]+\\): \\d of 9 cases\n$`));
  });
  test('GitLab sets the total in jobs that have no index', async () => {
    expect((await conform(['list', '--cases', 'cases'], { CI_NODE_TOTAL: '1' })).out).toBe(
      `${IDS.join('\n')}\n`,
    );
  });
  test.each([
    [['--shard', '0/3'], {}, '--shard 0/3: expected m/n'],
    [['--shard', '4/3'], {}, '--shard 4/3: expected m/n'],
    [['--shard', '2'], {}, '--shard 2: expected m/n'],
    [[], { CI_NODE_INDEX: '0', CI_NODE_TOTAL: '3' }, 'expected an index from 1 to CI_NODE_TOTAL'],
    [[], { JOB_COMPLETION_INDEX: '3', JOB_COMPLETION_TOTAL: '3' }, 'from 0 to JOB_COMPLETION_TOTAL - 1'],
    [
      [],
      { JOB_COMPLETION_INDEX: '1' },
      'JOB_COMPLETION_INDEX is set, but not of how many: set JOB_COMPLETION_TOTAL',
    ],
  ])('%j %j is refused', async (argv, environment, why) => {
    const told = await conform(['run', '--cases', 'cases', ...argv], environment as Record<string, string>);
    expect([told.code, told.out]).toEqual([2, '']);
    expect(told.err).toContain(why);
  });
  test('an empty one ends with 0 and says so, and so does one in which nothing could run', async () => {
    const empty = await run(
      'fprobe/exit',
      '--shard',
      (await shardOf('fprobe/exit', '--shard', '1/2')).length ? '2/2' : '1/2',
    );
    expect(empty.code).toBe(0);
    expect(empty.err).toMatch(/shard \d\/2 \(--shard\): 0 of 1 case\n/);
    const index = (await shardOf('--shard', '1/2')).includes('fprobe/entry.1') ? 1 : 2;
    const unable = await run('fprobe/entry.1', '--arch', 'gamma', '--shard', `${index}/2`);
    expect([unable.code, unable.out]).toEqual([0, expect.stringContaining('2 unsupported')]);
    expect((await run('fprobe/entry.1', '--arch', 'gamma')).code).toBe(4);
  });
});

const REPORTS = ['run.jsonl', 'report.json', 'index.html'];

describe('report --merge', () => {
  /** A run in shards; their logs. */
  async function sharded(of: number, ...argv: string[]): Promise<string[]> {
    const logs: string[] = [];
    for (let index = 1; index <= of; index++) {
      await run('--shard', `${index}/${of}`, '--out', `${argv.at(-1) ?? 'all'}-${index}`, ...argv);
      logs.push(`${argv.at(-1) ?? 'all'}-${index}/run.jsonl`);
    }
    return logs;
  }
  const merge = (...argv: string[]) => conform(['report', '--merge', '--out', 'merged', ...argv]);
  const same = (out: string) => {
    for (const name of REPORTS) expect(read(`merged/${name}`)).toBe(read(`${out}/${name}`));
  };

  test.each([1, 3, 40])('%i shards are the whole run, byte for byte', async (of) => {
    const whole = await run('--out', 'whole');
    const logs = await sharded(of);
    const merged = await merge(...logs.reverse());
    expect([merged.code, merged.out]).toEqual([whole.code, whole.out]);
    same('whole');
    // One log alone is shown as the shard it is.
    for (const format of of === 1 ? [] : ['json', 'jsonl', 'html', 'pretty']) {
      const options = ['--format', format];
      expect(await conform(['report', ...logs, ...options])).toEqual(
        await conform(['report', 'whole/run.jsonl', ...options]),
      );
    }
  });
  test('environments are the run that has all their subjects', async () => {
    await run('--out', 'whole');
    const logs = [];
    for (const name of ['gamma', 'alpha', 'beta']) {
      await run('--arch', name, '--out', name);
      logs.push(`${name}/run.jsonl`);
    }
    await run('--arch', 'alpha', '--arch', 'beta', '--arch', 'gamma', '--out', 'named');
    expect((await merge(...logs)).code).toBe(1);
    same('named');
    for (const revision of ['7.2', '6.12']) await run('--kernel', revision, '--out', revision);
    await run('--kernel', '6.12', '--kernel', '7.2', '--out', 'both');
    await merge('7.2/run.jsonl', '6.12/run.jsonl');
    same('both');
  });
  test('shards of environments', async () => {
    await run('--arch', 'alpha', '--arch', 'beta', '--out', 'whole');
    const logs = [...(await sharded(2, '--arch', 'alpha')), ...(await sharded(2, '--arch', 'beta'))];
    await merge(...logs);
    same('whole');
  });
  test('a log with a result that differs between environments says so only together', async () => {
    put('cases/graph/open.yaml', { expect: null });
    const archs = { alpha: arch('al'), beta: arch('be', ['graph/open']) };
    const alone = (name: string) =>
      conform(['run', '--cases', 'cases', 'graph/open', '--arch', name, '--out', name], {}, archs as never);
    expect([(await alone('alpha')).code, (await alone('beta')).code]).toEqual([0, 0]);
    const { code, out } = await merge('alpha/run.jsonl', 'beta/run.jsonl');
    expect([code, out]).toEqual([1, expect.stringContaining('beta and alpha differ')]);
  });

  describe('traces of what fails', () => {
    const trace = (value: string): TraceEvent[] => [{ kind: 'observation', text: `result = ${value}` }];
    const archs = {
      alpha: { ...ARCHS.alpha, trace: trace('1') },
      beta: { ...ARCHS.beta, trace: trace('2') },
    };
    const traced = (...argv: string[]) => conform(['run', '--cases', 'cases', ...argv], {}, archs as never);
    const partings = (log: string) =>
      lines(read(log)).flatMap((line) => JSON.parse(line).parting?.subjects ?? []);
    const IN_ONE = ['beta@6.12/model', 'alpha@6.12/model'];

    test('environments that have both subjects: as of one run, byte for byte', async () => {
      await traced('--kernel', '6.12', '--kernel', '7.2', '--out', 'whole');
      expect(partings('whole/run.jsonl')).toEqual([...IN_ONE, ...IN_ONE]);
      for (const revision of ['7.2', '6.12']) await traced('--kernel', revision, '--out', revision);
      await merge('7.2/run.jsonl', '6.12/run.jsonl');
      same('whole');
    });
    test('environments that have one of them: what was kept of it', async () => {
      for (const name of ['alpha', 'beta']) await traced('--arch', name, '--out', name);
      await merge('alpha/run.jsonl', 'beta/run.jsonl');
      expect(partings('merged/run.jsonl')).toEqual(['beta@6.12/model', null, 'beta@6.12/model', null]);
    });
  });

  test('what nothing supports fails merged runs too that were told so', async () => {
    const unable = ['fprobe/entry', '--arch', 'gamma', '--arch', 'alpha', '--fail-unsupported'];
    expect((await run(...unable, '--out', 'whole')).code).toBe(1);
    for (const index of [1, 2]) await run(...unable, '--shard', `${index}/2`, '--out', `part-${index}`);
    const merged = await merge('part-1/run.jsonl', 'part-2/run.jsonl');
    expect(merged.code).toBe(1);
    same('whole');
  });

  describe('refuses, with 6, by name', () => {
    const refusal = async (why: string | RegExp, ...logs: string[]) => {
      const told = await merge(...logs);
      expect([told.code, told.out]).toEqual([6, '']);
      expect(told.err).toMatch(why);
      expect(told.err).toContain('merge refused');
      expect(existsSync(join(cwd, 'merged'))).toBe(false);
    };
    /** A copy of a log with its header changed. */
    const altered = (from: string, to: string, change: Record<string, unknown>) => {
      const [header = '', ...rest] = read(from).split('\n');
      put(to, [JSON.stringify({ ...JSON.parse(header), ...change }), ...rest].join('\n'));
    };
    test('missing shards', async () => {
      const [a = '', , c = ''] = await sharded(4);
      await refusal('missing shards 2/4, 4/4 of all-1/run.jsonl, all-3/run.jsonl', a, c);
      await refusal('missing shards 2/4, 3/4, 4/4', a);
    });
    test('duplicates', async () => {
      const [a = '', b = ''] = await sharded(2);
      put('again.jsonl', read(a));
      await refusal('all-1/run.jsonl and again.jsonl are both shard 1/2', a, b, 'again.jsonl');
      await run('--out', 'whole');
      put('again.jsonl', read('whole/run.jsonl'));
      await refusal(
        'whole/run.jsonl and again.jsonl are of the same subjects',
        'whole/run.jsonl',
        'again.jsonl',
      );
      await run('--arch', 'alpha', '--out', 'alpha');
      await refusal(/both have the subject alpha@6\.12\/model/, 'whole/run.jsonl', 'alpha/run.jsonl');
    });
    test.each([
      ['harness', '9.9.9', 'versions of ftrace-conform'],
      ['interpretation', 99, 'interpretations of cases'],
      ['seed', 7, 'seeds'],
      ['axis', 'target', 'axes'],
    ])('mixed %s', async (key, value, what) => {
      const [a = '', b = ''] = await sharded(2);
      altered(b, 'other.jsonl', { [key]: value });
      await refusal(`logs with different ${what}`, a, 'other.jsonl');
      expect((await merge(a, 'other.jsonl')).err).toContain(`\n  ${value}: other.jsonl`);
    });
    test('numbers of shards, cases, and shards beside a whole', async () => {
      const [a = ''] = await sharded(2);
      await sharded(3, '--arch', 'alpha');
      await refusal('numbers of shards', a, 'alpha-1/run.jsonl');
      await run('--out', 'whole');
      await refusal(/not a shard: whole\/run\.jsonl/, a, 'whole/run.jsonl');
      await run('graph', '--arch', 'alpha', '--out', 'alpha');
      await run('fprobe', '--arch', 'beta', '--out', 'beta');
      await refusal('sets of cases', 'alpha/run.jsonl', 'beta/run.jsonl');
    });
    test('cases changed between shards', async () => {
      const [a = ''] = await sharded(2);
      put('cases/graph/plain.yaml', { ...wanted, title: 'Another' });
      await run('--shard', '2/2', '--out', 'later');
      await refusal('sets of cases', a, 'later/run.jsonl');
    });
    test('cases that are not those of the header, and of the shard', async () => {
      const [a = '', b = ''] = await sharded(2);
      const kept = lines(read(b));
      const [last, footer] = kept.slice(-2).map((line) => JSON.parse(line));
      const counts = { ...footer.counts };
      for (const { status } of last.results) counts[status]--;
      const shorter = JSON.stringify({ ...footer, counts, cases: footer.cases - 1 });
      put('short.jsonl', [...kept.slice(0, -2), shorter, ''].join('\n'));
      await refusal('short.jsonl: its cases are not those its header names', a, 'short.jsonl');
      const { shard } = JSON.parse(kept[0] as string);
      altered(b, 'moved.jsonl', { shard: { ...shard, index: 1 } });
      await refusal(/moved\.jsonl: \S+ is not of shard 1\/2/, 'moved.jsonl');
      altered(b, 'wild.jsonl', { shard: { ...shard, index: 'x' } });
      await refusal('wild.jsonl: is shard x/2, which cannot be', 'wild.jsonl');
    });
    test('what did not come to its end', async () => {
      const [, b = ''] = await sharded(2);
      await run('--shard', '1/2', '--stop-fail', '--out', 'stopped');
      await run('--shard', '2/2', '--stop-fail', '--out', 'stopped2');
      const stopped = [1, 2].map((index) => `stopped${index === 1 ? '' : 2}/run.jsonl`);
      const partial = stopped.find(
        (name) => !JSON.parse(lines(read(name)).at(-1) as string).complete,
      ) as string;
      await refusal(`${partial}: stopped at a case that fails`, partial, b);
      put('cut.jsonl', read(b).slice(0, -5));
      const told = await merge('cut.jsonl');
      expect([told.code, told.err]).toEqual([6, expect.stringContaining('cut off')]);
    });
  });

  test('one shard alone is shown as what it is', async () => {
    const [a = ''] = await sharded(2);
    expect((await conform(['report', a])).out).toContain(', shard 1/2\n');
    expect((await conform(['report', a, '--format', 'html'])).out).toContain('1 of 2, of sha256');
  });
  test('does not write over what it reads', async () => {
    await run('--out', 'merged');
    const told = await merge('merged/run.jsonl');
    expect([told.code, told.err]).toEqual([2, expect.stringContaining('would be written over it')]);
  });
});

describe('--rerun', () => {
  const again = (archs: Record<string, FakeArch>, ...argv: string[]) =>
    conform(['run', '--cases', 'cases', '--rerun', 'reports/run.jsonl', ...argv], {}, archs as never);
  const ran = () =>
    lines(read('reports/run.jsonl'))
      .slice(1, -1)
      .map((line) => JSON.parse(line).spec.id);

  test('what failed and what is new; when all is well nothing', async () => {
    expect((await run()).code).toBe(1);
    put('cases/graph/new.yaml', wanted);
    put('cases/fprobe/exit.yaml', { ...wanted, title: 'Rewritten' });
    const first = await again(ARCHS);
    expect([first.code, first.err]).toEqual([
      1,
      expect.stringContaining('rerun of reports/run.jsonl: 2 failed, 2 new\n'),
    ]);
    expect(ran()).toEqual(['fprobe/entry.3', 'fprobe/exit', 'graph/new', 'graph/plain']);
    expect((await again(GOOD)).code).toBe(0);
    expect(ran()).toEqual(['fprobe/entry.3', 'graph/plain']);
    const last = await again(GOOD);
    expect(last).toEqual({
      code: 0,
      out: '',
      err: 'rerun of reports/run.jsonl: nothing to run again\nnothing to run\n',
    });
    expect(ran()).toEqual(['fprobe/entry.3', 'graph/plain']);
  });
  test('part of it: 5 as long as something is outstanding', async () => {
    await run();
    const part = await again(GOOD, 'graph');
    expect([part.code, part.err]).toEqual([5, expect.stringContaining('1 failed; 1 more outstanding\n')]);
    expect(JSON.parse(lines(read('reports/run.jsonl')).at(-1) as string).exitCode).toBe(5);
    expect((await again(GOOD, '--list')).out).toBe('fprobe/entry.3\n');
    expect((await again(GOOD)).code).toBe(0);
    expect((await again(GOOD)).code).toBe(0);
  });
  test('what was no part of a rerun has not run; what came since is new', async () => {
    await run();
    await again(GOOD, 'graph');
    expect((await again(GOOD, '--list')).err).toBe('rerun of reports/run.jsonl: 1 did not run\n');
    put('cases/graph/new.yaml', wanted);
    put('cases/fprobe/exit.yaml', { ...wanted, title: 'Rewritten' });
    expect((await again(GOOD, '--list')).err).toBe('rerun of reports/run.jsonl: 1 did not run, 2 new\n');
    expect((await again(GOOD)).code).toBe(0);
    expect(ran()).toEqual(['fprobe/entry.3', 'fprobe/exit', 'graph/new']);
    put('cases/graph/newer.yaml', wanted);
    expect((await again(GOOD, '--list')).err).toBe('rerun of reports/run.jsonl: 1 new\n');
  });
  test('part of the subjects: what was as expected on the others stays so', async () => {
    await run();
    // Nobody declared the differences, so those who were right are compared again, too.
    expect((await again(GOOD, '--arch', 'beta')).code).toBe(5);
    expect(ran()).toEqual(['fprobe/entry.3', 'graph/plain']);
    const next = await again(GOOD, '--list');
    expect([next.out, next.err]).toEqual([
      'fprobe/entry.3\ngraph/plain\n',
      'rerun of reports/run.jsonl: 2 did not run\n',
    ]);
    expect((await again(ARCHS, '--arch', 'beta')).code).toBe(1);
    expect((await again(GOOD, '--arch', 'beta')).code).toBe(5);
    expect((await again(GOOD)).code).toBe(0);
    expect((await again(GOOD)).err).toContain('nothing to run again\n');
  });
  test('nothing of what is asked for is outstanding, but something else is', async () => {
    await run();
    const { code, out } = await again(GOOD, 'fprobe/exit');
    expect([code, out]).toEqual([5, '']);
    expect((await again(GOOD, 'fprobe/exit', '--list')).code).toBe(0);
  });
  test('on other subjects than those that failed', async () => {
    await run();
    expect((await again(GOOD, '--arch', 'alpha')).code).toBe(5);
    expect((await again(GOOD)).code).toBe(0);
    expect(ran()).toEqual(['fprobe/entry.3', 'graph/plain']);
  });
  test('is about what its log was about', async () => {
    await run('graph', '--arch', 'beta', '--filter', 'kind(ops)');
    put('cases/fprobe/new.yaml', wanted);
    expect((await again(GOOD)).code).toBe(0);
    const [header = ''] = lines(read('reports/run.jsonl'));
    expect(JSON.parse(header)).toMatchObject({
      command: [
        'run',
        'graph',
        '--arch',
        'beta',
        '--filter',
        'kind(ops)',
        '--rerun',
        'reports/run.jsonl',
        '--seed',
        '1',
      ],
      rerun: {
        of: ['run', 'graph', '--arch', 'beta', '--filter', 'kind(ops)', '--seed', '1'],
        settled: {},
        subjects: ['beta@6.12/model', 'beta@7.2/model'],
        left: [],
        outstanding: 0,
      },
    });
    expect(ran()).toEqual(['graph/plain']);
  });
  test('what did not run', async () => {
    await run('--stop-fail');
    expect(ran()).toEqual(IDS.slice(0, 3));
    const { code, err } = await again(GOOD);
    expect([code, err]).toEqual([0, expect.stringContaining('1 failed, 6 did not run')]);
    expect(ran()).toEqual(IDS.slice(2));
  });
  test('in shards that are merged', async () => {
    await run();
    for (const index of [1, 2]) await again(ARCHS, '--shard', `${index}/2`, '--out', `part-${index}`);
    await again(ARCHS, '--out', 'whole');
    await conform(['report', '--merge', 'part-1/run.jsonl', 'part-2/run.jsonl', '--out', 'merged']);
    for (const name of REPORTS) expect(read(`merged/${name}`)).toBe(read(`whole/${name}`));
  });
  test('refuses a shard, and a log of another interpretation', async () => {
    await run('--shard', '1/2');
    const shard = await again(ARCHS);
    expect([shard.code, shard.err]).toEqual([6, expect.stringContaining('merge the shards first')]);
    await run();
    put('reports/run.jsonl', read('reports/run.jsonl').replace('"interpretation":', '"interpretation":9'));
    expect((await again(ARCHS)).err).toMatch(/of interpretation 9\d*, this version has/);
  });
});

test('--stop-fail ends the run after the first case that fails, and says so', async () => {
  const { code, out } = await run('--stop-fail');
  expect(code).toBe(1);
  expect(out).toContain('3 cases × 6 subjects');
  expect(out.replaceAll(/\s+/g, ' ')).toContain('stopped at a case that fails, the rest did not run');
  expect(existsSync(join(cwd, 'reports/report.json'))).toBe(false);
  const footer = JSON.parse(lines(read('reports/run.jsonl')).at(-1) as string);
  expect(footer).toMatchObject({ complete: false, interrupted: false, exitCode: 1, cases: 3 });
});

test('what is told of a run that --stop-fail ended says so, whoever tells it', async () => {
  await run('--out', 'whole');
  await run('--stop-fail');
  const log = 'reports/run.jsonl';
  const told = async (...argv: string[]) => {
    const { out, err } = await conform(argv);
    return (out + err).replaceAll(/\s+/g, ' ');
  };
  const STOPPED = 'stopped at a case that fails';
  for (const format of ['pretty', 'markdown', 'badges', 'html']) {
    const text = await told('report', log, '--format', format);
    expect(text).toContain(STOPPED);
    expect(text).not.toContain('interrupted');
  }
  for (const format of ['markdown', 'mail', 'html']) {
    const text = await told('report', log, '--format', format, '--filter', 'passes');
    expect(text).toMatch(/stopped at a case that fails|until it stopped/);
    expect(text).not.toContain('interrupted');
  }
  expect(await told('report', 'whole/run.jsonl', '--format', 'mail', '--before', log)).toContain(
    `${log}: ${STOPPED}, so nothing can be compared with it`,
  );
  expect(await told('diff', log, 'whole/run.jsonl')).toContain(
    `${log}: the run ${STOPPED} after 3 cases; log refused`,
  );
  expect(await told('report', '--merge', log, '--out', 'merged')).toContain(`${log}: ${STOPPED}`);
});
