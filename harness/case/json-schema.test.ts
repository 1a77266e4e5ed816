// SPDX-License-Identifier: MIT
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { caseJsonSchema, caseJsonSchemaText } from './json-schema.js';
import { caseKeys } from './schema.js';
import { full } from './test/full.js';

type Json = Record<string, unknown>;

const schema = caseJsonSchema();
const validate = new Ajv({
  strict: true,
  allowUnionTypes: true,
  strictTypes: false,
  strictRequired: false,
}).compile(schema);
const accepts = (text: string) => validate(parse(text));

describe('the published JSON Schema', () => {
  it('is up to date (`npx vitest run harness/case -u` writes it)', async () => {
    await expect(caseJsonSchemaText()).toMatchFileSnapshot('../../cases/case.schema.json');
  });

  it('is draft-07, for editors', () => {
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
    expect(Object.keys(schema.properties as Json)).toEqual(caseKeys);
  });

  it('describes every property', () => {
    const lacking: string[] = [];
    const walk = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return;
      const { properties } = node as { properties?: Json };
      for (const [name, value] of Object.entries(properties ?? {})) {
        if (typeof (value as Json).description !== 'string') lacking.push(`${path}.${name}`);
      }
      for (const [key, value] of Object.entries(node)) walk(value, `${path}.${key}`);
    };
    walk(schema, '');
    expect(lacking).toEqual([]);
  });

  it('accepts a case that uses the whole language', () => {
    accepts(full);
    expect(validate.errors ?? []).toEqual([]);
  });

  it.each([
    ['a kind of probe', (text: string) => text.replace('plain: { fprobe:', `plain: { '$\{kind}':`)],
    ['a step', (text: string) => text.replace('- record: inner', `- { '$\{kind}': inner }`)],
    ['a setting', (text: string) => text.replace('entry_data_size: 8', `'$\{kind}': 8`)],
    [
      'a field of an expectation',
      (text: string) => text.replace('field(sp): true', `'field($\{kind})': true`),
    ],
  ])('accepts a parameter in the key of %s', (_, change) => {
    const text = change(full);
    expect(text).not.toBe(full);
    accepts(text);
    expect(validate.errors ?? []).toEqual([]);
  });

  it.each([
    ['a key that is not', (text: string) => text.replace('source: linux', 'sauce: linux')],
    ['a missing key', (text: string) => text.replace(/^why: >\n.*\n.*\n/m, '')],
    ['a step that is not', (text: string) => text.replace('- record: inner', '- recrod: inner')],
    [
      'a step of two verbs',
      (text: string) => text.replace('- record: inner', '- { record: inner, corrupt: inner }'),
    ],
    [
      'a step of a verb and a parameter',
      (text: string) => text.replace('- record: inner', `- { record: inner, '$\{kind}': inner }`),
    ],
    ['a step without a verb', (text: string) => text.replace('- record: inner', '- { as: r }')],
    ['a word that is not', (text: string) => text.replace('- pause_graph', '- pause')],
    ['a handler action at top level', (text: string) => text.replace('- pause_graph', '- skip_exit')],
    [
      'a probe of two kinds',
      (text: string) =>
        text.replace('{ fexit: { on: [inner] } }', '{ fexit: { on: [inner] }, fentry: { on: [inner] } }'),
    ],
    [
      'an exit handler of an ops',
      (text: string) => text.replace('{ on: [inner], entry: false }', '{ on: [inner], exit: false }'),
    ],
    ['a flag that is not', (text: string) => text.replace('IPMODIFY', 'IPMODFY')],
    ['a field that is not', (text: string) => text.replace('parent: caller', 'parnet: caller')],
    [
      'an accessor that is not',
      (text: string) => text.replace('stack_pointer: sp+0', 'stack_point(1): sp+0'),
    ],
    ['a text for a number', (text: string) => text.replace('buffer: 16', 'buffer: many')],
    ['a divergence without reason', (text: string) => text.replace('    because: Another.\n', '')],
  ])('refuses %s', (_, change) => {
    const text = change(full);
    expect(text).not.toBe(full);
    expect(accepts(text)).toBe(false);
  });
});
