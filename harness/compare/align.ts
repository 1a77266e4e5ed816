// SPDX-License-Identifier: MIT
/**
 * Pairs two lists of observations so that a missing or an extra one does not make everything after it look
 * different. Global alignment (Needleman and Wunsch, 1970), after equal ends have been cut off.
 */
import type { Fields } from './normal.js';

/** `null` on one side: nothing there corresponds. */
export type Pair<A, B> =
  | readonly [left: A, right: B]
  | readonly [left: A, right: null]
  | readonly [left: null, right: B];

/** Above this many cells lists are paired by position: a table would cost more than it explains. */
const LIMIT = 1_000_000;

/** @param agree whether a pair is equal in everything that is compared */
export function align<A extends Fields, B extends Fields>(
  left: readonly A[],
  right: readonly B[],
  agree: (a: A, b: B) => boolean,
): Pair<A, B>[] {
  let head = 0;
  const shorter = Math.min(left.length, right.length);
  while (head < shorter && agree(left[head] as A, right[head] as B)) head++;
  let tail = 0;
  while (tail < shorter - head && agree(left.at(-1 - tail) as A, right.at(-1 - tail) as B)) tail++;
  const pairs: Pair<A, B>[] = [];
  for (let i = 0; i < head; i++) pairs.push([left[i] as A, right[i] as B]);
  const middle = alignMiddle(
    left.slice(head, left.length - tail),
    right.slice(head, right.length - tail),
    agree,
  );
  // One by one: a call takes no hundred thousand arguments.
  for (const pair of middle) pairs.push(pair);
  for (let i = tail; i > 0; i--) pairs.push([left.at(-i) as A, right.at(-i) as B]);
  return pairs;
}

function alignMiddle<A extends Fields, B extends Fields>(
  left: readonly A[],
  right: readonly B[],
  agree: (a: A, b: B) => boolean,
): Pair<A, B>[] {
  if (left.length === 0) return right.map((b) => [null, b]);
  if (right.length === 0) return left.map((a) => [a, null]);
  if (left.length * right.length > LIMIT) return byPosition(left, right);
  const width = right.length + 1;
  const best = new Int32Array((left.length + 1) * width);
  const score = (i: number, j: number) => likeness(left[i] as A, right[j] as B, agree);
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      const apart = Math.max(best[(i + 1) * width + j] as number, best[i * width + j + 1] as number);
      const together = (best[(i + 1) * width + j + 1] as number) + score(i, j);
      best[i * width + j] = score(i, j) > 0 ? Math.max(apart, together) : apart;
    }
  }
  const pairs: Pair<A, B>[] = [];
  let [i, j] = [0, 0];
  while (i < left.length && j < right.length) {
    const here = best[i * width + j] as number;
    if (score(i, j) > 0 && here === (best[(i + 1) * width + j + 1] as number) + score(i, j)) {
      pairs.push([left[i++] as A, right[j++] as B]);
    } else if (here === best[(i + 1) * width + j]) pairs.push([left[i++] as A, null]);
    else pairs.push([null, right[j++] as B]);
  }
  while (i < left.length) pairs.push([left[i++] as A, null]);
  while (j < right.length) pairs.push([null, right[j++] as B]);
  return pairs;
}

/** 0: must not be paired. The same event with another value is nearly as good as an equal one. */
function likeness<A extends Fields, B extends Fields>(a: A, b: B, agree: (a: A, b: B) => boolean): number {
  if (a.kind !== b.kind) return 0;
  if (agree(a, b)) return 6;
  const same = (name: string) => a.fields[name] === undefined || a.fields[name] === b.fields[name];
  return 1 + (same('probe') ? 2 : 0) + (same('function') ? 2 : 0);
}

function byPosition<A, B>(left: readonly A[], right: readonly B[]): Pair<A, B>[] {
  const pairs: Pair<A, B>[] = [];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [a, b] = [left[i], right[i]];
    if (a !== undefined && b !== undefined) pairs.push([a, b]);
    else if (a !== undefined) pairs.push([a, null]);
    else if (b !== undefined) pairs.push([null, b]);
  }
  return pairs;
}
