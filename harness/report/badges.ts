// SPDX-License-Identifier: MIT
/** A badge per back-end, as shields.io reads it from an address: <https://shields.io/badges/endpoint-badge>. */
import { type Colour, failing, SEVERITY, STATUSES } from '../compare/statuses.js';
import type { Status, Verdict } from '../compare/types.js';
import type { FooterEvent, RunEvent } from './events.js';
import { stableJson } from './stable-json.js';
import { cutShort, number } from './summary.js';

export interface Badge {
  readonly schemaVersion: 1;
  readonly label: string;
  readonly message: string;
  readonly color: string;
  readonly isError: boolean;
}

/** Names that shields.io knows. */
const COLOURS: Readonly<Record<Colour, string>> = {
  green: 'brightgreen',
  red: 'red',
  yellow: 'yellow',
  magenta: 'orange',
  cyan: 'blue',
  grey: 'lightgrey',
};

/** By back-end, in the order of its first subject. @param events a complete stream */
export function badges(events: readonly RunEvent[]): Map<string, Badge> {
  const counts = new Map<string, Map<Status, number>>();
  for (const event of events) {
    if (event.event === 'header') for (const { id } of event.subjects) counts.set(id.arch, new Map());
    if (event.event === 'case') for (const verdict of event.comparison.verdicts) count(counts, verdict);
  }
  const cut = cutShort(events.at(-1) as FooterEvent);
  return new Map([...counts].map(([arch, own]) => [arch, badge(arch, own, cut)]));
}

function count(counts: Map<string, Map<Status, number>>, { subject, status }: Verdict): void {
  const own = counts.get(subject.arch) ?? new Map<Status, number>();
  counts.set(subject.arch, own.set(status, (own.get(status) ?? 0) + 1));
}

function badge(arch: string, counts: ReadonlyMap<Status, number>, cut: string | null): Badge {
  const sum = (statuses: readonly Status[]) => statuses.reduce((all, one) => all + (counts.get(one) ?? 0), 0);
  const expected = sum(SEVERITY.filter((status) => STATUSES[status].ran && !failing(status)));
  const broken = sum(SEVERITY.filter((status) => !STATUSES[status].ran && failing(status)));
  const not = sum(SEVERITY.filter((status) => STATUSES[status].ran && failing(status)));
  const parts = [
    ...(not > 0 ? [`${number(not)} not as expected`] : []),
    ...(broken > 0 ? [`${number(broken)} harness errors`] : []),
    ...(expected > 0 && not + broken === 0 ? [`${number(expected)} as expected`] : []),
    ...(cut === null ? [] : [cut]),
  ];
  const gravest = SEVERITY.find((status) => counts.has(status) && STATUSES[status].ran) ?? 'SKIP';
  const status = SEVERITY.find((one) => counts.has(one) && failing(one)) ?? gravest;
  return {
    schemaVersion: 1,
    label: `ftrace-conform ${arch}`,
    message: parts.join(', ') || 'nothing ran',
    color: COLOURS[cut !== null && !failing(status) ? 'grey' : STATUSES[status].colour],
    isError: failing(status),
  };
}

/** One object, a member for each back-end. */
export function badgesJson(events: readonly RunEvent[]): string {
  return `${stableJson(Object.fromEntries(badges(events)), 2)}\n`;
}

/** Files by name, one for each back-end. */
export function badgeFiles(events: readonly RunEvent[]): Map<string, string> {
  return new Map([...badges(events)].map(([arch, one]) => [`${arch}.json`, `${stableJson(one, 2)}\n`]));
}

/** Of what {@link badgesJson} gives. */
export function badgesSchema(): Record<string, unknown> {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'ftrace-conform badges',
    description: 'A badge for each back-end, by its name; each as shields.io reads it from an endpoint.',
    type: 'object',
    additionalProperties: {
      type: 'object',
      description: 'One badge.',
      required: ['schemaVersion', 'label', 'message', 'color', 'isError'],
      additionalProperties: false,
      properties: {
        schemaVersion: { const: 1, description: 'Always 1.' },
        label: { type: 'string', description: 'Left text.' },
        message: { type: 'string', minLength: 1, description: 'Right text.' },
        color: { enum: Object.values(COLOURS), description: 'Of the right side.' },
        isError: { type: 'boolean', description: 'Whether anything was not as expected.' },
      },
    },
  };
}
