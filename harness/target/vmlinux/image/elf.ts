// SPDX-License-Identifier: MIT
/** ELF-64 files of either byte order: program headers, sections, symbols (System V ABI, chapters 4 and 5). */
import { VmlinuxError } from '../error.js';
import { matches, Reader } from './bytes.js';

export const ELF_MAGIC = Uint8Array.of(0x7f, 0x45, 0x4c, 0x46);

export interface Segment {
  /** Virtual address. */
  readonly address: bigint;
  /** What the file holds of it. */
  readonly bytes: Uint8Array;
  /** Bytes in memory; zero behind what the file holds. */
  readonly size: number;
}

export interface ElfSection {
  readonly name: string;
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

export interface ElfSymbol {
  readonly name: string;
  readonly address: bigint;
  /** A function or an untyped label in a text section; everything else is data. */
  readonly text: boolean;
}

export interface Elf {
  readonly reader: Reader;
  readonly machine: number;
  readonly segments: readonly Segment[];
  section(name: string): ElfSection | undefined;
  /** From .symtab, in its order; empty without one. */
  symbols(): ElfSymbol[];
}

const CLASS_64 = 2;
const PT_LOAD = 1;
const SHT_NOBITS = 8;
const SHF_EXECINSTR = 4n;
const [STT_NOTYPE, STT_FUNC, STT_SECTION, STT_FILE] = [0, 2, 3, 4];
const SYMBOL = 24;

interface Header {
  readonly name: string;
  readonly type: number;
  readonly flags: bigint;
  readonly address: bigint;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

export const isElf = (bytes: Uint8Array) => matches(bytes, 0, ELF_MAGIC);

/** @throws VmlinuxError */
export function readElf(bytes: Uint8Array): Elf {
  if (!isElf(bytes)) throw new VmlinuxError('malformed', 'no ELF file');
  if (bytes[4] !== CLASS_64) throw new VmlinuxError('unsupported', 'an ELF file that is not of 64 bit');
  const reader = new Reader(bytes, bytes[5] === 2 ? 'big' : 'little', 'ELF file');
  const headers = sectionHeaders(reader);
  return {
    reader,
    machine: reader.u16(18),
    segments: programHeaders(reader),
    section(name) {
      const found = headers.find((one) => one.name === name && one.type !== SHT_NOBITS);
      return found && { name, address: found.address, bytes: reader.slice(found.offset, found.size) };
    },
    symbols: () => symbolTable(reader, headers),
  };
}

function programHeaders(reader: Reader): Segment[] {
  const [start, size, count] = [reader.offset(32), reader.u16(54), reader.u16(56)];
  const segments: Segment[] = [];
  for (let index = 0; index < count; index++) {
    const at = start + index * size;
    if (reader.u32(at) !== PT_LOAD) continue;
    const inFile = reader.slice(reader.offset(at + 8), reader.offset(at + 32));
    segments.push({
      address: reader.u64(at + 16),
      bytes: inFile,
      size: Math.max(inFile.length, reader.offset(at + 40)),
    });
  }
  return segments;
}

function sectionHeaders(reader: Reader): Header[] {
  const start = reader.offset(40);
  if (start === 0) return [];
  const [size, count, names] = [reader.u16(58), reader.u16(60), reader.u16(62)];
  const raw = Array.from({ length: count }, (_, index) => {
    const at = start + index * size;
    return {
      nameAt: reader.u32(at),
      type: reader.u32(at + 4),
      flags: reader.u64(at + 8),
      address: reader.u64(at + 16),
      offset: reader.offset(at + 24),
      size: reader.offset(at + 32),
      link: reader.u32(at + 40),
    };
  });
  const table = raw[names];
  if (table === undefined) return raw.map((one) => ({ ...one, name: '' }));
  const texts = new Reader(reader.slice(table.offset, table.size), reader.order, 'ELF section names');
  return raw.map((one) => ({ ...one, name: texts.text(one.nameAt) }));
}

function symbolTable(reader: Reader, headers: readonly Header[]): ElfSymbol[] {
  const table = headers.find(({ name, type }) => name === '.symtab' && type !== SHT_NOBITS);
  const strings = table && headers[table.link];
  if (!table || !strings) return [];
  const entries = new Reader(reader.slice(table.offset, table.size), reader.order, 'ELF symbols');
  const texts = new Reader(reader.slice(strings.offset, strings.size), reader.order, 'ELF symbol names');
  const symbols: ElfSymbol[] = [];
  for (let at = 0; at + SYMBOL <= entries.length; at += SYMBOL) {
    const type = entries.u8(at + 4) & 15;
    const index = entries.u16(at + 6);
    if (index === 0 || type === STT_SECTION || type === STT_FILE) continue;
    const executable = ((headers[index]?.flags ?? 0n) & SHF_EXECINSTR) !== 0n;
    const text = executable && (type === STT_FUNC || type === STT_NOTYPE);
    const name = texts.text(entries.u32(at));
    // Mapping symbols ($x, $d) and local labels mark places, not things.
    if (name !== '' && !/^(?:\$|\.L)/.test(name)) symbols.push({ name, address: entries.u64(at + 8), text });
  }
  return symbols;
}
