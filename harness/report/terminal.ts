// SPDX-License-Identifier: MIT
/**
 * The run for a person at a terminal of 80 columns: failing cases at once, the matrix with its legend, the
 * failing cases again each with the command that reproduces it, and a sentence that counts everything.
 */
import { diffLines } from '../compare/diff.js';
import { failing, STATUSES } from '../compare/statuses.js';
import { compress } from '../compare/summary-sentences.js';
import type { Verdict } from '../compare/types.js';
import { subjectName } from '../target/outcome.js';
import { capDiff, DIFF_LINES } from './cap-diff.js';
import { declaredDifferences } from './declared.js';
import type { CaseEvent, FooterEvent, HeaderEvent, Listener } from './events.js';
import { disagreementSentence, fidelityOf, fidelitySums } from './fidelity.js';
import { explainCommand, runCommand } from './reproduce.js';
import { braced, type Detail, familyOf, isFailing, rowsOf } from './rows.js';
import type { Paint } from './style.js';
import {
  closingSentence,
  differenceSentence,
  number,
  plural,
  skippedSentences,
  subjectsSentence,
  UNSUPPORTED_HINT,
} from './summary.js';
import { drawMatrix } from './terminal-matrix.js';
import { wrap } from './wrap.js';

export interface TerminalOptions {
  readonly write: (text: string) => void;
  readonly paint: Paint;
  /** Columns. */
  readonly width: number;
  readonly detail: Detail;
}

/** Failing cases shown with their diff, and listed with how to explain them; `-v` shows all. */
const DIFFS = 10;

type Subjects = HeaderEvent['subjects'];

export function terminal({ write, paint, width, detail }: TerminalOptions): Listener {
  let header: HeaderEvent;
  const events: CaseEvent[] = [];
  let failures = 0;
  const line = (text = '') => write(`${text}\n`);
  const cap = detail === 2 ? Number.POSITIVE_INFINITY : DIFF_LINES;
  /** Cases since the last one shown that fail as it does: told in one line when that is over. */
  let likewise: CaseEvent[] = [];
  let shown: CaseEvent | undefined;
  const tellLikewise = () => {
    if (likewise.length === 0) return;
    for (const text of wrap(`likewise ${braced(likewise)}`, width - 2)) line(`  ${text}`);
    line();
    likewise = [];
  };
  return {
    header(event) {
      header = event;
      const part = event.shard === undefined ? '' : `, shard ${event.shard.index}/${event.shard.of}`;
      const facts = `${subjectsSentence(event.subjects)}, seed ${event.seed}${part}`;
      line(`${paint('bold', `ftrace-conform ${event.harness}`)}  ${paint('grey', facts)}`);
      for (const text of wrap(factsLine(event), width)) line(paint('grey', text));
      line();
    },
    case(event) {
      events.push(event);
      if (!isFailing(event)) return;
      if (detail < 2 && shown !== undefined && alike(shown, event)) {
        likewise.push(event);
        return;
      }
      tellLikewise();
      shown = event;
      failures++;
      const diffs = detail > 0 || failures <= DIFFS ? cap : 0;
      for (const text of failure(event, header.subjects, width, paint, diffs)) line(text);
      line();
    },
    footer(footer) {
      tellLikewise();
      const names = header.subjects.map(({ name }) => name);
      if (events.length > 0) {
        for (const text of drawMatrix(rowsOf(events, names, detail), header.subjects, width, paint))
          line(text);
        line();
      }
      const declares = detail > 0 ? compress(events, 'declared') : [];
      if (declares.length > 0) {
        line(paint('bold', 'Where cases declare a difference'));
        for (const told of declares) for (const text of wrap(told, width - 2)) line(`  ${text}`);
        line();
      }
      if (detail === 2) for (const text of declared(events, header.subjects, width, paint)) line(text);
      const failed = events.filter(isFailing);
      if (failed.length > 0) {
        line(paint('bold', 'Not as expected'));
        for (const told of compress(events)) {
          for (const text of wrap(told, width - 2)) line(`  ${text}`);
        }
        line();
        const groups = detail < 2 ? groupsOf(failed) : failed.map((event) => [event]);
        const many = groups.length > DIFFS && detail === 0;
        const total = new Map<string, number>();
        for (const event of events) total.set(familyOf(event), (total.get(familyOf(event)) ?? 0) + 1);
        for (const group of groups) {
          const whole = total.get(familyOf(group[0] as CaseEvent)) === group.length;
          for (const text of again(group, whole, header, paint, !many)) line(text);
        }
        if (failures > DIFFS && detail === 0)
          line(paint('grey', `  Diffs of the first ${DIFFS} are above; -v shows all.`));
        line();
      }
      for (const text of fidelity(events, width, paint, detail)) line(text);
      for (const text of closing(footer, header, events, width)) line(text);
    },
  };
}

/** Disagreements told; `-v` tells all. */
const DISAGREEMENTS = 8;

/** How far targets saw the same; nothing where one ran. */
function fidelity(events: readonly CaseEvent[], width: number, paint: Paint, detail: Detail): string[] {
  const found = fidelityOf(events);
  if (found === null) return [];
  const all = found.disagreements;
  const told = detail > 0 ? all : all.filter(({ declared }) => !declared).slice(0, DISAGREEMENTS);
  const open = all.filter(({ declared }) => !declared).length;
  const rest = open - told.length;
  return [
    paint('bold', 'Fidelity'),
    ...fidelitySums(found).flatMap((text) => wrap(text, width - 2).map((part) => `  ${part}`)),
    ...told.flatMap((one) => wrap(disagreementSentence(one), width - 4).map((part) => `    ${part}`)),
    ...(rest > 0
      ? [paint('grey', `    … ${number(rest)} more ${plural(rest, 'disagreement')}; -v tells all`)]
      : []),
    '',
  ];
}

/** Each case whose subjects differ as it declares. */
function declared(events: readonly CaseEvent[], subjects: Subjects, width: number, paint: Paint): string[] {
  const told = declaredDifferences(events, subjects);
  if (told.length === 0) return [];
  const indent = (text: string, by: number) => wrap(text, width - by).map((part) => ' '.repeat(by) + part);
  return [
    paint('bold', 'Differences, as declared'),
    ...told.flatMap(({ id, sentence, reasons }) => [
      `  ${paint('bold', id)}`,
      ...sentence.split(/; (?=at \S+: )/).flatMap((part) => indent(part, 4)),
      ...reasons.flatMap((reason) => indent(reason, 6)),
    ]),
    '',
  ];
}

/** Heading, sentences, and the diff of each failing verdict. */
function failure(
  event: CaseEvent,
  subjects: Subjects,
  width: number,
  paint: Paint,
  /** Lines of each. */
  diffs: number,
): string[] {
  const { spec, comparison } = event;
  const bad = comparison.verdicts.filter(({ status }) => failing(status));
  const beside = spec.id.length + 2 + spec.title.length <= width;
  const out = [beside ? `${paint('bold', spec.id)}  ${spec.title}` : paint('bold', spec.id)];
  const indent = (text: string, by = 2) => wrap(text, width - by).map((part) => ' '.repeat(by) + part);
  if (!beside) out.push(...indent(spec.title));
  if (!comparison.explained && comparison.sentence !== null) {
    out.push(...indent(paint('bold', comparison.sentence)));
  }
  const own = bad.filter(({ reason }) => reason !== comparison.sentence);
  for (const { reason, who, verdict } of byReason(own, subjects)) {
    const { status, diff } = verdict;
    const letters = paint(STATUSES[status].colour, STATUSES[status].letters);
    out.push(...indent(`${letters} ${who}: ${reason}`));
    if (diff !== null) out.push(...drawDiff(diff, diffs, paint));
  }
  if (own.length === 0 && !comparison.explained) out.push(...classDiffs(comparison.classes, diffs, paint));
  return out;
}

/** Verdicts with the same reason and the same differing lines are told once. */
function byReason(verdicts: readonly Verdict[], subjects: Subjects) {
  const groups = new Map<string, Verdict[]>();
  for (const verdict of verdicts) {
    const lines = verdict.diff?.split('\n').slice(2).join('\n') ?? '';
    const key = `${verdict.status}\n${verdict.reason}\n${lines}`;
    groups.set(key, [...(groups.get(key) ?? []), verdict]);
  }
  return [...groups.values()].map((group) => ({
    verdict: group[0] as Verdict,
    reason: (group[0] as Verdict).reason || STATUSES[(group[0] as Verdict).status].meaning,
    who: group.map(({ subject }) => shortOf(subjectName(subject), subjects)).join(', '),
  }));
}

function shortOf(name: string, subjects: Subjects): string {
  return subjects.find((subject) => subject.name === name)?.short ?? name;
}

/** Each further class against the largest. */
function classDiffs(
  [usual, ...odd]: CaseEvent['comparison']['classes'],
  limit: number,
  paint: Paint,
): string[] {
  return odd.flatMap(({ subjects, text }) => {
    const diff = diffLines(usual?.subjects.join(', ') ?? '', usual?.text ?? [], subjects.join(', '), text);
    return diff === null ? [] : drawDiff(diff, limit, paint);
  });
}

/** @param limit lines; 0: nothing */
function drawDiff(diff: string, limit: number, paint: Paint): string[] {
  if (limit === 0) return [];
  const { lines, more } = capDiff(diff, limit);
  const drawn = lines.map((text) => `     ${painted(text, paint)}`);
  const rest = `     … ${number(more)} more ${plural(more, 'line')}; explain shows all`;
  return more === 0 ? drawn : [...drawn, paint('grey', rest)];
}

/** Whether two cases of one family fail on the same subjects for the same reasons. */
function alike(a: CaseEvent, b: CaseEvent): boolean {
  return familyOf(a) === familyOf(b) && failureKey(a) === failureKey(b);
}

function failureKey({ comparison: { verdicts, sentence, explained } }: CaseEvent): string {
  const bad = verdicts.filter(({ status }) => failing(status));
  return JSON.stringify([
    explained ? null : sentence,
    bad.map(({ subject, status, reason }) => [subjectName(subject), status, reason]),
  ]);
}

/** Failing cases of a family that fail alike, in the order of the first of each group. */
function groupsOf(failed: readonly CaseEvent[]): CaseEvent[][] {
  const groups = new Map<string, CaseEvent[]>();
  for (const event of failed) {
    const key = `${familyOf(event)}\n${failureKey(event)}`;
    groups.set(key, [...(groups.get(key) ?? []), event]);
  }
  return [...groups.values()];
}

function painted(text: string, paint: Paint): string {
  if (text.startsWith('-')) return paint('red', text);
  if (text.startsWith('+')) return paint('green', text);
  return text.startsWith('@@') ? paint('cyan', text) : text;
}

/** Cases that fail alike, with the shortest command that reproduces them, and the one that explains the first. */
function again(
  group: readonly CaseEvent[],
  whole: boolean,
  header: HeaderEvent,
  paint: Paint,
  explain: boolean,
): string[] {
  const [first] = group as [CaseEvent];
  const bad = first.comparison.verdicts.filter(({ status }) => failing(status));
  const who = [...new Set(bad.map(({ status }) => status))].map((status) => {
    const those = bad.filter((verdict) => verdict.status === status);
    const names = those.map(({ subject }) => shortOf(subjectName(subject), header.subjects));
    return `${names.join(', ')} ${STATUSES[status].letters}`;
  });
  const explained = explain ? explainCommand(first) : null;
  return [
    `  ${paint('bold', braced(group))}  ${who.join('; ')}`,
    `      ${runCommand(group, whole, header)}`,
    ...(explained === null ? [] : [`      ${explained}`]),
  ];
}

/** What decides the result, besides the subjects. */
function factsLine({ interpretation, caseSet, command }: HeaderEvent): string {
  return `interpretation ${interpretation}, cases ${caseSet.slice(0, 12)}, ftrace-conform ${command.join(' ')}`;
}

function closing(
  footer: FooterEvent,
  header: HeaderEvent,
  events: readonly CaseEvent[],
  width: number,
): string[] {
  const differences = differenceSentence(events);
  return [
    ...(differences === null ? [] : wrap(differences, width)),
    ...wrap(kept(closingSentence(footer, header.subjects.length)), width),
    ...skippedSentences(events).flatMap((text) => wrap(text, width)),
  ];
}

/** A command is not broken across lines. */
function kept(sentence: string): string {
  return sentence.replace(UNSUPPORTED_HINT, UNSUPPORTED_HINT.replaceAll(' ', '\u00a0'));
}
