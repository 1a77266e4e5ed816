// SPDX-License-Identifier: MIT
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import type { HeaderEvent, RunEvent } from './events.js';
import { kcidb } from './kcidb.js';
import { kcidbSchema } from './kcidb-schema.js';
import { eventsOf, everyStatus, wantsOne, withStatus, zero } from './test/stream.js';

interface Submission {
  version: object;
  checkouts: { id: string; comment: string; git_commit_name: string }[];
  builds: { id: string; checkout_id: string; architecture: string }[];
  tests: { id: string; build_id: string; path: string; status: string; log_excerpt?: string }[];
  issues?: { id: string; version: number; culprit: object; comment: string }[];
  incidents?: { issue_id: string; issue_version: number; test_id: string; present: boolean }[];
}

const options = { origin: 'lab_one', models: true };
const validate = new Ajv({ allErrors: true }).compile(kcidbSchema());

function submitted(events: readonly RunEvent[], how = options): Submission {
  const value = JSON.parse(kcidb(events, how));
  validate(value);
  expect(validate.errors).toBeNull();
  return value;
}

describe('KCIDB', () => {
  test('models are no kernels: refused, unless asked for', async () => {
    const events = await everyStatus();
    expect(() => kcidb(events, { ...options, models: false })).toThrow(
      'nothing to submit to KCIDB: no kernel ran, only: model; --kcidb-models writes them all the same',
    );
    const { checkouts } = submitted(events);
    expect(checkouts.map(({ comment }) => comment)).toEqual(['Model of Linux 7.2 (model); no kernel ran']);
  });

  test('of a run on kernels and models, the kernels', async () => {
    const [model, kernel] = (await Promise.all(
      ['model', 'kernel'].map((target) => eventsOf([wantsOne('a/b')], () => undefined, { target })),
    )) as [RunEvent[], RunEvent[]];
    const both = model.map((event, index): RunEvent => {
      const other = kernel[index] as RunEvent;
      if (event.event === 'header') {
        return { ...event, subjects: [...event.subjects, ...(other as HeaderEvent).subjects] };
      }
      if (event.event !== 'case' || other.event !== 'case') return event;
      const verdicts = [...event.comparison.verdicts, ...other.comparison.verdicts];
      return { ...event, comparison: { ...event.comparison, verdicts } };
    });
    const { tests, builds, checkouts } = submitted(both, { ...options, models: false });
    expect(builds.map(({ id }) => id.replace(/:.*:/, ':'))).toEqual([
      'lab_one:alpha@7.2/kernel',
      'lab_one:beta@7.2/kernel',
      'lab_one:gamma@7.2/kernel',
    ]);
    expect(tests).toHaveLength(3);
    expect(checkouts).toMatchObject([{ comment: 'Linux 7.2', git_commit_name: 'v7.2' }]);
  });

  test('each status as the schema means it', async () => {
    const { tests } = submitted(await everyStatus());
    const beta = tests.filter(({ build_id }) => build_id.endsWith('beta@7.2/model'));
    expect(beta.map(({ path, status }) => `${path} ${status}`)).toEqual([
      'ftrace_conform.direct.a FAIL',
      'ftrace_conform.direct.b PASS',
      'ftrace_conform.fprobe.crash FAIL',
      'ftrace_conform.fprobe.error ERROR',
      'ftrace_conform.fprobe.miss MISS',
      'ftrace_conform.fprobe.timeout FAIL',
      'ftrace_conform.graph.gated SKIP',
      'ftrace_conform.graph.skip SKIP',
      'ftrace_conform.graph.xfail FAIL',
      'ftrace_conform.graph.xpass PASS',
    ]);
    expect(beta[0]?.log_excerpt).toBe(
      'the caller of f gets 0, expected 1\n--- expected\n+++ beta@7.2/model\n@@ -1,1 +1,1 @@\n-result f = 1\n+result f = 0',
    );
    expect(beta[1]).not.toHaveProperty('log_excerpt');
  });

  test('what is on record is an issue, seen or gone', async () => {
    const { issues, incidents, tests } = submitted(await everyStatus());
    expect(issues).toMatchObject([
      {
        id: 'lab_one:known:graph/xfail:beta',
        version: 1,
        culprit: { code: true, tool: false, harness: false },
        comment: '#123 the frame is short',
      },
      { id: 'lab_one:known:graph/xpass:beta', culprit: { code: false, tool: true, harness: false } },
    ]);
    expect(incidents?.map(({ issue_id, present }) => [issue_id, present])).toEqual([
      ['lab_one:known:graph/xfail:beta', true],
      ['lab_one:known:graph/xpass:beta', false],
    ]);
    const ids = new Set(tests.map(({ id }) => id));
    for (const { test_id } of incidents ?? []) expect(ids).toContain(test_id);
  });

  test('whatever is referred to is there, and every id is used once', async () => {
    const events = await eventsOf([wantsOne('a/b'), wantsOne('a/b.1'), wantsOne('a/b/1')], () => undefined, {
      revisions: ['6.1', '6.12'],
    });
    const { checkouts, builds, tests } = submitted(events);
    const unique = (list: readonly { id: string }[]) => new Set(list.map(({ id }) => id));
    expect([checkouts, builds, tests].map((list) => unique(list).size)).toEqual([2, 6, 18]);
    for (const { checkout_id } of builds) expect(unique(checkouts)).toContain(checkout_id);
    for (const { build_id } of tests) expect(unique(builds)).toContain(build_id);
    expect(builds.map(({ architecture }) => architecture)).toEqual(
      ['alpha', 'beta', 'gamma'].flatMap((name) => [name, name]),
    );
  });

  test('the same results have the same ids, others have others', async () => {
    const cases = [wantsOne('a/b')];
    const first = kcidb(await eventsOf(cases, () => undefined), options);
    expect(kcidb(await eventsOf(cases, () => undefined), options)).toBe(first);
    const other = submitted(await eventsOf(cases, (_, { arch }) => (arch === 'beta' ? zero : undefined)));
    expect((JSON.parse(first) as Submission).tests[0]?.id).not.toBe(other.tests[0]?.id);
  });

  test('an excerpt has its limit, and no character that is not allowed', async () => {
    const events = await eventsOf([wantsOne('a/b')], () => undefined);
    const long = `${'x'.repeat(16383)}\u{1f600}\0\ud800 and more`;
    const { tests } = submitted(withStatus(events, 'a/b', 'beta', 'ERROR', long));
    expect(tests[1]?.log_excerpt).toBe('x'.repeat(16383));
  });

  test('a bad origin is refused', async () => {
    const events = await eventsOf([wantsOne('a/b')], () => undefined);
    expect(() => kcidb(events, { ...options, origin: 'Lab-1' })).toThrow('--kcidb-origin Lab-1');
  });
});

test('the schema refuses what KCIDB refuses', async () => {
  const good = submitted(await everyStatus());
  const [build, made] = [good.builds[0], good.tests[0]];
  const wrong: object[] = [
    { ...good, version: { major: 4 } },
    { ...good, version: { major: 5, minor: 4 } },
    { checkouts: [] },
    { ...good, extra: [] },
    { ...good, builds: [{ ...build, id: 'no origin' }] },
    { ...good, builds: [{ ...build, architecture: 'X86-64' }] },
    { ...good, builds: [{ id: build?.id }] },
    { ...good, tests: [{ ...made, status: 'XFAIL' }] },
    { ...good, tests: [{ ...made, path: 'a..b' }] },
    { ...good, tests: [{ ...made, path: 'a/b' }] },
    { ...good, tests: [{ ...made, log_excerpt: 'x'.repeat(16385) }] },
    { ...good, tests: [{ ...made, log_excerpt: 'a\0b' }] },
    { ...good, tests: [{ ...made, comment: null }] },
  ];
  for (const value of wrong) expect([validate(value), JSON.stringify(value).slice(0, 80)][0]).toBe(false);
});
