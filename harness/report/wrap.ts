// SPDX-License-Identifier: MIT
/** Breaks text at blanks; no-break spaces hold, and colour codes take no room. */
import { stripVTControlCharacters } from 'node:util';
import { columnsOf } from '../ctype/columns.js';

/** @param width columns. Words longer than that stay whole. No-break spaces come out as spaces. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const [, blank = '', word = ''] of text.matchAll(/( *)([^ ]+)/g)) {
    if (line !== '' && columns(line + blank + word) > width) {
      lines.push(line);
      line = word;
    } else {
      line += line === '' ? word : blank + word;
    }
  }
  return [...lines, line].map((one) => one.replaceAll('\u00a0', ' '));
}

/** Columns a text takes on a terminal, colour codes not counted. */
export function columns(text: string): number {
  return columnsOf(stripVTControlCharacters(text));
}
