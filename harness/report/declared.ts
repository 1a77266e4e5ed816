// SPDX-License-Identifier: MIT
/** Differences that the cases declare, told to who asks for every case: how subjects differ, and for what reason. */
import type { AppliedDivergence } from '../compare/types.js';
import { subjectName } from '../target/outcome.js';
import type { CaseEvent, HeaderEvent } from './events.js';

/** What is told of one case. */
export interface DeclaredDifference {
  readonly id: string;
  /** How subjects differ along the compared axis. */
  readonly sentence: string;
  /** `riscv@6.1: what is handed out are ten words (linux 6.1 …)`, in the order of the case file. */
  readonly reasons: readonly string[];
}

/** Of the cases whose subjects differ, all as declared. */
export function declaredDifferences(
  events: readonly CaseEvent[],
  subjects: HeaderEvent['subjects'],
): DeclaredDifference[] {
  const short = new Map(subjects.map((subject) => [subject.name, subject.short]));
  return events.flatMap(({ spec: { id }, comparison: { sentence, explained, verdicts } }) => {
    if (sentence === null || !explained) return [];
    const byPlace = new Map<string, { divergence: AppliedDivergence; who: string[] }>();
    for (const { subject, divergences } of verdicts) {
      const name = subjectName(subject);
      for (const divergence of divergences) {
        const found = byPlace.get(divergence.at) ?? { divergence, who: [] };
        found.who.push(short.get(name) ?? name);
        byPlace.set(divergence.at, found);
      }
    }
    const reasons = [...byPlace]
      .sort(([a], [b]) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
      .map(([, { divergence, who }]) => `${who.join(', ')}: ${divergence.because} (${divergence.source})`);
    return [{ id, sentence, reasons }];
  });
}
