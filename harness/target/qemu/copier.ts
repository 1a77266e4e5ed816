// SPDX-License-Identifier: MIT
/** Machine code of copies of text, as kernels make them while they run: trampolines of an ops, direct trampolines far away. */
import type { Kernel } from '../kernel.js';
import { type Assembled, BARE_NAMES, header, tocOf } from './assemble.js';
import { readElf } from './elf-file.js';
import { assemble, link } from './tools.js';

/** Makes what {@link Program.copy} makes, as machine code. */
export class Copier {
  /** Of what has to be assembled: objects, which go anywhere. */
  readonly #objects = new Map<
    string,
    { readonly object: Uint8Array; readonly symbols: ReadonlyMap<string, bigint> }
  >();

  /** Cases make the same ones over and over. */
  readonly #copies = new Map<string, Uint8Array>();

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
    const bytes = [...patched].map(([address, instead]) => `${address}:${instead.join()}`);
    const key = [from, to, at, ...[...redirect].map((pair) => pair.join('=')), ...bytes].join(' ');
    const known = this.#copies.get(key);
    if (known !== undefined) return known;
    const code =
      this.#moved(from, to, at, redirect, patched) ?? this.#linked(from, to, at, redirect, patched);
    this.#copies.set(key, code);
    return code;
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
