// SPDX-License-Identifier: MIT
/**
 * The run for a person at a terminal of 80 columns: failing cases at once, the matrix with its legend, the
 * failing cases again each with the command that reproduces it, and a sentence that counts everything.
 */
import { diffLines } from '../compare/diff.js';
import { STATUSES } from '../compare/statuses.js';
import type { Verdict } from '../compare/types.js';
import { subjectName } from '../target/outcome.js';
import type { CaseEvent, FooterEvent, HeaderEvent, Listener } from './events.js';
import { type Detail, isFailing, rowsOf } from './rows.js';
import type { Paint } from './style.js';
import { blameSentences, closingSentence, differenceSentence, UNSUPPORTED_HINT } from './summary.js';
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
  return {
    header(event) {
      header = event;
      const places = [...new Set(event.subjects.map(({ id }) => `${id.revision}/${id.target}`))].join(', ');
      const facts = `${event.subjects.length} subjects at ${places}, seed ${event.seed}`;
      line(`${paint('bold', `ftrace-conform ${event.harness}`)}  ${paint('grey', facts)}`);
      line();
    },
    case(event) {
      events.push(event);
      if (!isFailing(event)) return;
      failures++;
      const diffs = detail > 0 || failures <= DIFFS;
      for (const text of failure(event, header.subjects, width, paint, diffs)) line(text);
      line();
    },
    footer(footer) {
      const names = header.subjects.map(({ name }) => name);
      if (events.length > 0) {
        for (const text of drawMatrix(rowsOf(events, names, detail), header.subjects, width, paint))
          line(text);
        line();
      }
      const failed = events.filter(isFailing);
      if (failed.length > 0) {
        line(paint('bold', 'Not as expected'));
        for (const blame of blameSentences(failed, header.axis)) {
          for (const text of wrap(blame, width - 2)) line(`  ${text}`);
        }
        line();
        const many = failed.length > DIFFS && detail === 0;
        for (const text of failed.flatMap((event) => again(event, header, paint, !many))) line(text);
        if (failures > DIFFS && detail === 0)
          line(paint('grey', `  Diffs of the first ${DIFFS} are above; -v shows all.`));
        line();
      }
      for (const text of closing(footer, header, events, width)) line(text);
    },
  };
}

/** Heading, sentences, and the diff of each failing verdict. */
function failure(
  event: CaseEvent,
  subjects: Subjects,
  width: number,
  paint: Paint,
  diffs: boolean,
): string[] {
  const { spec, comparison } = event;
  const bad = comparison.verdicts.filter(({ status }) => STATUSES[status].exit !== 0);
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
    if (diff !== null && diffs) out.push(...diff.split('\n').map((text) => `     ${painted(text, paint)}`));
  }
  if (own.length === 0 && !comparison.explained && diffs) out.push(...classDiffs(comparison.classes, paint));
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
function classDiffs([usual, ...odd]: CaseEvent['comparison']['classes'], paint: Paint): string[] {
  return odd.flatMap(({ subjects, text }) => {
    const diff = diffLines(usual?.subjects.join(', ') ?? '', usual?.text ?? [], subjects.join(', '), text);
    return diff === null ? [] : diff.split('\n').map((line) => `     ${painted(line, paint)}`);
  });
}

function painted(text: string, paint: Paint): string {
  if (text.startsWith('-')) return paint('red', text);
  if (text.startsWith('+')) return paint('green', text);
  return text.startsWith('@@') ? paint('cyan', text) : text;
}

/** One failing case with the shortest command that reproduces it, and the one that explains it. */
function again(
  { spec, comparison }: CaseEvent,
  header: HeaderEvent,
  paint: Paint,
  explain: boolean,
): string[] {
  const bad = comparison.verdicts.filter(({ status }) => STATUSES[status].exit !== 0);
  const who = bad.map(
    ({ status, subject }) => `${shortOf(subjectName(subject), header.subjects)} ${STATUSES[status].letters}`,
  );
  const archs = [...new Set(bad.map(({ subject }) => subject.arch))];
  const alone = bad.every(({ reason }) => reason !== comparison.sentence) && header.axis === 'arch';
  const all = new Set(header.subjects.map(({ id }) => id.arch)).size;
  const only = alone && archs.length < all ? archs.map((arch) => ` --arch ${arch}`).join('') : '';
  const options = header.axis === 'arch' ? only : ` --compare ${header.axis}`;
  return [
    `  ${paint('bold', spec.id)}  ${who.join(', ')}`,
    `      ftrace-conform run ${spec.id}${options}`,
    ...(archs[0] === undefined || !explain
      ? []
      : [`      ftrace-conform explain ${spec.id} --arch ${archs[0]}${versus(comparison, archs)}`]),
  ];
}

/** A back-end that behaves otherwise than the first of `archs`. */
function versus({ classes }: CaseEvent['comparison'], archs: readonly string[]): string {
  const other = classes.flatMap(({ subjects }) => subjects.map((name) => name.split('@')[0] ?? ''));
  const found = other.find((name) => !archs.includes(name));
  return found === undefined ? '' : ` --vs ${found}`;
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
  ];
}

/** A command is not broken across lines. */
function kept(sentence: string): string {
  return sentence.replace(UNSUPPORTED_HINT, UNSUPPORTED_HINT.replaceAll(' ', '\u00a0'));
}
