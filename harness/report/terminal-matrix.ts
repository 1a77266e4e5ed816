// SPDX-License-Identifier: MIT
/** Draws the matrix for a terminal: two letters a cell, the legend always below. */
import { byVersion } from '../backend/by-version.js';
import { NO_VERDICT, SEVERITY, STATUSES } from '../compare/statuses.js';
import type { Status } from '../compare/types.js';
import { backendHead } from '../plan/subjects.js';
import type { HeaderEvent } from './events.js';
import type { Row } from './rows.js';
import type { Paint } from './style.js';
import { wrap } from './wrap.js';

type Subjects = HeaderEvent['subjects'];

/** Several matrices below each other where the columns do not fit. */
export function drawMatrix(rows: readonly Row[], subjects: Subjects, width: number, paint: Paint): string[] {
  const places = placesOf(subjects);
  const out =
    places.length > 1
      ? drawGroups(rows, subjects, places, width, paint)
      : drawColumns(rows, subjects, width, paint);
  const present = rows.flatMap(({ cells }) => cells);
  out.push('', ...wrap(legend(present, paint), width));
  return out;
}

/** What a back-end is run at: a revision on a target. */
interface ColumnPlace {
  readonly revision: string;
  readonly target: string;
  /** Without what all have in common. */
  readonly label: string;
}

/** Revisions and targets among the subjects, the oldest revision first. */
function placesOf(subjects: Subjects): ColumnPlace[] {
  const pairs = new Map(
    subjects.map(({ id: { revision, target } }) => [`${revision}/${target}`, { revision, target }]),
  );
  const list = [...pairs.values()].sort(
    (a, b) => byVersion(a.revision, b.revision) || (a.target < b.target ? -1 : Number(a.target > b.target)),
  );
  const several = (name: 'revision' | 'target') => new Set(list.map((place) => place[name])).size > 1;
  const [revisions, targets] = [several('revision'), several('target')];
  return list.map(({ revision, target }) => ({
    revision,
    target,
    label: !targets ? revision : revisions ? `${revision}/${target}` : target,
  }));
}

/** A group of narrow columns per back-end, one column per revision and target; all groups alike, so that rows line up. */
function drawGroups(
  rows: readonly Row[],
  subjects: Subjects,
  places: readonly ColumnPlace[],
  width: number,
  paint: Paint,
): string[] {
  const archs = [...new Set(subjects.map(({ id }) => id.arch))];
  const group = 3 * places.length + 1;
  const room = Math.min(
    Math.max(4, ...rows.map((row) => named(row).length)),
    Math.max(20, width - group * archs.length - 1),
  );
  const columnOf = (arch: string, { revision, target }: ColumnPlace) =>
    subjects.findIndex(({ id }) => id.arch === arch && id.revision === revision && id.target === target);
  const heads = archs.map((arch) => {
    const short = subjects.find(({ id }) => id.arch === arch)?.short ?? arch;
    return backendHead(short).padEnd(group);
  });
  const out = [
    ...wrap(`columns of a back-end: ${places.map(({ label }) => label).join(', ')}`, width).map((text) =>
      paint('grey', text),
    ),
    paint('bold', `${'case'.padEnd(room)} ${heads.join('')}`.trimEnd()),
  ];
  for (const row of rows) {
    const cells = archs.map((arch) => {
      const own = places.map((place) => {
        const column = columnOf(arch, place);
        return column < 0 ? '   ' : drawn(row.cells[column] ?? null, 3, paint);
      });
      return `${own.join('')} `;
    });
    const label = named(row);
    if (label.length > room) out.push(label);
    const start = label.length > room ? ' '.repeat(room) : label.padEnd(room);
    out.push(`${start} ${cells.join('')}`.trimEnd());
  }
  return out;
}

function drawColumns(rows: readonly Row[], subjects: Subjects, width: number, paint: Paint): string[] {
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
