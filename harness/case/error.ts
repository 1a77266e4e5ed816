// SPDX-License-Identifier: MIT
/** The one error of the case language: what is wrong, where, and how to mend it, for people and for programs. */
import { around } from '../ctype/columns.js';
import type { Position } from './types.js';

/** Closed set; each names the rule that was broken. */
export type CaseErrorCode =
  /** The text as such. */
  | 'empty'
  | 'too-big'
  | 'binary'
  | 'yaml'
  | 'duplicate-key'
  /** Shape: keys and kinds of values. */
  | 'unknown-key'
  | 'missing-key'
  | 'wrong-shape'
  /** `for:` and ids. */
  | 'substitution'
  | 'bad-id'
  /** Small languages inside scalars. */
  | 'bad-name'
  | 'bad-prototype'
  | 'bad-struct'
  | 'bad-expression'
  | 'bad-accessor'
  /** Meaning. */
  | 'unknown-name'
  | 'duplicate-name'
  | 'wrong-arity'
  | 'wrong-type'
  | 'out-of-range'
  | 'division-by-zero'
  | 'bad-returns'
  | 'bad-step'
  | 'bad-action'
  | 'bad-flag'
  | 'cyclic-calls'
  | 'bad-expectation'
  | 'bad-divergence';

const width = 80;

export class CaseError extends Error implements Position {
  override readonly name = 'CaseError';
  readonly file: string;
  readonly line: number;
  readonly column: number;

  constructor(
    readonly code: CaseErrorCode,
    position: Position,
    message: string,
    /** What to write instead: one sentence without a full stop. */
    readonly remedy: string,
    /** The source line at `line`; `null` when the text is not at hand or not fit for a terminal. */
    readonly sourceLine: string | null = null,
  ) {
    super(message);
    this.file = position.file;
    this.line = position.line;
    this.column = position.column;
  }

  /** `file:line:column: message`, the source line with a caret within 80 columns, and the remedy. */
  render(): string {
    const lines = [`${this.file}:${this.line}:${this.column}: ${this.message}`];
    if (this.sourceLine !== null && this.sourceLine.trim() !== '')
      lines.push(...this.excerpt(this.sourceLine));
    if (this.remedy !== '') lines.push(`  ${this.remedy}`);
    return lines.join('\n');
  }

  private excerpt(sourceLine: string): string[] {
    const gutter = `${String(this.line).padStart(5)} | `;
    const room = width - gutter.length;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they would move the caret
    const line = sourceLine.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
    const { shown, before } = around(line, this.column - 1, room);
    return [`${gutter}${shown}`, `${' '.repeat(5)} | ${' '.repeat(before)}^`];
  }
}
