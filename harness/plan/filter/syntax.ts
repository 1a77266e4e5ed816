// SPDX-License-Identifier: MIT
/**
 * The text of a filter → a tree, with places for errors found later. `or` and `,` bind least, then `and`, then `not`;
 * a word is a path, or a predicate where one has its name; quotes make a path of any word.
 */
import { FilterError, type Span } from './error.js';

export type Term =
  | { readonly kind: 'any' | 'all'; readonly of: readonly Term[] }
  | { readonly kind: 'not'; readonly of: Term }
  | { readonly kind: 'path'; readonly text: string; readonly quoted: boolean; readonly span: Span }
  | {
      readonly kind: 'predicate';
      readonly name: string;
      readonly arguments: readonly Argument[];
      /** Of the name. */
      readonly span: Span;
    };

export interface Argument {
  readonly text: string;
  /** Written `~text`: a regular expression. */
  readonly pattern: boolean;
  readonly span: Span;
}

/** Deeper nesting is a mistake, and would exhaust the stack. */
const DEEPEST = 100;
const LONGEST = 10_000;

/** Other languages spell operators so. */
const FOREIGN: Readonly<Record<string, string>> = {
  '&': 'and',
  '&&': 'and',
  '|': 'or',
  '||': 'or',
  '!': 'not',
};

/** @param origin where it was given: `--filter` @throws FilterError */
export function parseFilter(text: string, origin: string): Term {
  if (text.length > LONGEST) {
    throw new FilterError(origin, text.slice(0, 60), { from: 0, to: 1 }, `longer than ${LONGEST} characters`);
  }
  return new Parser(text, origin).whole();
}

class Parser {
  private at = 0;
  private depth = 0;

  constructor(
    private readonly text: string,
    private readonly origin: string,
  ) {}

  whole(): Term {
    const term = this.any();
    if (this.peek() === ')') this.fail(this.here(), 'this `)` closes nothing');
    if (this.peek() !== '') this.fail(this.here(1), 'expected `and`, `or`, `,` or the end');
    return term;
  }

  private any(): Term {
    const of = [this.all()];
    while (this.skip(',') || this.keyword('or')) of.push(this.all());
    return of.length === 1 ? (of[0] as Term) : { kind: 'any', of };
  }

  private all(): Term {
    const of = [this.not()];
    while (this.keyword('and')) of.push(this.not());
    return of.length === 1 ? (of[0] as Term) : { kind: 'all', of };
  }

  private not(): Term {
    if (++this.depth > DEEPEST) this.fail(this.here(1), `nested deeper than ${DEEPEST}`);
    try {
      return this.keyword('not') ? { kind: 'not', of: this.not() } : this.primary();
    } finally {
      this.depth--;
    }
  }

  private primary(): Term {
    const opened = this.here(1);
    if (this.skip('(')) {
      const inner = this.any();
      if (!this.skip(')')) this.fail(opened, 'this `(` is not closed');
      return inner;
    }
    if (this.peek() === '"' || this.peek() === "'") {
      const { text, span } = this.quoted();
      return { kind: 'path', text, quoted: true, span };
    }
    const { text, span } = this.word();
    if (text === '') this.fail(this.here(1), 'expected a path, a predicate, `not` or `(`');
    if (/^(and|or|not)$/.test(text)) this.fail(span, `\`${text}\` needs a term before and after it`);
    const spelt = FOREIGN[text] ?? FOREIGN[text[0] as string];
    if (spelt !== undefined) this.fail(span, `\`${text}\` is no operator; say \`${spelt}\``);
    if (this.text[this.at] !== '(') return { kind: 'path', text, quoted: false, span };
    return { kind: 'predicate', name: text, arguments: this.list(), span };
  }

  /** `(a, b)`, possibly empty. */
  private list(): Argument[] {
    const opened = this.here(1);
    this.at++;
    const list: Argument[] = [];
    if (this.skip(')')) return list;
    for (;;) {
      list.push(this.argument(opened));
      if (this.skip(')')) return list;
      if (this.peek() === '') this.fail(opened, 'this `(` is not closed');
      if (!this.skip(',')) this.fail(this.here(1), 'expected `,` or `)`');
    }
  }

  private argument(opened: Span): Argument {
    const pattern = this.skip('~');
    const next = this.peek();
    if (next === '"' || next === "'") return { ...this.quoted(), pattern };
    if (pattern) return { ...this.raw(opened), pattern };
    const found = this.word();
    if (found.text === '') {
      this.fail(
        next === '' ? opened : this.here(1),
        next === '' ? 'this `(` is not closed' : 'expected a name',
      );
    }
    return { ...found, pattern };
  }

  /** A regular expression without quotes: up to the `)` that closes the list. */
  private raw(opened: Span): { text: string; span: Span } {
    const from = this.at;
    let depth = 0;
    while (this.at < this.text.length && (depth > 0 || this.text[this.at] !== ')')) {
      if (this.text[this.at] === '\\') this.at++;
      else if (this.text[this.at] === '(') depth++;
      else if (this.text[this.at] === ')') depth--;
      this.at++;
    }
    if (this.at >= this.text.length) this.fail(opened, 'this `(` is not closed');
    const text = this.text.slice(from, this.at).trimEnd();
    if (text === '') this.fail(this.here(1), 'expected a regular expression after `~`');
    return { text, span: { from, to: from + text.length } };
  }

  private quoted(): { text: string; span: Span } {
    const from = this.at;
    const end = this.text.indexOf(this.text[from] as string, from + 1);
    if (end < 0) this.fail({ from, to: from + 1 }, 'this quote is not closed');
    this.at = end + 1;
    const text = this.text.slice(from + 1, end);
    if (text === '') this.fail({ from, to: this.at }, 'there is nothing between the quotes');
    return { text, span: { from, to: this.at } };
  }

  /** What stands between blanks, brackets and commas; the commas of `{a,b}` are part of it. */
  private word(): { text: string; span: Span } {
    this.blanks();
    const from = this.at;
    let braces = 0;
    for (; this.at < this.text.length; this.at++) {
      const one = this.text[this.at] as string;
      if (/[\s()"']/.test(one) || (one === ',' && braces === 0)) break;
      if (one === '{') braces++;
      if (one === '}') braces--;
    }
    return { text: this.text.slice(from, this.at), span: { from, to: this.at } };
  }

  private keyword(word: string): boolean {
    this.blanks();
    const rest = this.text.slice(this.at, this.at + word.length + 1);
    if (!rest.startsWith(word) || /[^\s()"',]/.test(rest.slice(word.length))) return false;
    this.at += word.length;
    return true;
  }

  private skip(one: string): boolean {
    if (this.peek() !== one) return false;
    this.at++;
    return true;
  }

  /** The next character that is no blank; `''` at the end. */
  private peek(): string {
    this.blanks();
    return this.text[this.at] ?? '';
  }

  private blanks(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
  }

  private here(length = 1): Span {
    this.blanks();
    return { from: this.at, to: this.at + length };
  }

  private fail(span: Span, why: string): never {
    throw new FilterError(this.origin, this.text, span, why);
  }
}
