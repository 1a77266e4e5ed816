// SPDX-License-Identifier: MIT
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { LoadedBackend } from '../../backend/contract.js';
import { parseCases } from '../../case/parse.js';
import { publishedAuditSchema } from '../../report/diff-schema.js';
import { type Answer, fakeWiring, program, seen } from '../test/fakes.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'conform-audit-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function put(file: string, text: string): void {
  const path = join(cwd, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** Three blocks: alpha sees 1 (line 11), gamma and delta see 2 (line 16), delta's body is seen otherwise (line 22). */
const CASE = `title: A call
why: It is so.
functions:
  f: { prototype: u64 f(u64 a), returns: a }
steps:
  - call: f(3)
expect:
  - body: { function: f, arguments: [3] }
  - result: 3
divergences:
  - on: { arch: alpha }
    because: Alpha sees one.
    source: the manual of alpha
    replace:
      2: { result: 1 }
  - on: { arch: [gamma, delta] }
    because: >
      Two of them see
      two.
    source: the manual of gamma
    replace: { 2: { result: 2 } } # in one line
  # Above the block it is about.
  - on: { arch: delta }
    because: Delta's body sees four.
    source: the manual of delta
    replace:
      1: { body: { arguments: [4] } }
`;

const ARCHS = ['alpha', 'beta', 'delta', 'gamma'];
const answer = (body: string, result: string): Answer => [
  seen('body', { function: 'f', arguments: [body] }),
  seen('result', { function: 'f', value: result }),
];
const AS_DECLARED: Record<string, Answer> = {
  alpha: answer('3', '1'),
  beta: answer('3', '3'),
  gamma: answer('3', '2'),
  delta: answer('4', '2'),
};

/** Real cases, on subjects that answer from a table. */
function wiring(answers: Record<string, Answer>) {
  const fake = fakeWiring(
    Object.fromEntries(
      ARCHS.map((name) => [name, { short: name.slice(0, 2), answer: () => answers[name] as Answer }]),
    ),
  );
  return {
    ...fake,
    parser: async () => parseCases,
    backends: async (wanted: readonly string[]): Promise<LoadedBackend[]> => fake.backends(wanted),
  };
}

const conform = (args: readonly string[], answers: Record<string, Answer> = AS_DECLARED) =>
  program([...args, '--cases', 'cases'], cwd, wiring(answers));

async function audited(answers: Record<string, Answer>, ...args: string[]) {
  const ran = await conform(['run'], answers);
  expect(ran.err).toContain('wrote');
  return conform(['expect', 'audit', ...args], answers);
}

const git = (args: readonly string[], day: string) =>
  execa('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
    cwd,
    env: { GIT_AUTHOR_DATE: `${day}T12:00:00Z`, GIT_COMMITTER_DATE: '2030-01-01T00:00:00Z' },
  });

describe('expect audit', () => {
  test('without git: by how many agree; the age is unknown', async () => {
    put('cases/x/c.yaml', CASE);
    const { code, out, err } = await audited(AS_DECLARED);
    expect(out).toBe(`cases/x/c.yaml:23
  3 of 4 agree, age unknown, 1 case, on delta
    Delta's body sees four.
cases/x/c.yaml:11
  1 of 2 agree, age unknown, 1 case, on alpha
    Alpha sees one.
cases/x/c.yaml:16
  1 of 3 agree, age unknown, 1 case, on delta, gamma
    Two of them see two.

3 declared divergences, 0 of which no longer show somewhere.
`);
    expect([code, err]).toEqual([0, '']);
  });

  test('with git: the older of two first; a word mended later does not make a block younger', async () => {
    put('cases/x/c.yaml', CASE);
    await git(['init', '-q'], '2020-01-01');
    await git(['add', '.'], '2020-01-01');
    const first = (arch: string) => arch.replace('{ arch: alpha }', '{ arch: [alpha] }');
    const two = CASE.slice(0, CASE.indexOf('  # Above'));
    put('cases/x/c.yaml', first(two).replace('Two of them', 'Both of them'));
    await git(['add', '.'], '2021-02-03');
    await git(['commit', '-qm', '1'], '2021-02-03');
    put('cases/x/c.yaml', CASE);
    await git(['commit', '-qam', '2'], '2022-03-04');
    put('cases/x/b.yaml', CASE);
    await git(['add', '.'], '2023-04-05');
    await git(['commit', '-qm', '3'], '2023-04-05');
    put('cases/x/new.yaml', CASE);
    const { out } = await audited(AS_DECLARED);
    const places = out
      .split('\n')
      .flatMap((line, index, all) =>
        line.startsWith('cases/')
          ? [[line.slice(8), /since [\d-]+|age unknown/.exec(all[index + 1] ?? '')?.[0]]]
          : [],
      );
    expect(places).toEqual([
      ['c.yaml:23', 'since 2022-03-04'],
      ['b.yaml:23', 'since 2023-04-05'],
      ['new.yaml:23', 'age unknown'],
      ['c.yaml:11', 'since 2021-02-03'],
      ['c.yaml:16', 'since 2021-02-03'],
      ['b.yaml:11', 'since 2023-04-05'],
      ['b.yaml:16', 'since 2023-04-05'],
      ['new.yaml:11', 'age unknown'],
      ['new.yaml:16', 'age unknown'],
    ]);
  });

  test('what no longer shows comes first, and the patch takes it out', async () => {
    put('cases/x/c.yaml', CASE);
    const now = { ...AS_DECLARED, alpha: answer('3', '3') };
    const { out } = await audited(now);
    expect(out.split('\n').slice(0, 3)).toEqual([
      'cases/x/c.yaml:11',
      '  2 of 2 agree, age unknown, 1 case, on alpha',
      '  no longer shows',
    ]);
    expect(out).toContain(
      '3 declared divergences, 1 of which no longer shows somewhere.\n' +
        'Remove what shows nowhere: ftrace-conform expect audit --patch | git apply\n',
    );
    const patch = await conform(['expect', 'audit', '--patch'], now);
    expect(patch).toEqual({
      code: 0,
      err: '',
      out: `--- a/cases/x/c.yaml
+++ b/cases/x/c.yaml
@@ -8,11 +8,6 @@
   - body: { function: f, arguments: [3] }
   - result: 3
 divergences:
-  - on: { arch: alpha }
-    because: Alpha sees one.
-    source: the manual of alpha
-    replace:
-      2: { result: 1 }
   - on: { arch: [gamma, delta] }
     because: >
       Two of them see
`,
    });
    await execa('git', ['apply'], { cwd, input: patch.out });
    const { code, out: again } = await conform(['run'], now);
    expect([code, again]).toEqual([0, expect.stringContaining('4 as expected')]);
  });

  test('all of them: the key goes too, a comment above a block stays', async () => {
    put('cases/x/c.yaml', CASE);
    const all = Object.fromEntries(ARCHS.map((name) => [name, answer('3', '3')]));
    const { out } = await audited(all, '--patch');
    await execa('git', ['apply'], { cwd, input: out });
    const left = readFileSync(join(cwd, 'cases/x/c.yaml'), 'utf8');
    expect(left).toBe(`${CASE.slice(0, CASE.indexOf('divergences:'))}  # Above the block it is about.\n`);
    expect((await conform(['run'], all)).code).toBe(0);
  });

  test('where it still shows on somebody: said, and no patch', async () => {
    put('cases/x/c.yaml', CASE);
    const now = { ...AS_DECLARED, gamma: answer('3', '3') };
    expect((await audited(now)).out).toContain(`cases/x/c.yaml:16
  2 of 3 agree, age unknown, 1 case, on delta, gamma
  no longer shows on gamma: narrow \`on\`
`);
    expect((await conform(['expect', 'audit', '--patch'], now)).out).toBe('');
  });

  test('blocks that share their lines are left to a person', async () => {
    const flow = `${CASE.slice(0, CASE.indexOf('divergences:'))}divergences: [{ on: { arch: alpha }, because: B., source: S., replace: { 2: { result: 1 } } }]\n`;
    put('cases/x/c.yaml', flow);
    const all = Object.fromEntries(ARCHS.map((name) => [name, answer('3', '3')]));
    expect(await audited(all, '--patch')).toEqual({
      code: 0,
      out: '',
      err: 'cases/x/c.yaml:10: no longer shows; to be taken out by hand\n',
    });
  });

  test('members of a family: stale only where every one of them does without it', async () => {
    const family = CASE.replace('title', 'for: { n: [3, 5] }\ntitle').replace('f(3)', `f(\${n})`);
    put('cases/x/c.yaml', family);
    const { out } = await audited({ ...AS_DECLARED, alpha: answer('3', '3') });
    expect(out).toContain(
      'cases/x/c.yaml:12\n  2 of 2 agree, age unknown, 2 cases, on alpha\n  no longer shows\n',
    );
  });

  test('a parameter that only the removed block used: the patch says what is still to be mended', async () => {
    const family = CASE.replace('title', 'for:\n  - { n: 3, odd: 1 }\n  - { n: 5, odd: 1 }\ntitle')
      .replace('f(3)', `f(\${n})`)
      .replace('result: 1', `result: "\${odd}"`);
    put('cases/x/c.yaml', family);
    const { out, err } = await audited({ ...AS_DECLARED, alpha: answer('3', '3') }, '--patch');
    expect(out).toContain('\n-  - on: { arch: alpha }\n');
    expect(err).toMatch(
      /^with this patch, still to be mended:\ncases\/x\/c\.yaml:\d+:\d+: the parameter `odd` is used nowhere\n/,
    );
  });

  test('subjects on which the case does not run neither need it nor agree', async () => {
    put('cases/x/c.yaml', CASE.replace('functions:', 'requires: [FPROBE]\nfunctions:'));
    const some = wiring(AS_DECLARED);
    const fake = fakeWiring(
      Object.fromEntries(
        ARCHS.map((name) => [
          name,
          {
            short: name.slice(0, 2),
            features: name === 'alpha' || name === 'beta' ? ['FPROBE'] : [],
            answer: () => AS_DECLARED[name] as Answer,
          },
        ]),
      ),
    );
    const gated = { ...fake, parser: some.parser };
    await program(['run', '--cases', 'cases'], cwd, gated);
    const { out } = await program(['expect', 'audit', '--cases', 'cases'], cwd, gated);
    expect(out).toBe(`cases/x/c.yaml:12
  1 of 2 agree, age unknown, 1 case, on alpha
    Alpha sees one.

1 declared divergence, 0 of which no longer show somewhere.
`);
  });

  test('a selection of cases and of subjects', async () => {
    put('cases/x/c.yaml', CASE);
    put('cases/y/d.yaml', CASE);
    await audited(AS_DECLARED);
    const { out } = await conform(['expect', 'audit', 'y', '--arch', 'alpha,beta']);
    expect(out).toContain('cases/y/d.yaml:11\n  1 of 2 agree');
    expect(out).toContain('1 declared divergence, 0 of which');
    expect(out).not.toContain('cases/x');
  });

  test('a file edited since the run is left out, and said', async () => {
    put('cases/x/c.yaml', CASE);
    await conform(['run']);
    put('cases/x/c.yaml', CASE.replace('A call', 'Another call'));
    const { code, out, err } = await conform(['expect', 'audit']);
    expect([code, out]).toEqual([0, '0 declared divergences, 0 of which no longer show somewhere.\n']);
    expect(err).toContain('left out, since edited after reports/run.jsonl: cases/x/c.yaml\n');
  });

  test('json keeps to its schema', async () => {
    put('cases/x/c.yaml', CASE);
    const { out } = await audited(AS_DECLARED, '--format', 'json');
    const validate = new Ajv({ allErrors: true }).compile(publishedAuditSchema());
    const value = JSON.parse(out);
    validate(value);
    expect(validate.errors).toBeNull();
    expect(value.divergences[0]).toEqual({
      agree: ['alpha@7.2/model', 'beta@7.2/model', 'gamma@7.2/model'],
      because: "Delta's body sees four.",
      cases: ['x/c'],
      column: 5,
      file: 'cases/x/c.yaml',
      line: 23,
      since: null,
      source: 'the manual of delta',
      stale: [],
      subjects: ['delta@7.2/model'],
    });
    expect(validate({ ...value, divergences: [{}] })).toBe(false);
  });

  test('the schema is the one that is published', async () => {
    await expect(`${JSON.stringify(publishedAuditSchema(), null, 2)}\n`).toMatchFileSnapshot(
      '../../report/audit.schema.json',
    );
  });

  test('an interrupted run, and none: refused', async () => {
    put('cases/x/c.yaml', CASE);
    expect((await conform(['expect', 'audit'])).code).toBe(2);
    await conform(['run']);
    const log = join(cwd, 'reports/run.jsonl');
    writeFileSync(log, readFileSync(log, 'utf8').replace('"complete":true', '"complete":false'));
    expect((await conform(['expect', 'audit'])).code).toBe(6);
  });
});

test('the case of these tests is YAML with three blocks', () => {
  expect(parse(CASE).divergences).toHaveLength(3);
});
