// SPDX-License-Identifier: MIT
/** Which cases of a stored run need to run again. */
import { failing, unexpected } from '../compare/statuses.js';
import type { CaseEvent, FooterEvent, HeaderEvent } from '../report/events.js';
import { subjectName } from '../target/outcome.js';
import { textDigest } from './case-set.js';

/** Why a case runs again. */
export type Reason = 'failed' | 'did not run' | 'new';

export interface Before {
  readonly header: HeaderEvent;
  readonly cases: readonly CaseEvent[];
  readonly footer: FooterEvent;
}

/** A case by its id and text; rewritten, it is new. */
type Written = Pick<CaseEvent['spec'], 'id' | 'text'>;

/**
 * Of every case why it needs to run, or `null`.
 * @param subjects names of those that are to be as expected in the end
 */
export function reasonsAfter(
  { header, cases, footer }: Before,
  subjects: readonly string[],
): (spec: Written) => Reason | null {
  const ran = new Map(cases.map((event) => [event.spec.id, event]));
  const { rerun } = header;
  const known = new Set([...(rerun?.subjects ?? []), ...header.subjects.map(({ name }) => name)]);
  const wider = subjects.some((name) => !known.has(name));
  const left = new Set(rerun?.left);
  return (spec) => {
    const settled = rerun?.settled[spec.id];
    if (!wider && settled === textDigest(spec)) return null;
    const event = ran.get(spec.id);
    if (event !== undefined && unexpected(event.comparison)) return 'failed';
    // A rerun names what it leaves to others; what it does not know at all has come since.
    if (left.has(spec.id) || (event === undefined && !footer.complete && settled === undefined))
      return 'did not run';
    return event === undefined || wider || event.spec.text !== spec.text ? 'new' : null;
  };
}

/**
 * Names of the subjects that a case failed on, of a difference that nobody declared all it ran on; `null` for those that
 * it was to run on, of which a rerun has left out some.
 */
export function failedOn({ spec, comparison }: CaseEvent, { rerun }: HeaderEvent): string[] | null {
  if (rerun?.left?.includes(spec.id)) return null;
  const bad = comparison.verdicts.filter(({ status }) => failing(status) || !comparison.explained);
  return bad.map(({ subject }) => subjectName(subject));
}
