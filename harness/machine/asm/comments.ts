// SPDX-License-Identifier: MIT
/** Comments, line continuations and statement separators of preprocessed assembler sources. */
import { AsmError } from './error.js';
import { type SourceFile, stringEnd, Text, TextBuilder, topLevel } from './text.js';

/** Lines of files seen before: a source is assembled once per revision, with other definitions. */
const linesOf = new WeakMap<SourceFile, readonly Text[]>();

/**
 * Logical lines of a file: C and `//` comments blanked, lines ending in a backslash joined.
 * @throws AsmError for a comment that is never closed.
 */
export function logicalLines(source: SourceFile): readonly Text[] {
  const before = linesOf.get(source);
  if (before !== undefined) return before;
  const lines = cutLines(source);
  linesOf.set(source, lines);
  return lines;
}

function cutLines(source: SourceFile): Text[] {
  const text = blankComments(source);
  const lines: Text[] = [];
  let builder: TextBuilder | null = null;
  for (let from = 0; from <= text.length; ) {
    const newline = text.indexOf('\n', from);
    let end = newline < 0 ? text.length : newline;
    const next = end + 1;
    if (text[end - 1] === '\r' && end > from) end--;
    const continued = newline >= 0 && text[end - 1] === '\\' && end > from;
    const piece = Text.of(source, text.slice(from, continued ? end - 1 : end), from);
    if (builder === null && !continued) lines.push(piece);
    else {
      builder ??= new TextBuilder();
      builder.copy(piece);
      if (continued) builder.substitute(' ', end - 1);
      else {
        lines.push(builder.finish(source, end, null));
        builder = null;
      }
    }
    from = next;
  }
  if (builder !== null) lines.push(builder.finish(source, text.length, null));
  return lines;
}

/** The text with comments replaced by blanks of the same length; a block comment joins its lines, as in C. */
function blankComments(source: SourceFile): string {
  const { text } = source;
  let out = '';
  let copied = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"') {
      i = stringEnd(text, i) - 1;
      continue;
    }
    if (text[i] !== '/' || (text[i + 1] !== '*' && text[i + 1] !== '/')) continue;
    const block = text[i + 1] === '*';
    const close = text.indexOf(block ? '*/' : '\n', i + 2);
    if (block && close < 0) throw AsmError.in(source, i, 'comment is never closed', 'end it with */');
    const end = close < 0 ? text.length : block ? close + 2 : close;
    out += text.slice(copied, i) + ' '.repeat(end - i);
    copied = end;
    i = end - 1;
  }
  return out + text.slice(copied);
}

/** Statements of a line: cut at the assembler's own comment, split at `;`, empty ones dropped. */
export function statements(line: Text, comment: string): Text[] {
  const cut = commentStart(line.text, comment);
  const code = cut < 0 ? line : line.slice(0, cut);
  const found: Text[] = [];
  let from = 0;
  for (const at of [...separators(code.text), code.length]) {
    const piece = code.slice(from, at).trim();
    if (piece.length > 0) found.push(piece);
    from = at + 1;
  }
  return found;
}

function commentStart(text: string, comment: string): number {
  if (comment === '') return -1;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (c === '"') i = stringEnd(text, i) - 1;
    else if (c === "'" && text[i + 2] === "'") i += 2;
    else if (comment.includes(c)) return i;
  }
  return -1;
}

/** `;` separates whatever brackets surround it: an unclosed bracket must not swallow the next statement. */
function separators(text: string): number[] {
  if (!text.includes(';')) return [];
  return topLevel(text.replace(/[()[\]{}]/g, ' '), ';');
}
