// SPDX-License-Identifier: MIT
/**
 * Symbols of an image from its own kallsyms tables. How a value is written has changed (scripts/kallsyms.c,
 * kernel/kallsyms.c kallsyms_sym_address):
 * - linux 6.1: offsets and relative base before the names;
 * - linux 6.12: the same two behind the token index;
 * - linux 7.2: behind the token index, each relative to its own address, without a base.
 * With a base, an offset counts up from it or, with KALLSYMS_ABSOLUTE_PERCPU, down from it where it is negative.
 */
import { VmlinuxError } from '../error.js';
import type { Reader } from './bytes.js';
import { findTables, nameLength, type Tables } from './kallsyms-tables.js';
import { pointer } from './relocations.js';

export interface KernelSymbol {
  readonly name: string;
  readonly address: bigint;
  /** As in nm(1): `T` text, `D` data and so on; lower case: local. */
  readonly type: string;
}

export type Encoding = 'base before names' | 'base behind tokens' | 'relative to itself';

export interface Kallsyms {
  readonly encoding: Encoding;
  readonly symbols: readonly KernelSymbol[];
}

const LONGEST = 4096;
/** Marks where the kernel begins: both are 0 from the image's start, or close behind it. */
const ANCHORS = ['_text', '_stext', '_start'];

/**
 * @param image bytes as they are linked one behind the other
 * @param base link address of the first
 * @throws VmlinuxError `absent` where there are no tables, `malformed` where they contradict themselves
 */
export function readKallsyms(image: Reader, base: bigint): Kallsyms {
  const tables = findTables(image);
  if (tables === undefined)
    throw new VmlinuxError('absent', 'the image has no kallsyms tables (CONFIG_KALLSYMS)');
  const names = readNames(image, tables);
  const anchor = names.findIndex(({ name }) => ANCHORS.includes(name));
  for (const { encoding, values, at } of candidates(image, tables, base)) {
    if (!mostlyRising(values)) continue;
    const start = values[anchor] ?? base;
    // The image begins before its tables, and not far behind its base.
    const tooFar = start < base || start - base > BEHIND || start >= base + BigInt(at);
    if (encoding === 'relative to itself' && tooFar) continue;
    // A base is a link address that is relocated later, or 0: what counts is the distance from the anchor.
    const shift = encoding === 'relative to itself' ? 0n : anchored(start, base);
    const symbols = names.map(({ name, type }, index): KernelSymbol => {
      const value = values[index] as bigint;
      return { name, type, address: BigInt.asUintN(64, isPerCpu(value, start) ? value : value + shift) };
    });
    return { encoding, symbols };
  }
  throw new VmlinuxError(
    'malformed',
    'kallsyms: names are there, and no table of addresses that fits to them',
  );
}

/** Absolute values of the per-cpu area, far below the kernel. */
const isPerCpu = (value: bigint, start: bigint) => start > 1n << 32n && value < 1n << 28n;

/** How far an anchor may lie behind the start of the image: a head of its own. */
const BEHIND = 1n << 20n;

/** What brings the anchor to its place: whole pages only, as the image begins at a page and `_stext` may lie behind. */
function anchored(start: bigint, base: bigint): bigint {
  const distance = BigInt.asIntN(64, base - start);
  if (distance <= 0n && -distance <= BEHIND) return 0n;
  return distance - (distance & 0xfffn);
}

function readNames(image: Reader, { names, count, tokens }: Tables): { name: string; type: string }[] {
  const found: { name: string; type: string }[] = [];
  for (let index = 0, at = names; index < count; index++) {
    const { tokens: length, prefix, whole } = nameLength(image, at);
    let text = '';
    for (let token = at + prefix; token < at + whole; token++) text += tokens[image.u8(token)];
    if (length === 0 || text.length > LONGEST) throw image.malformed(at, 'a name in kallsyms that is none');
    found.push({ name: text.slice(1), type: text.charAt(0) });
    at += whole;
  }
  return found;
}

interface Candidate {
  readonly encoding: Encoding;
  readonly values: readonly bigint[];
  /** Where the table of offsets stands. */
  readonly at: number;
}

function* candidates(image: Reader, tables: Tables, base: bigint): Generator<Candidate> {
  const { count, end, numSyms } = tables;
  const aligned = Math.ceil(end / 8) * 8;
  // Linux 7.2 aligns to 4. What is 0 is padding: no symbol lies where its own offset does.
  const tight = Math.ceil(end / 4) * 4;
  const own = tight + 4 <= image.length && image.s32(tight) === 0 ? aligned : tight;
  if (own + 4 * count <= image.length) {
    yield {
      encoding: 'relative to itself',
      at: own,
      values: read(count, (index) => base + BigInt(own + 4 * index + image.s32(own + 4 * index))),
    };
  }
  const behind = Math.ceil((aligned + 4 * count) / 8) * 8;
  if (behind + 8 <= image.length) {
    yield* based(image, aligned, count, pointer(image, behind, base), 'base behind tokens');
  }
  // The words before: u64 base, and the offsets with or without a pad.
  const relativeBase = numSyms - (numSyms % 8) - 8;
  for (const pad of count % 2 === 0 ? [0] : [4, 0]) {
    const at = relativeBase - pad - 4 * count;
    if (at >= 0) yield* based(image, at, count, pointer(image, relativeBase, base), 'base before names');
  }
}

function* based(
  image: Reader,
  at: number,
  count: number,
  base: bigint,
  encoding: Encoding,
): Generator<Candidate> {
  const up = read(count, (index) => base + BigInt(image.u32(at + 4 * index)));
  if (mostlyRising(up) && !someNegative(image, at, count)) yield { encoding, values: up, at };
  const down = read(count, (index) => {
    const offset = image.s32(at + 4 * index);
    return offset >= 0 ? BigInt(offset) : base - 1n - BigInt(offset);
  });
  yield { encoding, values: down, at };
}

/** Half of the offsets or more have bit 31: no kernel spans 2 GiB. */
function someNegative(image: Reader, at: number, count: number): boolean {
  let negative = 0;
  for (let index = 0; index < count; index++) if (image.s32(at + 4 * index) < 0) negative++;
  return 2 * negative > count;
}

function read(count: number, value: (index: number) => bigint): bigint[] {
  return Array.from({ length: count }, (_, index) => value(index));
}

/** The table is sorted by address, but for a few that the linker moved; garbage is not. */
function mostlyRising(values: readonly bigint[]): boolean {
  let falls = 0;
  for (let index = 1; index < values.length; index++) {
    if ((values[index] as bigint) < (values[index - 1] as bigint)) falls++;
  }
  return falls * 50 <= values.length && values.length > 0;
}
