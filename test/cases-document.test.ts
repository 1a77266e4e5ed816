// SPDX-License-Identifier: MIT
/**
 * docs/cases.md is true: every YAML block of it parses once completed, every word of the language stands in it and in
 * one of its examples, and the whole example does what it says. The words come from the schema that the parser uses.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { backend as model } from '../backends/arm64/index.js';
import { accessorNames } from '../harness/case/accessor.js';
import { kinds } from '../harness/case/expectation-kinds.js';
import { parseCases } from '../harness/case/parse.js';
import {
  actionVerbs,
  caseKeys,
  counters,
  filterChanges,
  fprobeFlags,
  interruptPlaces,
  opsFlags,
  probeKinds,
  stepModifiers,
  stepVerbs,
} from '../harness/case/schema.js';
import { judge } from '../harness/compare/judge.js';
import { createModelTarget } from '../harness/target/model/model.js';
import { loadBackend } from './backend.js';

const page = readFileSync(new URL('../docs/cases.md', import.meta.url), 'utf8');
const blocks = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map((match) => ({
  line: page.slice(0, match.index).split('\n').length + 1,
  text: match[1] as string,
}));

/** What an example leaves out. */
const rest: Readonly<Record<string, string>> = {
  title: 'title: t\n',
  why: 'why: w\n',
  functions: 'functions:\n  f: { prototype: u64 f(u64 a), returns: a }\n',
  steps: 'steps:\n  - stack_trace\n',
};

function completed(text: string): string {
  const missing = Object.keys(rest).filter((key) => !new RegExp(`^${key}:`, 'm').test(text));
  return text + missing.map((key) => rest[key]).join('');
}

describe('docs/cases.md', () => {
  it('has no fenced block that this test overlooks', () => {
    expect(page.match(/^\s*(```|~~~)\S+$/gm)?.length).toBe(blocks.length);
    expect(blocks.length).toBeGreaterThan(10);
  });

  it.each(blocks)('has a valid example at line $line', ({ line, text }) => {
    const { cases } = parseCases(`docs/cases.md:${line}`, completed(text), 'docs/example');
    expect(cases.length).toBe(/^for:/m.test(text) ? cases.length : 1);
  });

  it('begins with a whole case that passes', () => {
    const target = createModelTarget(loadBackend(model), '7.2');
    const [spec] = parseCases('docs/cases.md', (blocks[0] as { text: string }).text, 'docs/example').cases;
    const verdict = judge(spec as NonNullable<typeof spec>, {
      outcome: target.run(spec as NonNullable<typeof spec>),
      features: target.features,
    });
    expect(verdict).toMatchObject({ status: 'PASS' });
  });

  const examples = blocks.map(({ text }) => text).join('\n');
  const prose = page.replace(/^```yaml\n[\s\S]*?^```$/gm, '');
  const has = (text: string, word: string) =>
    new RegExp(`(^|[^A-Za-z_])${word}([^A-Za-z_]|$)`, 'm').test(text);

  const keys = [...new Set([...caseKeys, ...stepVerbs, ...stepModifiers, ...actionVerbs, ...filterChanges])];
  const fields = Object.entries(kinds).flatMap(([kind, about]) => [kind, ...Object.keys(about.fields)]);
  const shown = [...new Set([...keys, ...probeKinds, ...accessorNames, ...fields])];

  it.each(shown)('explains `%s` and shows it', (word) => {
    expect(prose).toMatch(new RegExp(`\`[^\`]*\\b${word}\\b[^\`]*\``));
    if (word !== 'feature') expect(has(examples, word)).toBe(true);
  });

  it.each([...counters, ...opsFlags, ...fprobeFlags, ...interruptPlaces])('names `%s`', (word) => {
    expect(has(prose, word)).toBe(true);
  });
});
