// SPDX-License-Identifier: MIT
/** One edit of a source: lines that must be there exactly once, and what stands in their place. */
import type { Edit } from './recreation.js';

const lines = (text: string) => text.replace(/\n$/, '').split('\n');
const indentation = (line: string) => line.slice(0, line.length - line.trimStart().length);

/** @throws when the old text is not there exactly once, or the edit changes nothing */
export function edited(source: string, { file, old, new: next }: Edit): string {
  if (old === next) throw new Error(`${file}: the edit changes nothing`);
  const text = source.split('\n');
  const wanted = lines(old);
  const places = text.flatMap((_, at) => found(text, wanted, at) ?? []);
  const [place] = places;
  if (!place || places.length > 1) {
    throw new Error(`${file}: this is there ${places.length} times, not once:\n${old}`);
  }
  const put = next === '' ? [] : lines(next).map((line) => (line === '' ? '' : place.indent + line));
  return [...text.slice(0, place.at), ...put, ...text.slice(place.at + wanted.length)].join('\n');
}

/** Where the wanted lines are, and how much further they are indented. */
function found(text: readonly string[], wanted: readonly string[], at: number) {
  const [first = '', ...rest] = wanted;
  const here = text[at] as string;
  if (!here.endsWith(first)) return undefined;
  const indent = here.slice(0, here.length - first.length);
  if (indentation(indent) !== indent) return undefined;
  const same = rest.every((line, index) => text[at + 1 + index] === (line === '' ? '' : indent + line));
  return same ? { at, indent } : undefined;
}
