// SPDX-License-Identifier: MIT
/** "Did you mean" on the command line, where several answers may be shown. */
import { distance } from '../ctype/nearest.js';

/** Names near enough to `text` to be what was meant, best first, at most three. */
export function nearest(text: string, names: Iterable<string>): string[] {
  const limit = Math.max(1, Math.floor(text.length / 3));
  return [...new Set(names)]
    .map((name) => ({ name, distance: distance(text.toLowerCase(), name.toLowerCase()) }))
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
