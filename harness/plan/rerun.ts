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
  const known = new Set(header.subjects.map(({ name }) => name));
  const wider = subjects.some((name) => !known.has(name));
  return (spec) => {
    if (!wider && header.rerun?.settled[spec.id] === textDigest(spec)) return null;
    const event = ran.get(spec.id);
    if (event === undefined) return footer.complete ? 'new' : 'did not run';
    if (unexpected(event.comparison)) return 'failed';
    return wider || event.spec.text !== spec.text ? 'new' : null;
  };
}

/** Names of the subjects a case failed on; of a difference that nobody declared, all it ran on. */
export function failedOn({ comparison }: CaseEvent): string[] {
  const bad = comparison.verdicts.filter(({ status }) => failing(status) || !comparison.explained);
  return bad.map(({ subject }) => subjectName(subject));
}
