// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseCases } from '../case/parse.js';
import { discover } from './discover.js';
import { KNOWN_WORDS, knownWords } from './known-words.js';
import { Problems } from './problem.js';
import { checkVocabulary, type Words, wordsOf } from './vocabulary.js';

const backends = await discover();
const [gone, ...rest] = backends.map(({ backend }) => backend.arch) as [string, ...string[]];

/** Words that are there stay: a tree with fewer back-ends takes none away. */
function joined(old: Words, young: Words): Words {
  const both = (a: readonly string[], b: readonly string[]) => [...new Set([...a, ...b])].sort();
  return {
    archs: both(old.archs, young.archs),
    revisions: both(old.revisions, young.revisions),
    features: both(old.features, young.features),
    fields: {
      ftrace_regs: both(old.fields.ftrace_regs, young.fields.ftrace_regs),
      pt_regs: both(old.fields.pt_regs, young.fields.pt_regs),
    },
  };
}

test('the list has every word of every back-end (`npx vitest run harness/plan/known-words.test.ts -u` adds them)', async () => {
  const here = wordsOf(backends);
  const all = existsSync(KNOWN_WORDS) ? joined(knownWords(), here) : here;
  await expect(`${JSON.stringify(all, null, 2)}\n`).toMatchFileSnapshot(KNOWN_WORDS);
});

describe('a tree without a back-end', () => {
  const left = backends.filter(({ backend }) => backend.arch !== gone);
  const feature = wordsOf(backends).features.find((name) => !wordsOf(left).features.includes(name)) ?? '';
  const errors = (on: string, requires = ''): readonly string[] => {
    const text = `title: A case
why: it must
requires: [${requires}]
functions:
  f: { prototype: u64 f(u64 a), returns: a }
steps:
  - call: f(1)
expect:
  - body: { function: f }
  - result: 1
divergences:
  - on: ${on}
    because: it is so
    source: the manual
    replace:
      1: []
`;
    try {
      checkVocabulary(parseCases('cases/c.yaml', text, 'c').cases, left, knownWords);
      return [];
    } catch (error) {
      if (error instanceof Problems) return error.texts;
      throw error;
    }
  };

  test('what a case says of it is no error', () => {
    expect(errors(`{ arch: ${gone} }`)).toEqual([]);
    expect(errors(`{ arch: [${gone}, ${rest[0]}], feature: ${feature} }`, feature)).toEqual([]);
  });

  test('a slip of the pen is', () => {
    expect(errors(`{ arch: x${gone} }`)).toEqual([
      expect.stringContaining(`no back-end is called \`x${gone}\``),
    ]);
    expect(errors(`{ arch: ${gone} }`, `X_${feature}`)).toEqual([
      expect.stringContaining('no back-end has a feature'),
    ]);
  });
});
