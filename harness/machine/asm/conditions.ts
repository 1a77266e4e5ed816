// SPDX-License-Identifier: MIT
/** Conditional assembly: `.if` and its relatives (GNU as manual, ".if"). */
import { AsmError } from './error.js';
import type { Text } from './text.js';

interface Scope {
  constant(text: Text): bigint;
  isDefined(name: string): boolean;
}

interface Open {
  readonly at: Text;
  readonly outer: boolean;
  live: boolean;
  taken: boolean;
  closed: boolean;
}

const COMPARISONS: Readonly<Record<string, (value: bigint) => boolean>> = {
  '.if': (v) => v !== 0n,
  '.ifne': (v) => v !== 0n,
  '.ifeq': (v) => v === 0n,
  '.ifgt': (v) => v > 0n,
  '.ifge': (v) => v >= 0n,
  '.iflt': (v) => v < 0n,
  '.ifle': (v) => v <= 0n,
};

/** The conditions open in one macro body or file; they must balance within it. */
export class Conditions {
  private readonly stack: Open[] = [];

  constructor(private readonly scope: Scope) {}

  /** Whether the present statement is assembled. */
  get live(): boolean {
    return this.stack.at(-1)?.live ?? true;
  }

  /** Handles a conditional directive; false for any other statement. @throws AsmError */
  directive(word: string, statement: Text, rest: Text): boolean {
    if (word.startsWith('.if')) {
      const test = this.test(word, statement, rest);
      if (test === null) return false;
      const outer = this.live;
      const live = outer && test();
      this.stack.push({ at: statement, outer, live, taken: live, closed: false });
    } else if (word === '.else' || word === '.elseif') {
      const top = this.stack.at(-1);
      if (top === undefined || top.closed) {
        throw AsmError.at(statement, 0, `\`${word}\` without \`.if\``, 'check how the conditions nest');
      }
      top.closed = word === '.else';
      top.live = top.outer && !top.taken && (word === '.else' || this.scope.constant(rest) !== 0n);
      top.taken ||= top.live;
    } else if (word === '.endif') {
      if (this.stack.pop() === undefined) {
        throw AsmError.at(statement, 0, '`.endif` without `.if`', 'remove it, or open the condition');
      }
    } else return false;
    return true;
  }

  /** @throws AsmError if a condition is still open. */
  finish(): void {
    const open = this.stack.at(-1);
    if (open !== undefined) {
      throw AsmError.at(open.at, 0, 'condition without `.endif`', 'add the missing .endif');
    }
  }

  private test(word: string, statement: Text, rest: Text): (() => boolean) | null {
    const compare = COMPARISONS[word];
    if (compare !== undefined) return () => compare(this.scope.constant(rest));
    switch (word) {
      case '.ifdef':
        return () => this.isDefined(rest, statement);
      case '.ifndef':
      case '.ifnotdef':
        return () => !this.isDefined(rest, statement);
      case '.ifb':
        return () => rest.length === 0;
      case '.ifnb':
        return () => rest.length > 0;
      case '.ifc':
      case '.ifeqs':
        return () => same(word, statement, rest);
      case '.ifnc':
      case '.ifnes':
        return () => !same(word, statement, rest);
      default:
        return null;
    }
  }

  private isDefined(rest: Text, statement: Text): boolean {
    if (!/^[A-Za-z_.$][\w.$]*$/.test(rest.text)) {
      throw AsmError.at(rest.length > 0 ? rest : statement, 0, 'expected one symbol', 'write .ifdef name');
    }
    return this.scope.isDefined(rest.text);
  }
}

function same(word: string, statement: Text, rest: Text): boolean {
  const comma = rest.text.indexOf(',');
  if (comma < 0)
    throw AsmError.at(statement, 0, `\`${word}\` compares two strings`, `write ${word} one,other`);
  const plain = (text: string): string => text.trim().replace(/^"(.*)"$/, '$1');
  return plain(rest.text.slice(0, comma)) === plain(rest.text.slice(comma + 1));
}
