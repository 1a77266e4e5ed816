// SPDX-License-Identifier: MIT
/**
 * Expansion of preprocessed lines into a flat item list: macros, repetition, conditional assembly,
 * assignments, sections. Directives as in the GNU as manual, chapter "Assembler Directives".
 */

import { nearest } from '../../ctype/nearest.js';
import { statements } from './comments.js';
import { Conditions } from './conditions.js';
import { directive, IGNORED } from './directives.js';
import { AsmError } from './error.js';
import { ExpressionError, evaluate, parseExpression } from './expression.js';
import type { Assignment, Item } from './item.js';
import { bindArguments, type Macro, parseMacro, substitute, words } from './macro.js';
import type { Invocation, Text } from './text.js';

/** Bound on statements after expansion: a runaway macro ends in an error, not in memory exhaustion. */
const MAX_STATEMENTS = 50_000;
const MAX_NESTING = 100;

const LABEL = /^([A-Za-z_.$][\w.$]*|\d+)\s*:(?!:)/;
const WORD = /^([A-Za-z_.$][\w.$]*[+-]?)(?=\s|$)/;
const ASSIGNMENT = /^([A-Za-z_.$][\w.$]*)\s*(==?)(?!=)/;
const FUNCTION_TYPE = /^([A-Za-z_.$][\w.$]*)\s*,\s*[@%]function$/;
const BLOCKS: Readonly<Record<string, string>> = {
  '.macro': '.endm',
  '.rept': '.endr',
  '.irp': '.endr',
  '.irpc': '.endr',
};

export interface Expansion {
  readonly items: readonly Item[];
  readonly assignments: ReadonlyMap<string, readonly Assignment[]>;
  /** Index in `items` of each named label. */
  readonly labels: ReadonlyMap<string, number>;
  /** Indices in `items` of each numeric label, ascending. */
  readonly numbers: ReadonlyMap<string, readonly number[]>;
  /** Labels in sections that are not laid out: name → section. */
  readonly dropped: ReadonlyMap<string, string>;
  /** Names with `.type name, @function`. */
  readonly functions: ReadonlySet<string>;
}

class Exit {}
const EXIT = new Exit();

export class Expander implements Expansion {
  readonly items: Item[] = [];
  readonly assignments = new Map<string, Assignment[]>();
  readonly labels = new Map<string, number>();
  readonly numbers = new Map<string, number[]>();
  readonly dropped = new Map<string, string>();
  readonly functions = new Set<string>();
  private readonly macros = new Map<string, Macro>();
  private invocations = 0;
  private seen = 0;
  private sections: { name: string; laidOut: boolean }[] = [{ name: '.text', laidOut: true }];
  private previous = { name: '.text', laidOut: true };

  constructor(
    private readonly comment: string,
    private readonly known: (symbol: string) => bigint | undefined,
    private readonly mnemonics: ReadonlySet<string>,
  ) {}

  expand(lines: readonly Text[]): this {
    this.run(
      lines.flatMap((line) => statements(line, this.comment)),
      0,
    );
    return this;
  }

  private run(list: readonly Text[], depth: number): void {
    const conditions = new Conditions(this);
    for (let i = 0; i < list.length; i++) {
      let statement = list[i] as Text;
      if (++this.seen > MAX_STATEMENTS) {
        throw AsmError.at(
          statement,
          0,
          `more than ${MAX_STATEMENTS} statements`,
          'does a macro or .rept run away?',
        );
      }
      if (conditions.live) statement = this.takeLabels(statement);
      const word = WORD.exec(statement.text)?.[1] ?? '';
      const rest = statement.slice(word.length).trim();
      if (conditions.directive(word, statement, rest) || !conditions.live || statement.length === 0) continue;
      const close = BLOCKS[word];
      if (close !== undefined) {
        const end = blockEnd(list, i, close, statement);
        this.block(word, statement, rest, list.slice(i + 1, end), depth);
        i = end;
      } else if (word === '.exitm') throw EXIT;
      else this.statement(word, statement, rest, depth);
    }
    conditions.finish();
  }

  private nested(list: readonly Text[], depth: number, at: Text): void {
    if (depth >= MAX_NESTING) {
      throw AsmError.at(at, 0, `macros nested more than ${MAX_NESTING} deep`, 'does the macro call itself?');
    }
    try {
      this.run(
        list.flatMap((line) => statements(line, this.comment)),
        depth + 1,
      );
    } catch (thrown) {
      if (thrown !== EXIT) throw thrown;
    }
  }

  private takeLabels(statement: Text): Text {
    let rest = statement;
    for (let match = LABEL.exec(rest.text); match !== null; match = LABEL.exec(rest.text)) {
      this.label(match[1] as string, rest);
      rest = rest.slice(match[0].length).trim();
    }
    return rest;
  }

  private label(name: string, at: Text): void {
    const section = this.section;
    if (/^\d/.test(name)) {
      if (!section.laidOut) return;
      const list = this.numbers.get(name) ?? [];
      list.push(this.items.length);
      this.numbers.set(name, list);
      this.items.push({ kind: 'label', name, number: name, at });
      return;
    }
    const before = this.labels.get(name);
    if (before !== undefined || this.assignments.has(name)) {
      const first = before === undefined ? null : (this.items[before] as Item).at.position();
      const hint = first ? `first defined at ${first.file}:${first.line}` : 'it is set by .set already';
      throw AsmError.at(
        at,
        0,
        `symbol \`${name}\` is defined twice`,
        `${hint}; in a macro, use \\@ or a numeric label`,
      );
    }
    if (!section.laidOut) {
      this.dropped.set(name, section.name);
      return;
    }
    this.labels.set(name, this.items.length);
    this.items.push({ kind: 'label', name, number: null, at });
  }

  private block(word: string, statement: Text, rest: Text, body: readonly Text[], depth: number): void {
    if (word === '.macro') {
      const macro = parseMacro(rest, body);
      if (this.macros.has(macro.name)) {
        throw AsmError.at(
          rest,
          0,
          `macro \`${macro.name}\` is defined twice`,
          'remove the first with .purgem',
        );
      }
      this.macros.set(macro.name, macro);
      return;
    }
    if (word === '.rept') {
      const count = this.constant(rest);
      if (count < 0n) throw AsmError.at(rest, 0, `.rept of ${count} times`);
      for (let i = 0n; i < count; i++) this.nested(body, depth, statement);
      return;
    }
    const [name, ...values] = words(rest);
    if (name === undefined)
      throw AsmError.at(statement, 0, `\`${word}\` needs a name`, `write ${word} name, values`);
    const each =
      word === '.irp' ? values : values.flatMap((v) => [...v.text].map((_, i) => v.slice(i, i + 1)));
    if (values.length === 0) each.push(rest.slice(rest.length));
    for (const value of each) {
      const bound = new Map([[name.text, value]]);
      this.nested(
        body.map((line) => substitute(line, bound, this.invocations, line.via)),
        depth,
        statement,
      );
    }
  }

  private statement(word: string, statement: Text, rest: Text, depth: number): void {
    const macro = this.macros.get(word);
    if (macro !== undefined) {
      this.invoke(macro, statement, rest, depth);
      return;
    }
    if (statement.text.includes('\\')) refuseStray(statement);
    const assignment = ASSIGNMENT.exec(statement.text);
    if (assignment !== null) {
      const value = statement.slice(assignment[0].length).trim();
      this.assign(assignment[1] as string, value, statement, assignment[2] === '==');
    } else if (word.startsWith('.')) this.directive(word, statement, rest);
    else if (word === '')
      throw AsmError.at(statement, 0, 'expected a label, directive, macro or instruction');
    else if (!this.mnemonics.has(word.toLowerCase())) {
      const near = nearest(word.toLowerCase(), [...this.mnemonics, ...this.macros.keys()]);
      const hint = near ? `did you mean \`${near}\`?` : 'it is neither a macro nor in the instruction table';
      throw AsmError.at(statement, 0, `unknown instruction \`${word}\``, hint);
    } else {
      const operands = rest.split(',');
      this.place({ kind: 'instruction', mnemonic: word.toLowerCase(), operands, at: statement });
    }
  }

  private directive(word: string, statement: Text, rest: Text): void {
    const typed = word === '.type' ? FUNCTION_TYPE.exec(rest.text) : null;
    if (typed !== null) this.functions.add(typed[1] as string);
    if (IGNORED.has(word)) return;
    if (word === '.set' || word === '.equ' || word === '.equiv') {
      const match = /^([A-Za-z_.$][\w.$]*)\s*,\s*/.exec(rest.text);
      if (match === null)
        throw AsmError.at(statement, 0, `malformed \`${word}\``, `write ${word} name, expression`);
      this.assign(match[1] as string, rest.slice(match[0].length), statement, word === '.equiv');
    } else if (word === '.purgem') {
      if (!this.macros.delete(rest.text)) throw AsmError.at(rest, 0, `no macro \`${rest.text}\``);
    } else if (word === '.error' || word === '.err') {
      throw AsmError.at(statement, 0, `${word} ${rest.text}`.trim());
    } else if (!this.switchSection(word, statement, rest)) this.place(directive(word, statement, rest, this));
  }

  private switchSection(word: string, statement: Text, rest: Text): boolean {
    const target = { '.text': '.text', '.data': '.data', '.bss': '.bss' }[word];
    const top = this.section;
    if (target !== undefined || word === '.section' || word === '.pushsection') {
      const name = target ?? rest.split(',')[0]?.text.replace(/^"|"$/g, '') ?? '';
      if (name === '') throw AsmError.at(statement, 0, `\`${word}\` needs a name`);
      const laidOut = /text/.test(name) || /"[a-z]*x[a-z]*"/.test(rest.text);
      if (word === '.pushsection') this.sections.push({ name, laidOut });
      else this.sections[this.sections.length - 1] = { name, laidOut };
    } else if (word === '.popsection') {
      if (this.sections.length < 2) {
        throw AsmError.at(statement, 0, '`.popsection` without `.pushsection`', 'remove it');
      }
      this.sections.pop();
    } else if (word === '.previous') this.sections[this.sections.length - 1] = this.previous;
    else return false;
    this.previous = top;
    return true;
  }

  private get section(): { name: string; laidOut: boolean } {
    return this.sections.at(-1) as { name: string; laidOut: boolean };
  }

  private place(item: Item | null): void {
    const { name: section, laidOut } = this.section;
    if (item === null) return;
    if (laidOut) this.items.push(item);
    else if (item.kind === 'data' && section.startsWith('.discard.'))
      this.items.push({ kind: 'note', section, values: item.values, at: item.at });
  }

  private assign(name: string, value: Text, at: Text, once: boolean): void {
    if (value.length === 0) throw AsmError.at(at, 0, `no value for \`${name}\``, 'write name = expression');
    const list = this.assignments.get(name) ?? [];
    if (this.labels.has(name) || (once && list.length > 0)) {
      throw AsmError.at(at, 0, `symbol \`${name}\` is defined twice`, 'use another name');
    }
    const known = this.tryConstant(value);
    list.push({ from: this.items.length, value: known ?? null });
    this.assignments.set(name, list);
    if (known === undefined) this.items.push({ kind: 'set', name, value, at });
  }

  private invoke(macro: Macro, statement: Text, rest: Text, depth: number): void {
    const via: Invocation = { macro: macro.name, at: statement };
    const bound = bindArguments(macro, statement, rest);
    const count = this.invocations++;
    this.nested(
      macro.body.map((line) => substitute(line, bound, count, via)),
      depth,
      statement,
    );
  }

  /** Whether `.ifdef` finds the symbol: anything with a value so far, labels included. */
  isDefined(name: string): boolean {
    return this.labels.has(name) || this.assignments.has(name) || this.known(name) !== undefined;
  }

  /** Value of an expression that must be known now. @throws AsmError */
  constant(text: Text): bigint {
    try {
      return evaluate(parseExpression(text.text), (name) => this.present(name));
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      const label = error.symbol !== null && (this.labels.has(error.symbol) || error.symbol === '.');
      const message = label ? `the address of \`${error.symbol}\` is not known yet here` : error.message;
      throw AsmError.at(text, error.at, message, 'this must be a value that earlier lines define');
    }
  }

  private tryConstant(text: Text): bigint | undefined {
    try {
      return evaluate(parseExpression(text.text), (name) => this.present(name));
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      if (error.symbol === null) throw AsmError.at(text, error.at, error.message);
      return undefined;
    }
  }

  private present(name: string): bigint | undefined {
    const last = this.assignments.get(name)?.at(-1);
    return last === undefined ? this.known(name) : (last.value ?? undefined);
  }
}

/** A backslash that is left once arguments are in. */
function refuseStray(statement: Text): void {
  const { text } = statement;
  const stray = /(?<!')\\/.exec(text.replaceAll("'\\\\", "'  "))?.index ?? -1;
  if (stray < 0 || text.includes('"')) return;
  const name = /^\\[\w$]*/.exec(text.slice(stray))?.[0] ?? '\\';
  throw AsmError.at(statement, stray, `\`${name}\` names no macro argument`, 'declare it in the .macro line');
}

/** Index of the directive that closes the block opened at `from`. */
function blockEnd(list: readonly Text[], from: number, close: string, opening: Text): number {
  let depth = 0;
  for (let i = from + 1; i < list.length; i++) {
    const word = /^(?:[\w.$]+\s*:\s*)*(\.\w+)/.exec((list[i] as Text).text)?.[1] ?? '';
    if (BLOCKS[word] === close) depth++;
    else if ((word === close || (close === '.endm' && word === '.endmacro')) && depth-- === 0) return i;
  }
  throw AsmError.at(opening, 0, `block without \`${close}\``, `add the missing ${close}`);
}
