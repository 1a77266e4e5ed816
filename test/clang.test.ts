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
import { readElf } from '../harness/target/qemu/elf-file.js';
import { loadBackend } from './backend.js';
import { arm64 as arm64Assembly } from './clang/arch/arm64.js';
import { loongarch as loongarchAssembly } from './clang/arch/loongarch.js';
import { powerpc as powerpcAssembly } from './clang/arch/powerpc.js';
import { riscv as riscvAssembly } from './clang/arch/riscv.js';
import { s390 as s390Assembly } from './clang/arch/s390.js';
import { x86_64 as x86_64Assembly } from './clang/arch/x86_64.js';
import type { Assembly } from './clang/assembly.js';
import { dump, expectSamePlaces, labelsOf, pieces, SNIPPETS, unit, WORDS } from './clang/places.js';
import { addressesOf, noting, type Variant, variants } from './clang/subject.js';
import { assembleWithClang, missingTools } from './clang/tools.js';
import { relativeText, wordsOf } from './clang/words.js';

const SUBJECTS: readonly (readonly [Backend, Assembly])[] = [
  [arm64, arm64Assembly],
  [loongarch, loongarchAssembly],
  [powerpc, powerpcAssembly],
  [riscv, riscvAssembly],
  [s390, s390Assembly],
  [x86_64, x86_64Assembly],
];

/** Milliseconds for a machine that does other things too. */
const PATIENCE = 60_000;

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
  const variantsAt = new Map<Revision, readonly Variant[]>();
  const options = [`--target=${backend.qemu.triple}`, ...assembly.options];
  const { snippets } = assembly;
  const here = backend.abi.memory.text;
  const encodings = assembly.encodings(here);
  const modelled = () => [...variantsAt.values()].map(([first]) => first as Variant);

  beforeAll(() => {
    const seen = new Set<string>();
    for (const revision of backend.revisions) variantsAt.set(revision, variants(note.loaded, revision, seen));
  }, PATIENCE);

  test.concurrent.each([...backend.revisions])('sources at %s', { timeout: PATIENCE }, async (revision) => {
    const list = variantsAt.get(revision) ?? [];
    expect(list.length).toBeGreaterThan(0);
    for (const variant of list) {
      await expectSamePlaces(variant, await assembleWithClang(options, unit(variant, [], [])));
    }
  });

  test('call sites, encoders and single instructions', { timeout: PATIENCE }, async () => {
    const words = [...modelled().flatMap(({ build }) => wordsOf(build)), ...encodings];
    const texts = words.map(({ text }) => assembly.spelling(text));
    const around = modelled().at(-1) as Variant;
    const file = await assembleWithClang(options, unit(around, texts, snippets.map(assembly.spelling)));
    const object = readElf(file);
    expect(object.relocations.get(WORDS)).toBeUndefined();
    expect(
      pieces(object, WORDS, 'word', words.length).map((bytes, index) => [texts[index], dump(bytes)]),
    ).toEqual(words.map(({ bytes }, index) => [texts[index], dump(bytes)]));
    expect(labelsOf(object, SNIPPETS)).toEqual(addressesOf(note, 'snippet', snippets));
  });

  test('decode() reads the encoders’ bytes as what is written by hand', () => {
    for (const { bytes, text } of encodings) {
      const decoded = backend.instructions.decode(bytes, here);
      if (decoded?.length === bytes.length) expect(relativeText(decoded.text, here)).toBe(text);
    }
  });

  test('every row of the instruction table is among what clang has read', () => {
    for (const { build } of modelled()) wordsOf(build);
    addressesOf(note, 'snippet', snippets);
    const rest = backend.instructions.table.filter((row) => !note.taken.has(row));
    const forms = rest.map(
      ({ mnemonic, operands }) => `${mnemonic} ${operands.map(({ name }) => name).join(', ')}`,
    );
    expect(forms).toEqual([]);
  });
}
