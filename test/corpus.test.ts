// SPDX-License-Identifier: MIT
/**
 * The corpus is in order: every file is what the published schema says, in one layout, and no two cases assert the same.
 */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseCases } from '../harness/case/parse.js';
import { caseKeys } from '../harness/case/schema.js';
import type { Case } from '../harness/case/types.js';
import { caseFilesBelow } from '../harness/plan/files.js';

const directory = new URL('../cases/', import.meta.url).pathname;
const files = caseFilesBelow(directory, 'cases/').map((file) => ({
  ...file,
  text: readFileSync(file.path, 'utf8'),
}));
const corpus = files.map((file) => ({ ...file, cases: parseCases(file.shown, file.text, file.id).cases }));

const schema = JSON.parse(readFileSync(new URL('../cases/case.schema.json', import.meta.url), 'utf8'));
const validate = new Ajv({
  strict: true,
  allowUnionTypes: true,
  strictTypes: false,
  strictRequired: false,
}).compile(schema);

/** Words of the language, which a name of the case may be too. */
const vocabulary = new Set(['kind', 'do', 'operator', 'hash', 'change', 'counter']);

/** What a case does and asserts, with its names replaced by their order. Equal texts: equal cases. */
function essence(spec: Case): string {
  const { structs, objects, functions, probes, steps, expect: expected } = spec;
  const names = [
    ...functions.flatMap(({ name, signature }) => [name, ...signature.parameters.map((one) => one.name)]),
    ...probes.map(({ name }) => name),
    ...objects.map(({ name }) => name),
    ...Object.keys(structs),
  ];
  const order = new Map<string, string>();
  const nameOf = (name: string) => {
    if (!order.has(name)) order.set(name, `name${order.size}`);
    return order.get(name) as string;
  };
  for (const name of names) nameOf(name);
  const renamed = (text: string) => text.replace(/[A-Za-z_]\w*/g, (word) => order.get(word) ?? word);
  return JSON.stringify({ functions, probes, steps, expected, objects, structs }, (key, value) => {
    if (key === 'position') return undefined;
    if (key === 'as' && typeof value === 'string') return nameOf(value);
    if (typeof value === 'bigint') return `${value}n`;
    return typeof value === 'string' && !vocabulary.has(key) ? renamed(value) : value;
  });
}

/** Cases under their essence, where there are several. */
function twins(cases: readonly Case[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const spec of cases) groups.set(essence(spec), [...(groups.get(essence(spec)) ?? []), spec.id]);
  return [...groups.values()].filter((ids) => ids.length > 1);
}

/** Whether some expectation, replaced ones included, leaves a field or an element of one open. */
function leavesOpen({ expect: expected, divergences }: Case): boolean {
  const replaced = divergences.flatMap(({ replace }) =>
    replace.flatMap(({ by }) => ('fields' in by ? [by.fields] : by.instead.map(({ fields }) => fields))),
  );
  return [...(expected ?? []).map(({ fields }) => fields), ...replaced].some((fields) =>
    Object.values(fields).flat().includes('any'),
  );
}

describe('the corpus', () => {
  it('is large enough to be worth checking', () => expect(files.length).toBeGreaterThan(100));

  it.each(corpus)('$id is what the published schema says', ({ text }) => {
    validate(parse(text));
    expect(validate.errors ?? []).toEqual([]);
  });

  it.each(corpus)('$id tells editors where the schema is', ({ id, text }) => {
    const up = '../'.repeat(id.split('/').length - 1) || './';
    expect(text.split('\n', 1)).toEqual([`# yaml-language-server: $schema=${up}case.schema.json`]);
  });

  it.each(corpus)('$id has its keys in the usual order', ({ text }) => {
    const keys = Object.keys(parse(text) as object);
    expect(keys).toEqual(caseKeys.filter((key) => keys.includes(key)));
  });

  it.each(corpus)('$id says why it leaves something open', ({ text, cases }) => {
    if (cases.some(leavesOpen)) expect(text).toMatch(/^\s*# any: \S.{9}/m);
    if (cases.some(({ expect: expected }) => expected === null))
      expect(text).toMatch(/^\s*# no expect: \S.{9}/m);
  });

  it('has no two cases that assert the same', () => {
    expect(twins(corpus.flatMap(({ cases }) => cases))).toEqual([]);
  });
});

describe('these checks themselves', () => {
  const text = (f: string, a: string, watch: string, extra = '') => `title: t
why: w
functions: { ${f}: { prototype: u64 ${f}(u64 ${a}), returns: ${a} + 1 } }
probes: { ${watch}: { ops: { on: [${f}] } } }
steps: [register: ${watch}, call: ${f}(1)]
expect:
  - entry: { probe: ${watch}, function: ${f}, parent: caller${extra} }
`;
  const one = (yaml: string, id: string) => parseCases('a.yaml', yaml, id).cases[0] as Case;

  it('see through names', () => {
    const [a, b] = [one(text('f', 'a', 'watch'), 'a'), one(text('g', 'number', 'other'), 'b')];
    expect(twins([a, b])).toEqual([['a', 'b']]);
  });

  it('see a difference', () => {
    const [a, b] = [one(text('f', 'a', 'watch'), 'a'), one(text('f', 'a', 'watch', ', arguments: [1]'), 'b')];
    expect(twins([a, b])).toEqual([]);
  });

  it('see what is left open', () => {
    expect(leavesOpen(one(text('f', 'a', 'watch'), 'a'))).toBe(false);
    expect(leavesOpen(one(text('f', 'a', 'watch', ', arguments: any'), 'a'))).toBe(true);
    expect(leavesOpen(one(text('f', 'a', 'watch', ', arguments: [any]'), 'a'))).toBe(true);
  });
});
