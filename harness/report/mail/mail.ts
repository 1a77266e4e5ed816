// SPDX-License-Identifier: MIT
/**
 * A mail that a maintainer would send and read: 72 columns, the fact first, then one case of it with one command, the
 * case and the difference, who is as expected, the facts of the run, and trailers. After linux 7.2
 * Documentation/process/handling-regressions.rst and submitting-patches.rst.
 */
import { createHash } from 'node:crypto';
import { diffLines } from '../../compare/diff.js';
import { listed } from '../../compare/sentence.js';
import { STATUSES } from '../../compare/statuses.js';
import type { Verdict } from '../../compare/types.js';
import { subjectName } from '../../target/outcome.js';
import { capDiff } from '../cap-diff.js';
import type { CaseEvent, FooterEvent, HeaderEvent, RunEvent } from '../events.js';
import { partingCommand, runCommand } from '../reproduce.js';
import { folderOf } from '../rows.js';
import { closingSentence, cutShort, headerFacts, number, plural } from '../summary.js';
import { yamlExcerpt } from './case.js';
import { type Focus, focusOf } from './focus.js';
import { partingLines } from './parting.js';
import { fold, kernelRange, kernelsTried, siblings } from './parts.js';

export interface MailOptions {
  /** Only these back-ends; all when empty. */
  readonly arch: readonly string[];
  /** Only on these targets; on all when empty. */
  readonly target?: readonly string[];
  /** An earlier run, to tell a regression from an old failure. */
  readonly before: { readonly name: string; readonly events: readonly RunEvent[] } | null;
  /** `Name <address>`, for From and trailers. */
  readonly reporter: string | null;
}

const WIDTH = 72;
/** Lines of the difference, and cases told by name besides the first. */
const DIFF_LINES = 24;
const NAMED = 10;
/** Sentences at the head. */
const SENTENCES = 4;

/** @param events a complete stream; with an earlier run, of one that `checkFocus` let pass */
export function mail(events: readonly RunEvent[], options: MailOptions): string {
  const header = events[0] as HeaderEvent;
  const footer = events.at(-1) as FooterEvent;
  const focus = focusOf(events, options);
  const body = [
    ...(focus.cases.length === 0 ? quiet(focus, footer, options) : report(focus, header, options)),
    '',
    'The run',
    '',
    ...factLines(header),
    ...fold(`  summary: ${closingSentence(footer, header.subjects.length)}`, WIDTH, 4),
  ];
  const trailers = focus.cases.length === 0 ? [] : trailerLines(focus, options, body.join('\n'));
  const text = [...body, ...trailers].map((line) => ascii(line).trimEnd());
  return [...headers(focus, footer, options, body.join('\n')), '', ...text, ''].join('\n');
}

function headers(focus: Focus, footer: FooterEvent, { reporter }: MailOptions, body: string): string[] {
  return [
    ...(reporter === null
      ? []
      : [`From: ${address(reporter)}`, `Message-ID: <${messageId(reporter, body)}>`]),
    `Subject: ${subjectLine(focus, footer)}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=UTF-8',
    'Content-Transfer-Encoding: 8bit',
  ];
}

/** A name that is not ASCII is encoded, RFC 2047. */
function address(reporter: string): string {
  const [, name = '', mailbox = ''] = /^(.*) (<.*>)$/.exec(reporter) ?? [];
  const words = /^[\x20-\x7e]*$/.test(name) ? name : `=?UTF-8?B?${Buffer.from(name).toString('base64')}?=`;
  return `${words} ${mailbox}`;
}

/** The same for the same mail, so that a trailer can name it. */
function messageId(reporter: string, body: string): string {
  const host = /@([A-Za-z0-9.-]+)>?\s*$/.exec(reporter)?.[1] ?? 'localhost';
  return `ftrace-conform.${createHash('sha256').update(body).digest('hex').slice(0, 16)}@${host}`;
}

/** Fits a line, its name included. */
function subjectLine(focus: Focus, footer: FooterEvent): string {
  const room = WIDTH - 'Subject: '.length;
  const { cases, archs, regression } = focus;
  if (cases.length === 0) {
    const many = `${number(footer.cases)} ${plural(footer.cases, 'case')}`;
    const end = cutShort(footer);
    const all = end === null ? 'all as expected' : `${end}, the rest as expected`;
    return ascii(cut(`ftrace-conform: ${focus.of}${many}, ${all}`, room));
  }
  const folders = [...new Set(cases.map(({ event }) => folderOf(event)))];
  const what =
    cases.length === 1
      ? cases[0]?.event.spec.id
      : `${number(cases.length)} ${folders.length === 1 ? `${folders[0]} ` : ''}cases`;
  const mark = regression ? '[REGRESSION] ' : '';
  const many = `${archs.length} architectures`;
  const forms = [listed(archs), many].map((who) => `${mark}ftrace: ${who} not as expected in ${what}`);
  return ascii(forms.find(({ length }) => length <= room) ?? cut(forms.at(-1) ?? '', room));
}

function cut(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, room - 3)}...`;
}

/** Nothing to report is a report too. */
function quiet({ of }: Focus, footer: FooterEvent, { before }: MailOptions): string[] {
  const all = `${footer.complete ? 'Everything that ran' : 'What ran'} ${of === '' ? '' : 'on '}${of.replace(/: $/, ' ')}is as expected.`;
  return fold(before === null ? all : `No regressions, compared to ${before.name}. ${all}`, WIDTH, 0);
}

function report(focus: Focus, header: HeaderEvent, { before }: MailOptions): string[] {
  const [first, ...more] = focus.cases as [Focus['cases'][number], ...Focus['cases'][number][]];
  const { event, bad } = first;
  const { spec } = event;
  const told = focus.sentences.length > SENTENCES ? focus.sentences.slice(0, SENTENCES - 1) : focus.sentences;
  const out = told.flatMap((one) => fold(sentence(one), WIDTH, 0));
  const untold = focus.sentences.length - told.length;
  if (untold > 0)
    out.push(`And more: --format markdown says it in ${number(focus.sentences.length)} sentences.`);
  if (before !== null) {
    out.push(
      '',
      ...fold(
        focus.regression
          ? `${plural(focus.cases.length, 'This was', 'These were')} as expected in ${before.name}.`
          : `No regression: in ${before.name} the same was not as expected, or did not run.`,
        WIDTH,
        0,
      ),
    );
  }
  out.push('', ...fold(`${spec.id}: ${spec.title}`, WIDTH, 2));
  for (const [why, who] of byReason(bad)) out.push(...fold(`  ${who}: ${why}`, WIDTH, 4));
  out.push('', 'Reproduce with', '', ...command(runCommand([event], false, header)));
  out.push('', ...fold(`The case (${spec.file})`, WIDTH, 2), '', ...yamlExcerpt(spec).flatMap(yamlLines));
  const parts = partsOf(event, bad);
  if (parts !== null) out.push('', 'Where it parts', '', ...parts);
  out.push(
    '',
    ...fold(siblings(event, bad), WIDTH, 2),
    ...kernelsTried(event, bad).flatMap((line) => fold(line, WIDTH, 2)),
  );
  if (!focus.kernel) out.push('', ...fold('Seen on a model of the kernel; no kernel was booted.', WIDTH, 0));
  if (more.length > 0) {
    out.push(
      '',
      'Also',
      '',
      ...more.slice(0, NAMED).flatMap(({ event: other }) => fold(`  ${other.spec.id}`, WIDTH, 4)),
    );
    if (more.length > NAMED) out.push(`  and ${number(more.length - NAMED)} more`);
  }
  return out;
}

/** Upper case, and a stop; names stay as they are written. */
function sentence(text: string): string {
  const start = /^(?:only|all|everything)\b/.test(text) ? text.slice(0, 1).toUpperCase() : text.slice(0, 1);
  return `${start}${text.slice(1)}.`;
}

function byReason(bad: readonly Verdict[]): Map<string, string> {
  const groups = new Map<string, string[]>();
  const several = new Set(bad.map(({ subject }) => subject.target)).size > 1;
  for (const { subject, reason, status } of bad) {
    const why = reason || STATUSES[status].meaning;
    const who = several ? subjectName(subject) : `${subject.arch}@${subject.revision}`;
    groups.set(why, [...(groups.get(why) ?? []), who]);
  }
  return new Map([...groups].map(([why, who]) => [why, who.join(', ')]));
}

/** A comment stays one where it is continued. */
function yamlLines(text: string): string[] {
  const lines = fold(`  ${text}`, WIDTH, 6);
  return text.startsWith('#') ? lines.map((line) => `  #${line.slice(3)}`) : lines;
}

/** Two traces by event where they were kept of a subject that is meant; else what was seen against what was not. */
function partsOf(event: CaseEvent, bad: readonly Verdict[]): string[] | null {
  const { parting } = event.comparison;
  if (parting !== undefined && bad.some(({ subject }) => subjectName(subject) === parting.subjects[0])) {
    return [...partingLines(parting, WIDTH), '', ...command(partingCommand(event.spec.id, parting))];
  }
  const difference = differenceOf(event, bad[0] as Verdict);
  if (difference === null) return null;
  const { lines, more } = capDiff(difference, DIFF_LINES);
  const rest = more > 0 ? [`  ... ${number(more)} more ${plural(more, 'line')}`] : [];
  return [...lines.flatMap((line) => fold(`  ${line}`, WIDTH, 6)), ...rest];
}

/** Against what was expected; where nobody said what, against what most see. */
function differenceOf({ comparison }: CaseEvent, { diff, subject }: Verdict): string | null {
  if (diff !== null) return diff;
  const [usual, ...others] = comparison.classes;
  const name = subjectName(subject);
  const odd = others.find(({ subjects }) => subjects.includes(name)) ?? others[0];
  if (usual === undefined || odd === undefined) return null;
  return diffLines(usual.subjects[0] ?? '', usual.text, odd.subjects[0] ?? '', odd.text);
}

/** Continued as a shell continues it; a word that fills a line itself, at the first column of the next. */
function command(text: string): string[] {
  if (text.length + 2 <= WIDTH) return [`  ${text}`];
  const lines: string[] = [];
  let line = ' ';
  // An option stays with its value.
  for (const word of text.match(/--\S+ [^-\s]\S*|\S+/g) ?? []) {
    if (line.trim() !== '' && line.length + word.length + 3 > WIDTH) {
      lines.push(`${line} \\`);
      line = '     ';
    }
    line += ` ${word}`;
    while (line.length + 2 > WIDTH) {
      lines.push(`${line.slice(0, WIDTH - 1)}\\`);
      line = line.slice(WIDTH - 1);
    }
  }
  return [...lines, line];
}

function factLines(header: HeaderEvent): string[] {
  return headerFacts(header).flatMap(([name, value]) => fold(`  ${name}: ${value}`, WIDTH, 4));
}

function trailerLines(focus: Focus, { reporter }: MailOptions, body: string): string[] {
  const range = focus.kernel ? kernelRange(focus.cases.map(({ event, bad }) => ({ event, bad }))) : null;
  const out: string[] = [];
  if (reporter !== null) {
    out.push(
      '',
      'A fix may say',
      '',
      `  Reported-by: ${reporter}`,
      `  Closes: https://lore.kernel.org/r/${messageId(reporter, body)}`,
    );
  }
  if (focus.regression && range !== null) out.push('', `#regzbot introduced: ${range}`);
  return out;
}

/** Kernel lists are read in terminals of every kind. */
function ascii(text: string): string {
  return text.replaceAll('×', 'x').replaceAll('…', '...').replaceAll('’', "'");
}
