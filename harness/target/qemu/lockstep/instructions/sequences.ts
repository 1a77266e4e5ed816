// SPDX-License-Identifier: MIT
/**
 * Short sequences over a whole instruction table, as one more source behind those of a kernel. What clang does not take, or
 * makes longer or shorter than the interpreter, is left out and told.
 */
import type { LoadedBackend, Revision } from '../../../../backend/contract.js';
import { AsmError } from '../../../../machine/asm/error.js';
import { Selector } from '../../../../machine/asm/select.js';
import { buildKernel, type Kernel } from '../../../kernel.js';
import { type Assembled, assembleText } from '../../assemble.js';
import { ToolError } from '../../tools.js';
import { Chance, seedFor } from '../chance.js';
import { rowName } from '../noting.js';
import { type Flavour, flavourOf } from './flavour.js';
import { Samples, type Symbols } from './samples.js';

export interface Sequence {
  readonly name: string;
  /** Row that it is for. */
  readonly row: number;
  readonly texts: readonly string[];
  /** Place of the row's own among the texts. */
  readonly own: number;
  /** Which kind of symbol its operands name. */
  readonly variant: number;
}

export interface Refused {
  readonly text: string;
  readonly why: string;
}

export interface Generated {
  readonly kernel: Kernel;
  readonly assembled: Assembled;
  readonly sequences: readonly Sequence[];
  readonly refused: readonly Refused[];
}

/** Name of the source, and of its labels. */
const FILE = 'generated';
const LABEL = 'generated';
export const startOf = ({ name }: Sequence) => `${name}_start`;
export const endOf = ({ name }: Sequence) => `${name}_end`;

/** Rounds of leaving out what clang refuses. */
const ROUNDS = 60;

/**
 * @param loaded of which kernels are made
 * @param each sequences for each row
 * @throws ToolError, AsmError where more is wrong than single instructions
 */
export function generate(loaded: LoadedBackend, revision: Revision, each: number, seed: number): Generated {
  const { memory } = loaded.backend.qemu;
  const plain = buildKernel(loaded, revision, memory);
  let sequences = sequencesFor(plain, each, seed);
  const refused: Refused[] = [];
  for (let round = 0; ; round++) {
    const source = sourceOf(sequences, plain);
    try {
      const kernel = buildKernel(
        { ...loaded, sources: [...loaded.sources, { file: FILE, text: source.text }] },
        revision,
        memory,
      );
      const located = { kernel, sequences, source };
      const assembled = assembledOr(located);
      if (!('kept' in assembled)) return { kernel, assembled, sequences, refused };
      sequences = assembled.kept;
      refused.push(...told(assembled));
    } catch (error) {
      if (!(error instanceof AsmError)) throw error;
      const bad = mentioned(error.render(), source.lines);
      if (bad.length === 0 || round === ROUNDS) throw error;
      const left = without(sequences, bad, error.message, false);
      sequences = left.kept;
      refused.push(...told(left));
    }
    if (round === ROUNDS)
      throw new ToolError(`${refused.length} instructions refused, and still there are more`);
  }
}

interface Source {
  readonly text: string;
  /** Sequence of each line, from line 1 on at index 0. */
  readonly lines: readonly (Sequence | null)[];
}

/** @throws ToolError that names no instruction */
function assembledOr(located: {
  readonly kernel: Kernel;
  readonly sequences: readonly Sequence[];
  readonly source: Source;
}): Assembled | Kept {
  const { kernel, sequences, source } = located;
  try {
    return assembleText({ ...kernel, sources: kernel.sources.map((one) => forClang(kernel, one)) });
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const why = error.message;
    const shown = [...why.matchAll(/\.L(\w+)_(\d+):/g)].map(([, name, place]) => ({
      name,
      place: Number(place),
    }));
    if (shown.length > 0) {
      const kept = sequences.flatMap((one) => {
        const places = shown.filter(({ name }) => name === one.name).map(({ place }) => place);
        if (places.includes(one.own)) return [];
        const texts = one.texts.filter((_, index) => !places.includes(index));
        const own = one.own - places.filter((place) => place < one.own).length;
        return isSound({ ...one, texts, own }) ? [{ ...one, texts, own }] : [];
      });
      const texts = shown.flatMap(
        ({ name, place }) => sequences.find((one) => one.name === name)?.texts[place] ?? [],
      );
      return { kept, texts, why };
    }
    const bad = mentioned(why, source.lines);
    let isLength = false;
    // A label at another place: what lies before it has another length.
    const [, label] = /clang has (\w+) at/.exec(why) ?? [];
    const index = sequences.findIndex((one) => startOf(one) === label || endOf(one) === label);
    if (index >= 0) {
      isLength = true;
      const one = sequences[startOf(sequences[index] as Sequence) === label ? index - 1 : index];
      if (one !== undefined) bad.push(one);
    }
    // The linker tells offsets.
    for (const [, offset = ''] of why.matchAll(/\.text\+0x([0-9a-f]+)/gi)) {
      const at = kernel.program.base + BigInt(`0x${offset}`);
      const one = sequences.findLast((each) => (kernel.program.symbols.get(startOf(each)) ?? 0n) <= at);
      if (one !== undefined) bad.push(one);
    }
    if (bad.length === 0) throw error;
    return without(sequences, bad, why, isLength);
  }
}

/** What executes another instruction must not be told to execute itself. */
const isSound = (one: Sequence) => one.own > 0 || one.texts[0]?.includes(startOf(one)) !== true;

/** The same source, with what clang needs to make the encodings of the table. */
function forClang({ backend }: Kernel, source: Kernel['sources'][number]): Kernel['sources'][number] {
  if (source.file !== FILE) return source;
  const spelled = (text: string) =>
    backend.qemu.spelling.reduce((spelling, [pattern, instead]) => spelling.replace(pattern, instead), text);
  const lines = source.text.split('\n').map((line) => {
    const [label = '', text] = line.split('\t');
    return text === undefined ? line : `${label}\t${spelled(text)}`;
  });
  return { ...source, text: lines.join('\n') };
}

function mentioned(message: string, lines: Source['lines']): Sequence[] {
  return [...message.matchAll(new RegExp(`${FILE}:(\\d+)`, 'g'))].flatMap(
    ([, line]) => lines[Number(line) - 1] ?? [],
  );
}

/** What is left of sequences, and what was left out. */
interface Kept {
  readonly kept: Sequence[];
  readonly texts: readonly string[];
  readonly why: string;
}

const told = ({ texts, why }: Kept): Refused[] =>
  texts.map((text) => ({ text, why: why.split('\n')[0] ?? '' }));

/** @param all whether others of the same row with the same kind of symbol are no better */
function without(sequences: readonly Sequence[], bad: readonly Sequence[], why: string, all: boolean): Kept {
  const known = new Set(bad);
  const alone = bad.filter(({ texts }) => all && texts.length === 1);
  const kinds = new Set(alone.map(({ row, variant }) => `${row} ${variant}`));
  return {
    kept: sequences.filter((one) => !known.has(one) && !kinds.has(`${one.row} ${one.variant}`)),
    texts: [...known].map(({ texts }) => texts.join('; ')),
    why,
  };
}

/** Names of registers that sources define as those with a prefix, as compilers know them; others are defined so too. */
const BARE_NAME = /^#define[ \t]+(\w+)[ \t]+%\1$/gm;

function definitions({ backend, sources }: Pick<Kernel, 'backend' | 'sources'>): string[] {
  const defined = new Set(
    sources.flatMap(({ text }) => [...text.matchAll(BARE_NAME)].map(([, name]) => name)),
  );
  if (defined.size === 0) return [];
  const { names } = backend.instructions.registers;
  return names.filter((name) => !defined.has(name)).map((name) => `#define ${name} %${name}`);
}

function sourceOf(sequences: readonly Sequence[], kernel: Kernel): Source {
  const back = kernel.backend.abi.returnInstruction;
  const lines: (Sequence | null)[] = [];
  const text: string[] = [];
  const put = (line: string, sequence: Sequence | null) => {
    text.push(line);
    lines.push(sequence);
  };
  for (const line of definitions(kernel)) put(line, null);
  put('\t.balign 64', null);
  for (const sequence of sequences) {
    put(`${startOf(sequence)}:`, sequence);
    // What clang objects to, it shows: with a label that tells what it is of.
    for (const [index, one] of sequence.texts.entries())
      put(`.L${sequence.name}_${index}:\t${one}`, sequence);
    put(`${endOf(sequence)}:`, sequence);
    put(`\t${back}`, sequence);
  }
  return { text: `${text.join('\n')}\n`, lines };
}

function sequencesFor(kernel: Kernel, each: number, seed: number): Sequence[] {
  const { instructions, abi } = kernel.backend;
  const { table } = instructions;
  const chance = new Chance(seedFor(seed, `${kernel.backend.arch} instructions`));
  const here = kernel.program.end + 0x1000n;
  const samples = new Samples(instructions, chance, here);
  const inC = (address: bigint) => address >= abi.memory.c && address < abi.memory.data;
  const cells = [...kernel.externals].filter(([, at]) => at >= abi.memory.data).map(([name]) => name);
  const functions = [...kernel.externals].filter(([, at]) => inC(at)).map(([name]) => name);
  const made = (row: number, name: string, flavour: Flavour, variant: number) => {
    const own = flavour === 'execute' ? `${name}_start` : `${name}_end`;
    // Near labels first; where they do not do, or make another encoding, those of C functions.
    const target =
      flavour === 'data' || flavour === 'trap'
        ? variant === 1
          ? cells
          : [own]
        : variant === 1
          ? [own]
          : functions;
    const values = new Map([...kernel.externals, [`${name}_start`, here], [`${name}_end`, here + 16n]]);
    const symbols: Symbols = { target, values };
    return samples.instruction(table[row] as (typeof table)[number], symbols);
  };
  const flavours = table.map((row, index): Flavour => {
    for (const [flavour, variant] of [
      ['jump', 1],
      ['jump', 2],
      ['data', 1],
    ] as const) {
      const text = made(index, LABEL, flavour, variant);
      if (text === null) continue;
      const mnemonic = /^\S+/.exec(text)?.[0] ?? '';
      const rest = text.slice(mnemonic.length).trim();
      const found = Selector.of(instructions).select(row.mnemonic, operandsOf(rest), here, (name) =>
        name.startsWith(LABEL) ? here : kernel.externals.get(name),
      );
      if ('row' in found) return flavourOf(row, found.values, instructions.registers.names.length, chance);
    }
    return 'data';
  });
  const plain = table.flatMap((_, index) => (flavours[index] === 'data' ? [index] : []));
  const sequences: Sequence[] = [];
  for (const row of table.keys()) {
    for (let count = 0; count < each; count++) {
      const name = `${LABEL}_${sequences.length}`;
      const flavour = flavours[row] as Flavour;
      const variant = flavour === 'jump' ? 1 + (count % 2) : 1;
      const text =
        made(row, name, flavour, variant) ??
        (flavour === 'execute' ? null : made(row, name, flavour, 3 - variant));
      if (text === null) continue;
      const others = (many: number) =>
        Array.from({ length: many }, () => made(chance.pick(plain), name, 'data', 1)).filter(
          (other) => other !== null,
        );
      const before = flavour === 'execute' ? others(1) : others(count % 3 === 2 ? 2 : 0);
      // Where a trap is said to have stopped may be behind it, and must not be where all ends.
      const texts = [...before, text, ...others(flavour === 'trap' ? 1 : count % 3)];
      const one = { name, row, texts, own: before.length, variant };
      if (isSound(one)) sequences.push(one);
    }
  }
  return sequences;
}

/** Operands of a text, as the assembler tells them apart. */
export function operandsOf(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at <= text.length; at++) {
    const character = text[at] ?? ',';
    if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  return parts.length === 1 && parts[0] === '' ? [] : parts;
}

/** Rows without a sequence. */
export function lackingRows(kernel: Kernel, sequences: readonly Sequence[]): string[] {
  const have = new Set(sequences.map(({ row }) => row));
  return kernel.backend.instructions.table.flatMap((row, index) => (have.has(index) ? [] : [rowName(row)]));
}
