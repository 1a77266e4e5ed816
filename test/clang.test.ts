// SPDX-License-Identifier: MIT
/**
 * The second reader of everything written as assembler text: clang 19. From the very sources that the interpreter
 * runs it makes labels and instructions at the same places; what the back-ends write as bytes is what it makes of
 * their text; and it knows every instruction of every table.
 */
import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { backend as arm64 } from '../backends/arm64/index.js';
import { backend as loongarch } from '../backends/loongarch/index.js';
import { backend as powerpc } from '../backends/powerpc/index.js';
import { backend as riscv } from '../backends/riscv/index.js';
import { backend as s390 } from '../backends/s390/index.js';
import { backend as x86_64 } from '../backends/x86_64/index.js';
import type { Backend, Revision } from '../harness/backend/contract.js';
import { RETURN } from '../harness/backend/smoke/build.js';
import { loadBackend } from './backend.js';
import { arm64 as arm64Assembly } from './clang/arch/arm64.js';
import { loongarch as loongarchAssembly } from './clang/arch/loongarch.js';
import { powerpc as powerpcAssembly } from './clang/arch/powerpc.js';
import { riscv as riscvAssembly } from './clang/arch/riscv.js';
import { s390 as s390Assembly } from './clang/arch/s390.js';
import { x86_64 as x86_64Assembly } from './clang/arch/x86_64.js';
import type { Assembly } from './clang/assembly.js';
import { type ElfObject, readElf } from './clang/elf.js';
import { addressesOf, labelled, noting, type Variant, variants } from './clang/subject.js';
import { assembleWithClang, instructionStarts, missingTools } from './clang/tools.js';
import { relativeText, type Word, wordsOf } from './clang/words.js';

const SUBJECTS: readonly (readonly [Backend, Assembly])[] = [
  [arm64, arm64Assembly],
  [loongarch, loongarchAssembly],
  [powerpc, powerpcAssembly],
  [riscv, riscvAssembly],
  [s390, s390Assembly],
  [x86_64, x86_64Assembly],
];

const WORDS = '.conform.words';
const SNIPPETS = '.conform.snippets';

const hex = (value: number | bigint) => `0x${value.toString(16)}`;
const dump = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** Labels of a section of the object; those with `$` and `.L` are the assembler's own. */
function labelsOf({ symbols }: ElfObject, section: string): Record<string, number> {
  const own = symbols.filter((symbol) => symbol.section === section && !/^(\$|\.L)/.test(symbol.name));
  return Object.fromEntries(own.map(({ name, value }) => [name, value]));
}

/** The text of one translation unit: the sources themselves, then single instructions. */
function unit({ build, header }: Variant, words: readonly string[], snippets: readonly string[]): string {
  const section = (name: string, label: string, texts: readonly string[]) =>
    `\t.section ${name},"ax",@progbits\n${labelled(label, texts)}`;
  const includes = build.loaded.sources.map(({ file }) => `\t.text\n#include "${file}"\n`);
  return [header, ...includes, section(WORDS, 'word', words), section(SNIPPETS, 'snippet', snippets)].join(
    '',
  );
}

/** Labels and instructions of the sources lie where the interpreter has them, and data are the same bytes, but for padding. */
async function expectSamePlaces({ build }: Variant, file: Uint8Array): Promise<void> {
  const { program } = build;
  const { decode } = build.loaded.backend.instructions;
  const object = readElf(file);
  const text = object.sections.get('.text') ?? new Uint8Array(0);
  const end = Number((program.symbols.get(RETURN) as bigint) - program.base);
  const labels = [...program.symbols].filter(([name]) => name !== RETURN);
  const places = (list: readonly (readonly [string, number])[]) =>
    Object.fromEntries([...list].sort().map(([name, at]) => [name, hex(at)]));
  expect(places(Object.entries(labelsOf(object, '.text')))).toEqual(
    places(labels.map(([name, address]) => [name, Number(address - program.base)])),
  );
  expect(text.length).toBe(end);

  const starts = new Set([...(await instructionStarts(file, '.text')), end]);
  const code = program.code.filter(({ address }) => address - program.base < end);
  expect(code.length).toBeGreaterThan(20);
  const astray = code.filter(({ address, length }) => {
    const at = Number(address - program.base);
    return !starts.has(at) || !starts.has(at + length);
  });
  expect(astray.map(({ where, text, address }) => `${where} ${text} at ${hex(address)}`)).toEqual([]);

  const linked = object.relocations.get('.text') ?? [];
  for (const { address, bytes } of program.data) {
    const at = Number(address - program.base);
    if (at >= end || linked.some((place) => place >= at && place < at + bytes.length)) continue;
    if (bytes.every((byte) => decode(Uint8Array.of(byte), address)?.text === 'nop')) continue;
    expect([hex(at), dump(text.subarray(at, at + bytes.length))]).toEqual([hex(at), dump(bytes)]);
  }
}

/** Bytes between one label and the next. */
function pieces(object: ElfObject, section: string, label: string, count: number): Uint8Array[] {
  const labels = labelsOf(object, section);
  const bytes = object.sections.get(section) ?? new Uint8Array(0);
  return Array.from({ length: count }, (_, index) =>
    bytes.subarray(labels[`${label}_${index}`], labels[`${label}_${index + 1}`] ?? labels[`${label}_end`]),
  );
}

const missing = missingTools();
if (missing === null) {
  test('every back-end is here', () => {
    expect(SUBJECTS.map(([{ arch }]) => arch)).toEqual(
      readdirSync(new URL('../backends', import.meta.url)).sort(),
    );
  });
  for (const [backend, assembly] of SUBJECTS) describe(backend.arch, () => suite(backend, assembly));
} else if ((process.env.CI ?? '') !== '') {
  test('clang 19 is here', () => expect.fail(missing));
} else {
  console.warn(`Skipped: nothing is assembled by clang: ${missing}`);
  test.skip(missing);
}

function suite(backend: Backend, assembly: Assembly): void {
  const note = noting(loadBackend(backend));
  const prepared = new Map<
    Revision,
    { readonly variants: readonly Variant[]; readonly words: readonly Word[] }
  >();
  const options = [`--target=${backend.qemu.triple}`, ...assembly.options];
  const { snippets } = assembly;
  const encodings = assembly.encodings(backend.abi.memory.text);

  beforeAll(() => {
    const seen = new Set<string>();
    for (const revision of backend.revisions) {
      const list = variants(note.loaded, revision, seen);
      const [modelled] = list;
      prepared.set(revision, {
        variants: list,
        words: modelled === undefined ? [] : wordsOf(modelled.build),
      });
    }
  }, 60_000);

  test.concurrent.each([...backend.revisions])('%s', { timeout: 60_000 }, async (revision) => {
    const { variants: list, words } = prepared.get(revision) ?? { variants: [], words: [] };
    const all = [...words, ...encodings];
    const texts = all.map(({ text }) => assembly.spelling(text));
    expect(words.length).toBeGreaterThan(2);

    const objects = await Promise.all(
      list.map(async (variant) => {
        const file = await assembleWithClang(options, unit(variant, texts, snippets.map(assembly.spelling)));
        await expectSamePlaces(variant, file);
        return readElf(file);
      }),
    );

    const object = objects[0] as ElfObject;
    expect(object.relocations.get(WORDS)).toBeUndefined();
    const assembled = pieces(object, WORDS, 'word', all.length);
    expect(all.map(({ text }, index) => [text, dump(assembled[index] ?? new Uint8Array(0))])).toEqual(
      all.map(({ text, bytes }) => [text, dump(bytes)]),
    );
    expect(labelsOf(object, SNIPPETS)).toEqual(addressesOf(note, 'snippet', snippets));
  });

  test('what decode() says of the encoders’ bytes', () => {
    const here = backend.abi.memory.text;
    for (const { bytes, text } of encodings) {
      const decoded = backend.instructions.decode(bytes, here);
      if (decoded?.length === bytes.length) expect(relativeText(decoded.text, here)).toBe(text);
    }
  });

  test('every row of the instruction table is among what clang has read', () => {
    addressesOf(note, 'snippet', snippets);
    const rest = backend.instructions.table.filter((row) => !note.taken.has(row));
    expect(rest.map((row) => `${row.mnemonic} ${row.operands.map(({ name }) => name).join(', ')}`)).toEqual(
      [],
    );
  });
}
