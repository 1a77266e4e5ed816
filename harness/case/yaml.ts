// SPDX-License-Identifier: MIT
/**
 * YAML 1.2 text → tree. The authority on which YAML a case file may use: one document, the core schema
 * without floats (`7.2` is a text), plain keys, no anchors, aliases or tags, every key with a value.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type ParsedNode,
  parseDocument,
  Schema,
  type Scalar as YamlScalar,
} from 'yaml';
import { forbiddenEscapeIn, forbiddenIn } from './characters.js';
import type { Source } from './source.js';
import type { Entry, Mapping, Node, Piece, Scalar } from './tree.js';

/** UTF-16 units. */
const maximumLength = 1 << 20;
const maximumDepth = 24;

/** Built once: a schema costs as much as a small file. Without floats, `6.10` keeps its digits. */
const schema = new Schema({
  schema: 'core',
  customTags: (tags) =>
    tags.filter((tag) => typeof tag === 'string' || tag.tag !== 'tag:yaml.org,2002:float'),
});

/** @throws CaseError */
export function readYaml(source: Source): Mapping {
  refuseUnreadable(source);
  const contents = parse(source);
  if (contents === null || (isScalar(contents) && contents.source === '')) {
    source.fail(
      'empty',
      0,
      'the file is empty',
      'a case has at least `title`, `why`, `functions` and `steps`',
    );
  }
  const root = new Reader(source).node(contents, 0);
  if (root.kind === 'map') return root;
  return source.fail(
    'wrong-shape',
    root.offset,
    `a case file is a map of keys, this is ${root.kind === 'list' ? 'a list' : 'a text'}`,
    'begin with `title: …`',
  );
}

function refuseUnreadable(source: Source): void {
  const { text } = source;
  if (text.length > maximumLength) {
    source.fail('too-big', 0, 'the file is larger than 1 MiB', 'a case holds one idea; split it');
  }
  const found = forbiddenIn(text);
  if (found) {
    source.fail(
      'binary',
      found.index,
      `the file is not plain text: it contains ${found.shown}`,
      'a case is a YAML file in UTF-8, without characters that act on terminals or turn the direction of writing',
    );
  }
}

function parse(source: Source): ParsedNode | null {
  let document: ReturnType<typeof parseDocument<ParsedNode>>;
  try {
    document = parseDocument<ParsedNode>(source.text, {
      intAsBigInt: true,
      prettyErrors: false,
      // A quadratic check in the parser; the tree reader has its own.
      uniqueKeys: false,
      schema,
    });
  } catch (error) {
    // The parser recurses, and its BigInt conversion has limits of its own.
    if (!(error instanceof Error)) throw error;
    return source.fail(
      'yaml',
      0,
      'the YAML is nested too deeply or holds an impossible number',
      'write it flatter',
    );
  }
  const [error] = document.errors;
  if (error) {
    const at = error.code === 'BAD_INDENT' ? firstInk(source.text, error.pos[0]) : error.pos[0];
    const parameter = /^\$\{[^{}]*\}/.exec(source.text.slice(Math.max(0, at - 1), at + 64))?.[0];
    if (parameter !== undefined) {
      const message = `a bare \`${parameter}\` inside of \`{…}\` or \`[…]\``;
      source.fail('yaml', at - 1, message, `put it in quotes there: '${parameter}'`);
    }
    const [message, remedy] = explain(error.code, error.message);
    source.fail('yaml', at, message, remedy);
  }
  return document.contents;
}

const syntax = 'check brackets, quotes, commas and the `:` after keys near here';

/** The parser's codes in words for somebody who writes a case. */
function explain(code: string, message: string): readonly [message: string, remedy: string] {
  switch (code) {
    case 'TAB_AS_INDENT':
      return ['a tab in the indentation', 'indent with blanks: YAML has no tabs there'];
    case 'MULTIPLE_DOCS':
      return [
        'a second document begins here',
        'one file holds one case; use `for:` for a family, or another file',
      ];
    case 'BAD_INDENT':
      if (/flow/i.test(message))
        return ['a `[` or `{` is not closed here', 'close it, or indent what belongs to it'];
      return [
        'the indentation does not fit the lines above',
        'align it with its siblings, deeper than its parent',
      ];
    case 'BAD_ALIAS':
      return ['`*` at the start of a value is an alias in YAML', "put the value in quotes: '*p'"];
    case 'BAD_SCALAR_START':
      return ['a plain value cannot start with this character', "put the value in quotes: '…'"];
    case 'BAD_DQ_ESCAPE':
      return ['an unknown escape in a double-quoted text', "use single quotes: '…' has no escapes"];
    case 'BLOCK_IN_FLOW':
      return [
        'an indented map or list inside of `{…}` or `[…]`',
        'close the bracket first, or write it on one line',
      ];
    case 'BLOCK_AS_IMPLICIT_KEY':
      return ['a second `:` on one line', "put the value in quotes if the colon belongs to it: 'a: b'"];
    case 'MISSING_CHAR':
      if (/quote$/.test(message))
        return ['a quote that is not closed', 'close it before the end of the text'];
      return [`not YAML: ${decapitalise(message)}`, syntax];
    case 'UNEXPECTED_TOKEN':
    case 'MULTILINE_IMPLICIT_KEY':
      return [`not YAML: ${decapitalise(message)}`, syntax];
    case 'TAG_RESOLVE_FAILED':
      return ['`!` at the start of a value is a tag in YAML', "put the value in quotes: '!a'"];
    default:
      return [
        `not YAML: ${decapitalise(message)}`,
        'see the YAML 1.2 specification, or put the value in quotes',
      ];
  }
}

/** A finding about a line's indentation is shown where its text begins. */
function firstInk(text: string, offset: number): number {
  let at = offset;
  while (text[at] === ' ') at++;
  return at;
}

function decapitalise(message: string): string {
  const line = message.replace(/\s+/g, ' ');
  return line.charAt(0).toLowerCase() + line.slice(1, 160);
}

class Reader {
  constructor(private readonly source: Source) {}

  node(node: ParsedNode, depth: number): Node {
    const offset = node.range[0];
    if (depth > maximumDepth) {
      this.source.fail('yaml', offset, `nested deeper than ${maximumDepth} levels`, 'write it flatter');
    }
    this.refuseProperties(node, offset);
    if (isScalar(node)) return this.scalar(node, offset);
    if (isSeq(node)) {
      const items = node.items.map((item) => {
        const child = this.node(item as ParsedNode, depth + 1);
        if (child.kind === 'scalar' && child.value === null && child.text === '') {
          this.source.fail(
            'wrong-shape',
            Math.min(offset, child.offset),
            'a list item is empty',
            'write its value after the `-`, or remove it',
          );
        }
        return child;
      });
      return { kind: 'list', items, offset };
    }
    if (isMap(node)) return this.map(node.items as readonly YamlPair[], node.flow === true, offset, depth);
    return this.source.fail(
      'yaml',
      offset,
      'a kind of value that cases do not have',
      'use texts, numbers, lists and maps',
    );
  }

  /** Aliases are refused altogether, and with them every way to blow a small file up. */
  private refuseProperties(node: ParsedNode, offset: number): void {
    const { text } = this.source;
    if (isAlias(node)) {
      this.source.fail(
        'yaml',
        offset,
        `\`*${node.source}\` is an alias in YAML`,
        `put it in quotes if a text is meant; case files have no aliases, families are made with \`for:\``,
      );
    }
    if (node.anchor !== undefined) {
      const at = text.lastIndexOf(`&${node.anchor}`, offset);
      this.source.fail(
        'yaml',
        at < 0 ? offset : at,
        `\`&${node.anchor}\` is an anchor in YAML`,
        `an address is written in quotes: '&${node.anchor}'`,
      );
    }
    if (node.tag !== undefined) {
      const at = text.lastIndexOf('!', offset);
      this.source.fail(
        'yaml',
        at < 0 ? offset : at,
        '`!` at the start of a value is a tag in YAML',
        "put the value in quotes: '!a'",
      );
    }
  }

  private map(pairs: readonly YamlPair[], flow: boolean, offset: number, depth: number): Mapping {
    const seen = new Set<string>();
    const entries = pairs.map(({ key, value }): Entry => {
      if (!isScalar(key)) {
        this.source.fail(
          'yaml',
          key?.range?.[0] ?? offset,
          'a key is a list or a map',
          'keys are texts; put `{…}` in quotes',
        );
      }
      const at = (key as ParsedNode).range[0];
      this.refuseProperties(key as ParsedNode, at);
      const name = this.scalar(key as YamlScalar.Parsed, at);
      const text = typeof name.value === 'bigint' ? name.text : ((key as YamlScalar).source ?? name.text);
      if (text === '') this.source.fail('wrong-shape', at, 'a key is empty', 'write a key before the `:`');
      if (text === '__proto__')
        this.source.fail('bad-name', at, '`__proto__` cannot be a key', 'choose another name');
      if (seen.has(text)) {
        this.source.fail('duplicate-key', at, `\`${text}\` is given twice`, 'keep one of them');
      }
      seen.add(text);
      const child = value === null ? null : this.node(value, depth + 1);
      if (child === null || (child.kind === 'scalar' && child.value === null && child.text === '')) {
        const remedy = flow
          ? "write `key: value`; a struct value stands in quotes: '{1, 2}'"
          : 'write its value after the `:`, or remove the key';
        this.source.fail('wrong-shape', at, `\`${text}\` has no value`, remedy);
      }
      return { key: { ...name, text, value: text }, value: child as Node };
    });
    return { kind: 'map', entries, offset };
  }

  private scalar(node: YamlScalar.Parsed, offset: number): Scalar {
    const { value } = node;
    const written = node.source;
    if (value === null || value === undefined) {
      return {
        kind: 'scalar',
        value: null,
        text: written === '' ? '' : 'NULL',
        offset,
        pieces: [flat(4, offset)],
      };
    }
    if (typeof value === 'bigint' || typeof value === 'boolean') {
      const text = value.toString();
      return { kind: 'scalar', value, text, offset, pieces: [flat(text.length, offset)] };
    }
    const text = String(value);
    this.refuseEscapes(node, text);
    return { kind: 'scalar', value: text, text, offset, pieces: [this.piece(text, offset)] };
  }

  private refuseEscapes(node: YamlScalar.Parsed, text: string): void {
    const [start, end] = node.range;
    if (node.type !== 'QUOTE_DOUBLE' || (forbiddenIn(text) === undefined && !text.includes('\r'))) return;
    const found = forbiddenEscapeIn(this.source.text.slice(start, end));
    this.source.fail(
      'binary',
      start + (found?.index ?? 0),
      `an escape stands for ${found?.shown ?? 'half of a character'}`,
      'texts hold no characters that act on terminals or turn the direction of writing: write what is meant in words',
    );
  }

  /** A text that stands in the file character by character, plain or in quotes, keeps its columns. */
  private piece(text: string, offset: number): Piece {
    const quote = this.source.text[offset];
    const start = quote === '"' || quote === "'" ? offset + 1 : offset;
    return this.source.text.startsWith(text, start)
      ? { length: text.length, offset: start, linear: true }
      : flat(text.length, offset);
  }
}

interface YamlPair {
  readonly key: ParsedNode | null;
  readonly value: ParsedNode | null;
}

const flat = (length: number, offset: number): Piece => ({ length, offset, linear: false });
