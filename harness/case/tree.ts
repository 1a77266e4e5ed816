// SPDX-License-Identifier: MIT
/**
 * What a YAML document says, with the place of every part: the form on which `for:` substitutes and from
 * which the checked case is built. Offsets are indices into the file's text, in UTF-16 units.
 */

/** A run of a scalar's text and where it stands in the file. `linear`: character by character. */
export interface Piece {
  readonly length: number;
  readonly offset: number;
  readonly linear: boolean;
}

export interface Scalar {
  readonly kind: 'scalar';
  readonly value: string | bigint | boolean | null;
  /** Strings as they are; integers in decimal; `true`, `false`, `NULL`. */
  readonly text: string;
  readonly offset: number;
  readonly pieces: readonly Piece[];
}

export interface List {
  readonly kind: 'list';
  readonly items: readonly Node[];
  readonly offset: number;
}

export interface Entry {
  readonly key: Scalar;
  readonly value: Node;
}

export interface Mapping {
  readonly kind: 'map';
  readonly entries: readonly Entry[];
  readonly offset: number;
}

export type Node = Scalar | List | Mapping;

/** Offset in the file of the character at `index` of a scalar's text. */
export function offsetIn(scalar: Scalar, index: number): number {
  let rest = index;
  for (const [number, piece] of scalar.pieces.entries()) {
    if (rest < piece.length || number === scalar.pieces.length - 1) {
      return piece.linear ? piece.offset + Math.min(rest, piece.length) : piece.offset;
    }
    rest -= piece.length;
  }
  return scalar.offset;
}

export function entryOf(map: Mapping, key: string): Entry | undefined {
  return map.entries.find((entry) => entry.key.text === key);
}

export function get(map: Mapping, key: string): Node | undefined {
  return entryOf(map, key)?.value;
}

/** Child under a key or 0-based index. */
export function childOf(node: Node, step: string | number): Node | undefined {
  if (node.kind === 'map') return get(node, String(step));
  return node.kind === 'list' ? node.items[Number(step)] : undefined;
}

/** `the text \`x\``, `a map`: what stands there, for messages. */
export function describe(node: Node): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'a map';
  if (typeof node.value === 'string')
    return node.value === '' ? 'an empty text' : `the text \`${clip(node.text)}\``;
  if (typeof node.value === 'bigint') return `the number ${clip(node.text)}`;
  return `\`${node.text}\``;
}

/** Short enough for a message. */
export function clip(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 40 ? `${line.slice(0, 39)}…` : line;
}

/** The node as JSON data. Integers beyond the safe range are clamped: their exact value is only in the tree. */
export function plainOf(node: Node): unknown {
  if (node.kind === 'list') return node.items.map(plainOf);
  if (node.kind === 'map') {
    return Object.fromEntries(node.entries.map((entry) => [entry.key.text, plainOf(entry.value)]));
  }
  if (typeof node.value !== 'bigint') return node.value;
  const limit = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(node.value > limit ? limit : node.value < -limit ? -limit : node.value);
}
