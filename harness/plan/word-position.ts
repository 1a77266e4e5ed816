// SPDX-License-Identifier: MIT
/**
 * Where a word of a checked case stands in its file. Checked cases keep positions of what the case language
 * itself can reject; for the rest the text is parsed again, which only happens when there is an error to show.
 */
import { createRequire } from 'node:module';
import type { Node } from 'yaml';
import type { Case, Position } from '../case/types.js';

/** Loaded only then: it is a third of what one case from the shell loads. */
const yaml = () => createRequire(import.meta.url)('yaml') as typeof import('yaml');

type Source = Pick<Case, 'file' | 'text'>;

/** In `requires`; at the key where the word came from a parameter of `for:`. */
export function inRequires(source: Source, word: string): Position {
  const { root, at } = parsed(source);
  const found = scalarsIn(root('requires')).find(({ value }) => value === word);
  return at(found?.offset ?? root('requires')?.range?.[0] ?? 0);
}

/** In `on` of the divergence at `start`; there where the word came from a parameter. */
export function inDivergence(source: Source, start: Position, word: string): Position {
  const { root, at } = parsed(source);
  const places = scalarsIn(root('divergences'), 'on')
    .filter(({ value }) => value === word)
    .map(({ offset }) => at(offset))
    .filter(({ line, column }) => line > start.line || (line === start.line && column >= start.column));
  return places[0] ?? start;
}

/** The text of a 1-based line; `null` when there is none. */
export function lineOf(text: string, line: number): string | null {
  return text.split(/\r?\n/)[line - 1] ?? null;
}

function parsed({ file, text }: Source) {
  const { isMap, LineCounter, parseDocument } = yaml();
  const lines = new LineCounter();
  const { contents } = parseDocument(text, { lineCounter: lines, keepSourceTokens: false });
  return {
    root: (key: string): Node | undefined =>
      isMap(contents) ? (contents.get(key, true) as Node | undefined) : undefined,
    at: (offset: number): Position => {
      const { line, col } = lines.linePos(offset);
      return { file, line, column: col };
    },
  };
}

/** Scalars as text, in order; with `key`, only those below that key. */
function scalarsIn(node: Node | undefined, key?: string): { value: string; offset: number }[] {
  const found: { value: string; offset: number }[] = [];
  if (node === undefined) return found;
  const { isScalar, visit } = yaml();
  visit(node, {
    Scalar(position, scalar, path) {
      if (position === 'key') return;
      const keys = path.flatMap((one) => ('key' in one && isScalar(one.key) ? [one.key.value] : []));
      if (key !== undefined && !keys.includes(key)) return;
      found.push({ value: scalar.source ?? String(scalar.value), offset: scalar.range?.[0] ?? 0 });
    },
  });
  return found;
}
