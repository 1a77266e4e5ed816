// SPDX-License-Identifier: MIT
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { expandFamily } from './family.js';
import { fitsOf } from './fits.js';
import { caseSchema } from './schema.js';
import { Source } from './source.js';
import { full } from './test/full.js';
import { type Mapping, type Node, plainOf } from './tree.js';
import { readYaml } from './yaml.js';

const source = new Source('full.yaml', full);
const members = expandFamily(source, readYaml(source)).map(({ tree }) => tree);
const fits = fitsOf(caseSchema);
const accepts = (node: Node) => caseSchema.safeParse(plainOf(node)).success;

const scalar = (value: string | bigint | boolean | null): Node => ({
  kind: 'scalar',
  value,
  text: String(value),
  offset: 0,
  pieces: [],
});
const children = (node: Node): readonly Node[] =>
  node.kind === 'map' ? node.entries.map(({ value }) => value) : node.kind === 'list' ? node.items : [];
const count = (node: Node): number => children(node).reduce((sum, child) => sum + count(child), 1);

/** The tree with its `at`-th node, in order, given to `change`. */
function changed(root: Node, at: number, change: (node: Node) => Node): Node {
  let left = at;
  const walk = (node: Node): Node => {
    if (left-- === 0) return change(node);
    if (node.kind === 'list') return { ...node, items: node.items.map(walk) };
    if (node.kind !== 'map') return node;
    return { ...node, entries: node.entries.map(({ key, value }) => ({ key, value: walk(value) })) };
  };
  return walk(root);
}

const key = (text: string) => ({ ...scalar(text), text }) as Mapping['entries'][number]['key'];
const words = ['', 'all', 'call', 'stack_trace', 'value', 'bytes', 'set', 'SAVE_REGS', 'depth'];
const values = fc.oneof(
  fc.constantFrom(...words).map(scalar),
  fc.constantFrom(-1n, 0n, 1n, 65536n, 65537n, 1n << 70n).map(scalar),
  fc.constantFrom(true, false, null).map(scalar),
  fc.constant<Node>({ kind: 'list', items: [], offset: 0 }),
  fc.constant<Node>({ kind: 'map', entries: [], offset: 0 }),
);
const changes = fc.oneof(
  values.map((value) => () => value),
  values.map((value) => (): Node => ({ kind: 'list', items: [value], offset: 0 })),
  fc.tuple(fc.constantFrom(...words), values).map(([name, value]) => (node: Node): Node => {
    const entries = node.kind === 'map' ? node.entries.filter((entry) => entry.key.text !== name) : [];
    return { kind: 'map', entries: [...entries, { key: key(name), value }], offset: 0 };
  }),
  fc.nat(8).map((index) => (node: Node): Node => {
    if (node.kind === 'map') return { ...node, entries: node.entries.filter((_, at) => at !== index) };
    return node.kind === 'list' ? { ...node, items: node.items.filter((_, at) => at !== index) } : node;
  }),
);

describe('the check on the tree', () => {
  it('lets right cases pass without the schema library', () => {
    expect(members.map(fits)).toEqual(members.map(() => true));
  });

  it('agrees with the schema library about cases that are wrong in some place', () => {
    const seen = { right: 0, wrong: 0 };
    const places = fc.constantFrom(...members).chain((tree) => {
      return fc.tuple(fc.constant(tree), fc.nat(count(tree) - 1), changes);
    });
    fc.assert(
      fc.property(places, ([tree, at, change]) => {
        const node = changed(tree, at, change);
        expect(fits(node)).toBe(accepts(node));
        seen[fits(node) ? 'right' : 'wrong']++;
      }),
      { numRuns: 300 },
    );
    expect(Math.min(seen.right, seen.wrong)).toBeGreaterThan(5);
  });

  it('knows patterns', () => {
    const prose = fitsOf(z.string().regex(/\S/));
    expect([prose(scalar('a')), prose(scalar(' ')), prose(scalar(1n))]).toEqual([true, false, false]);
  });

  it('leaves what it does not know to the library', () => {
    expect(fitsOf(z.string().max(2))(scalar('a'))).toBe(false);
    expect(fitsOf(z.int().multipleOf(2))(scalar(2n))).toBe(false);
    expect(fitsOf(z.date())(scalar('a'))).toBe(false);
  });
});
