// SPDX-License-Identifier: MIT
/** Tiny kernels for tests, laid out by hand: numbers in either byte order, ELF files, kallsyms tables, BTF. */
import type { ByteOrder } from '../../../machine/types.js';

export type Item = readonly [width: 1 | 2 | 4 | 8, ...values: (number | bigint)[]] | Uint8Array;

/** Numbers and bytes, one behind the other. */
export function pack(order: ByteOrder, ...items: readonly Item[]): Uint8Array {
  const bytes: number[] = [];
  for (const item of items) {
    if (item instanceof Uint8Array) {
      bytes.push(...item);
      continue;
    }
    const [width, ...values] = item;
    for (const value of values) {
      const word = BigInt.asUintN(8 * width, BigInt(value));
      const own = Array.from({ length: width }, (_, index) => Number((word >> BigInt(8 * index)) & 0xffn));
      bytes.push(...(order === 'little' ? own : own.reverse()));
    }
  }
  return Uint8Array.from(bytes);
}

export const text = (value: string) => Uint8Array.from(value, (one) => one.charCodeAt(0));

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const one of parts) {
    all.set(one, at);
    at += one.length;
  }
  return all;
}

export const padded = (bytes: Uint8Array, align: number, offset = 0) =>
  join(bytes, new Uint8Array((align - ((bytes.length + offset) % align)) % align));

/** ELF-64 with one PT_LOAD and, if names are given, a symbol table: each a function in one executable section. */
export function elf(
  order: ByteOrder,
  address: bigint,
  content: Uint8Array,
  symbols: Record<string, bigint> = {},
) {
  const names = Object.keys(symbols);
  const strings = text(`\0${names.join('\0')}\0`);
  const sectionNames = text('\0.text\0.symtab\0.strtab\0.shstrtab\0');
  const nameAt = (name: string) =>
    text(`\0${names.join('\0')}\0`).length && `\0${names.join('\0')}\0`.indexOf(`\0${name}\0`) + 1;
  const table = pack(
    order,
    new Uint8Array(24),
    ...names.flatMap((name): Item[] => [
      [4, nameAt(name)],
      [1, 2, 0],
      [2, 1],
      [8, symbols[name] as bigint, 0],
    ]),
  );
  const at = [64 + 56];
  for (const part of [content, table, strings, sectionNames]) at.push((at.at(-1) as number) + part.length);
  const [start = 0, tableAt, stringsAt, sectionNamesAt, headers = 0] = at;
  const section = (
    name: number,
    type: number,
    flags: number,
    where: bigint,
    offset = 0,
    size = 0,
    link = 0,
  ): Item[] => [
    [4, name, type],
    [8, flags, where, offset, size],
    [4, link, 0],
    [8, 1, 24],
  ];
  return pack(
    order,
    Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, order === 'little' ? 1 : 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    [2, 2, 62],
    [4, 1],
    [8, address, 64, headers],
    [4, 0],
    [2, 64, 56, 1, 64, 5, 4],
    [4, 1, 7],
    [8, start, address, address, content.length, content.length + 16, 8],
    content,
    table,
    strings,
    sectionNames,
    ...section(0, 0, 0, 0n),
    ...section(1, 1, 6, address, start, content.length),
    ...section(7, 2, 0, 0n, tableAt, table.length, 3),
    ...section(15, 3, 0, 0n, stringsAt, strings.length),
    ...section(23, 3, 0, 0n, sectionNamesAt, sectionNames.length),
  );
}

export type Form = '6.1' | '6.1 with seqs' | '6.12' | '6.12 per-cpu' | '7.2';

/**
 * An image with kallsyms tables as that kernel writes them. Token n is the character n, but for one of two characters.
 * @param symbols type and name → distance from `base`
 */
export function kallsymsImage(
  order: ByteOrder,
  base: bigint,
  symbols: readonly (readonly [name: string, offset: number])[],
  form: Form,
): Uint8Array {
  const tokens = Array.from({ length: 256 }, (_, n) =>
    n === 1 ? 'T_' : n === 0 ? 'sym' : String.fromCharCode(n),
  );
  const encoded = symbols.map(([name]) => {
    const body = name.startsWith('T_') ? [1, ...text(name.slice(2))] : [...text(name)];
    const length = body.length < 128 ? [body.length] : [(body.length & 0x7f) | 0x80, body.length >> 7];
    return Uint8Array.from([...length, ...body]);
  });
  const markers: number[] = [];
  let at = 0;
  for (const [index, one] of encoded.entries()) {
    if (index % 256 === 0) markers.push(at);
    at += one.length;
  }
  const index: number[] = [];
  let token = 0;
  for (const one of tokens) {
    index.push(token);
    token += one.length + 1;
  }
  const head = new Uint8Array(64).fill(0x90);
  const offsets = pack(order, [4, ...symbols.map(([, offset]) => offset)]);
  const down = pack(order, [4, ...symbols.map(([, offset]) => -1 - offset)]);
  const names = join(
    padded(pack(order, [4, symbols.length]), 8),
    padded(join(...encoded), 8),
    padded(pack(order, [4, ...markers]), 8),
  );
  const words = join(padded(text(`${tokens.join('\0')}\0`), 8), pack(order, [2, ...index]));
  const seqs = padded(new Uint8Array(3 * symbols.length).fill(7), 8);
  const pointer = pack(order, [8, base]);
  const tail = new Uint8Array(32);
  if (form === '6.1') return join(head, padded(offsets, 8), pointer, names, words, tail);
  if (form === '6.1 with seqs') return join(head, padded(offsets, 8), pointer, names, seqs, words, tail);
  if (form === '6.12') return join(head, names, words, padded(offsets, 8), pointer, seqs, tail);
  if (form === '6.12 per-cpu') return join(head, names, words, padded(down, 8), pointer, seqs, tail);
  const before = join(head, names, words);
  const own = pack(order, [4, ...symbols.map(([, offset], n) => offset - before.length - 4 * n)]);
  return join(before, padded(own, 8), seqs, tail);
}

/** A BTF blob. @param types records behind one another; strings are given with their offsets by `name` */
export function btf(order: ByteOrder, types: readonly Item[], strings: readonly string[]): Uint8Array {
  const section = pack(order, ...types);
  const names = text(`\0${strings.join('\0')}\0`);
  return join(
    pack(order, [2, 0xeb9f], [1, 1, 0], [4, 24, 0, section.length, section.length, names.length]),
    section,
    names,
  );
}

/** Offset of a string in such a blob. */
export const nameIn = (strings: readonly string[]) => (name: string) =>
  name === '' ? 0 : `\0${strings.join('\0')}\0`.indexOf(`\0${name}\0`) + 1;
