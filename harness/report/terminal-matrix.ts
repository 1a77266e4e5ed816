// SPDX-License-Identifier: MIT
/** Draws the matrix for a terminal: two letters a cell, the legend always below. */
import { NO_VERDICT, SEVERITY, STATUSES } from '../compare/statuses.js';
import type { Status } from '../compare/types.js';
import type { HeaderEvent } from './events.js';
import type { Row } from './rows.js';
import type { Paint } from './style.js';
import { wrap } from './wrap.js';

type Subjects = HeaderEvent['subjects'];

/** Several matrices below each other where the columns do not fit. */
export function drawMatrix(rows: readonly Row[], subjects: Subjects, width: number, paint: Paint): string[] {
  const longest = Math.max(4, ...rows.map((row) => named(row).length));
  const cell = Math.max(2, ...subjects.map(({ short }) => short.length)) + 2;
  const room = Math.min(longest, Math.max(24, width - cell * subjects.length - 2));
  const perBlock = Math.max(1, Math.floor((width - room - 2) / cell));
  const out: string[] = [];
  for (let from = 0; from < subjects.length; from += perBlock) {
    const columns = subjects.slice(from, from + perBlock);
    const heads = columns.map(({ short }) => short.padEnd(cell)).join('');
    out.push(paint('bold', `${'case'.padEnd(room)}  ${heads}`.trimEnd()));
    for (const row of rows) {
      const cells = columns.map((_, index) => drawn(row.cells[from + index] ?? null, cell, paint)).join('');
      const label = named(row);
      if (label.length > room) out.push(label);
      const start = label.length > room ? ' '.repeat(room) : label.padEnd(room);
      out.push(`${start}  ${cells}${remark(row, subjects, from, columns.length, paint)}`.trimEnd());
    }
  }
  const present = rows.flatMap(({ cells }) => cells);
  out.push('', ...wrap(legend(present, paint), width));
  return out;
}

function named({ label, count }: Row): string {
  return count === 1 ? label : `${label} (${count})`;
}

function drawn(status: Status | null, width: number, paint: Paint): string {
  if (status === null) return NO_VERDICT.padEnd(width);
  const { letters, colour } = STATUSES[status];
  return paint(colour, letters) + ' '.repeat(width - letters.length);
}

/** How many cases of a passing row did not run where. */
function remark(row: Row, subjects: Subjects, from: number, length: number, paint: Paint): string {
  const notes = row.unsupported
    .map((count, index) => ({ count, index, short: subjects[index]?.short }))
    .filter(({ index }) => index >= from && index < from + length)
    .filter(({ count, index }) => count > 0 && row.cells[index] !== 'UNSUPPORTED')
    .map(({ count, short }) => `${short}: ${count} ${STATUSES.UNSUPPORTED.letters}`);
  return paint('grey', notes.join(', '));
}

/** Every status that occurs, and always those of an ordinary run. */
function legend(present: readonly (Status | null)[], paint: Paint): string {
  const always: readonly Status[] = ['PASS', 'FAIL', 'UNSUPPORTED'];
  const shown = [...SEVERITY]
    .reverse()
    .filter((status) => always.includes(status) || present.includes(status));
  const parts = shown.map((status) => {
    const { letters, brief, colour } = STATUSES[status];
    return `${paint(colour, letters)} ${brief}`.replaceAll(' ', '\u00a0');
  });
  if (present.includes(null)) parts.push(`${NO_VERDICT}\u00a0not\u00a0run`);
  return parts.join('   ');
}
