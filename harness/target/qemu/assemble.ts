// SPDX-License-Identifier: MIT
/**
 * The kernel of a subject as machine code: clang assembles the very sources that the interpreter reads. Every label must
 * come to lie where the interpreter has it: the two are then talked about in the same addresses.
 */
import type { Kernel } from '../kernel.js';
import { type Relocation, readElf } from './elf-file.js';
import { assemble, link, ToolError } from './tools.js';

/** Definitions for an assembler that has no bare register names: all other macros are gone from what is copied. */
const BARE_NAMES = /^#define[ \t]+(\w+)[ \t]+%\1$/gm;

/** Kconfig symbols and offsets, for the preprocessor and for names that assembler macros put together. */
function header({ backend, config }: Kernel): string {
  const constants = Object.entries(backend.layouts.asmOffsets(config));
  return [
    ...[...config.on].map((name) => `#define CONFIG_${name} 1\n`),
    ...constants.map(([name, value]) => `\t.set ${name}, ${value}\n#define ${name} ${value}\n`),
  ].join('');
}

/** Address of the TOC base, where there is one. */
const tocOf = ({ backend, externals }: Kernel) =>
  backend.qemu.toc === undefined ? undefined : externals.get(backend.qemu.toc);

/** Machine code of a kernel. */
export interface Assembled {
  /** From the first byte of text on. */
  readonly text: Uint8Array;
  /** What the linker filled in; offsets are from the first byte of text. */
  readonly relocations: readonly Relocation[];
}

/** @throws ToolError, also where labels lie elsewhere than in the interpreter */
export function assembleText(kernel: Kernel): Assembled {
  const { backend, program, sources, externals } = kernel;
  const parts = sources.map(({ file, text }) => `\t.text\n# 1 "${file}"\n${text}\n`);
  const object = assemble({ ...backend.qemu, text: `${header(kernel)}${parts.join('')}` });
  const file = link(object, { base: program.base, symbols: externals, toc: tocOf(kernel) });
  const { sections, symbols } = readElf(file);
  for (const { name, section, value } of symbols) {
    const ours = section === '.text' ? program.symbols.get(name) : undefined;
    if (ours !== undefined && ours !== BigInt(value))
      throw new ToolError(
        `clang has ${name} at 0x${value.toString(16)}, the interpreter at 0x${ours.toString(16)}`,
      );
  }
  const text = sections.get('.text');
  if (text === undefined) throw new ToolError(`${backend.arch}: the linked program has no text`);
  return { text: new Uint8Array(text), relocations: readElf(object).relocations.get('.text') ?? [] };
}

/** Makes what {@link Program.copy} makes, as machine code. */
export class Copier {
  /** Of what has to be assembled: objects, which go anywhere. */
  readonly #objects = new Map<
    string,
    { readonly object: Uint8Array; readonly symbols: ReadonlyMap<string, bigint> }
  >();

  constructor(
    readonly kernel: Kernel,
    readonly assembled: Assembled,
  ) {}

  /**
   * @param patched what is there by now instead of instructions
   * @throws ToolError, RangeError
   */
  copy(
    from: bigint,
    to: bigint,
    at: bigint,
    redirect: ReadonlyMap<string, bigint>,
    patched: ReadonlyMap<bigint, Uint8Array>,
  ): Uint8Array {
    return this.#moved(from, to, at, redirect, patched) ?? this.#linked(from, to, at, redirect, patched);
  }

  /**
   * As a kernel does it: the bytes, and new distances to what does not move along. `null`: there are other references
   * than such.
   */
  #moved(
    from: bigint,
    to: bigint,
    at: bigint,
    redirect: ReadonlyMap<string, bigint>,
    patched: ReadonlyMap<bigint, Uint8Array>,
  ): Uint8Array | null {
    const { backend, program, externals } = this.kernel;
    const { text, relocations } = this.assembled;
    const [first, beyond] = [Number(from - program.base), Number(to - program.base)];
    const bytes = text.slice(first, beyond);
    const view = new DataView(bytes.buffer);
    for (const { offset, type, symbol, place, addend } of relocations) {
      if (offset < first || offset >= beyond) continue;
      const there = place === null ? externals.get(symbol) : program.base + BigInt(place.value);
      const inside =
        place !== null && place.value + Number(addend) >= first && place.value + Number(addend) < beyond;
      const target = redirect.get(symbol) ?? (inside && there !== undefined ? there - from + at : there);
      if (backend.qemu.relocations[type] !== 'pc32' || target === undefined) return null;
      const distance = target + addend - (at + BigInt(offset - first));
      if (BigInt.asIntN(32, distance) !== distance) return null;
      view.setInt32(offset - first, Number(distance), backend.abi.byteOrder === 'little');
    }
    if (Object.keys(backend.qemu.relocations).length === 0) return null;
    for (const [address, instead] of patched) bytes.set(instead, Number(address - from));
    return bytes;
  }

  #linked(
    from: bigint,
    to: bigint,
    at: bigint,
    redirect: ReadonlyMap<string, bigint>,
    patched: ReadonlyMap<bigint, Uint8Array>,
  ): Uint8Array {
    const key = [from, to, ...[...patched].map(([address, bytes]) => `${address}:${bytes.join()}`)].join(' ');
    let made = this.#objects.get(key);
    if (made === undefined) {
      const { sources, backend, program } = this.kernel;
      const { text, symbols } = program.copySource(from, to, patched);
      const names = sources.flatMap((source) => source.text.match(BARE_NAMES) ?? []);
      const unit = `${header(this.kernel)}${names.join('\n')}\n\t.text\n${text}`;
      made = { object: assemble({ ...backend.qemu, text: unit }), symbols };
      this.#objects.set(key, made);
    }
    const symbols = new Map([...made.symbols, ...redirect]);
    const file = link(made.object, { base: at, symbols, toc: tocOf(this.kernel) });
    return new Uint8Array(readElf(file).sections.get('.text') ?? []);
  }
}
