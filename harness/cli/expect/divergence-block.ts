// SPDX-License-Identifier: MIT
/** Divergences in the text of a case file: which lines a block takes, and the text without some of them. */
import { isDeepStrictEqual } from 'node:util';
import { isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';

/** Lines of a block, 1-based, both included. */
export interface Lines {
  readonly from: number;
  readonly to: number;
}

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Lines of the blocks that begin at these places; `null` for one that is not there, or shares a line with others. */
export function linesOf(text: string, places: readonly Place[]): (Lines | null)[] {
  const blocks = blocksOf(text);
  return places.map(
    (place) => blocks.find(({ at }) => at.line === place.line && at.column === place.column)?.lines ?? null,
  );
}

/**
 * The text without these blocks, and without the key if none is left; `null` where that cannot be done by whole lines.
 * What the result means is checked: it is what the text means, less these blocks.
 */
export function withoutBlocks(text: string, places: readonly Place[]): string | null {
  const blocks = blocksOf(text);
  const gone = blocks.filter(({ at }) =>
    places.some(({ line, column }) => at.line === line && at.column === column),
  );
  if (gone.length !== places.length || gone.some(({ lines }) => lines === null)) return null;
  const cut = new Set<number>();
  for (const { lines } of gone)
    for (let line = lines?.from ?? 0; line <= (lines?.to ?? -1); line++) cut.add(line);
  const key = keyLine(text);
  if (gone.length === blocks.length) cut.add(key);
  const out = text
    .split('\n')
    .filter((_, index) => !cut.has(index + 1))
    .join('\n');
  const wanted = parseDocument(text).toJS() as { divergences?: unknown[] };
  const left = (wanted.divergences ?? []).filter((_, index) => !gone.includes(blocks[index] as Block));
  if (left.length > 0) wanted.divergences = left;
  else delete wanted.divergences;
  const document = parseDocument(out);
  return document.errors.length === 0 && isDeepStrictEqual(document.toJS(), wanted) ? out : null;
}

interface Block {
  readonly at: Place;
  readonly lines: Lines | null;
}

function blocksOf(text: string): Block[] {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  const list = document.get('divergences', true);
  if (!isSeq(list)) return [];
  const rows = text.split('\n');
  const taken = list.items.map((item) => {
    const node = item as Node;
    const { line, col } = counter.linePos(node.range?.[0] ?? 0);
    const to = counter.linePos(lastByte(node, text)).line;
    return { at: { line, column: col }, lines: { from: line, to } };
  });
  return taken.map(({ at, lines }, index) => {
    const alone =
      /^\s*-\s/.test(rows[at.line - 1] ?? '') && (taken[index + 1]?.lines.from ?? lines.to + 1) > lines.to;
    const isOwn = list.flow !== true && alone && at.line > keyLine(text);
    return { at, lines: isOwn ? lines : null };
  });
}

/** Offset of the last character of what a node says, without comments and blank lines after it. */
function lastByte(node: Node, text: string): number {
  let end = node.range?.[0] ?? 0;
  const reach = (one: Node) => {
    end = Math.max(end, one.range?.[1] ?? 0);
  };
  visit(node, {
    Scalar: (_, scalar) => reach(scalar),
    Collection: (_, collection) => {
      if (collection.flow) reach(collection);
    },
  });
  return text.slice(0, end).trimEnd().length - 1;
}

/** Of `divergences:`. */
function keyLine(text: string): number {
  const counter = new LineCounter();
  const { contents } = parseDocument(text, { lineCounter: counter });
  if (!isMap(contents)) return 0;
  const pair = contents.items.find(
    (item) => isPair(item) && isScalar(item.key) && item.key.value === 'divergences',
  );
  return isScalar(pair?.key) ? counter.linePos(pair.key.range?.[0] ?? 0).line : 0;
}
