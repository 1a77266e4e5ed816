// SPDX-License-Identifier: MIT
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fakeTarget, seen, spec, subject } from '../cli/test/fakes.js';
import { run } from '../plan/run.js';
import type { RunEvent } from './events.js';
import { reportJson } from './json.js';
import { publishedSchema } from './report-schema.js';
import { stableJson } from './stable-json.js';

async function report(): Promise<string> {
  const subjects = ['alpha', 'beta', 'gamma'].map((arch) => ({
    short: arch.slice(0, 2),
    target: fakeTarget(subject(arch), arch === 'gamma' ? [] : ['FPROBE'], ({ id }) =>
      id === 'c.2' && arch === 'beta'
        ? { end: { kind: 'error', why: 'no such symbol' } }
        : [seen('result', { value: arch === 'beta' ? '0' : '1' })],
    ),
  }));
  const cases = [
    spec('c.1'),
    spec('c.2', { requires: ['FPROBE'] }),
    spec('c.3', { source: 'linux 7.2', covers: ['FP-02'] }),
  ];
  const list: RunEvent[] = [];
  for await (const event of run({ cases, subjects, axis: 'arch', seed: 1, harness: '0', command: ['run'] }))
    list.push(event);
  return reportJson(list);
}

describe('schema', () => {
  test('is the one that is published', async () => {
    await expect(`${JSON.stringify(publishedSchema(), null, 2)}\n`).toMatchFileSnapshot(
      './report.schema.json',
    );
  });
  const validator = () => new Ajv({ allErrors: true }).compile(publishedSchema());
  test('accepts reports', async () => {
    const validate = validator();
    validate(JSON.parse(await report()));
    expect(validate.errors).toBeNull();
  });
  test('refuses what is none', async () => {
    const validate = validator();
    const good = JSON.parse(await report());
    for (const change of [
      { format: 2 },
      { extra: 1 },
      { axis: 'time' },
      { caseSet: 'x' },
      { cases: [{}] },
      { counts: {} },
    ]) {
      expect(validate({ ...good, ...change })).toBe(false);
    }
  });
  test('describes every property', () => {
    const undescribed: string[] = [];
    const walk = (value: unknown, path: string) => {
      if (typeof value !== 'object' || value === null) return;
      const { properties, items } = value as {
        properties?: Record<string, { description?: string }>;
        items?: unknown;
      };
      for (const [name, property] of Object.entries(properties ?? {})) {
        if (!property.description) undescribed.push(`${path}.${name}`);
        walk(property, `${path}.${name}`);
      }
      walk(items, `${path}[]`);
    };
    walk(publishedSchema(), '');
    expect(undescribed).toEqual([]);
  });
});

test('keys are sorted at every depth', async () => {
  const unsorted: unknown[] = [];
  JSON.parse(await report(), function (this: unknown, _key, value) {
    if (value && typeof value === 'object' && !Array.isArray(value)) {
      const names = Object.keys(value);
      if (names.join() !== [...names].sort().join()) unsorted.push(names);
    }
    return value;
  });
  expect(unsorted).toEqual([]);
});

test('stable JSON does not depend on the order in which keys were set', () => {
  const key = fc.stringMatching(/^[a-z]{1,4}$/);
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(key, fc.jsonValue()), { selector: ([name]) => name }), (entries) => {
      const forth = Object.fromEntries(entries);
      const back = Object.fromEntries([...entries].reverse());
      expect(stableJson(forth)).toBe(stableJson(back));
      expect(JSON.parse(stableJson(forth))).toEqual(JSON.parse(JSON.stringify(forth)));
    }),
  );
});
