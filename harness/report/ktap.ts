// SPDX-License-Identifier: MIT
/**
 * KTAP, version 1 (linux 7.2 Documentation/dev-tools/ktap.rst): a test per feature folder, in it one per case and
 * subject, under its full dotted name, since readers that flatten keep one of several of the same name. A second
 * dialect puts `# ` before nested lines, as kselftest's runner does (linux 7.2 tools/testing/selftests/kselftest/).
 */
import { failing, STATUSES } from '../compare/statuses.js';
import type { Verdict } from '../compare/types.js';
import { capDiff } from './cap-diff.js';
import type { CaseEvent, FooterEvent, HeaderEvent, RunEvent } from './events.js';
import { runCommand } from './reproduce.js';
import { folderOf } from './rows.js';
import { closingSentence, headerFacts } from './summary.js';

export type Dialect = 'ktap' | 'kselftest';

const DIALECTS: Readonly<Record<Dialect, { readonly version: string; readonly nest: string }>> = {
  ktap: { version: 'KTAP version 1', nest: '  ' },
  kselftest: { version: 'TAP version 13', nest: '# ' },
};

/** @param events a complete stream */
export function ktap(events: readonly RunEvent[], dialect: Dialect): string {
  const { version, nest } = DIALECTS[dialect];
  const header = events[0] as HeaderEvent;
  const footer = events.at(-1) as FooterEvent;
  const cases = events.filter((event): event is CaseEvent => event.event === 'case');
  const folders = new Map<string, CaseEvent[]>();
  for (const event of cases) {
    const folder = folderOf(event);
    const known = folders.get(folder);
    if (known === undefined) folders.set(folder, [event]);
    else known.push(event);
  }
  const names = dotted(cases);
  const lines = [version, `1..${folders.size}`];
  for (const [name, value] of headerFacts(header)) lines.push(diagnostic(`${name}: ${value}`));
  let place = 0;
  for (const [folder, members] of folders) {
    const verdicts = members.flatMap((event) =>
      event.comparison.verdicts.map((verdict) => ({ event, verdict })),
    );
    lines.push(`${nest}${version}`, `${nest}1..${verdicts.length}`);
    verdicts.forEach(({ event, verdict }, index) => {
      for (const line of details(event, verdict, header)) lines.push(nest + diagnostic(line));
      const name = `${names.get(event.spec.id)}.${subjectPart(verdict)}`;
      lines.push(nest + result(index + 1, name, verdict));
    });
    lines.push(
      bubbled(
        ++place,
        folder,
        verdicts.map(({ verdict }) => verdict),
      ),
    );
  }
  lines.push(diagnostic(closingSentence(footer, header.subjects.length)));
  return `${lines.join('\n')}\n`;
}

/** `fprobe.arguments.3`; an id that reads as another does then is kept as it is. */
function dotted(cases: readonly CaseEvent[]): Map<string, string> {
  const taken = new Set<string>();
  return new Map(
    cases.map(({ spec: { id } }) => {
      const short = id.replaceAll('/', '.');
      const name = taken.has(short) ? id : short;
      taken.add(name);
      return [id, name];
    }),
  );
}

function subjectPart({ subject: { arch, revision, target } }: Verdict): string {
  return `${arch}@${revision}.${target}`;
}

function result(place: number, name: string, { status, reason }: Verdict): string {
  const { ok, directive } = STATUSES[status].ktap;
  const head = `${ok ? 'ok' : 'not ok'} ${place} ${described(name)}`;
  if (directive === '') return head;
  const why = oneLine(status === 'UNSUPPORTED' ? reason.replace(/^lacks /, '') : reason);
  const glue = status === 'UNSUPPORTED' ? ': ' : ' ';
  return `${head} # ${directive}${why === '' ? '' : glue + why}`;
}

/** A test fails if any in it does; it is skipped if all in it are. */
function bubbled(place: number, folder: string, verdicts: readonly Verdict[]): string {
  const ok = verdicts.every(({ status }) => STATUSES[status].ktap.ok);
  const skipped = verdicts.every(({ status }) => STATUSES[status].ktap.directive.startsWith('SKIP'));
  return `${ok ? 'ok' : 'not ok'} ${place} ${described(folder)}${skipped ? ' # SKIP' : ''}`;
}

/** Before a failing result: why, the difference, the command. */
function details(event: CaseEvent, verdict: Verdict, header: HeaderEvent): string[] {
  if (!failing(verdict.status)) return [];
  const { lines, more } = capDiff(verdict.diff ?? '');
  return [
    event.spec.title,
    verdict.reason || STATUSES[verdict.status].meaning,
    ...(verdict.diff === null ? [] : lines),
    ...(more > 0 ? [`… ${more} more lines`] : []),
    runCommand([event], false, header),
  ];
}

/** No `#`, which would begin a directive. */
function described(name: string): string {
  return oneLine(name).replaceAll('#', '_');
}

function diagnostic(text: string): string {
  return `# ${oneLine(text)}`.trimEnd();
}

/** Control characters would end a line, or colour a terminal. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trimEnd();
}
