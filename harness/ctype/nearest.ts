// SPDX-License-Identifier: MIT
/** "Did you mean …": the known word nearest to a wrong one by edits and swaps of neighbours (Damerau, 1964). */

/** Optimal string alignment distance. */
export function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        (previous[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (previous[j - 1] as number) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] as number) + 1);
      row.push(cost);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] as number;
}

/** The known word that is near enough to be meant, or `undefined`. Case and `-` against `_` count little. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > 64) return undefined;
  const fold = (text: string) => text.toLowerCase().replaceAll('-', '_');
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const edits = distance(fold(word), fold(candidate));
    if (edits < least && edits < Math.max(word.length, candidate.length)) {
      least = edits;
      best = candidate;
    }
  }
  return best;
}

/** `did you mean \`x\`?`, else what there is: `known are a, b`, else nothing. */
export function suggest(word: string, known: Iterable<string>, what: string): string {
  const words = [...known];
  const near = nearest(word, words);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  if (words.length === 0) return `there are no ${what}`;
  return words.length > 24 ? `see the ${what} in the documentation` : `${what} are ${words.join(', ')}`;
}
