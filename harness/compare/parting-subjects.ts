// SPDX-License-Identifier: MIT
/** Which subjects are traced where a case fails. Asked of every case, so it loads nothing that only traces need. */
import { subjectName } from '../target/outcome.js';
import { failing, STATUSES } from './statuses.js';
import type { Axis, Comparison, Verdict } from './types.js';

/**
 * Whom to trace: the first subject that fails by what it did, and one that saw something else, at best one that passes
 * and differs from it along the compared axis alone. `null` where nothing failed that ran.
 */
export function partingSubjects(
  { verdicts, classes }: Comparison,
  axis: Axis,
): readonly [string, string | null] | null {
  const bad = verdicts.find(({ status }) => status !== 'XPASS' && STATUSES[status].ran && failing(status));
  if (bad === undefined) return null;
  const name = subjectName(bad.subject);
  const own = classes.find(({ subjects }) => subjects.includes(name))?.text.join('\n');
  const elsewhere = new Set(
    classes.filter(({ text }) => text.join('\n') !== own).flatMap(({ subjects }) => subjects),
  );
  const held = (['arch', 'revision', 'target'] as const).filter((part) => part !== axis);
  const rank = ({ status, subject }: Verdict) =>
    (status === 'PASS' ? 2 : 0) + (held.every((part) => subject[part] === bad.subject[part]) ? 1 : 0);
  const [other] = verdicts
    .filter(({ subject }) => elsewhere.has(subjectName(subject)))
    .sort((a, b) => rank(b) - rank(a));
  return [name, other === undefined ? null : subjectName(other.subject)];
}
