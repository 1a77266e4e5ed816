// SPDX-License-Identifier: MIT
/**
 * Where two subjects part, as lines of a mail: aligned by event, one below the other, since two columns do not fit, with
 * the instructions that led to what differs. Signs are those of `explain`.
 */
import type { Parting, PartingRow, PartingSide } from '../../compare/parting.js';
import { number, plural } from '../summary.js';
import { fold } from './parts.js';

/** Instructions shown of each side of a row that differs, the last ones. */
const STEPS = 6;
/** Lines of the rows; the last ones, where they part, are kept. */
const LINES = 32;

export function partingLines({ subjects: [left, right], told, rows }: Parting, width: number): string[] {
  const lines = rows.flatMap((row) => rowLines(row, right === null, width));
  const shown = lines.slice(-LINES);
  const before = lines.length - shown.length;
  return [
    ...told.flatMap((one) => fold(`  ${one}`, width, 4)),
    ...(told.length === 0 ? [] : ['']),
    `  ${right === null ? left : `< ${left}   > ${right}`}`,
    ...(before === 0 ? [] : [`  ... ${number(before)} ${plural(before, 'line')} before these`]),
    ...shown,
  ].flatMap((line) => fold(line, width, 8));
}

/** @param alone whether there is one trace only */
function rowLines({ state, left, right }: PartingRow, alone: boolean, width: number): string[] {
  if (alone) return left === null ? [] : sideLines(left, '    ', '  ', width);
  const both = state === 'same' ? (left ?? right) : null;
  if (both !== null) return headLine(both, '      ', width);
  const sign = state === 'parted' ? '!' : '~';
  const lines = (side: PartingSide | null, mark: string) => {
    if (side === null) return [];
    if (state !== 'parted') return headLine(side, `  ${sign} ${mark} `, width);
    return sideLines(side, `    ${mark}   `, `  ${sign} ${mark} `, width);
  };
  return [...lines(left, '<'), ...lines(right, '>')];
}

function sideLines(side: PartingSide, indent: string, head: string, width: number): string[] {
  const steps = side.steps.slice(-STEPS);
  const before = side.before + side.steps.length - steps.length;
  return [
    ...(before === 0 ? [] : [`${indent}... ${number(before)} ${plural(before, 'instruction')} before these`]),
    ...steps.flatMap(({ at, where, text, effects }) => {
      const place = [at, where].filter((one) => one !== '').join('  ');
      const line = [`${place}  ${text}`, ...effects].join('  ');
      return marked(line, indent, width);
    }),
    ...headLine(side, head, width),
  ];
}

function headLine({ mark, text }: PartingSide, head: string, width: number): string[] {
  return mark === null ? [] : marked(`${mark} ${text}`, head, width);
}

/** Continued below its own beginning, so that the margin stays the signs'. */
function marked(text: string, head: string, width: number): string[] {
  const [first = '', ...rest] = fold(text, width - head.length - 2, 2);
  return [`${head}${first}`, ...rest.map((line) => `${' '.repeat(head.length)}${line}`)];
}
