// SPDX-License-Identifier: MIT
/** "Did you mean": the nearest of some names, by edit distance (Levenshtein, with transpositions). */

/** Names near enough to `text` to be what was meant, best first, at most three. */
export function nearest(text: string, names: Iterable<string>): string[] {
  const limit = Math.max(1, Math.floor(text.length / 3));
  return [...new Set(names)]
    .map((name) => ({ name, distance: distance(text.toLowerCase(), name.toLowerCase(), limit) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => name);
}

/** `; did you mean a or b?`, or nothing. */
export function didYouMean(text: string, names: Iterable<string>): string {
  const found = nearest(text, names);
  return found.length === 0 ? '' : `; did you mean ${found.join(' or ')}?`;
}

function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      }
      next.push(cost);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? limit + 1;
}
