// SPDX-License-Identifier: MIT
/** Ranked divergences for a terminal and for programs. */
import type { Debt } from '../compare/debt.js';
import { subjectsText } from './diff-groups.js';
import { stableJson } from './stable-json.js';
import type { Paint } from './style.js';
import { number, plural } from './summary.js';
import { wrap } from './wrap.js';

export interface AuditRow extends Debt {
  /** Day on which the oldest of its lines was written, `2026-11-20`; `null` where git does not know. */
  readonly since: string | null;
}

export interface AuditTextOptions {
  readonly paint: Paint;
  readonly width: number;
  /** All rows. */
  readonly verbose: boolean;
}

/** Rows shown. */
const SHOWN = 20;

/** Raised when a reader of the former shape would be misled. */
export const AUDIT_FORMAT = 1;

export function auditJson(rows: readonly AuditRow[]): string {
  return `${stableJson({ format: AUDIT_FORMAT, divergences: rows }, 2)}\n`;
}

/** @param rows in order of rank */
export function auditText(rows: readonly AuditRow[], { paint, width, verbose }: AuditTextOptions): string {
  const stale = rows.filter((row) => row.stale.length > 0);
  const shown = verbose ? rows : rows.slice(0, Math.max(SHOWN, stale.length));
  const all = [...new Set(rows.flatMap(({ subjects, agree }) => [...subjects, ...agree]))];
  const out: string[] = [];
  for (const row of shown) {
    const { file, line, subjects, agree, cases, because, since } = row;
    out.push(paint('bold', `${file}:${line}`));
    const facts = [
      `${agree.length} of ${new Set([...subjects, ...agree]).size} agree`,
      since === null ? 'age unknown' : `since ${since}`,
      `${number(cases.length)} ${plural(cases.length, 'case')}`,
      `on ${subjectsText(subjects, all)}`,
    ];
    for (const text of wrap(facts.join(', '), width - 2)) out.push(`  ${text}`);
    if (row.stale.length > 0) {
      const whole = row.stale.length === subjects.length;
      const told = whole
        ? 'no longer shows'
        : `no longer shows on ${subjectsText(row.stale, all)}: narrow \`on\``;
      for (const text of wrap(told, width - 2)) out.push(`  ${paint('red', text)}`);
    }
    for (const text of wrap(because.replace(/\s+/g, ' ').trim(), width - 4)) out.push(`    ${text}`);
  }
  if (rows.length > shown.length)
    out.push(paint('grey', `and ${number(rows.length - shown.length)} more; -v shows all`));
  if (rows.length > 0) out.push('');
  const whole = stale.filter((row) => row.stale.length === row.subjects.length).length;
  const [many, gone] = [number(rows.length), number(stale.length)];
  out.push(
    ...wrap(
      `${many} declared ${plural(rows.length, 'divergence')}, ${gone} of which no longer ${plural(stale.length, 'shows', 'show')} somewhere.`,
      width,
    ),
  );
  if (whole > 0) out.push(`Remove what shows nowhere: ftrace-conform expect audit --patch | git apply`);
  return `${out.join('\n')}\n`;
}
