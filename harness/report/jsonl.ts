// SPDX-License-Identifier: MIT
/**
 * The stored run: one event per line, header first, footer last; cases as in log-record.ts. Keys keep the order of the events, since the order of
 * an observation's fields is part of its normal form.
 */
import { EXIT } from '../compare/exit-codes.js';
import { STATUSES } from '../compare/statuses.js';
import { Problem } from '../plan/problem.js';
import { failsUnsupported, Tally } from '../plan/tally.js';
import type { CaseEvent, FooterEvent, HeaderEvent, Listener, RunEvent } from './events.js';
import { type CaseRecord, eventOf, recordOf, Specs } from './log-record.js';

/** Log format written, and the only one read. */
export const FORMAT = 2;

/** @param write called with one line, newline included, per event */
export function jsonl(write: (line: string) => void): Listener {
  const put = (record: HeaderEvent | CaseRecord | FooterEvent) => write(`${JSON.stringify(record)}\n`);
  const specs = new Specs();
  let subjects: HeaderEvent['subjects'] = [];
  return {
    header(event) {
      subjects = event.subjects;
      put(event);
    },
    case: (event) => put(recordOf(event, subjects, specs)),
    footer: put,
  };
}

/** The whole log of a run. */
export function logText(events: readonly RunEvent[]): string {
  const lines: string[] = [];
  const listener = jsonl((line) => lines.push(line));
  for (const event of events) dispatch(event, [listener]);
  return lines.join('');
}

/**
 * Events of a stored run.
 * @param name how the log is called in errors
 * @throws Problem with exit code 6 for a log that is incomplete, inconsistent or of another format
 */
export function readLog(text: string, name: string): [HeaderEvent, ...CaseEvent[], FooterEvent] {
  const refuse = (why: string) => new Problem(`${name}: ${why}; log refused`, EXIT.refused);
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines.length === 0) throw refuse('empty');
  const specs = new Specs();
  let subjects: HeaderEvent['subjects'] = [];
  const events = lines.map((line, index): RunEvent => {
    let event: unknown;
    try {
      event = JSON.parse(line);
    } catch {
      throw refuse(
        index === lines.length - 1
          ? `line ${index + 1} is cut off: the run ended before its footer`
          : `line ${index + 1} is no JSON`,
      );
    }
    if (!isRecord(event)) throw refuse(`line ${index + 1} is no event of a run`);
    if (index === 0 && event.event !== 'header') throw refuse('does not begin with a header');
    if (event.event === 'header') {
      if (event.format !== FORMAT) {
        throw refuse(`format ${String(event.format)}, but this version reads format ${FORMAT}`);
      }
      subjects = event.subjects;
    }
    if (event.event !== 'case') return event;
    try {
      return eventOf(event, subjects, specs);
    } catch {
      throw refuse(`line ${index + 1} is a case that does not fit the lines before it`);
    }
  });
  const [header, footer] = [events[0] as HeaderEvent, events.at(-1)];
  if (footer?.event !== 'footer') throw refuse('has no footer: the run did not end');
  const cases = events.slice(1, -1);
  if (!cases.every((event): event is CaseEvent => event.event === 'case')) {
    throw refuse('a header or footer stands among the cases');
  }
  if (cases.length !== footer.cases) {
    throw refuse(`the footer counts ${footer.cases} cases, but there are ${cases.length}`);
  }
  const ids = new Set(cases.map(({ spec }) => spec.id));
  if (ids.size !== cases.length) throw refuse('a case occurs twice');
  const wrong = contradiction(header, cases, footer);
  if (wrong !== null) throw refuse(wrong);
  return [header, ...cases, footer];
}

/** Where a footer does not tell what the cases are: somebody has edited the log, or it was put together. */
function contradiction(header: HeaderEvent, cases: readonly CaseEvent[], footer: FooterEvent): string | null {
  const tally = new Tally();
  for (const { spec, comparison } of cases) {
    const strange = comparison.verdicts.find(({ status }) => !Object.hasOwn(STATUSES, status));
    if (strange) return `${spec.id} has the status ${String(strange.status)}, which there is not`;
    tally.add(comparison);
  }
  const found = tally.footer(failsUnsupported(header));
  for (const [status, count] of Object.entries(found.counts)) {
    const told = footer.counts[status as keyof typeof found.counts] ?? 0;
    if (told !== count) return `the footer counts ${told} ${status}, but there are ${count}`;
  }
  for (const name of ['unexplained', 'partial'] as const) {
    if (footer[name] !== found[name])
      return `the footer counts ${footer[name]} ${name}, but there are ${found[name]}`;
  }
  const fails = found.exitCode === EXIT.unexpected || found.exitCode === EXIT.harness;
  if (footer.complete && fails && footer.exitCode !== found.exitCode)
    return `the footer says exit code ${footer.exitCode}, but its cases make it ${found.exitCode}`;
  return null;
}

function isRecord(value: unknown): value is HeaderEvent | CaseRecord | FooterEvent {
  if (typeof value !== 'object' || value === null || !('event' in value)) return false;
  const has = (...names: string[]) => names.every((name) => name in value);
  if (value.event === 'header')
    return (
      has('format') &&
      ((value as HeaderEvent).format !== FORMAT ||
        has('subjects', 'axis', 'seed', 'command', 'harness', 'interpretation', 'caseSet'))
    );
  if (value.event === 'case') return has('spec', 'results', 'seen', 'classes');
  return value.event === 'footer' && has('cases', 'counts', 'exitCode', 'complete', 'interrupted');
}

/** Sends events to listeners in the order of the stream. */
export function dispatch(event: RunEvent, listeners: readonly Listener[]): void {
  for (const listener of listeners) {
    if (event.event === 'header') listener.header?.(event);
    else if (event.event === 'case') listener.case?.(event);
    else listener.footer?.(event);
  }
}
