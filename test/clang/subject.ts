// SPDX-License-Identifier: MIT
/**
 * What the interpreter makes of a back-end's sources in one configuration, and of single instructions: addresses of
 * labels, places and lengths of instructions, and which rows of the instruction table were taken.
 */
import type { LoadedBackend, Revision } from '../../harness/backend/contract.js';
import { type Build, build } from '../../harness/backend/smoke/build.js';
import { subjectOf } from '../../harness/backend/smoke/finding.js';
import { testedFeatures } from '../../harness/backend/smoke/tables.js';
import { preprocess } from '../../harness/machine/asm/preprocessor.js';
import { assemble } from '../../harness/machine/asm/program.js';
import type { Instruction } from '../../harness/machine/instruction-set.js';

/** A back-end whose instruction table notes which of its rows are taken. */
export interface Noting {
  readonly loaded: LoadedBackend;
  readonly taken: ReadonlySet<Instruction>;
}

export function noting(loaded: LoadedBackend): Noting {
  const taken = new Set<Instruction>();
  const { instructions } = loaded.backend;
  const table = instructions.table.map((row) => ({
    ...row,
    compile: (values: readonly unknown[], here: bigint) => {
      taken.add(row);
      return row.compile(values, here);
    },
  }));
  const backend = { ...loaded.backend, instructions: { ...instructions, table } };
  return { loaded: { ...loaded, backend }, taken };
}

/** The sources in one configuration. */
export interface Variant {
  /** The feature that is turned against the modelled configuration: `EXPOLINE=y`; `''`: none. */
  readonly turned: string;
  readonly build: Build;
  /**
   * `#define` of every feature that is on, and of every constant of asm-offsets. Those are symbols too: a name that
   * an assembler macro puts together has passed the preprocessor by.
   */
  readonly header: string;
}

/**
 * The modelled configuration, and each tested feature turned alone if the preprocessor then leaves source lines which
 * are not in `seen` yet. Adds the lines of all to `seen`. @throws AsmError
 */
export function variants(loaded: LoadedBackend, revision: Revision, seen: Set<string>): Variant[] {
  const { backend, sources } = loaded;
  const subject = subjectOf(loaded, revision);
  const features = sources.flatMap((source) => testedFeatures(source).map(({ name }) => name));
  const on = subject.on();
  const turns = [...new Set(features)].map((name) => ({ [name]: !on.includes(name) }));
  return [{}, ...turns].flatMap((turned, index) => {
    const config = subject.config(turned);
    const constants = backend.layouts.asmOffsets(config);
    const defines = Object.fromEntries(subject.on(turned).map((name) => [`CONFIG_${name}`, 1]));
    const fresh = preprocess(sources, defines, constants, backend.instructions.comment)
      .filter(({ text }) => text.trim() !== '')
      .map((line) => `${line.source.file} ${line.offset(0)}`)
      .filter((line) => !seen.has(line));
    for (const line of fresh) seen.add(line);
    if (index > 0 && fresh.length === 0) return [];
    const header = [
      ...Object.keys(defines).map((name) => `#define ${name} 1\n`),
      ...Object.entries(constants).map(
        ([name, value]) => `\t.set ${name}, ${value}\n#define ${name} ${value}\n`,
      ),
    ].join('');
    const text = Object.entries(turned).map(([name, is]) => `${name}=${is ? 'y' : 'n'}`);
    return [{ turned: text.join(), build: build(loaded, config, subject.on(turned)), header }];
  });
}

/** Instruction texts, each behind a label `<label>_<n>`; one more label ends them. */
export function labelled(label: string, texts: readonly string[]): string {
  return [...texts.map((text, index) => `${label}_${index}:\n\t${text}\n`), `${label}_end:\n`].join('');
}

/** Addresses of the labels of {@link labelled} in the interpreter, from 0 on; `elsewhere` is a symbol not among them. @throws AsmError */
export function addressesOf(
  { loaded }: Noting,
  label: string,
  texts: readonly string[],
): Record<string, number> {
  const { instructions, abi } = loaded.backend;
  const { symbols } = assemble({
    sources: [{ file: label, text: labelled(label, texts) }],
    instructions,
    defines: {},
    constants: {},
    externals: new Map([['elsewhere', 0x1000n]]),
    base: 0n,
    byteOrder: abi.byteOrder,
  });
  return Object.fromEntries([...symbols].map(([name, address]) => [name, Number(address)]));
}
