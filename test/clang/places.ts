// SPDX-License-Identifier: MIT
/** One translation unit per configuration, and the comparison of its object with what the interpreter laid out. */
import { expect } from 'vitest';
import { RETURN } from '../../harness/backend/smoke/build.js';
import { type ElfObject, readElf } from '../../harness/target/qemu/elf-file.js';
import { labelled, type Variant } from './subject.js';
import { instructionStarts } from './tools.js';

/** Sections of single instructions. */
export const WORDS = '.conform.words';
export const SNIPPETS = '.conform.snippets';

const hex = (value: number | bigint) => `0x${value.toString(16)}`;
export const dump = (bytes: Uint8Array) =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** Labels of a section of the object; those with `$` and `.L` are the assembler's own. */
export function labelsOf({ symbols }: ElfObject, section: string): Record<string, number> {
  const own = symbols.filter((symbol) => symbol.section === section && !/^(\$|\.L)/.test(symbol.name));
  return Object.fromEntries(own.map(({ name, value }) => [name, value]));
}

/** The text of one translation unit: the sources themselves, then single instructions. */
export function unit(
  { build, header }: Variant,
  words: readonly string[],
  snippets: readonly string[],
): string {
  const section = (name: string, label: string, texts: readonly string[]) =>
    `\t.section ${name},"ax",@progbits\n${labelled(label, texts)}`;
  const includes = build.loaded.sources.map(({ file }) => `\t.text\n#include "${file}"\n`);
  return [header, ...includes, section(WORDS, 'word', words), section(SNIPPETS, 'snippet', snippets)].join(
    '',
  );
}

/**
 * Labels and instructions of the sources lie where the interpreter has them, and data are the same bytes, but for
 * padding and what the linker fills in.
 */
export async function expectSamePlaces({ build, turned }: Variant, file: Uint8Array): Promise<void> {
  const { program } = build;
  const { decode } = build.loaded.backend.instructions;
  const object = readElf(file);
  const text = object.sections.get('.text') ?? new Uint8Array(0);
  const end = Number((program.symbols.get(RETURN) as bigint) - program.base);
  const labels = [...program.symbols].filter(([name]) => name !== RETURN);
  const places = (list: readonly (readonly [string, number])[]) =>
    Object.fromEntries([...list].sort().map(([name, at]) => [name, hex(at)]));
  expect(places(Object.entries(labelsOf(object, '.text'))), turned).toEqual(
    places(labels.map(([name, address]) => [name, Number(address - program.base)])),
  );
  expect(text.length, turned).toBe(end);

  const starts = new Set([...(await instructionStarts(file, '.text')), end]);
  const code = program.code.filter(({ address }) => address - program.base < end);
  expect(code.length).toBeGreaterThan(20);
  const astray = code.filter(({ address, length }) => {
    const at = Number(address - program.base);
    return !starts.has(at) || !starts.has(at + length);
  });
  expect(
    astray.map(({ where, text, address }) => `${where} ${text} at ${hex(address)}`),
    turned,
  ).toEqual([]);

  const linked = object.relocations.get('.text') ?? [];
  for (const { address, bytes } of program.data) {
    const at = Number(address - program.base);
    if (at >= end || linked.some(({ offset }) => offset >= at && offset < at + bytes.length)) continue;
    if (bytes.every((byte) => decode(Uint8Array.of(byte), address)?.text === 'nop')) continue;
    expect([hex(at), dump(text.subarray(at, at + bytes.length))]).toEqual([hex(at), dump(bytes)]);
  }
}

/** Bytes between one label and the next. */
export function pieces(object: ElfObject, section: string, label: string, count: number): Uint8Array[] {
  const labels = labelsOf(object, section);
  const bytes = object.sections.get(section) ?? new Uint8Array(0);
  return Array.from({ length: count }, (_, index) =>
    bytes.subarray(labels[`${label}_${index}`], labels[`${label}_${index + 1}`] ?? labels[`${label}_end`]),
  );
}
