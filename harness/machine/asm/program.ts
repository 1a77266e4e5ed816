// SPDX-License-Identifier: MIT
/**
 * Assembled text: symbols, placed instructions compiled to closures, data bytes. A program holds no state
 * of a run: one program serves any number of machines.
 */
import type { InstructionSet, Op } from '../instruction-set.js';
import type { ByteOrder } from '../types.js';
import { AsmError } from './error.js';
import { Expander, type Expansion } from './expander.js';
import { Layout, type PlacedBytes, type PlacedInstruction } from './layout.js';
import { preprocess } from './preprocessor.js';
import { Selector } from './select.js';
import { type SourceFile, Text } from './text.js';

export interface AssembleOptions {
  /** Assembled one after the other as one translation unit. */
  readonly sources: readonly SourceFile[];
  readonly instructions: InstructionSet;
  /** Preprocessor definitions: `CONFIG_…`. */
  readonly defines: Readonly<Record<string, string | number | bigint>>;
  /** Symbols with constant values (asm-offsets). Preprocessor conditions may name them too. */
  readonly constants: Readonly<Record<string, number | bigint>>;
  /** Addresses of symbols defined elsewhere: C functions, kernel data. */
  readonly externals: ReadonlyMap<string, bigint>;
  /** Address of the first byte. */
  readonly base: bigint;
  readonly byteOrder: ByteOrder;
}

/** An instruction at an address, ready to run. */
export interface Code {
  readonly address: bigint;
  /** Bytes. */
  readonly length: number;
  /** Source text, macro arguments substituted. */
  readonly text: string;
  /** `file:line`; '' for text made from bytes. */
  readonly where: string;
  readonly op: Op;
}

/** Instructions and bytes to put at their addresses. */
export interface Image {
  readonly code: readonly Code[];
  readonly data: readonly PlacedBytes[];
  /** Bytes from the first to beyond the last item. */
  readonly size: number;
}

interface SymbolExtent {
  readonly name: string;
  readonly start: bigint;
  readonly end: bigint;
}

/** @throws AsmError */
export function assemble(options: AssembleOptions): Program {
  return new Program(options);
}

export class Program {
  readonly base: bigint;
  /** First address after the program. */
  readonly end: bigint;
  readonly byteOrder: ByteOrder;
  readonly code: readonly Code[];
  readonly data: readonly PlacedBytes[];
  /** Labels of the text, without `.L` and numeric ones. */
  readonly symbols: ReadonlyMap<string, bigint>;
  /** Those of them that are functions to the linker: `.type name, @function`. */
  readonly functions: ReadonlySet<string>;
  private readonly extents: readonly SymbolExtent[];
  private readonly codeAt: ReadonlyMap<bigint, Code>;
  private readonly set: InstructionSet;
  private readonly selector: Selector;
  private readonly expansion: Expansion;
  private readonly layout: Layout;
  private readonly externals: ReadonlyMap<string, bigint>;
  private readonly constants: ReadonlyMap<string, bigint>;

  /** @throws AsmError */
  constructor(options: AssembleOptions) {
    const { instructions: set, constants, base, byteOrder } = options;
    this.set = set;
    this.base = base;
    this.byteOrder = byteOrder;
    this.selector = Selector.of(set);
    this.externals = options.externals;
    this.constants = new Map(Object.entries(constants).map(([name, value]) => [name, BigInt(value)]));
    const lines = preprocess(options.sources, options.defines, constants, set.comment);
    const known = (name: string): bigint | undefined => this.constants.get(name);
    this.expansion = new Expander(set.comment, known, this.selector.mnemonics).expand(lines);
    const whole = { from: 0, to: this.expansion.items.length - 1, start: base };
    const outer = (name: string): bigint | undefined => this.constants.get(name) ?? this.externals.get(name);
    this.layout = new Layout(this.expansion, whole, set, this.selector, byteOrder, outer);
    this.end = this.layout.end;
    this.code = this.layout.instructions.map(compile);
    this.data = this.layout.data;
    this.codeAt = new Map(this.code.map((code) => [code.address, code]));
    const labels = [...this.expansion.labels].filter(([name]) => !name.startsWith('.L'));
    this.symbols = new Map(labels.map(([name, index]) => [name, this.layout.addresses[index] as bigint]));
    this.functions = new Set([...this.expansion.functions].filter((name) => this.symbols.has(name)));
    this.extents = this.measure();
  }

  /** What a `.discard.…` section says: the values of each of its statements, in order. */
  notes(section: string): readonly (readonly bigint[])[] {
    return this.layout.notes.filter((note) => note.section === section).map(({ values }) => values);
  }

  /** The instruction placed at exactly this address. */
  at(address: bigint): Code | undefined {
    return this.codeAt.get(address);
  }

  /** The instructions that begin in [from, to), in order of address. */
  within(from: bigint, to: bigint): readonly Code[] {
    const first = this.code.findIndex(({ address }) => address >= from);
    const beyond = this.code.findIndex(({ address }) => address >= to);
    return first < 0 ? [] : this.code.slice(first, beyond < 0 ? undefined : beyond);
  }

  /** Value of a label, constant or external symbol. */
  symbol(name: string): bigint | undefined {
    return this.symbols.get(name) ?? this.constants.get(name) ?? this.externals.get(name);
  }

  /** The nearest symbol at or below an address of the text, as far as the symbol extends. */
  symbolOf(address: bigint): { readonly name: string; readonly offset: number } | undefined {
    if (address < this.base || address >= this.end) return undefined;
    const found = this.extents.findLast((e) => e.start <= address && address < e.end);
    return found && { name: found.name, offset: Number(address - found.start) };
  }

  /**
   * One instruction from text, as if it stood at `here`; symbols of the program may be named.
   * @throws AsmError naming `where`
   */
  parse(text: string, here: bigint): Code {
    const source = { file: '(decoded bytes)', text };
    const whole = Text.of(source, text, 0);
    const mnemonic = /^\S+/.exec(text)?.[0] ?? '';
    const operands = whole.slice(mnemonic.length).trim().split(',');
    const texts = operands.map((operand) => operand.text);
    const found = this.selector.select(mnemonic.toLowerCase(), texts, here, (name) => this.symbol(name));
    if (!('row' in found)) throw AsmError.at(operands[found.operand] ?? whole, 0, found.message, found.hint);
    const { row, values } = found;
    return { address: here, length: row.length(values), text, where: '', op: row.compile(values, here) };
  }

  /**
   * The statements of [from, to) assembled anew at `at`. Labels of the range move along, one at `to`
   * included; symbols in `redirect` have the given value; all others stay where they are.
   * `patched`: bytes that stand in for the instructions at these addresses.
   * @throws RangeError when the range does not lie on statement boundaries. @throws AsmError
   */
  copy(
    from: bigint,
    to: bigint,
    at: bigint,
    redirect: ReadonlyMap<string, bigint>,
    patched: ReadonlyMap<bigint, Uint8Array>,
  ): Image {
    const { addresses } = this.layout;
    const { items } = this.expansion;
    const { first, last } = this.range(from, to);
    const range = {
      from: first,
      to: last,
      start: at,
      around: addresses,
      instead: (index: number): Uint8Array | undefined =>
        items[index]?.kind === 'instruction' ? patched.get(addresses[index] as bigint) : undefined,
    };
    const layout = new Layout(
      this.redirected(redirect),
      range,
      this.set,
      this.selector,
      this.byteOrder,
      (name) => redirect.get(name) ?? this.symbol(name),
    );
    return { code: layout.instructions.map(compile), data: layout.data, size: Number(layout.end - at) };
  }

  /**
   * The same statements as text for an assembler: labels and instructions of [from, to) without macros, and the
   * addresses of all labels outside of it.
   * @throws RangeError as {@link copy}
   */
  copySource(
    from: bigint,
    to: bigint,
    patched: ReadonlyMap<bigint, Uint8Array>,
  ): { readonly text: string; readonly symbols: ReadonlyMap<string, bigint> } {
    const { first, last } = this.range(from, to);
    const { items, labels, numbers } = this.expansion;
    const { addresses } = this.layout;
    const symbols = new Map<string, bigint>();
    /** Numeric labels outside of the range get names: what is assembled has them not. */
    const named = (text: string, at: number) =>
      text.replace(/\b(\d+)([bf])\b/g, (reference, number: string, way: string) => {
        const places = numbers.get(number) ?? [];
        const index =
          way === 'f' ? places.find((place) => place > at) : places.findLast((place) => place <= at);
        if (index === undefined || (index >= first && index <= last)) return reference;
        symbols.set(`label_${number}_${index}`, addresses[index] as bigint);
        return `label_${number}_${index}`;
      });
    const lines = items.slice(first, last + 1).map((item, index) => {
      const bytes = patched.get(addresses[first + index] as bigint);
      if (item.kind === 'label') return `${item.number ?? item.name}:`;
      if (item.kind === 'set' || item.kind === 'size') return '';
      return item.kind === 'instruction' && bytes !== undefined
        ? `\t.byte ${[...bytes].join(', ')}`
        : `\t${named(item.at.text, first + index)}`;
    });
    for (const [name, index] of labels)
      if (index < first || index > last) symbols.set(name, addresses[index] as bigint);
    for (const [name, value] of this.externals) symbols.set(name, value);
    return { text: `${lines.join('\n')}\n`, symbols };
  }

  /** Indices of the first and last item in [from, to), a label at `to` included. */
  private range(from: bigint, to: bigint): { readonly first: number; readonly last: number } {
    const { addresses } = this.layout;
    const first = addresses.indexOf(from);
    const beyond = addresses.findIndex((address) => address > to);
    let last = (beyond < 0 ? addresses.length : beyond) - 1;
    const { items } = this.expansion;
    while (last >= first && addresses[last] === to && items[last]?.kind !== 'label') last--;
    if (first < 0 || from > to || !(to === this.end || addresses.includes(to))) {
      throw new RangeError(`no statements begin at 0x${from.toString(16)} and end at 0x${to.toString(16)}`);
    }
    return { first, last };
  }

  /** The expansion with redirected names taken out of it, so that the outer lookup answers for them. */
  private redirected(redirect: ReadonlyMap<string, bigint>): Expansion {
    if (redirect.size === 0) return this.expansion;
    const without = <T>(map: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
      new Map([...map].filter(([name]) => !redirect.has(name)));
    const { labels, assignments } = this.expansion;
    return { ...this.expansion, labels: without(labels), assignments: without(assignments) };
  }

  /** Symbols in order of address, the first of equals; each reaches to the next, or as far as its `.size` says. */
  private measure(): SymbolExtent[] {
    const sorted = [...this.symbols].sort(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0));
    const starts = [...new Set(sorted.map(([, start]) => start))];
    const first = sorted.filter(([, start], i) => start !== sorted[i - 1]?.[1]);
    return first.map(([name, start]) => {
      const size = this.layout.sizes.get(name);
      const next = starts.find((other) => other > start) ?? this.end;
      return { name, start, end: size === undefined ? next : start + size };
    });
  }
}

function compile({ address, length, item, selected }: PlacedInstruction): Code {
  const { file, line } = item.at.position();
  const text = item.at.text.replace(/\s+/g, ' ');
  return {
    address,
    length,
    text,
    where: `${file}:${line}`,
    op: selected.row.compile(selected.values, address),
  };
}
