// SPDX-License-Identifier: MIT
/** What is wrong with a filter, with its column and a caret below the place. */
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
  const start = flat.length <= ROOM ? 0 : Math.max(0, Math.min(from - ROOM / 2, flat.length - ROOM));
  const length = Math.max(1, Math.min(to, start + ROOM) - from);
  return `  ${flat.slice(start, start + ROOM)}\n  ${' '.repeat(from - start)}${'^'.repeat(length)}`;
}
