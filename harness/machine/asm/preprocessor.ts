// SPDX-License-Identifier: MIT
/**
 * The C preprocessor as assembler sources use it: conditionals and macros (C17 6.10). There is no
 * `#include`: offsets come in as symbols, configuration as definitions.
 */

import { nearest } from '../../ctype/nearest.js';
import { logicalLines } from './comments.js';
import { Definitions } from './definitions.js';
import { AsmError } from './error.js';
import { ExpressionError, evaluate, parseExpression } from './expression.js';
import type { SourceFile, Text } from './text.js';

const DIRECTIVES = [
  ...['define', 'undef', 'if', 'ifdef', 'ifndef', 'elif', 'else', 'endif'],
  ...['include', 'error', 'warning', 'pragma', 'line'],
] as const;
type Directive = (typeof DIRECTIVES)[number];
const LINE = /^\s*#\s*([A-Za-z_]\w*)\b/;

interface Condition {
  readonly at: Text;
  /** Lines of this branch are taken. */
  live: boolean;
  /** Some branch was taken already. */
  taken: boolean;
  readonly outer: boolean;
  closed: boolean;
}

/**
 * Lines of all sources after conditionals and macro expansion, in order.
 * `symbols`: constants of the assembler, which conditions may name too.
 * @throws AsmError
 */
export function preprocess(
  sources: readonly SourceFile[],
  defines: Readonly<Record<string, string | number | bigint>>,
  symbols: Readonly<Record<string, number | bigint>>,
  comment: string,
): Text[] {
  const definitions = new Definitions(defines);
  const out: Text[] = [];
  for (const source of sources) new FilePass(definitions, symbols, comment, out).run(source);
  return out;
}

class FilePass {
  private readonly conditions: Condition[] = [];

  constructor(
    private readonly definitions: Definitions,
    private readonly symbols: Readonly<Record<string, number | bigint>>,
    private readonly comment: string,
    private readonly out: Text[],
  ) {}

  run(source: SourceFile): void {
    for (const line of logicalLines(source)) {
      const match = LINE.exec(line.text);
      if (match !== null && this.directive(line, match[1] as string, match[0].length)) continue;
      if (this.live && /\S/.test(line.text)) this.out.push(this.definitions.expand(line));
    }
    const open = this.conditions.at(-1);
    if (open)
      throw AsmError.at(open.at, indent(open.at), 'condition without `#endif`', 'add the missing #endif');
  }

  private get live(): boolean {
    return this.conditions.at(-1)?.live ?? true;
  }

  /** Returns false if the line is an assembler comment that begins with `#`. */
  private directive(line: Text, name: string, end: number): boolean {
    const start = indent(line);
    if (!DIRECTIVES.includes(name as Directive)) {
      if (this.comment.includes('#')) return false;
      if (!this.live) return true;
      const near = nearest(name, DIRECTIVES);
      throw AsmError.at(line, start, `unknown directive \`#${name}\``, near ? `did you mean #${near}?` : '');
    }
    const rest = line.slice(end);
    const body = rest.trim();
    switch (name as Directive) {
      case 'if':
        this.open(line, () => this.condition(body));
        return true;
      case 'ifdef':
      case 'ifndef':
        this.open(line, () => this.isDefined(body) === (name === 'ifdef'));
        return true;
      case 'elif': {
        const top = this.innermost(line, name);
        top.live = top.outer && !top.taken && this.condition(body);
        top.taken ||= top.live;
        return true;
      }
      case 'else': {
        const top = this.innermost(line, name);
        top.closed = true;
        top.live = top.outer && !top.taken;
        top.taken = true;
        return true;
      }
      case 'endif':
        if (this.conditions.pop() === undefined) {
          throw AsmError.at(line, start, '`#endif` without `#if`', 'remove it, or open the condition');
        }
        return true;
    }
    if (!this.live) return true;
    if (name === 'define') this.definitions.define(rest);
    else if (name === 'undef') this.definitions.undefine(body);
    else if (name === 'error') throw AsmError.at(line, start, `#error ${body.text}`);
    else if (name === 'include') {
      const hint = 'list the file among the sources; asm-offsets and CONFIG_ symbols are there already';
      throw AsmError.at(line, start, '`#include` is not available', hint);
    }
    return true;
  }

  private open(line: Text, test: () => boolean): void {
    const outer = this.live;
    const live = outer && test();
    this.conditions.push({ at: line, live, taken: live, outer, closed: false });
  }

  private innermost(line: Text, name: string): Condition {
    const top = this.conditions.at(-1);
    if (top === undefined || top.closed) {
      const why = top ? `\`#${name}\` after \`#else\`` : `\`#${name}\` without \`#if\``;
      throw AsmError.at(line, indent(line), why, 'check how the conditions nest');
    }
    return top;
  }

  private isDefined(name: Text): boolean {
    if (!/^[A-Za-z_]\w*$/.test(name.text)) {
      throw AsmError.at(name, 0, 'expected one name', 'write #ifdef NAME');
    }
    return this.definitions.has(name.text) || Object.hasOwn(this.symbols, name.text);
  }

  private condition(text: Text): boolean {
    const known = (name: string): boolean => this.definitions.has(name) || Object.hasOwn(this.symbols, name);
    const expanded = this.definitions.expand(this.definitions.replaceDefined(text, known));
    const value = (name: string): bigint => {
      const symbol = Object.hasOwn(this.symbols, name) ? this.symbols[name] : undefined;
      return symbol === undefined ? 0n : BigInt(symbol);
    };
    try {
      return evaluate(parseExpression(expanded.text, 'c'), value, 'c') !== 0n;
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      throw AsmError.at(expanded, error.at, error.message, 'a condition is an integer expression');
    }
  }
}

function indent(text: Text): number {
  return text.text.length - text.text.trimStart().length;
}
