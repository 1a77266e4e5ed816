// SPDX-License-Identifier: MIT
/** Columns that text takes on a terminal, and the part of a long line around a place in it. */

/**
 * Takes two columns: East_Asian_Width W and F (Unicode 15 EastAsianWidth.txt, by blocks), and what is shown as a picture.
 */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;

/** Takes none: marks that stand upon the character before, format characters, and the later letters of a Jamo syllable. */
const NONE = /[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]/u;

/** Of one code point that is no control character. */
function widthOf(character: string): number {
  if (character >= ' ' && character < '\u0300') return character === '\u00ad' ? 0 : 1;
  if (NONE.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Of text without control characters. */
export function columnsOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let sum = 0;
  for (const character of text) sum += widthOf(character);
  return sum;
}

/**
 * A line in at most `room` columns, `…` for what is left out, and the columns before the character at `index`.
 * @param line without control characters
 * @param index in UTF-16 units
 */
export function around(line: string, index: number, room: number): { shown: string; before: number } {
  const characters = [...line];
  const at = [...line.slice(0, index)].length;
  const widths = characters.map(widthOf);
  const taken = (from: number, to: number) => widths.slice(from, to).reduce((sum, one) => sum + one, 0);
  const all = taken(0, characters.length);
  if (all < room) return { shown: line, before: taken(0, at) };
  let start = 0;
  if (taken(0, at) >= room - 8) {
    while (taken(start, at) > room >> 1 && taken(start, characters.length) >= room) start++;
  }
  const head = start > 0 ? ['…', ...characters.slice(start + 1, at)] : characters.slice(0, at);
  const before = columnsOf(head.join(''));
  const tail = characters.slice(Math.max(at, start > 0 ? start + 1 : 0));
  let end = 0;
  for (let column = before; end < tail.length; end++) {
    const left = end === tail.length - 1 ? 0 : 1;
    column += widthOf(tail[end] as string);
    if (column + left > room) break;
  }
  const rest = end < tail.length ? '…' : '';
  return { shown: `${head.join('')}${tail.slice(0, end).join('')}${rest}`, before };
}
