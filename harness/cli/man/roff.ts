// SPDX-License-Identifier: MIT
/** Text in the language of manual pages: man(7) macros, which groff and mandoc both read. */

const SIGNS: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  '→': '\\(->',
  '×': '\\(mu',
  '…': '...',
  '’': '\\(cq',
  '–': '\\(en',
  '≤': '\\(<=',
  '≥': '\\(>=',
  '^': '\\(ha',
  '~': '\\(ti',
  '`': '\\(ga',
};

/** Literal text, on one line. */
export function roff(text: string): string {
  const flat = text.trim().replaceAll(/\s+/g, ' ');
  const escaped = [...flat].map((sign) => SIGNS[sign] ?? sign).join('');
  // A full stop or an apostrophe at the start of a line begins a request.
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

/** Prose, where words between backquotes are set in bold. */
export function prose(text: string): string {
  const parts = text.split('`');
  return parts
    .map((part, index) => {
      const set = [...part].map((sign) => SIGNS[sign] ?? sign).join('');
      return index % 2 === 1 && index < parts.length - 1 ? `\\fB${set}\\fR` : set;
    })
    .join('')
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replace(/^[.']/, '\\&$&');
}

export const heading = (title: string) => `.SH "${title.toUpperCase()}"`;
export const subheading = (title: string) => `.SS "${roff(title)}"`;
export const paragraph = (text: string) => `.PP\n${prose(text)}`;

/** @param tag set in bold */
export function item(tag: string, ...texts: readonly string[]): string {
  const told = texts.filter((text) => text !== '').map(prose);
  return ['.TP', `.B "${roff(tag).replaceAll('"', '\\(dq')}"`, told.join('\n.br\n')].join('\n');
}

/** Lines as they are, indented. */
export function example(lines: readonly string[]): string {
  const set = lines.map((line) => {
    const escaped = [...line].map((sign) => SIGNS[sign] ?? sign).join('');
    return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
  });
  return ['.PP', '.RS 4', '.nf', ...set, '.fi', '.RE'].join('\n');
}
