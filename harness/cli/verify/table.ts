// SPDX-License-Identifier: MIT
/** What `verify` has found in lock-step, as a table with what is missing under it, and as JSON. */
import type { QemuException } from '../../backend/contract.js';
import { stableJson } from '../../report/stable-json.js';
import { number, plural } from '../../report/summary.js';
import type { Coverage, Figures, Missing, rowCoverage } from '../../target/qemu/lockstep/figures.js';
import type { Refused } from '../../target/qemu/lockstep/instructions/sequences.js';
import { hex, mismatchText } from '../../target/qemu/lockstep/mismatch.js';
import { rowName } from '../../target/qemu/lockstep/noting.js';
import type { Found } from '../../target/qemu/lockstep/subject.js';

/** What a mismatch was found by: `case`, `entry`, `sequence`. */
export type Named = Found & { readonly of: string };

export interface SubjectReport {
  readonly name: string;
  /** Cases compared. */
  readonly ran: number;
  readonly unsupported: number;
  readonly mismatches: readonly Named[];
  readonly broken: readonly { readonly what: string; readonly why: string }[];
  readonly refused: readonly Refused[];
  readonly figures: Figures;
  readonly trampolines: Coverage<Missing>;
  readonly rows: ReturnType<typeof rowCoverage>;
  readonly hidden: readonly string[];
}

export interface Told {
  readonly seed: number;
  readonly reports: readonly SubjectReport[];
  readonly skipped: readonly { readonly subject: string; readonly why: string }[];
  readonly verbose: boolean;
  readonly wanted: { readonly random: number; readonly instructions: boolean };
}

/** Lines of instructions not executed that are shown without `-v`. */
const SHOWN = 6;

export function mismatchLines(subject: string, { of, name, run, mismatch }: Named): string[] {
  const which = of === 'case' ? '' : `, run ${run}`;
  return [`MISMATCH ${subject} ${of} ${name}${which}`, ...mismatchText(mismatch).map((line) => `  ${line}`)];
}

const WIDTHS = [24, 7, 13, 17, 11, 11];
const columns = (cells: readonly string[]) =>
  cells.map((cell, index) => (index === 0 ? cell.padEnd(24) : cell.padStart(WIDTHS[index] ?? 0))).join(' ');
const share = ({ done, all }: Coverage<unknown>) => `${number(done)}/${number(all)}`;

export function verifiedTable(told: Told): string {
  const { reports, skipped, seed, wanted } = told;
  const lines: string[] = [];
  if (reports.length > 0)
    lines.push(columns(['subject', 'cases', 'compared', 'trampolines', 'rows', 'mismatches']));
  for (const { name, ran, figures, trampolines, rows, mismatches } of reports)
    lines.push(
      columns([
        ...[name, number(ran), number(figures.compared), share(trampolines), share(rows)],
        number(mismatches.length),
      ]),
    );
  if (reports.length > 0)
    lines.push(
      '',
      'compared: instructions executed by both, with every register before and after; trampolines: distinct',
      'instructions of the sources, of all; rows: of the instruction table, of all',
    );
  if (wanted.random > 0 || wanted.instructions) lines.push(`seed ${seed}`);
  for (const report of reports) lines.push(...notes(report, told.verbose));
  for (const { name, broken } of reports)
    for (const { what, why } of broken) lines.push(`BROKEN ${name} ${what}: ${why}`);
  for (const report of reports)
    for (const one of report.mismatches) lines.push('', ...mismatchLines(report.name, one));
  for (const { subject, why } of skipped) lines.push(`SKIP ${subject}: ${why}`);
  if (reports.length === 0) lines.push('nothing was compared');
  return `${lines.join('\n')}\n`;
}

const counted = (counts: ReadonlyMap<string, number>) =>
  [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `${name} ${number(count)}`);

const nameOf = (exception: QemuException) =>
  'fault' in exception ? `a fault that ${exception.fault}` : exception.mnemonics.join(' or ');

/** What was not compared, and why. */
function notes(report: SubjectReport, verbose: boolean): string[] {
  const { name, figures, hidden, rows, trampolines, refused } = report;
  const lines: string[] = [];
  const say = (text: string) => lines.push(`  ${text}`);
  if (figures.emulated.size > 0)
    say(`not comparable: emulated, user mode refuses them: ${counted(figures.emulated).join(', ')}`);
  if (hidden.length > 0) say(`registers that user mode has not: ${hidden.join(', ')}`);
  if (figures.untold > 0)
    say(`${number(figures.untold)} registers not told by the log, compared where next told or at the end`);
  for (const [exception, count] of figures.excepted)
    say(
      `${number(count)} ${plural(count, 'run')} compared only up to ${nameOf(exception)}: ${exception.because} (${exception.source})`,
    );
  if (figures.endless > 0)
    say(
      `${number(figures.endless)} ${plural(figures.endless, 'run')} spent the step budget: not made in QEMU`,
    );
  if (figures.unknown > 0)
    say(`${number(figures.unknown)} runs compared up to bytes that the interpreter does not know`);
  for (const { row, emulated } of rows.rest)
    say(`row not compared: ${rowName(row)}: ${emulated ? 'emulated' : 'not executed'}`);
  const missing = verbose ? trampolines.rest : trampolines.rest.slice(0, SHOWN);
  for (const { where, text, at, address } of missing) {
    const why = figures.emulatedAddresses.has(address) ? 'emulated' : 'not reached';
    say(`not compared: ${where}  ${text}  (${at}): ${why}`);
  }
  const more = trampolines.rest.length - missing.length;
  if (more > 0) say(`and ${number(more)} more (-v)`);
  if (verbose) for (const { text, why } of refused) say(`not generated: ${text}: ${why}`);
  return lines.length === 0 ? [] : ['', name, ...lines];
}

export function verifiedJson({ reports, skipped, seed }: Told): string {
  const subjects = reports.map(({ figures, mismatches, trampolines, rows, ...report }) => ({
    subject: report.name,
    cases: report.ran,
    unsupported: report.unsupported,
    compared: figures.compared,
    runs: figures.runs,
    untold: figures.untold,
    endless: figures.endless,
    unknown: figures.unknown,
    emulated: Object.fromEntries(figures.emulated),
    excepted: [...figures.excepted].map(([exception, runs]) => ({
      ...{ what: nameOf(exception), runs, because: exception.because, source: exception.source },
    })),
    hidden: report.hidden,
    trampolines: {
      executed: trampolines.done,
      all: trampolines.all,
      rest: trampolines.rest.map(({ where, text, at, address }) => ({
        ...{ where, text, at },
        why: figures.emulatedAddresses.has(address) ? 'emulated' : 'not reached',
      })),
    },
    rows: {
      executed: rows.done,
      all: rows.all,
      rest: rows.rest.map(({ row, emulated }) => ({
        row: rowName(row),
        manual: row.manual,
        why: emulated ? 'emulated' : 'not executed',
      })),
    },
    broken: report.broken,
    refused: report.refused,
    mismatches: mismatches.map(({ of, name, run, mismatch }) => ({
      ...{ of, name, run, what: mismatch.what, model: mismatch.model, qemu: mismatch.qemu },
      instruction: mismatch.instruction && { ...mismatch.instruction, pc: hex(mismatch.instruction.pc) },
      operands: Object.fromEntries(mismatch.operands),
      before: mismatch.before.map((step) => ({ ...step, pc: hex(step.pc) })),
    })),
  }));
  return `${stableJson({ seed, subjects, skipped }, 2)}\n`;
}
