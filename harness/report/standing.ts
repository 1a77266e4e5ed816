// SPDX-License-Identifier: MIT
/** A run as it is compared with an earlier or a later one. */
import type { CaseStanding, Standing } from '../compare/over-time.js';
import { subjectName } from '../target/outcome.js';
import type { CaseEvent, HeaderEvent } from './events.js';

export function standingOf(header: HeaderEvent, cases: readonly CaseEvent[]): Standing {
  const names = header.subjects.map(({ name }) => name);
  return {
    harness: header.harness,
    interpretation: header.interpretation,
    axis: header.axis,
    subjects: header.subjects.map(({ id }) => id),
    cases: new Map(cases.map((event) => [event.spec.id, caseStanding(event, names)])),
  };
}

/** Verdicts mostly stand in the order of the header's subjects. */
function caseStanding({ spec, comparison }: CaseEvent, names: readonly string[]): CaseStanding {
  const { verdicts, outcomes } = comparison;
  const inOrder =
    verdicts.length === names.length &&
    verdicts.every(({ subject }, place) => subjectName(subject) === names[place]);
  const byName = inOrder ? null : new Map(verdicts.map((one, at) => [subjectName(one.subject), at]));
  const places = names.map((name, place) => (byName === null ? place : (byName.get(name) ?? -1)));
  return {
    statuses: places.map((at) => verdicts[at]?.status ?? null),
    detail: {
      text: spec.text,
      reasons: places.map((at) => verdicts[at]?.reason ?? ''),
      seen: places.map((at) => outcomes[at]?.observations ?? []),
    },
  };
}
