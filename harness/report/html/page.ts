// SPDX-License-Identifier: MIT
/** What the parts of one page share: names, cells, texts that were shown before, and the room that is left. */

import type { Html } from '../escape.js';
import type { HeaderEvent } from '../events.js';
import type { Fullness } from '../fullness.js';
import { Cells } from './cells.js';
import { Names } from './names.js';

/** Thrown when a page is larger than it may be: it is made again with less in it. */
export class TooLarge extends Error {}

/** Letters below which a text is rather read again than looked for. */
const SHORT = 300;

/** Traces on one page; of further cases the command is shown. */
const TRACES = 24;

/** Failing rows that stand open from the start; a page of them all would be slow, and nobody's overview. */
const OPEN = 12;

export class Page {
  readonly names: Names;
  readonly cells: Cells;
  /** Lists of observations that stand somewhere on the page, with their place. */
  readonly #shown = new Map<string, { id: string; where: string }>();
  #bytes = 0;
  #traces = 0;
  #open = 0;

  /** @param failing cases. @param room bytes */
  constructor(
    readonly header: HeaderEvent,
    readonly fullness: Fullness,
    private readonly failing: number,
    private readonly room: number,
  ) {
    this.names = new Names(header.subjects);
    this.cells = new Cells(header.subjects);
  }

  /** Takes the room that a part needs. @throws TooLarge */
  count(part: Html): Html {
    this.#bytes += Buffer.byteLength(part.text);
    if (this.#bytes > this.room) throw new TooLarge();
    return part;
  }

  /**
   * Where a text stands already; or the id under which it is to be shown here.
   * @param where what the reader is told: a case id
   */
  once(text: string, where: string): { readonly id: string | null; readonly where: string | null } {
    if (text.length < SHORT) return { id: null, where: null };
    const before = this.#shown.get(text);
    if (before !== undefined) return before;
    const id = `seen:${this.#shown.size + 1}`;
    this.#shown.set(text, { id, where });
    return { id, where: null };
  }

  /** Whether one more failing row stands open from the start. */
  opens(): boolean {
    return this.#open++ < OPEN;
  }

  /** Whether one more trace is shown. @param first of its family: the others are told by their command, if there are many */
  takesTrace(first: boolean): boolean {
    return (first || this.failing <= TRACES) && this.#traces++ < TRACES;
  }
}
