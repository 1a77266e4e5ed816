// SPDX-License-Identifier: MIT
/**
 * The kernel of a subject as machine code: clang assembles the very sources that the interpreter reads. Every label must
 * come to lie where the interpreter has it: the two are then talked about in the same addresses.
 */
import type { Kernel } from '../kernel.js';
import { type Relocation, readElf } from './elf-file.js';
import { assemble, link, ToolError } from './tools.js';

/** Definitions for an assembler that has no bare register names: all other macros are gone from what is copied. */
export const BARE_NAMES = /^#define[ \t]+(\w+)[ \t]+%\1$/gm;

/** Kconfig symbols and offsets, for the preprocessor and for names that assembler macros put together. */
export function header({ backend, config }: Kernel): string {
  const constants = Object.entries(backend.layouts.asmOffsets(config));
  return [
    ...[...config.on].map((name) => `#define CONFIG_${name} 1\n`),
    ...constants.map(([name, value]) => `\t.set ${name}, ${value}\n#define ${name} ${value}\n`),
  ].join('');
}

/** Address of the TOC base, where there is one. */
export const tocOf = ({ backend, externals }: Kernel) =>
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
