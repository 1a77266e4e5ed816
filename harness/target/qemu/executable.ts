// SPDX-License-Identifier: MIT
/**
 * A static ELF file (System V gABI, "Program Header") whose process has exactly the regions of a map of memory:
 * the kernel's text with its bytes, all else zero. Nothing in it ever runs by itself.
 */
import type { RegionSpec } from '../../machine/memory.js';
import type { ByteOrder } from '../../machine/types.js';

/** e_machine and e_flags that QEMU's user mode asks for. */
export interface ElfKind {
  readonly machine: number;
  readonly flags: number;
}

const HEADER = 64;
const PROGRAM_HEADER = 56;
const PAGE = 0x1000;
const pages = (bytes: number) => Math.ceil(bytes / PAGE) * PAGE;
const TYPE = { exec: 2, load: 1 } as const;
const FLAGS = { text: 5, data: 6, stack: 6 } as const;

/** @param contents what regions begin with */
export function executable(
  { machine, flags }: ElfKind,
  order: ByteOrder,
  regions: readonly RegionSpec[],
  contents: ReadonlyMap<RegionSpec, Uint8Array>,
): Uint8Array {
  const little = order === 'little';
  const [first] = regions;
  if (first === undefined) throw new RangeError('an executable without regions');
  // Loaders want ascending addresses.
  const sorted = [...regions].sort((a, b) => (a.start < b.start ? -1 : 1));
  // Text is in the file with all its pages: QEMU takes no zeroed memory that cannot be written.
  const inFile = (region: RegionSpec) => (region.kind === 'text' ? pages(region.size) : 0);
  const start = pages(HEADER + PROGRAM_HEADER * sorted.length);
  const file = new Uint8Array(sorted.reduce((size, region) => size + inFile(region), start));
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, little ? 1 : 2, 1]);
  const half = (at: number, value: number) => view.setUint16(at, value, little);
  const word = (at: number, value: number) => view.setUint32(at, value, little);
  const wide = (at: number, value: bigint) => view.setBigUint64(at, value, little);
  half(16, TYPE.exec);
  half(18, machine);
  word(20, 1);
  wide(24, first.start);
  wide(32, BigInt(HEADER));
  word(48, flags);
  half(52, HEADER);
  half(54, PROGRAM_HEADER);
  half(56, sorted.length);
  let offset = start;
  for (const [index, region] of sorted.entries()) {
    const at = HEADER + index * PROGRAM_HEADER;
    word(at, TYPE.load);
    word(at + 4, FLAGS[region.kind]);
    wide(at + 8, inFile(region) > 0 ? BigInt(offset) : 0n);
    wide(at + 16, region.start);
    wide(at + 24, region.start);
    wide(at + 32, BigInt(inFile(region)));
    wide(at + 40, BigInt(pages(region.size)));
    wide(at + 48, BigInt(PAGE));
    file.set(contents.get(region) ?? [], offset);
    offset += inFile(region);
  }
  return file;
}
