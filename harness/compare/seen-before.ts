// SPDX-License-Identifier: MIT
/** What one subject sees otherwise than before, as a clause and as a diff. */
import { diffLines } from './diff.js';
import { normalForm } from './normal.js';
import type { ResultChange } from './over-time.js';
import { firstDifference } from './phrase.js';

type Seen = NonNullable<ResultChange['seen']>;

/** `watch sees argument 2 of sum3 as 0, before 3`; `null` where nothing but the order of fields differs. */
export function seenOtherwise({ before, after }: Seen): string | null {
  const found = firstDifference(after, before, true);
  if (found === undefined) return null;
  const { lead, left, right } = found;
  if (lead !== '') return `${lead} ${left}, before ${right}`;
  return left === 'nothing' ? `no longer seen: ${right}` : `new: ${left}`;
}

/** Unified diff of the two normal forms. */
export function seenDiff({ before, after }: Seen): string {
  return diffLines('before', normalForm(before), 'after', normalForm(after)) ?? '';
}
