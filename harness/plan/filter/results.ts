// SPDX-License-Identifier: MIT
/** What result predicates ask of one case: the cells of its row, and who stands apart. */
import { byVersion } from '../../backend/by-version.js';
import { failing, graver, SEVERITY } from '../../compare/statuses.js';
import type { Axis, Comparison, Status } from '../../compare/types.js';
import { type SubjectId, subjectName } from '../../target/outcome.js';

/** As a cell of the matrix over several subjects: what is merely not run gives way to what ran. */
export function cellOf(statuses: readonly Status[]): Status | null {
  const ran = statuses.filter((status) => status !== 'UNSUPPORTED' && status !== 'SKIP');
  const list = ran.length > 0 ? ran : statuses;
  return list.length === 0 ? null : list.reduce(graver);
}

export function cell({ verdicts }: Comparison, wanted: (subject: SubjectId) => boolean): Status | null {
  return cellOf(verdicts.filter(({ subject }) => wanted(subject)).map(({ status }) => status));
}

export function isPass(status: Status | null): boolean {
  return status !== null && !failing(status) && status !== 'UNSUPPORTED' && status !== 'SKIP';
}

/** @param state one of the table of states, not `differs`, or a status */
export function inState(status: Status | null, state: string): boolean {
  if (status === null) return false;
  if (state === 'pass') return isPass(status);
  if (state === 'fail') return failing(status);
  return state === 'unsupported' ? status === 'UNSUPPORTED' : status === state;
}

/** Values of subjects along an axis, each once, in the order of the verdicts. */
export function namesAlong({ verdicts }: Comparison, axis: Axis): string[] {
  return [...new Set(verdicts.map(({ subject }) => subject[axis]))];
}

/** Names of subjects that are not of the majority with whom they are compared; without a majority, all of them. */
export function apart({ classes, verdicts }: Comparison, axis: Axis): ReadonlySet<string> {
  const byName = new Map(verdicts.map(({ subject }) => [subjectName(subject), subject]));
  const placeOf = (name: string) => {
    const { arch, revision, target } = byName.get(name) as SubjectId;
    return JSON.stringify([arch, revision, target].filter((_, index) => AXES[index] !== axis));
  };
  const places = new Map<string, (readonly string[])[]>();
  for (const { subjects } of classes) {
    const place = placeOf(subjects[0] as string);
    places.set(place, [...(places.get(place) ?? []), subjects]);
  }
  return new Set(
    [...places.values()].flatMap((groups) => {
      const [first, second] = [...groups].sort((a, b) => b.length - a.length);
      if (first === undefined || second === undefined) return [];
      const majority = first.length > second.length ? first : null;
      return groups.filter((one) => one !== majority).flat();
    }),
  );
}

const AXES: readonly Axis[] = ['arch', 'revision', 'target'];

/** Whether statuses of some back-end and target at successive revisions are these states. */
export function hasSequence({ verdicts }: Comparison, states: readonly string[]): boolean {
  const rows = new Map<string, { revision: string; status: Status }[]>();
  for (const { subject, status } of verdicts) {
    const key = `${subject.arch}/${subject.target}`;
    rows.set(key, [...(rows.get(key) ?? []), { revision: subject.revision, status }]);
  }
  return [...rows.values()].some((row) => {
    const statuses = row.sort((a, b) => byVersion(a.revision, b.revision)).map(({ status }) => status);
    return statuses.some((_, from) =>
      states.every((state, index) => inState(statuses[from + index] ?? null, state)),
    );
  });
}

/** Statuses by name, for states that are one. */
export const STATUS_NAMES: readonly string[] = SEVERITY;
