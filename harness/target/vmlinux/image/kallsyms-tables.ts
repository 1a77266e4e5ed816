// SPDX-License-Identifier: MIT
/**
 * Where the tables of kallsyms lie in an image that has no symbols to find them by. The token table is found by what it
 * must hold: one token for each character that a name may have, the digits in a row. From there on each table bounds
 * the next (linux 6.1, 6.12, 7.2 scripts/kallsyms.c write_src; each table begins on 8 bytes or less).
 */
import { matches, places, type Reader } from './bytes.js';

export interface Tables {
  readonly count: number;
  /** Offsets in the image. */
  readonly numSyms: number;
  readonly names: number;
  readonly markers: number;
  readonly tokens: readonly string[];
  /** Behind the last table found here. */
  readonly end: number;
}

const TOKENS = 256;
/** Symbols per marker. */
const STRIDE = 256;
/** Table starts are aligned to this or less. */
const ALIGN = 8;
const LONGEST_NAME = 0x3fff;
/** "0\0" … "9\0" */
const DIGITS = Uint8Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 48 + index / 2 : 0));

/** The tables; `undefined` where there are none that fit together. */
export function findTables(reader: Reader): Tables | undefined {
  for (const digits of places(reader.bytes, DIGITS)) {
    const found = tablesAt(reader, digits);
    if (found !== undefined) return found;
  }
  return undefined;
}

function tablesAt(reader: Reader, digits: number): Tables | undefined {
  const { bytes } = reader;
  let end = digits;
  for (let token = 48; token < TOKENS; token++) {
    const nul = bytes.indexOf(0, end);
    if (nul < 0 || nul - end > 128) return undefined;
    end = nul + 1;
  }
  for (let index = end; index < end + ALIGN && index + 2 * TOKENS <= bytes.length; index++) {
    const tokens = index % 2 === 0 ? tokensBy(reader, index, digits) : undefined;
    if (tokens === undefined) continue;
    const start = digits - reader.u16(index + 2 * 48);
    for (const markers of markersBefore(reader, start)) {
      const names = namesBefore(reader, markers);
      if (names !== undefined) return { ...names, markers: markers.at, tokens, end: index + 2 * TOKENS };
    }
  }
  return undefined;
}

/** Texts of all tokens if the u16 at `index` lead to them, one behind the other. */
function tokensBy(reader: Reader, index: number, digits: number): string[] | undefined {
  const start = digits - reader.u16(index + 2 * 48);
  if (start < 0 || reader.u16(index) !== 0) return undefined;
  const tokens: string[] = [];
  let expected = 0;
  for (let token = 0; token < TOKENS; token++) {
    if (reader.u16(index + 2 * token) !== expected) return undefined;
    const nul = reader.bytes.indexOf(0, start + expected);
    if (nul < 0 || nul > index) return undefined;
    tokens.push(reader.text(start + expected));
    expected = nul + 1 - start;
  }
  return tokens;
}

interface Markers {
  readonly at: number;
  readonly count: number;
  /** Value of the last. */
  readonly last: number;
}

/** The u32 before `end` that rise from 0: where every 256th name begins. */
function* markersBefore(reader: Reader, end: number): Generator<Markers> {
  for (let last = end - (end % 4) - 4; last > end - 4 - 2 * ALIGN && last >= 0; last -= 4) {
    let at = last;
    while (at >= 4 && reader.u32(at) > reader.u32(at - 4)) at -= 4;
    if (reader.u32(at) === 0 && last > at) yield { at, count: (last - at) / 4 + 1, last: reader.u32(last) };
  }
  yield* markersBeforeSeqs(reader, end);
}

/** Linux 6.2 to 6.4, and what was taken back to 6.1: three bytes a symbol (seqs_of_names) stand behind the markers. */
const SEQ = 3;
const MOST_SYMBOLS = 1 << 20;

function* markersBeforeSeqs(reader: Reader, end: number): Generator<Markers> {
  const perMarker = 4 + SEQ * STRIDE;
  const earliest = Math.max(0, end - (MOST_SYMBOLS / STRIDE) * perMarker);
  for (let at = end - (end % 4) - perMarker; at >= earliest; at -= 4) {
    if (reader.u32(at) !== 0 || reader.u32(at + 4) === 0) continue;
    const count = Math.ceil((end - at - 2 * ALIGN) / perMarker);
    let rises = count > 1;
    for (let index = 1; index < count && rises; index++) {
      rises = reader.u32(at + 4 * index) > reader.u32(at + 4 * index - 4);
    }
    if (rises) yield { at, count, last: reader.u32(at + 4 * count - 4) };
  }
}

/** The names end before the markers; their number stands before them and must fit to both. */
function namesBefore(
  reader: Reader,
  markers: Markers,
): Pick<Tables, 'count' | 'numSyms' | 'names'> | undefined {
  const latest = markers.at - markers.last;
  const earliest = Math.max(4, latest - STRIDE * 600);
  for (let names = latest - (latest % 4); names >= earliest; names -= 4) {
    for (const numSyms of [names - 4, names - 8]) {
      if (numSyms < 0) continue;
      const count = reader.u32(numSyms);
      if (Math.ceil(count / STRIDE) !== markers.count) continue;
      if (numSyms === names - 8 && reader.u32(names - 4) !== 0) continue;
      if (endsBefore(reader, names + markers.last, count - STRIDE * (markers.count - 1), markers.at))
        return { count, numSyms, names };
    }
  }
  return undefined;
}

/** Whether `count` names from `at` on end at `end`, but for padding. */
function endsBefore(reader: Reader, at: number, count: number, end: number): boolean {
  let next = at;
  for (let index = 0; index < count; index++) {
    if (next >= end) return false;
    next += nameLength(reader, next).whole;
  }
  if (next > end || end - next >= ALIGN) return false;
  return matches(reader.bytes, next, new Uint8Array(end - next));
}

/** A name's token bytes, and all that it takes: ULEB128 of one or two bytes, since 6.1 (before, one). */
export function nameLength(reader: Reader, at: number): { tokens: number; prefix: number; whole: number } {
  const first = reader.u8(at);
  if ((first & 0x80) === 0) return { tokens: first, prefix: 1, whole: first + 1 };
  const tokens = ((first & 0x7f) | (reader.u8(at + 1) << 7)) & LONGEST_NAME;
  return { tokens, prefix: 2, whole: tokens + 2 };
}
