// SPDX-License-Identifier: MIT
/** A baseline brought up to date with a run, in the chosen part only. */
import { byVersion } from '../backend/by-version.js';
import type { CaseStanding, Standing } from '../compare/over-time.js';
import { byId } from '../plan/order.js';
import { type SubjectId, subjectName } from '../target/outcome.js';

export interface Chosen {
  readonly case: (id: string) => boolean;
  readonly subject: (id: SubjectId) => boolean;
  /** Chosen cases that the run has not are dropped. */
  readonly pruneCases: boolean;
  /** Subjects that the run has not are dropped. */
  readonly pruneSubjects: boolean;
}

/** `old` with the letters that `fresh` has for the chosen cases and subjects; everything else stays as it is. */
export function accepted(old: Standing | null, fresh: Standing, chosen: Chosen): Standing {
  const given = new Set(fresh.subjects.filter(chosen.subject).map(subjectName));
  const kept = (old?.subjects ?? []).filter((id) => !chosen.pruneSubjects || given.has(subjectName(id)));
  const byName = new Map(
    [...kept, ...fresh.subjects.filter(chosen.subject)].map((id) => [subjectName(id), id]),
  );
  const subjects = [...byName.values()].sort(bySubject);
  const [oldAt, freshAt] = [placesIn(old), placesIn(fresh)];
  const cases = new Map<string, CaseStanding>();
  for (const id of new Set([...(old?.cases.keys() ?? []), ...fresh.cases.keys()])) {
    const was = old?.cases.get(id);
    const is = chosen.case(id) ? fresh.cases.get(id) : undefined;
    if (was === undefined && is === undefined) continue;
    if (is === undefined && chosen.pruneCases && chosen.case(id)) continue;
    const statuses = subjects.map((subject) => {
      const name = subjectName(subject);
      const before = was?.statuses[oldAt.get(name) ?? -1] ?? null;
      return given.has(name) ? (is?.statuses[freshAt.get(name) ?? -1] ?? before) : before;
    });
    cases.set(id, { statuses, detail: null });
  }
  const { harness, interpretation, axis } = fresh;
  return {
    harness,
    interpretation,
    axis,
    subjects,
    cases: new Map([...cases].sort(([a], [b]) => byId(a, b))),
  };
}

function placesIn(standing: Standing | null): ReadonlyMap<string, number> {
  return new Map(standing?.subjects.map((id, place) => [subjectName(id), place]));
}

/** As a run lists them: by back-end, then from the oldest revision. */
function bySubject(a: SubjectId, b: SubjectId): number {
  if (a.arch !== b.arch) return a.arch < b.arch ? -1 : 1;
  return byVersion(a.revision, b.revision) || (a.target < b.target ? -1 : Number(a.target > b.target));
}
