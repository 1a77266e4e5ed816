// SPDX-License-Identifier: MIT
/**
 * Characters that no case file may hold, raw or written as an escape: they would act on terminals and on readers'
 * eyes rather than be read. Properties are those of Unicode (UAX #44).
 */

/** Controls but tab and line ends, bidirectional controls, separators of lines, halves of pairs, U+FEFF, U+FFFD. */
const forbidden = /(?![\t\n\r])[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}\ufeff\ufffd]/u;
/** An escape of a double-quoted YAML text. */
const escaped = /\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[^xuU])/g;
/** Escapes of one letter that stand for such a character (YAML 1.2.2, 5.7); `\r` ends no line there. */
const letters: Readonly<Record<string, number>> = {
  '0': 0x00,
  a: 0x07,
  b: 0x08,
  v: 0x0b,
  f: 0x0c,
  r: 0x0d,
  e: 0x1b,
  N: 0x85,
  L: 0x2028,
  P: 0x2029,
};

export interface Found {
  /** UTF-16 units. */
  readonly index: number;
  /** `U+001B`. */
  readonly shown: string;
}

/** The first forbidden character of a text. */
export function forbiddenIn(text: string): Found | undefined {
  const match = forbidden.exec(text);
  return match ? { index: match.index, shown: codePoint(match[0].codePointAt(0) as number) } : undefined;
}

/** The first escape that stands for such a character, in the source of a double-quoted text. */
export function forbiddenEscapeIn(source: string): Found | undefined {
  for (const match of source.matchAll(escaped)) {
    const code = letters[match[0].slice(1)] ?? Number.parseInt(match[0].slice(2), 16);
    if (
      !Number.isNaN(code) &&
      code <= 0x10ffff &&
      (code === 0x0d || forbidden.test(String.fromCodePoint(code)))
    )
      return { index: match.index, shown: codePoint(code) };
  }
  return undefined;
}

const codePoint = (code: number) => `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
