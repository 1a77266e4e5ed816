// SPDX-License-Identifier: MIT
/**
 * Pieces of source text that remember where every character came from, through comment removal,
 * preprocessor and assembler macros. Every position in an error comes from here.
 */

export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/** A macro invocation that produced a piece of text. */
export interface Invocation {
  readonly macro: string;
  readonly at: Text;
}

export interface Position {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
  /** The whole source line, as written. */
  readonly source: string;
}

/**
 * A piece of text. `offsets`: where each character lies in the file, the end included; a single number
 * stands for a piece copied in one run from there.
 */
export class Text {
  constructor(
    readonly text: string,
    private readonly offsets: number | readonly number[],
    readonly source: SourceFile,
    readonly via: Invocation | null,
  ) {}

  static of(source: SourceFile, text: string, offset: number): Text {
    return new Text(text, offset, source, null);
  }

  /** Where character `index` lies in the file. */
  offset(index: number): number {
    if (typeof this.offsets === 'number') return this.offsets + index;
    return this.offsets[index] ?? 0;
  }

  get length(): number {
    return this.text.length;
  }

  slice(from: number, to = this.length): Text {
    const { offsets } = this;
    const part = typeof offsets === 'number' ? offsets + from : offsets.slice(from, to + 1);
    return new Text(this.text.slice(from, to), part, this.source, this.via);
  }

  trim(): Text {
    const start = this.text.length - this.text.trimStart().length;
    return start === this.length ? this.slice(0, 0) : this.slice(start, this.text.trimEnd().length);
  }

  withVia(via: Invocation | null): Text {
    return new Text(this.text, this.offsets, this.source, via);
  }

  /** Without a comma at the start. */
  afterComma(): Text {
    return this.text.startsWith(',') ? this.slice(1) : this;
  }

  /** Splits at top-level `separator` characters; brackets and quotes protect. Pieces are trimmed. */
  split(separator: string): Text[] {
    const pieces: Text[] = [];
    let from = 0;
    for (const at of topLevel(this.text, separator)) {
      pieces.push(this.slice(from, at).trim());
      from = at + 1;
    }
    const last = this.slice(from).trim();
    if (pieces.length > 0 || last.length > 0) pieces.push(last);
    return pieces;
  }

  position(index = 0): Position {
    return positionIn(this.source, this.offset(Math.min(index, this.length)));
  }
}

/** Offsets at which the lines of a file start. */
const lineStarts = new WeakMap<SourceFile, readonly number[]>();

export function positionIn(source: SourceFile, offset: number): Position {
  const { text, file } = source;
  let starts = lineStarts.get(source);
  if (starts === undefined) {
    const found = [0];
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) found.push(i + 1);
    starts = found;
    lineStarts.set(source, starts);
  }
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] as number) <= offset) low = middle;
    else high = middle;
  }
  const start = starts[low] as number;
  const newline = text.indexOf('\n', start);
  const end = newline < 0 ? text.length : newline;
  return {
    file,
    line: low + 1,
    column: offset - start + 1,
    source: text.slice(start, end).replace(/\r$/, ''),
  };
}

/** Collects pieces and substitutions into one text. */
export class TextBuilder {
  private text = '';
  private readonly offsets: number[] = [];

  /** Appends a piece with its own positions. */
  copy(piece: Text, from = 0, to = piece.length): void {
    this.text += piece.text.slice(from, to);
    for (let i = from; i < to; i++) this.offsets.push(piece.offset(i));
  }

  /** Appends text of which every character counts as standing at `offset`. */
  substitute(text: string, offset: number): void {
    this.text += text;
    for (let i = 0; i < text.length; i++) this.offsets.push(offset);
  }

  get length(): number {
    return this.text.length;
  }

  finish(source: SourceFile, end: number, via: Invocation | null): Text {
    return new Text(this.text, [...this.offsets, end], source, via);
  }
}

/** End of the string literal that starts at `from`, or the end of the text when it is not closed. */
export function stringEnd(text: string, from: number): number {
  for (let i = from + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') return i + 1;
    else if (text[i] === '\n') return i;
  }
  return text.length;
}

/** Indices of `separator` outside quotes and outside (), [], {}. */
export function topLevel(text: string, separator: string): number[] {
  const found: number[] = [];
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (c === '"') i = stringEnd(text, i) - 1;
    else if (c === "'" && text[i + 2] === "'") i += 2;
    else if (c === '(' || c === '[' || c === '{') depth++;
    else if (c === ')' || c === ']' || c === '}') depth = Math.max(0, depth - 1);
    else if (c === separator && depth === 0) found.push(i);
  }
  return found;
}
