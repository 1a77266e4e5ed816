// SPDX-License-Identifier: MIT
/** The name of a set of cases as they are written. */
import { createHash } from 'node:crypto';

interface Written {
  readonly id: string;
  readonly text: string;
}

/** sha256 over ids and texts, hex. @param cases sorted by id */
export function caseSetOf(cases: Iterable<Written>): string {
  const hash = createHash('sha256');
  for (const { id, text } of cases) hash.update(JSON.stringify([id, text]));
  return hash.digest('hex');
}

/** Of one case: what tells that it was rewritten. */
export function textDigest({ text }: Written): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
