// SPDX-License-Identifier: MIT
/**
 * A run as GitHub flavoured Markdown, for a job summary or a comment: what stands out, the matrix, each failing case
 * with its difference and its command, and the facts. Nothing a case says can become markup.
 */
import { failing, NO_VERDICT, SEVERITY, STATUSES } from '../compare/statuses.js';
import { compress } from '../compare/summary-sentences.js';
import { subjectName } from '../target/outcome.js';
import { capDiff } from './cap-diff.js';
import type { CaseEvent, FooterEvent, HeaderEvent, RunEvent } from './events.js';
import { disagreementSentence, fidelityOf } from './fidelity.js';
import { explainCommand, runCommand } from './reproduce.js';
import { type Detail, isFailing, type Row, rowsOf } from './rows.js';
import {
  closingSentence,
  cutShort,
  differenceSentence,
  headerFacts,
  number,
  skippedSentences,
} from './summary.js';

/** Failing cases shown with their diff; the others are listed. GitHub takes 1 MiB for a job summary. */
const SHOWN = 10;

/**
 * @param events a complete stream
 * @param detail rows of the matrix, as on a terminal; from 1 on every failing case is shown in full
 */
export function markdown(events: readonly RunEvent[], detail: Detail): string {
  const header = events[0] as HeaderEvent;
  const footer = events.at(-1) as FooterEvent;
  const cases = events.filter((event): event is CaseEvent => event.event === 'case');
  const failed = cases.filter(isFailing);
  const differences = differenceSentence(cases);
  const rows = rowsOf(
    cases,
    header.subjects.map(({ name }) => name),
    detail,
  );
  return [
    `## ftrace-conform: ${headline(failed.length, footer)}`,
    '',
    ...compress(cases).map((told) => `- ${escapeMarkdown(told)}`),
    '',
    ...(differences === null ? [] : [escapeMarkdown(differences), '']),
    `${escapeMarkdown(closingSentence(footer, header.subjects.length))}.`,
    '',
    ...skippedSentences(cases).flatMap((told) => [escapeMarkdown(told), '']),
    ...(rows.length === 0 ? [] : [...matrix(rows, header), '', legend(rows), '']),
    ...failures(failed, header, detail),
    ...fidelity(cases),
    '<details><summary>Facts</summary>',
    '',
    '| | |',
    '| --- | --- |',
    ...headerFacts(header).map(([name, value]) => `| ${escapeMarkdown(name)} | ${code(value)} |`),
    '',
    '</details>',
    '',
  ].join('\n');
}

function headline(failed: number, footer: FooterEvent): string {
  const end = cutShort(footer);
  const cut = end === null ? '' : `${end}; `;
  if (failed === 0) return `${cut}all as expected`;
  return `${cut}${number(failed)} ${failed === 1 ? 'case' : 'cases'} not as expected`;
}

function matrix(rows: readonly Row[], { subjects }: HeaderEvent): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(['case', ...subjects.map(({ short }) => escapeMarkdown(short))]),
    line(['---', ...subjects.map(() => ':-:')]),
    ...rows.map(({ label, count, cells }) =>
      line([
        `${code(label)}${count > 1 ? ` (${count})` : ''}`,
        ...cells.map((status) =>
          status === null
            ? NO_VERDICT
            : failing(status)
              ? `**${STATUSES[status].letters}**`
              : STATUSES[status].letters,
        ),
      ]),
    ),
  ];
}

function legend(rows: readonly Row[]): string {
  const present = new Set(rows.flatMap(({ cells }) => cells));
  const parts = [...SEVERITY]
    .reverse()
    .filter((status) => present.has(status))
    .map((status) => `${STATUSES[status].letters} ${STATUSES[status].brief}`);
  return [...parts, ...(present.has(null) ? [`${NO_VERDICT} not run`] : [])].join(' · ');
}

function failures(failed: readonly CaseEvent[], header: HeaderEvent, detail: Detail): string[] {
  if (failed.length === 0) return [];
  const shown = detail > 0 ? failed : failed.slice(0, SHOWN);
  const rest = failed.slice(shown.length);
  return [
    '### Not as expected',
    '',
    ...shown.flatMap((event) => failure(event, header)),
    ...(rest.length === 0
      ? []
      : [
          `<details><summary>${number(rest.length)} more</summary>`,
          '',
          ...rest.map(({ spec }) => `- ${code(spec.id)}`),
          '',
          '</details>',
          '',
        ]),
  ];
}

function failure(event: CaseEvent, header: HeaderEvent): string[] {
  const { spec, comparison } = event;
  const bad = comparison.verdicts.filter(({ status }) => failing(status));
  const explain = explainCommand(event);
  const diffs = new Map<string, string>();
  for (const { diff } of bad) {
    // Subjects that see the same are told from their headings alone.
    if (diff !== null) diffs.set(diff.split('\n').slice(2).join('\n'), diff);
  }
  return [
    `#### ${code(spec.id)}`,
    '',
    escapeMarkdown(spec.title),
    '',
    ...(comparison.explained || comparison.sentence === null
      ? []
      : [`**${escapeMarkdown(comparison.sentence)}**`, '']),
    ...bad.map(
      ({ subject, status, reason }) =>
        `- ${STATUSES[status].letters} ${code(subjectName(subject))}: ${escapeMarkdown(reason || STATUSES[status].meaning)}`,
    ),
    '',
    ...[...diffs.values()].flatMap((diff) => {
      const { lines, more } = capDiff(diff);
      return [...fenced([...lines, ...(more > 0 ? [`… ${number(more)} more lines`] : [])], 'diff'), ''];
    }),
    ...fenced([runCommand([event], false, header), ...(explain === null ? [] : [explain])], 'sh'),
    '',
  ];
}

/** How far targets saw the same; nothing where one ran. */
function fidelity(cases: readonly CaseEvent[]): string[] {
  const found = fidelityOf(cases);
  if (found === null) return [];
  const told = found.disagreements.slice(0, SHOWN);
  const rest = found.disagreements.length - told.length;
  return [
    '### Fidelity',
    '',
    '| subject | targets | cases | equal | different | declared |',
    '| --- | --- | --: | --: | --: | --: |',
    ...found.rows.map(({ arch, revision, targets, cases, equal, different, declared }) => {
      const counts = [cases, equal, different, declared].map(number).join(' | ');
      return `| ${code(`${arch}@${revision}`)} | ${escapeMarkdown(targets.join(', '))} | ${counts} |`;
    }),
    '',
    ...told.map((one) => `- ${escapeMarkdown(disagreementSentence(one))}`),
    ...(rest > 0 ? [`- … ${number(rest)} more in report.json`] : []),
    ...(told.length > 0 ? [''] : []),
  ];
}

/** Fenced by more backticks than stand anywhere inside. */
function fenced(lines: readonly string[], language: string): string[] {
  const fence = '`'.repeat(Math.max(3, longestRun(lines.join('\n')) + 1));
  return [`${fence}${language}`, ...lines, fence];
}

/** A code span, which a table may contain: a bar is escaped there even in code. */
function code(text: string): string {
  const one = text.replace(/\s+/g, ' ').replaceAll('|', '\\|');
  const fence = '`'.repeat(longestRun(one) + 1);
  const pad = /^`|`$/.test(one) ? ' ' : '';
  return `${fence}${pad}${one}${pad}${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
}

/** Text in which nothing is markup; one line. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/[\\`*_{}[\]|~#]/g, '\\$&');
}
