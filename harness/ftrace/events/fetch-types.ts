// SPDX-License-Identifier: MIT
/** Types of fetched values and how they print: linux 7.2 kernel/trace/trace_probe.c probe_fetch_types. */
import { parseUnsigned } from './numbers.js';

export interface FetchType {
  readonly name: string;
  /** Bytes stored; of strings, of the word that says where they lie. */
  readonly size: 1 | 2 | 4 | 8;
  readonly signed: boolean;
  readonly print: 'decimal' | 'hex' | 'char' | 'symbol' | 'string';
}

const integers = (
  [
    ['u', false, 'decimal'],
    ['s', true, 'decimal'],
    ['x', false, 'hex'],
  ] as const
).flatMap(([letter, signed, print]) =>
  ([1, 2, 4, 8] as const).map((size): FetchType => ({ name: `${letter}${8 * size}`, size, signed, print })),
);

const TYPES: ReadonlyMap<string, FetchType> = new Map(
  [
    ...integers,
    { name: 'char', size: 1, signed: false, print: 'char' } as const,
    { name: 'symbol', size: 8, signed: false, print: 'symbol' } as const,
    ...['string', 'ustring', 'symstr'].map(
      (name): FetchType => ({ name, size: 4, signed: false, print: 'string' }),
    ),
  ].map((type) => [type.name, type]),
);

/** `find_fetch_type`: `null` name is the type of a word, `b…@…/SIZE` the word that holds the bits. */
export function findFetchType(name: string | null): FetchType | null {
  if (name === null) return TYPES.get('x64') ?? null;
  if (!name.startsWith('b')) return TYPES.get(name) ?? null;
  const slash = name.indexOf('/');
  const bits = slash < 0 ? null : parseUnsigned(name.slice(slash + 1), 0);
  return bits !== null && [8n, 16n, 32n, 64n].includes(bits) ? (TYPES.get(`u${bits}`) ?? null) : null;
}
