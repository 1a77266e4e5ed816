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

/** Subjects of a case mostly share what they see, before and after. */
const diffs = new WeakMap<Seen['before'], WeakMap<Seen['after'], string>>();

/** Unified diff of the two normal forms. */
export function seenDiff({ before, after }: Seen): string {
  const row = diffs.get(before) ?? new WeakMap<Seen['after'], string>();
  diffs.set(before, row);
  const known = row.get(after);
  if (known !== undefined) return known;
  const diff = diffLines('before', normalForm(before), 'after', normalForm(after)) ?? '';
  row.set(after, diff);
  return diff;
}
