// SPDX-License-Identifier: MIT
/**
 * Families: `for:` expands one tree to many. A scalar that is exactly `${name}` becomes the row's value, of
 * any kind; inside of a longer text, keys included, it becomes the value's text.
 */
import { suggest } from '../ctype/nearest.js';
import type { Source } from './source.js';
import {
  describe,
  type Entry,
  entryOf,
  get,
  type List,
  type Mapping,
  type Node,
  type Piece,
  type Scalar,
} from './tree.js';

const maximumRows = 2000;
/** Over all cases of a file: what substitution may grow a file to. */
const maximumNodes = 200_000;
const maximumText = 65_536;

export type Row = ReadonlyMap<string, Node>;

export interface Member {
  /** What follows the file's id after a dot; empty without `for:`. */
  readonly suffix: string;
  readonly row: Row;
  readonly tree: Mapping;
}

/** @throws CaseError */
export function expandFamily(source: Source, root: Mapping): Member[] {
  const family = entryOf(root, 'for');
  const rows = family ? rowsOf(source, family.value) : [new Map<string, Node>()];
  const rest = root.entries.filter((entry) => entry !== family);
  const budget = { nodes: maximumNodes };
  const suffixes = new Set<string>();
  const used = new Set<string>();
  const members = rows.map((row) => {
    const suffix = family ? suffixOf(source, family.value, row) : '';
    if (suffixes.has(suffix)) {
      const first = [...row.values()][0] as Node;
      source.fail(
        'bad-id',
        first.offset,
        `two cases of \`for\` are called \`${suffix}\``,
        'let the first parameter differ in every row',
      );
    }
    suffixes.add(suffix);
    const substitution = new Substitution(source.forRow(suffix), row, budget, used);
    return { suffix, row, tree: { ...root, entries: rest.map((entry) => substitution.entry(entry)) } };
  });
  if (family) refuseUnused(source, family.value, used, conditionsOf(root));
  return members;
}

/** A parameter that nothing uses makes rows that only look different. The first of several may only name them. */
function refuseUnused(source: Source, family: Node, used: Set<string>, conditions: Set<string>): void {
  const first = family.kind === 'list' ? family.items[0] : family;
  if (first?.kind !== 'map') return;
  for (const [index, { key }] of first.entries.entries()) {
    const names = family.kind === 'list' && index === 0 && first.entries.length > 1;
    if (names || used.has(key.text) || conditions.has(key.text)) continue;
    source.fail(
      'substitution',
      key.offset,
      `the parameter \`${key.text}\` is used nowhere`,
      `write \`\${${key.text}}\` where its value belongs, or remove it`,
    );
  }
}

/** Parameters that a `when` of a divergence asks for. */
function conditionsOf(root: Mapping): Set<string> {
  const divergences = get(root, 'divergences');
  const items = divergences?.kind === 'list' ? divergences.items : [];
  return new Set(
    items.flatMap((item) => {
      const when = item.kind === 'map' ? get(item, 'when') : undefined;
      return when?.kind === 'map' ? when.entries.map(({ key }) => key.text) : [];
    }),
  );
}

function rowsOf(source: Source, node: Node): Row[] {
  const remedy = '`for:` is a list of rows, `- { a: 1, b: 2 }`, or parameter → list of values';
  if (node.kind === 'scalar') {
    return source.fail(
      'wrong-shape',
      node.offset,
      `\`for\`: expected a list or a map, found ${describe(node)}`,
      remedy,
    );
  }
  const rows = node.kind === 'list' ? listedRows(source, node, remedy) : combinations(source, node, remedy);
  if (rows.length === 0) source.fail('wrong-shape', node.offset, '`for` has no rows', remedy);
  return rows;
}

function listedRows(source: Source, list: List, remedy: string): Row[] {
  if (list.items.length > maximumRows)
    source.fail('too-big', list.offset, `more than ${maximumRows} rows`, 'split the file');
  let names: readonly string[] | undefined;
  return list.items.map((item) => {
    if (item.kind !== 'map' || item.entries.length === 0) {
      return source.fail(
        'wrong-shape',
        item.offset,
        `a row of \`for\` is ${describe(item)}, not a map of parameters`,
        remedy,
      );
    }
    const own = item.entries.map((entry) => parameterName(source, entry));
    names ??= own;
    const missing = names.find((name) => !own.includes(name));
    if (missing !== undefined) {
      source.fail(
        'missing-key',
        item.offset,
        `this row has no \`${missing}\``,
        'every row has the same parameters as the first',
      );
    }
    const extra = item.entries.find((entry) => !(names as readonly string[]).includes(entry.key.text));
    if (extra) {
      source.fail(
        'unknown-key',
        extra.key.offset,
        `\`${extra.key.text}\` is not a parameter of the first row`,
        suggest(extra.key.text, names, 'its parameters'),
      );
    }
    return new Map(item.entries.map((entry) => [entry.key.text, entry.value]));
  });
}

function combinations(source: Source, map: Mapping, remedy: string): Row[] {
  let rows: ReadonlyMap<string, Node>[] = map.entries.length === 0 ? [] : [new Map()];
  for (const entry of map.entries) {
    const { value } = entry;
    const name = parameterName(source, entry);
    if (value.kind !== 'list' || value.items.length === 0) {
      return source.fail(
        'wrong-shape',
        value.offset,
        `\`${name}\`: expected a list of values, found ${value.kind === 'list' ? 'an empty list' : describe(value)}`,
        remedy,
      );
    }
    if (rows.length * value.items.length > maximumRows) {
      source.fail(
        'too-big',
        map.offset,
        `more than ${maximumRows} combinations`,
        'split the file, or list the rows that matter',
      );
    }
    rows = rows.flatMap((row) => value.items.map((item) => new Map([...row, [name, item]])));
  }
  return rows;
}

function parameterName(source: Source, entry: Entry): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(entry.key.text)) {
    source.fail(
      'bad-name',
      entry.key.offset,
      `\`${entry.key.text}\` cannot be a parameter of \`for\``,
      'a parameter is a word of letters, digits and _',
    );
  }
  return entry.key.text;
}

/** The first value of a listed row; all values of a combination. */
function suffixOf(source: Source, family: Node, row: Row): string {
  const values = [...row.values()];
  const parts = family.kind === 'list' ? values.slice(0, 1) : values;
  const texts = parts.map((part) => {
    if (part.kind !== 'scalar' || !/^[A-Za-z0-9_.-]+$/.test(part.text)) {
      return source.fail(
        'bad-id',
        part.offset,
        `${describe(part)} cannot be part of an id`,
        family.kind === 'list'
          ? 'the first parameter of a row names its case: letters, digits, _ . and -'
          : 'combined values name their case: letters, digits, _ . and -; list rows for other values',
      );
    }
    return part.text;
  });
  return texts.join('.');
}

const reference = /\$\{([^{}]*)\}/g;

class Substitution {
  constructor(
    private readonly source: Source,
    private readonly row: Row,
    private readonly budget: { nodes: number },
    /** Names of parameters that were asked for. */
    private readonly used: Set<string>,
  ) {}

  entry(entry: Entry): Entry {
    const key = this.scalar(entry.key, true);
    if (key.kind !== 'scalar') {
      return this.source.fail(
        'substitution',
        entry.key.offset,
        `${describe(key)} cannot be a key`,
        'keys are texts',
      );
    }
    return { key: { ...key, value: key.text }, value: this.node(entry.value) };
  }

  private node(node: Node): Node {
    this.spend(node, 1);
    if (node.kind === 'scalar') return this.scalar(node, false);
    if (node.kind === 'list') return { ...node, items: node.items.map((item) => this.node(item)) };
    const entries = node.entries.map((entry) => this.entry(entry));
    const seen = new Set<string>();
    for (const { key } of entries) {
      if (seen.has(key.text))
        this.source.fail('duplicate-key', key.offset, `\`${key.text}\` is given twice`, 'keep one of them');
      seen.add(key.text);
    }
    return { ...node, entries };
  }

  /** A value put in place of a scalar: walked later, as often as it is used. */
  private spend(node: Node, amount: number): void {
    this.budget.nodes -= amount;
    if (this.budget.nodes < 0) {
      this.source.fail(
        'too-big',
        node.offset,
        '`for` makes this file too large',
        'use fewer rows or shorter values',
      );
    }
  }

  private scalar(scalar: Scalar, isKey: boolean): Node {
    const { text } = scalar;
    if (typeof scalar.value !== 'string' || !text.includes('${')) return scalar;
    const whole = /^\$\{([^{}]*)\}$/.exec(text);
    if (whole && !isKey) {
      const value = this.value(scalar, whole[1] as string, 0);
      this.spend(scalar, sizeOf(value));
      return value;
    }
    let result = '';
    let done = 0;
    const pieces: Piece[] = [];
    for (const match of text.matchAll(reference)) {
      const value = this.value(scalar, match[1] as string, match.index);
      if (value.kind !== 'scalar') {
        return this.source.fail(
          'substitution',
          value.offset,
          `\`${match[0]}\` stands inside of a text but is ${describe(value)}`,
          'give it a text or a number, or let it stand alone',
        );
      }
      result += text.slice(done, match.index) + value.text;
      if (match.index > done) pieces.push(part(scalar, done, match.index));
      pieces.push(...value.pieces);
      done = match.index + match[0].length;
    }
    const open = text.indexOf('${', done);
    if (open >= 0) {
      this.source.fail(
        'substitution',
        part(scalar, open, text.length).offset,
        `a \`\${\` without its \`}\``,
        `a parameter of \`for:\` is written \`\${name}\``,
      );
    }
    result += text.slice(done);
    if (result.length > maximumText) this.spend(scalar, maximumNodes + 1);
    this.spend(scalar, result.length >> 8);
    if (done < text.length || pieces.length === 0) pieces.push(part(scalar, done, text.length));
    return { kind: 'scalar', value: result, text: result, offset: scalar.offset, pieces };
  }

  private value(scalar: Scalar, name: string, index: number): Node {
    const value = this.row.get(name);
    if (value !== undefined) {
      this.used.add(name);
      return value;
    }
    const offset = part(scalar, index, index + 1).offset;
    const remedy =
      this.row.size === 0
        ? 'this file has no `for:` that would give it a value'
        : suggest(name, this.row.keys(), 'the parameters of `for`');
    return this.source.fail('substitution', offset, `\`\${${name}}\` is not a parameter of \`for\``, remedy);
  }
}

/** The piece of a scalar written in one run. */
function part(scalar: Scalar, from: number, to: number): Piece {
  const piece = scalar.pieces[0] as Piece;
  return piece.linear
    ? { length: to - from, offset: piece.offset + from, linear: true }
    : { length: to - from, offset: piece.offset, linear: false };
}

function sizeOf(node: Node): number {
  if (node.kind === 'list') return node.items.reduce((sum, item) => sum + sizeOf(item), 1);
  if (node.kind === 'map') return node.entries.reduce((sum, entry) => sum + 1 + sizeOf(entry.value), 1);
  return 1 + (node.text.length >> 8);
}
