// SPDX-License-Identifier: MIT
/**
 * The matrix as data: which rows to show for the cases of a run, and what stands in each cell. Passing
 * cases of a folder share one row; `detail` opens folders to families, and families to cases.
 */
import { graver, unexpected } from '../compare/statuses.js';
import type { Status, Verdict } from '../compare/types.js';
import { subjectName } from '../target/outcome.js';
import type { CaseEvent } from './events.js';

/** 0: folders, and cases that fail, those of a family that fail alike together; 1: families; 2: every case. */
export type Detail = 0 | 1 | 2;

export interface Row {
  readonly label: string;
  /** Id of the first case in the row. */
  readonly first: string;
  /** Cases in the row. */
  readonly count: number;
  /** `null`: no verdict. By subject, in order. */
  readonly cells: readonly (Status | null)[];
  /** How many cases of the row have a declared divergence, by subject. */
  readonly declared: readonly number[];
  /** How many cases of the row lack support, by subject. */
  readonly unsupported: readonly number[];
}

/** Verdicts of each case by the name of the subject. */
const verdicts = new WeakMap<CaseEvent['comparison'], ReadonlyMap<string, Verdict>>();

function verdictOf({ comparison }: CaseEvent, subject: string): Verdict | undefined {
  let known = verdicts.get(comparison);
  if (known === undefined) {
    known = new Map(comparison.verdicts.map((verdict) => [subjectName(verdict.subject), verdict]));
    verdicts.set(comparison, known);
  }
  return known.get(subject);
}

export function statusOf(event: CaseEvent, subject: string): Status | null {
  return verdictOf(event, subject)?.status ?? null;
}

/** Whether a declared divergence applied. */
export function isDeclared(event: CaseEvent, subject: string): boolean {
  return (verdictOf(event, subject)?.divergences.length ?? 0) > 0;
}

/** Whether anything about the case is unexpected. */
export function isFailing({ comparison }: CaseEvent): boolean {
  return unexpected(comparison);
}

/** @param subjects names, in column order */
export function rowsOf(events: readonly CaseEvent[], subjects: readonly string[], detail: Detail): Row[] {
  const groups = new Map<string, CaseEvent[]>();
  for (const event of events) {
    const { id } = event.spec;
    const cells = () => subjects.map((subject) => statusOf(event, subject)).join();
    const key =
      detail === 2
        ? `${id}\n`
        : isFailing(event)
          ? `${familyOf(event)}\nfails\n${cells()}`
          : detail === 1
            ? `${familyOf(event)}\n${cells()}`
            : folderOf(event);
    const group = groups.get(key);
    if (group) group.push(event);
    else groups.set(key, [event]);
  }
  return [...groups.values()].map((group) => {
    const [first] = group as [CaseEvent];
    const label =
      group.length === 1 || isFailing(first)
        ? braced(group)
        : detail === 1
          ? familyOf(first)
          : folderOf(first);
    const columns = subjects.map((subject) => group.map((event) => verdictOf(event, subject)));
    return {
      label,
      first: first.spec.id,
      count: group.length,
      cells: columns.map((column) => summary(column.map((verdict) => verdict?.status ?? null))),
      declared: columns.map((column) => column.filter((one) => (one?.divergences.length ?? 0) > 0).length),
      unsupported: columns.map((column) => column.filter((one) => one?.status === 'UNSUPPORTED').length),
    };
  });
}

/** Members of a family told by name; of more, the rest is counted. */
const BRACED = 4;

/**
 * `fprobe/arguments.3`, or several cases of one family in the way a shell spells them: `fprobe/arguments.{3,4}`.
 * @param limit members told by name
 */
export function braced(events: readonly CaseEvent[], limit: number = BRACED): string {
  const [first] = events as [CaseEvent];
  const family = familyOf(first);
  const members = events.map(({ spec }) => spec.id.slice(family.length + 1));
  if (events.length === 1 || members.some((member) => member === '')) return first.spec.id;
  const shown = members.slice(0, members.length > limit ? limit - 1 : limit);
  const rest = members.length - shown.length;
  return `${family}.{${shown.join(',')}${rest > 0 ? `,… ${rest} more` : ''}}`;
}

/** The file's id without the value of `for:` parameters. */
export function familyOf({
  spec: { id, file },
}: {
  readonly spec: Pick<CaseEvent['spec'], 'id' | 'file'>;
}): string {
  const stem = file.replace(/^.*\//, '').replace(/\.yaml$/, '');
  const folder = id.includes('/') ? id.slice(0, id.lastIndexOf('/') + 1) : '';
  const family = folder + stem;
  return id === family || id.startsWith(`${family}.`) ? family : id;
}

export function folderOf(event: CaseEvent): string {
  const { id } = event.spec;
  return id.includes('/') ? id.slice(0, id.lastIndexOf('/')) : familyOf(event);
}

/** The gravest; but what is merely not run gives way to what ran. */
function summary(statuses: readonly (Status | null)[]): Status | null {
  const present = statuses.filter((status) => status !== null);
  const ran = present.filter((status) => status !== 'UNSUPPORTED' && status !== 'SKIP');
  const list = ran.length > 0 ? ran : present;
  return list.length === 0 ? null : list.reduce(graver);
}
