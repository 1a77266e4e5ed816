// SPDX-License-Identifier: MIT
/**
 * Traces of what failed. A trace costs as much as several runs, so only cases with a failing subject are traced, on
 * that subject and on one other; which ones follows from the case alone, so that shards and threads agree.
 */
import type { Case } from '../case/types.js';
import { partingSubjects } from '../compare/parting-subjects.js';
import type { Axis, Comparison } from '../compare/types.js';
import { subjectName } from '../target/outcome.js';
import type { Subject } from './subjects.js';

/** The comparison, with where its first failing subject parts from the others. */
export async function withParting(
  comparison: Comparison,
  spec: Case,
  subjects: readonly Subject[],
  axis: Axis,
): Promise<Comparison> {
  const who = partingSubjects(comparison, axis);
  if (who === null) return comparison;
  const [{ partingAt }, { inNormalForm }] = await Promise.all([
    import('../compare/parting.js'),
    import('../compare/trace-align.js'),
  ]);
  const traced = (name: string) => {
    const found = subjects.find(({ target }) => subjectName(target.id) === name);
    if (found?.target.explain === undefined) return null;
    const { outcome, trace } = found.target.explain(spec);
    return inNormalForm(trace, outcome);
  };
  const [left, right] = who.map((name) => (name === null ? null : traced(name)));
  if (!left) return comparison;
  const diff = comparison.verdicts.find(({ subject }) => subjectName(subject) === who[0])?.diff ?? '';
  const unexpected = diff
    .split('\n')
    .slice(2)
    .filter((line) => line.startsWith('+'))
    .map((line) => line.slice(1));
  const parting = partingAt(who, left, right ?? null, unexpected);
  return parting === null ? comparison : { ...comparison, parting };
}
