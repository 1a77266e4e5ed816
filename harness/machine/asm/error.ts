// SPDX-License-Identifier: MIT
/** The one error of the assembler front-end: what is wrong, where, and how to mend it. */
import { columnsOf } from '../../ctype/columns.js';
import { type Invocation, type Position, positionIn, type SourceFile, type Text } from './text.js';

/** Characters of a source line that an error shows. */
const EXCERPT = 100;

export class AsmError extends Error {
  override readonly name = 'AsmError';
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  /** The source line as written. */
  readonly source: string;
  /** Macro invocations that led there, innermost first. */
  readonly via: readonly { readonly macro: string; readonly file: string; readonly line: number }[];

  constructor(
    message: string,
    position: Position,
    readonly hint: string,
    via: Invocation | null = null,
  ) {
    super(message);
    this.file = position.file;
    this.line = position.line;
    this.column = position.column;
    this.source = position.source;
    const chain: { macro: string; file: string; line: number }[] = [];
    for (let v = via; v !== null; v = v.at.via) {
      const { file, line } = v.at.position();
      chain.push({ macro: v.macro, file, line });
    }
    this.via = chain;
  }

  /** Error at character `index` of a piece of text. */
  static at(text: Text, index: number, message: string, hint = ''): AsmError {
    return new AsmError(message, text.position(index), hint, text.via);
  }

  static in(source: SourceFile, offset: number, message: string, hint = ''): AsmError {
    return new AsmError(message, positionIn(source, offset), hint);
  }

  /** `file:line:column: error: …`, the source line, a caret, the macros it came through, the hint. */
  render(): string {
    const number = String(this.line).padStart(5);
    // Long lines (a binary file has nothing else) are cut to the surroundings of the error.
    const from = this.column > EXCERPT ? this.column - EXCERPT / 2 : 0;
    const excerpt = this.source.slice(from, from + EXCERPT).replace(/[^\t\P{C}]/gu, '?');
    const lead = excerpt
      .slice(0, this.column - 1 - from)
      .replace(/[^\t]+/g, (text) => ' '.repeat(columnsOf(text)));
    return [
      `${this.file}:${this.line}:${this.column}: error: ${this.message}`,
      `${number} | ${excerpt}`.trimEnd(),
      `${' '.repeat(number.length)} | ${lead}^`,
      ...this.via.map((v) => `  in macro \`${v.macro}\`, used at ${v.file}:${v.line}`),
      ...(this.hint === '' ? [] : [`  hint: ${this.hint}`]),
    ].join('\n');
  }
}
