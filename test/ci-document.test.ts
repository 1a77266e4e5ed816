// SPDX-License-Identifier: MIT
/**
 * The recipes of docs/ci.md: each is YAML, and its shell commands, run for every index with the variables that the engine
 * sets, end in the report of the whole run. What stands in for the engines: artifacts are copied, packages are there.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { packageRoot } from '../harness/plan/package-root.js';

const page = readFileSync(join(packageRoot, 'docs/ci.md'), 'utf8');
const [actions = '', gitlab = '', kubernetes = ''] = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(
  ([, text = '']) => text,
);

/** What installs packages, which here are installed. */
const INSTALLS = ['npm ci'];

let home: string;

/** Cases of its own: one fails, so that the verdict has to travel. */
const FAMILY = `title: A call without probes
why: Nothing is traced.
for: { n: [1, 2, 3, 4, 5, 6, 7, 8] }
functions:
  f: { prototype: u64 f(u64 a), returns: a }
steps:
  - call: f(\${n})
expect:
  - body: { function: f }
  - result: EXPECTED
`;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'conform-ci-'));
  for (const name of ['node_modules', 'backends']) symlinkSync(join(packageRoot, name), join(home, name));
  cpSync(join(packageRoot, 'package.json'), join(home, 'package.json'));
  mkdirSync(join(home, 'cases/calls'), { recursive: true });
  writeFileSync(join(home, 'cases/calls/right.yaml'), FAMILY.replace('EXPECTED', `\${n}`));
  writeFileSync(join(home, 'cases/calls/wrong.yaml'), FAMILY.replace('EXPECTED', '3'));
  const rolldown = join(packageRoot, 'node_modules/.bin/rolldown');
  const built = spawnSync(rolldown, ['-c', '--log-level', 'silent', '--dir', join(home, 'dist')], {
    cwd: packageRoot,
  });
  expect(built.status).toBe(0);
  // npx finds what is installed; to ask a registry is not part of the recipe.
  mkdirSync(join(home, 'bin'));
  const main = join(home, 'dist/harness/cli/main.js');
  writeFileSync(
    join(home, 'bin/npx'),
    `#!/bin/sh\n[ "$1" = ftrace-conform ] || exit 99\nshift\nexec node ${main} "$@"\n`,
  );
  chmodSync(join(home, 'bin/npx'), 0o755);
}, 300_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A checkout of its own for each job. */
function machine(): string {
  const cwd = mkdtempSync(join(home, 'job-'));
  for (const name of ['node_modules', 'package.json']) symlinkSync(join(home, name), join(cwd, name));
  return cwd;
}

function shell(command: string, cwd: string, environment: Record<string, string> = {}): number {
  const { status, stderr } = spawnSync('sh', ['-e', '-c', command], {
    cwd,
    encoding: 'utf8',
    env: { PATH: `${join(home, 'bin')}:${process.env.PATH ?? ''}`, ...environment },
  });
  expect(stderr).not.toMatch(/fault of ftrace-conform|not found/);
  return status ?? -1;
}

/** All of it on one machine. */
let whole: { code: number; reports: string };
beforeAll(() => {
  const cwd = machine();
  whole = { code: shell('npx ftrace-conform run --out reports', cwd), reports: join(cwd, 'reports') };
}, 120_000);

function isWhole(code: number, reports: string): void {
  expect(whole.code).toBe(1);
  expect(code).toBe(whole.code);
  const names = readdirSync(whole.reports).sort();
  expect(names).toContain('run.jsonl');
  expect(readdirSync(reports).sort()).toEqual(names);
  for (const name of names) {
    expect(readFileSync(join(reports, name), 'utf8')).toBe(readFileSync(join(whole.reports, name), 'utf8'));
  }
}

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Record<string, string>;
  readonly env?: Record<string, string>;
}

describe('recipes', { timeout: 300_000 }, () => {
  test('GitHub Actions', () => {
    const { jobs } = parse(actions);
    const indexes: number[] = jobs.shard.strategy.matrix.index;
    const store = mkdtempSync(join(home, 'artifacts-'));
    const filled = (text: string, index?: number) =>
      text
        .replaceAll(/\$\{\{ matrix\.index \}\}/g, String(index))
        .replaceAll(/\$\{\{ strategy\.job-total \}\}/g, String(indexes.length));
    const play = (steps: readonly Step[], index?: number) => {
      const cwd = machine();
      let code = 0;
      for (const { uses = '', run, with: given = {}, env = {} } of steps) {
        if (uses.startsWith('actions/upload-artifact@')) {
          const [name = '', path = ''] = [filled(given.name ?? '', index), filled(given.path ?? '', index)];
          // A single file lies at the top of its artifact, and no artifact is written twice.
          expect(existsSync(join(store, name))).toBe(false);
          const file = path.endsWith('.jsonl');
          cpSync(join(cwd, path), file ? join(store, name, 'run.jsonl') : join(store, name), {
            recursive: true,
          });
        } else if (uses.startsWith('actions/download-artifact@')) {
          const start = (given.pattern ?? '').replace(/\*$/, '');
          for (const name of readdirSync(store).filter((one) => one.startsWith(start))) {
            cpSync(join(store, name), join(cwd, given.path ?? '', name), { recursive: true });
          }
        } else if (run !== undefined && !INSTALLS.includes(run)) {
          const environment = Object.fromEntries(
            Object.entries(env).map(([key, text]) => [key, filled(text, index)]),
          );
          for (const text of [run, ...Object.values(environment)]) expect(text).not.toContain('${{');
          code = Math.max(code, shell(run, cwd, environment));
        } else expect(uses === '' || /^actions\/(checkout|setup-node)@/.test(uses)).toBe(true);
      }
      return code;
    };
    expect(indexes.map((index) => play(jobs.shard.steps, index))).toContain(1);
    expect(jobs.report.needs).toBe('shard');
    // What fails neither stops the others nor the merge.
    expect(jobs.shard.strategy['fail-fast']).toBe(false);
    expect(jobs.report.if).toContain('!cancelled()');
    const code = play(jobs.report.steps);
    isWhole(code, join(store, 'reports'));
  });

  test('GitLab', () => {
    const { shard, report } = parse(gitlab);
    const artifacts = mkdtempSync(join(home, 'artifacts-'));
    const play = (job: { script: string[]; artifacts: { paths: string[] } }, env: Record<string, string>) => {
      const cwd = machine();
      for (const name of readdirSync(artifacts))
        cpSync(join(artifacts, name), join(cwd, name), { recursive: true });
      const code = shell(job.script.join('\n'), cwd, { GITLAB_CI: 'true', CI: 'true', ...env });
      for (const path of job.artifacts.paths)
        cpSync(join(cwd, path), join(artifacts, path), { recursive: true });
      return code;
    };
    const total = String(shard.parallel);
    const codes = Array.from({ length: shard.parallel }, (_, at) =>
      play(shard, { CI_NODE_INDEX: String(at + 1), CI_NODE_TOTAL: total }),
    );
    expect(codes).toContain(1);
    expect(parse(gitlab).default.before_script).toEqual(INSTALLS);
    expect(report.needs).toEqual(['shard']);
    expect([report.when, shard.artifacts.when]).toEqual(['always', 'always']);
    // GitLab says of a job that is not parallel that it is one of one.
    isWhole(play(report, { CI_NODE_TOTAL: '1' }), join(artifacts, 'reports'));
  });

  test('Kubernetes', () => {
    const [shards, report] = parseAllDocuments(kubernetes).map((document) => document.toJS());
    const results = mkdtempSync(join(home, 'results-'));
    const play = (job: typeof shards, own: Record<string, string>) => {
      const [{ command, env, volumeMounts }] = job.spec.template.spec.containers;
      const given: Record<string, string> = Object.fromEntries(
        env.map(({ name, value }: { name: string; value: string }) => [name, value]),
      );
      expect(given.RESULTS).toBe(volumeMounts[0].mountPath);
      expect(command.slice(0, 2)).toEqual(['sh', '-c']);
      return shell(command[2], machine(), { ...given, ...own, RESULTS: results });
    };
    const { completionMode, completions } = shards.spec;
    expect(completionMode).toBe('Indexed');
    for (let index = 0; index < completions; index++) {
      expect(play(shards, { JOB_COMPLETION_INDEX: String(index) })).toBe(0);
    }
    isWhole(play(report, {}), join(results, 'reports'));
    // A pod that leaves no log has failed, and one that is missing is told.
    expect(play(shards, { JOB_COMPLETION_INDEX: String(completions) })).not.toBe(0);
    rmSync(join(results, 'logs/1'), { recursive: true });
    expect(play(report, {})).toBe(6);
  });
});
