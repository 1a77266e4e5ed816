// SPDX-License-Identifier: MIT
/** Preprocessor macros: `#define`, with and without parameters, and their expansion (C17 6.10.3). */
import { AsmError } from './error.js';
import { type SourceFile, stringEnd, type Text, TextBuilder, topLevel } from './text.js';

interface Definition {
  readonly parameters: readonly string[] | null;
  readonly variadic: boolean;
  readonly body: string;
}

/** Digits first, so that the `x` of `0x10` and the `b` of `1b` are no names. */
const WORD = /\ue000?[A-Za-z_]\w*|\d[\w.]*|"|'(?:\\.|[^\\'])'/g;
/** Put before a name that C17 6.10.3.4 forbids to replace ever again; gone when expansion is done. */
const FIXED = '\ue000';
/** Deepest chain of macros that name each other. */
const MAX_NESTING = 200;
/** Bound on the characters one line may expand to. */
const MAX_EXPANSION = 1 << 18;

export class Definitions {
  private readonly table = new Map<string, Definition>();

  constructor(initial: Readonly<Record<string, string | number | bigint>>) {
    for (const [name, value] of Object.entries(initial)) {
      this.table.set(name, { parameters: null, variadic: false, body: String(value) });
    }
  }

  has(name: string): boolean {
    return this.table.has(name);
  }

  /** `rest` is what follows `#define`. */
  define(rest: Text): void {
    const match = /^\s+([A-Za-z_]\w*)(\([^)]*\))?(?=\s|$)/.exec(rest.text);
    if (match === null) {
      const at = rest.text.length - rest.text.trimStart().length;
      throw AsmError.at(rest, at, 'malformed #define', 'write #define NAME text or #define NAME(a, b) text');
    }
    const [whole, name, list] = match;
    const names =
      list === undefined
        ? null
        : list
            .slice(1, -1)
            .trim()
            .split(/\s*,\s*/)
            .filter(Boolean);
    const tail = names?.at(-1) ?? '';
    const variadic = tail.endsWith('...');
    if (variadic) names?.splice(-1, 1, tail === '...' ? '__VA_ARGS__' : tail.slice(0, -3).trim());
    const bad = names?.find((n) => !/^[A-Za-z_]\w*$/.test(n));
    if (bad !== undefined) throw AsmError.at(rest, rest.text.indexOf(bad), `\`${bad}\` is no parameter name`);
    this.table.set(name as string, {
      parameters: names,
      variadic,
      body: rest.text.slice(whole.length).trim(),
    });
  }

  undefine(name: Text): void {
    if (!/^[A-Za-z_]\w*$/.test(name.text)) throw AsmError.at(name, 0, 'expected one name after #undef');
    this.table.delete(name.text);
  }

  /** Replaces `defined X` and `defined(X)` by 1 or 0. */
  replaceDefined(text: Text, known: (name: string) => boolean): Text {
    const builder = new TextBuilder();
    let from = 0;
    for (const match of text.text.matchAll(/\bdefined\b\s*(?:\(\s*([A-Za-z_]\w*)\s*\)|([A-Za-z_]\w*))?/g)) {
      const name = match[1] ?? match[2];
      if (name === undefined)
        throw AsmError.at(text, match.index, '`defined` needs a name', 'write defined(NAME)');
      builder.copy(text, from, match.index);
      builder.substitute(known(name) ? '1' : '0', text.offset(match.index));
      from = match.index + match[0].length;
    }
    builder.copy(text, from);
    return builder.finish(text.source, text.offset(text.length), text.via);
  }

  /** The line with all macros expanded; replaced text counts as standing where the macro was named. */
  expand(line: Text): Text {
    if (this.table.size === 0) return line;
    const expanded = this.expandHiding(line, new Set());
    if (!expanded.text.includes(FIXED)) return expanded;
    const builder = new TextBuilder();
    let from = 0;
    for (const match of expanded.text.matchAll(/\ue000/g)) {
      builder.copy(expanded, from, match.index);
      from = match.index + 1;
    }
    builder.copy(expanded, from);
    return builder.finish(line.source, line.offset(line.length), line.via);
  }

  private expandHiding(line: Text, hidden: ReadonlySet<string>): Text {
    const { text } = line;
    let builder: TextBuilder | null = null;
    let from = 0;
    WORD.lastIndex = 0;
    const word = new RegExp(WORD);
    for (let match = word.exec(text); match !== null; match = word.exec(text)) {
      const name = match[0];
      if (name === '"') {
        word.lastIndex = stringEnd(text, match.index);
        continue;
      }
      const definition = this.table.get(name);
      if (definition === undefined) continue;
      if (hidden.has(name)) {
        builder ??= new TextBuilder();
        builder.copy(line, from, match.index);
        builder.substitute(FIXED, line.offset(match.index));
        from = match.index;
        continue;
      }
      if (hidden.size >= MAX_NESTING) {
        throw AsmError.at(line, match.index, `macros nested more than ${MAX_NESTING} deep at \`${name}\``);
      }
      const end = match.index + name.length;
      const call = definition.parameters === null ? null : argumentList(line, end);
      if (definition.parameters !== null && call === null) continue;
      const at = line.offset(match.index);
      const body =
        call === null ? definition.body : this.bind(name, definition, line, match.index, call.list, hidden);
      const flat = new TextBuilder();
      flat.substitute(body, at);
      const inner = flat.finish(line.source, at, line.via);
      const expanded = this.expandHiding(inner, new Set([...hidden, name]));
      builder ??= new TextBuilder();
      builder.copy(line, from, match.index);
      builder.copy(expanded);
      if (builder.length > MAX_EXPANSION) {
        throw AsmError.at(line, match.index, `macro \`${name}\` expands without end`);
      }
      from = call?.end ?? end;
      word.lastIndex = from;
    }
    if (builder === null) return line;
    builder.copy(line, from);
    return builder.finish(line.source, line.offset(line.length), line.via);
  }

  private bind(
    name: string,
    definition: Definition,
    line: Text,
    index: number,
    given: readonly Text[],
    hidden: ReadonlySet<string>,
  ): string {
    const names = definition.parameters ?? [];
    const args = [...given];
    if (definition.variadic && args.length >= names.length) {
      const rest = args.splice(names.length - 1);
      args.push(literal(line.source, rest.map((t) => t.text).join(', ')));
    } else if (definition.variadic && args.length === names.length - 1) args.push(literal(line.source, ''));
    if (names.length === 1 && args.length === 0) args.push(literal(line.source, ''));
    if (args.length !== names.length) {
      const counts = `${names.length} argument${names.length === 1 ? '' : 's'}, not ${args.length}`;
      const hint = `write ${name}(${names.join(', ')})`;
      throw AsmError.at(line, index, `macro \`${name}\` takes ${counts}`, hint);
    }
    const raw = (n: string): string => (args[names.indexOf(n)] as Text).text.replaceAll(FIXED, '');
    const full = (n: string): string => this.expandHiding(args[names.indexOf(n)] as Text, hidden).text;
    return definition.body.replace(
      /"(?:\\.|[^"\\])*"|(#?)(\s*##\s*)?\b([A-Za-z_]\w*)\b(?=(\s*##)?)|\s*##\s*/g,
      (match, hash: string, paste: string, word: string, pasted: string) => {
        if (match.startsWith('"')) return match;
        if (word === undefined) return '';
        if (!names.includes(word)) return paste ? `${hash}${word}` : match;
        if (hash === '#' && !paste) return JSON.stringify(raw(word));
        return paste || pasted ? raw(word) : full(word);
      },
    );
  }
}

function literal(source: SourceFile, text: string): Text {
  const builder = new TextBuilder();
  builder.substitute(text, 0);
  return builder.finish(source, 0, null);
}

/** The parenthesised arguments that start at `from`, or null if none follow. */
function argumentList(line: Text, from: number): { list: Text[]; end: number } | null {
  const { text } = line;
  const open = from + ((text.slice(from).match(/^\s*/) as RegExpMatchArray)[0] as string).length;
  if (text[open] !== '(') return null;
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === '"') i = stringEnd(text, i) - 1;
    else if (text[i] === '(') depth++;
    else if (text[i] === ')' && --depth === 0) {
      return { list: split(line.slice(open + 1, i)), end: i + 1 };
    }
  }
  throw AsmError.at(line, open, '`(` is never closed', 'the arguments of a macro end on the same line');
}

/** Only parentheses protect a comma in the arguments of a preprocessor macro. */
function split(text: Text): Text[] {
  const pieces: Text[] = [];
  let from = 0;
  for (const at of topLevel(text.text.replace(/[[\]{}]/g, ' '), ',')) {
    pieces.push(text.slice(from, at).trim());
    from = at + 1;
  }
  const last = text.slice(from).trim();
  if (pieces.length > 0 || last.length > 0) pieces.push(last);
  return pieces;
}
