// SPDX-License-Identifier: MIT
/** A case file's text and the way from an offset in it to a position, and so to an error. */
import type { TextError } from '../ctype/text-error.js';
import { CaseError, type CaseErrorCode } from './error.js';
import { offsetIn, type Scalar } from './tree.js';
import type { Position } from './types.js';

export class Source {
  private readonly starts: readonly number[];

  constructor(
    readonly file: string,
    readonly text: string,
    /** Suffix of the expanded case being checked, for messages; empty outside of `for:`. */
    readonly row = '',
    starts?: readonly number[],
  ) {
    this.starts = starts ?? lineStarts(text);
  }

  forRow(row: string): Source {
    return new Source(this.file, this.text, row, this.starts);
  }

  /** 1-based line and column (UTF-16 units) of an offset. */
  position(offset: number): Position {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return { file: this.file, line: low + 1, column: offset - (this.starts[low] as number) + 1 };
  }

  /** @throws CaseError always */
  fail(code: CaseErrorCode, offset: number, message: string, remedy: string): never {
    return this.failAt(code, this.position(Math.max(0, Math.min(offset, this.text.length))), message, remedy);
  }

  /** @throws CaseError always */
  failAt(code: CaseErrorCode, position: Position, message: string, remedy: string): never {
    const start = this.starts[position.line - 1] as number;
    const end = this.text.indexOf('\n', start);
    const line = this.text.slice(start, end < 0 ? undefined : end).replace(/\r$/, '');
    const where = this.row === '' ? '' : ` (in the case \`${this.row}\` of \`for\`)`;
    throw new CaseError(
      code,
      position,
      `${message}${where}`,
      remedy,
      code === 'binary' || code === 'too-big' ? null : line,
    );
  }

  /** Places the error of a text at the scalar that holds it. */
  failIn(code: CaseErrorCode, scalar: Scalar, error: TextError): never {
    this.fail(code, offsetIn(scalar, error.index), error.message, error.remedy);
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
