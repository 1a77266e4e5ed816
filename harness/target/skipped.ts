// SPDX-License-Identifier: MIT
/** A target that cannot be started here: every case is skipped, each with the remedy as its reason. */
import type { Outcome, SubjectId } from './outcome.js';
import type { Target } from './target.js';

/** @param skips one sentence: the tool that is missing, and how to get it */
export function skippedTarget(id: SubjectId, features: ReadonlySet<string>, skips: string): Target {
  return {
    id,
    features,
    skips,
    run: (spec): Outcome => ({
      case: spec.id,
      subject: id,
      end: { kind: 'skipped', why: skips },
      observations: [],
      instructions: 0,
    }),
  };
}
