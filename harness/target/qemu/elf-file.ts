// SPDX-License-Identifier: MIT
/** As much of a 64-bit ELF object as the comparison asks for (System V gABI: "Object Files"), in either byte order. */

export interface ElfObject {
  /** Contents of sections by name. */
  readonly sections: ReadonlyMap<string, Uint8Array>;
  /** Symbols that lie in a section. `value`: bytes from the section's start. */
  readonly symbols: readonly { readonly name: string; readonly section: string; readonly value: number }[];
  /** Section → places in it that the linker would fill in. */
  readonly relocations: ReadonlyMap<string, readonly Relocation[]>;
}

export interface Relocation {
  /** Bytes from the section's start. */
  readonly offset: number;
  /** As the psABI of the architecture numbers them. */
  readonly type: number;
  /** Name of the symbol; '' for a section's own. */
  readonly symbol: string;
  /** The section of the file that the symbol lies in, and where; `null`: another file's. */
  readonly place: { readonly section: string; readonly value: number } | null;
  readonly addend: bigint;
}

const SHT = { symtab: 2, rela: 4, nobits: 8 } as const;
/** Section indices from here on do not name a section. */
const SHN_LORESERVE = 0xff00;

interface Section {
  readonly name: string;
  readonly type: number;
  readonly link: number;
  readonly info: number;
  readonly bytes: Uint8Array;
}

/** @throws Error if the bytes are no 64-bit ELF file */
export function readElf(file: Uint8Array): ElfObject {
  const magic = String.fromCharCode(...file.subarray(1, 4));
  if (file[0] !== 0x7f || magic !== 'ELF' || file[4] !== 2) throw new Error('no 64-bit ELF object');
  const little = file[5] === 1;
  const data = (bytes: Uint8Array) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return {
      half: (at: number) => view.getUint16(at, little),
      word: (at: number) => view.getUint32(at, little),
      wide: (at: number) => Number(view.getBigUint64(at, little)),
      whole: (at: number) => view.getBigUint64(at, little),
    };
  };
  const header = data(file);
  const table = header.wide(0x28);
  const [step, count, names] = [header.half(0x3a), header.half(0x3c), header.half(0x3e)];
  const at = (index: number) => table + index * step;
  const contents = (index: number) => {
    if (header.word(at(index) + 4) === SHT.nobits) return new Uint8Array(0);
    const offset = header.wide(at(index) + 0x18);
    return file.subarray(offset, offset + header.wide(at(index) + 0x20));
  };
  const text = (strings: Uint8Array, from: number) =>
    new TextDecoder().decode(strings.subarray(from, strings.indexOf(0, from)));
  const sections: Section[] = Array.from({ length: count }, (_, index) => ({
    name: text(contents(names), header.word(at(index))),
    type: header.word(at(index) + 4),
    link: header.word(at(index) + 0x28),
    info: header.word(at(index) + 0x2c),
    bytes: contents(index),
  }));
  const nameOf = (index: number) => sections[index]?.name ?? '';

  const tables = sections.map(({ type, bytes, link }) => {
    if (type !== SHT.symtab) return [];
    const entry = data(bytes);
    return Array.from({ length: bytes.length / 24 }, (_, n) => {
      const index = entry.half(24 * n + 6);
      const isHere = index > 0 && index < SHN_LORESERVE;
      return {
        name: text(sections[link]?.bytes ?? new Uint8Array(1), entry.word(24 * n)),
        place: isHere ? { section: nameOf(index), value: entry.wide(24 * n + 8) } : null,
      };
    });
  });
  const symbols = tables
    .flat()
    .flatMap(({ name, place }) => (name !== '' && place !== null ? [{ name, ...place }] : []));
  const relocations = new Map(
    sections
      .filter(({ type }) => type === SHT.rela)
      .map(({ bytes, info, link }) => {
        const entry = data(bytes);
        const list = Array.from({ length: bytes.length / 24 }, (_, n): Relocation => {
          // r_info: the symbol's number above the type.
          const [type, number] = [
            entry.word(24 * n + (little ? 8 : 12)),
            entry.word(24 * n + (little ? 12 : 8)),
          ];
          const { name, place } = tables[link]?.[number] ?? { name: '', place: null };
          const addend = BigInt.asIntN(64, entry.whole(24 * n + 16));
          return { offset: entry.wide(24 * n), type, symbol: name, place, addend };
        });
        return [nameOf(info), list];
      }),
  );
  return { sections: new Map(sections.map(({ name, bytes }) => [name, bytes])), symbols, relocations };
}
