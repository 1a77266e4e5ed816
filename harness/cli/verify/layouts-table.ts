// SPDX-License-Identifier: MIT
/** The table of `verify --layouts`: counts by kernel and check, then every row that is not simply confirmed. */
import { CHECKS, type Row, VERDICTS, type Verdict } from '../../target/vmlinux/check/row.js';

export interface Verified {
  readonly rows: readonly Row[];
  readonly checked: readonly { readonly name: string; readonly release: string }[];
  readonly missing: readonly string[];
  /** Rows that are confirmed too. */
  readonly verbose: boolean;
  /** Where kernels are stored. */
  readonly place: string;
}

const HEADS: Readonly<Record<Verdict, string>> = {
  confirmed: 'confirmed',
  contradicted: 'contradicted',
  declared: 'declared',
  unchecked: 'could not be checked',
};

const subjectOf = ({ arch, revision }: Row) => `${arch}@${revision}`;

export function layoutsTable({ rows, checked, missing, verbose, place }: Verified): string {
  const lines: string[] = [];
  const line = (text = '') => void lines.push(text.trimEnd());
  if (checked.length > 0) line(columns(['kernel', 'check', ...VERDICTS.map((verdict) => HEADS[verdict])]));
  for (const { name } of checked) {
    for (const check of CHECKS) {
      const own = rows.filter((row) => subjectOf(row) === name && row.check === check);
      line(columns([name, check, ...VERDICTS.map((verdict) => `${count(own, verdict)}`)]));
    }
  }
  const told = rows.filter(({ verdict }) => verbose || verdict === 'contradicted' || verdict === 'declared');
  if (told.length > 0) line();
  for (const { verdict, ours, kernel, reason, ...row } of told) {
    line(
      `${HEADS[verdict].toUpperCase()} ${subjectOf({ verdict, ours, kernel, ...row })} ${row.check} ${row.item}`,
    );
    line(
      `  ours: ${ours || '-'}; the kernel's: ${kernel || '-'}${reason === undefined ? '' : `; ${reason}`}`,
    );
  }
  line();
  for (const text of uncheckedReasons(rows)) line(text);
  const layouts = rows.filter(({ check }) => check === 'layout');
  const could = layouts.filter(({ verdict }) => verdict !== 'unchecked');
  line(`${count(could, 'confirmed')} of ${could.length} layout rows that BTF can tell of are confirmed`);
  line(VERDICTS.map((verdict) => `${count(rows, verdict)} ${HEADS[verdict]}`).join(', '));
  if (missing.length > 0)
    line(`SKIP ${missing.join(', ')}: not in ${place}; ftrace-conform kernels fetch gets them`);
  return `${lines.join('\n')}\n`;
}

const WIDTHS = [16, 13, 11, 14, 10, 20];
const columns = (cells: readonly string[]) =>
  cells
    .map((cell, index) => (index < 2 ? cell.padEnd(WIDTHS[index] ?? 0) : cell.padStart(WIDTHS[index] ?? 0)))
    .join(' ');

const count = (rows: readonly Row[], verdict: Verdict) =>
  rows.filter((row) => row.verdict === verdict).length;

/** Each reason once, with how many rows it is of. */
function uncheckedReasons(rows: readonly Row[]): string[] {
  const reasons = new Map<string, Row[]>();
  for (const row of rows.filter(({ verdict }) => verdict === 'unchecked')) {
    const key = `${row.check}: ${row.reason ?? ''}`;
    reasons.set(key, [...(reasons.get(key) ?? []), row]);
  }
  const texts = [...reasons].map(([reason, of]) => {
    const subjects = [...new Set(of.map(subjectOf))];
    return `could not be checked, ${reason}: ${of.length} rows of ${subjects.join(', ')}`;
  });
  return texts.length > 0 ? [...texts, ''] : [];
}
