// SPDX-License-Identifier: MIT
/** What is wrong with a filter, with its column and a caret below the place. */
import { around, columnsOf } from '../../ctype/columns.js';
import { Problem } from '../problem.js';

/** Offsets into the filter's text, in UTF-16 units; `to` is behind the last. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Columns of the excerpt. */
const ROOM = 76;

export class FilterError extends Problem {
  /** @param origin where the filter was given: `--filter` */
  constructor(origin: string, text: string, span: Span, why: string) {
    super(`${origin}, column ${span.from + 1}: ${why}\n${excerpt(text, span)}`);
  }
}

function excerpt(text: string, { from, to }: Span): string {
  const flat = text.replaceAll(/\s/g, ' ');
  const { shown, before } = around(flat, from, ROOM);
  const length = Math.max(1, Math.min(columnsOf(flat.slice(from, to)), ROOM - before));
  return `  ${shown}\n  ${' '.repeat(before)}${'^'.repeat(length)}`;
}
