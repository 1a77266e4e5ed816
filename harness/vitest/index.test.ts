// SPDX-License-Identifier: MIT
/** A project of somebody else's, with the package installed, whose tests vitest really runs. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../plan/package-root.js';

let project: string;

const CASE = (result: number, more = '') => `title: A call without probes
why: Nothing is traced.
${more}functions:
  f: { prototype: u64 f(u64 a), returns: a }
steps:
  - call: f(3)
expect:
  - body: { function: f, arguments: [3] }
  - result: ${result}
`;

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'conform-project-'));
  const installed = join(project, 'node_modules/ftrace-conform');
  mkdirSync(installed, { recursive: true });
  for (const name of readdirSync(join(packageRoot, 'node_modules'))) {
    if (!name.startsWith('.'))
      symlinkSync(join(packageRoot, 'node_modules', name), join(project, 'node_modules', name));
  }
  cpSync(join(packageRoot, 'package.json'), join(installed, 'package.json'));
  symlinkSync(join(packageRoot, 'backends'), join(installed, 'backends'));
  const build = ['-c', '--dir', join(installed, 'dist')];
  await execa('rolldown', build, { cwd: packageRoot, preferLocal: true });
  mkdirSync(join(installed, 'harness/vitest'), { recursive: true });
  cpSync(join(packageRoot, 'harness/vitest/public.d.ts'), join(installed, 'harness/vitest/public.d.ts'));

  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  mkdirSync(join(project, 'cases/graph'), { recursive: true });
  writeFileSync(join(project, 'cases/right.yaml'), CASE(3));
  writeFileSync(join(project, 'cases/graph/wrong.yaml'), CASE(4));
  writeFileSync(join(project, 'cases/lacking.yaml'), CASE(3, 'requires: [BPF_TRACE_FSESSION]\n'));
}, 120_000);
afterAll(() => rmSync(project, { recursive: true, force: true }));

interface Found {
  readonly fullName: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

async function run(text: string) {
  writeFileSync(join(project, 'conformance.test.ts'), text);
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--reporter=json'],
    { cwd: project, reject: false, env: { VITEST: undefined, NO_COLOR: '1' } },
  );
  const { testResults } = JSON.parse(stdout.slice(stdout.indexOf('{"'))) as {
    testResults: { message: string; assertionResults: Found[] }[];
  };
  return {
    exitCode,
    stderr,
    found: testResults[0]?.assertionResults ?? [],
    message: testResults[0]?.message ?? '',
  };
}

test('a test for each case; what cannot run is skipped; a failure says how to see it alone', async () => {
  const { exitCode, found } = await run(`
    import { defineConformance } from 'ftrace-conform/vitest';
    await defineConformance({ directory: 'cases', kernel: ['6.1'] });`);
  expect(found.map(({ fullName, status }) => [fullName, status])).toEqual([
    ['graph/wrong', 'failed'],
    ['lacking', 'skipped'],
    ['right', 'passed'],
  ]);
  expect(exitCode).toBe(1);
  const [message = ''] = found[0]?.failureMessages ?? [];
  expect(message.match(/the caller of f gets 3, expected 4\n/g)).toHaveLength(1);
  expect(message).toMatch(/\S+@6\.1\/model(, \S+@6\.1\/model)+ FAIL: the caller/);
  expect(message).toContain('ftrace-conform run graph/wrong --cases cases --kernel 6.1');
  expect(message).not.toMatch(/\n\s+at .*:\d+:\d+/);
});

test('a test for each subject; other tests beside them; the types are there', async () => {
  const text = `
    import { expect, test } from 'vitest';
    import { type ConformanceOptions, defineConformance } from 'ftrace-conform/vitest';
    const options: ConformanceOptions = { directory: 'cases', cases: ['right'], kernel: ['7.2'], per: 'subject' };
    await defineConformance(options);
    test('mine', () => expect(1).toBe(1));`;
  const { exitCode, found } = await run(text);
  const subjects = readdirSync(join(packageRoot, 'backends')).sort();
  expect(found.map(({ fullName, status }) => [fullName, status])).toEqual([
    ...subjects.map((name) => [`right ${name}@7.2/model`, 'passed']),
    ['mine', 'passed'],
  ]);
  expect(exitCode).toBe(0);
  const types = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2023'];
  const checked = (source: string) => {
    writeFileSync(join(project, 'types.ts'), source);
    return execa('tsc', [...types, '--types', 'node', 'types.ts'], {
      cwd: project,
      preferLocal: true,
      reject: false,
    });
  };
  expect((await checked(text)).stdout).toBe('');
  expect((await checked(text.replace("'subject'", "'arch'"))).stdout).toContain('types.ts(4,');
});

test.each([
  ["{ directory: 'cases', cases: ['rihgt'] }", 'no case matches rihgt; did you mean right?'],
  ["{ directory: 'cases', arch: ['pdp11'] }", 'no back-end pdp11'],
])('%s: the file fails, and says why', async (options, message) => {
  const ran = await run(`
    import { defineConformance } from 'ftrace-conform/vitest';
    await defineConformance(${options});`);
  expect(ran.exitCode).toBe(1);
  expect(ran.message).toContain(message);
});

test.each(['', "test('mine', () => expect(1).toBe(1));"])(
  'without await the file fails, and says why: %j',
  async (more) => {
    const ran = await run(`
    import { expect, test } from 'vitest';
    import { defineConformance } from 'ftrace-conform/vitest';
    defineConformance({ directory: 'cases', kernel: ['6.1'] });
    ${more}`);
    expect(ran.exitCode).toBe(1);
    expect(ran.message).toContain(
      'was not awaited, so no case became a test: write `await defineConformance(',
    );
  },
);
