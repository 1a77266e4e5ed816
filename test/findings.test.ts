// SPDX-License-Identifier: MIT
/**
 * docs/findings.md is backed by execution: every case that it names exists, and every command shows what it is said to
 * show. The case is as declared on each subject of the command, and where two are compared their outcomes differ.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCases } from '../harness/case/parse.js';
import type { Case } from '../harness/case/types.js';
import { judge } from '../harness/compare/judge.js';
import { discover } from '../harness/plan/discover.js';
import { createModelTarget } from '../harness/target/model/model.js';
import type { Outcome } from '../harness/target/outcome.js';

const page = readFileSync(new URL('../docs/findings.md', import.meta.url), 'utf8');
const entries = page.split(/^### /m).slice(1);
const commands = [...page.matchAll(/`ftrace-conform explain (\S+) ([^`]*)`/g)].map(
  ([, id, options]) => [id as string, options as string] as const,
);

/** The members of the family in a file. */
function family(path: string): readonly Case[] {
  const text = readFileSync(new URL(`../cases/${path}.yaml`, import.meta.url), 'utf8');
  return parseCases(`cases/${path}.yaml`, text, path).cases;
}

const loading = new Map<string, ReturnType<typeof discover>>();

async function verdictAt(spec: Case, arch: string, revision: string | undefined) {
  if (!loading.has(arch)) loading.set(arch, discover([arch]));
  const [loaded] = (await loading.get(arch)) ?? [];
  if (!loaded) throw new Error(`no back-end ${arch}`);
  const { revisions } = loaded.backend;
  const target = createModelTarget(
    loaded,
    revisions.find((known) => known === revision) ?? (revisions.at(-1) as never),
  );
  const outcome = target.run(spec);
  return { outcome, verdict: judge(spec, { outcome, features: target.features }) };
}

const seen = ({ observations }: Outcome) => JSON.stringify(observations);

describe('docs/findings.md', () => {
  it('says of every finding where, what, how it is shown, from what source and what to do', () => {
    expect(entries.length).toBeGreaterThan(30);
    for (const entry of entries) {
      const labels = [...entry.matchAll(/^- \*\*([^*]+):\*\*/gm)].map(([, label]) => label);
      expect(labels, entry.split('\n')[0]).toEqual(['Where', 'What', 'Evidence', 'Source', 'To do']);
    }
  });

  it('names cases that exist', () => {
    const evidence = entries.flatMap((entry) => /\*\*Evidence:\*\*([\s\S]*?)\n- \*\*/.exec(entry)?.[1] ?? []);
    const paths = evidence.flatMap((text) =>
      [...text.matchAll(/`([a-z_]+\/[\w-]+)`/g)].map(([, path]) => path),
    );
    expect(paths.length).toBeGreaterThan(50);
    for (const path of new Set(paths)) expect(family(path as string).length, path).toBeGreaterThan(0);
  });

  it('names what shows each, and the tests among that exist', () => {
    for (const entry of entries) {
      const evidence = /\*\*Evidence:\*\*([\s\S]*?)\n- \*\*/.exec(entry)?.[1] ?? '';
      const tests = [...evidence.matchAll(/`(backends\/[\w/.-]+)`/g)].map(([, path]) => path as string);
      const shown = [...evidence.matchAll(/`([a-z_]+\/[\w-]+)`/g)].length + tests.length;
      expect(shown, entry.split('\n')[0]).toBeGreaterThan(0);
      for (const path of tests) expect(existsSync(new URL(`../${path}`, import.meta.url)), path).toBe(true);
    }
  });

  it.each(commands)('shows %s %s', async (id, options) => {
    const [path = ''] = id.split('.');
    const spec = family(path).find((one) => one.id === id);
    if (!spec) throw new Error(`no case ${id}`);
    const option = (name: string) => new RegExp(`--${name} (\\S+)`).exec(options)?.[1];
    const revision = option('kernel');
    const [first, second] = [option('arch') ?? '', option('vs')];
    const shown = await verdictAt(spec, first, revision);
    expect(shown.verdict.status).toBe('PASS');
    if (second === undefined) return;
    const [arch = '', other = revision] = second.split('@');
    const beside = await verdictAt(spec, arch, other);
    expect(beside.verdict.status).toBe('PASS');
    expect(seen(shown.outcome)).not.toBe(seen(beside.outcome));
  });
});
