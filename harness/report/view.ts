// SPDX-License-Identifier: MIT
/** Part of a run as a run: the cases that a filter chose, counted anew. */
import { failing } from '../compare/statuses.js';
import { caseSetOf } from '../plan/case-set.js';
import { failsUnsupported, Tally } from '../plan/tally.js';
import type { CaseEvent, FooterEvent, HeaderEvent, RunEvent } from './events.js';

/**
 * @param events a stream with header and footer
 * @param filter as it was written; becomes part of the command, since a run with it shows the same
 */
export function view(
  events: readonly RunEvent[],
  keep: (event: CaseEvent) => boolean,
  filter: string,
): RunEvent[] {
  const header = events[0] as HeaderEvent;
  const { complete, interrupted, exitCode } = events.at(-1) as FooterEvent;
  const cases = events.filter((event): event is CaseEvent => event.event === 'case' && keep(event));
  const tally = new Tally();
  for (const { comparison } of cases) tally.add(comparison);
  const footer = tally.footer(failsUnsupported(header));
  return [
    {
      ...header,
      caseSet: caseSetOf(cases.map(({ spec }) => spec)),
      command: withFilter(header.command, filter),
    },
    ...cases,
    { ...footer, complete, interrupted, exitCode: complete ? footer.exitCode : exitCode },
  ];
}

/** Of a run, as far as it is about these back-ends; one that did not end keeps the code it ended with. */
export function exitCodeOn(events: readonly RunEvent[], archs: readonly string[]): number {
  const { complete, exitCode } = events.at(-1) as FooterEvent;
  if (!complete) return exitCode;
  const tally = new Tally();
  for (const event of events) {
    if (event.event !== 'case') continue;
    const { comparison } = event;
    const verdicts = comparison.verdicts.filter(({ subject }) => archs.includes(subject.arch));
    const explained = comparison.explained || !verdicts.some(({ status }) => failing(status));
    tally.add({ ...comparison, verdicts, explained });
  }
  return tally.footer(failsUnsupported(events[0] as HeaderEvent)).exitCode;
}

function withFilter(command: readonly string[], filter: string): readonly string[] {
  const at = command.indexOf('--filter');
  if (at < 0) return [...command, '--filter', filter];
  const before = command[at + 1] as string;
  return before === filter ? command : command.with(at + 1, `(${before}) and (${filter})`);
}
