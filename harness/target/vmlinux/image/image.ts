// SPDX-License-Identifier: MIT
/** A kernel file as the flat image that the linker laid out: bytes by link address, and symbols. */
import type { ByteOrder } from '../../../machine/types.js';
import { VmlinuxError } from '../error.js';
import { Reader } from './bytes.js';
import { type ImageKind, unpack } from './container.js';
import { type Elf, type ElfSymbol, readElf, type Segment } from './elf.js';
import { type KernelSymbol, readKallsyms } from './kallsyms.js';
import { LARGEST } from './zstd.js';

export interface KernelImage {
  readonly kind: ImageKind;
  readonly order: ByteOrder;
  /** Link address of the first byte. */
  readonly base: bigint;
  /** Everything that is linked one behind the other; gaps are zero. */
  readonly bytes: Uint8Array;
  /** What has to be mapped, in order of address: also what lies far from the rest (a per-cpu area linked at 0). */
  readonly segments: readonly Segment[];
  readonly symbols: SymbolTable;
  /** Where they come from. */
  readonly symbolsFrom: 'symtab' | 'kallsyms';
}

/** Symbols by name and by address. Of several of one name the first counts. */
export class SymbolTable {
  readonly #byName = new Map<string, KernelSymbol>();
  readonly #sorted: readonly KernelSymbol[];
  constructor(readonly all: readonly KernelSymbol[]) {
    for (const symbol of all) if (!this.#byName.has(symbol.name)) this.#byName.set(symbol.name, symbol);
    this.#sorted = all.toSorted((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  }

  get count(): number {
    return this.all.length;
  }

  /** `undefined` where there is none of that name. */
  find(name: string): KernelSymbol | undefined {
    return this.#byName.get(name);
  }

  /** Symbols at exactly this address. */
  at(address: bigint): readonly KernelSymbol[] {
    const found = [];
    for (let index = this.#from(address); this.#sorted[index]?.address === address; index++) {
      found.push(this.#sorted[index] as KernelSymbol);
    }
    return found;
  }

  /** Address of the next symbol behind that address; `undefined` behind the last. */
  after(address: bigint): bigint | undefined {
    return this.#sorted[this.#from(address + 1n)]?.address;
  }

  /** Index of the first symbol at or behind the address. */
  #from(address: bigint): number {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle] as KernelSymbol).address < address) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Segments further apart than this are not one image. */
const NEAR = 1n << 30n;

/**
 * @param base link address of an image without program headers
 * @param order of such an image
 * @throws VmlinuxError
 */
export function readImage(file: Uint8Array, base: bigint, order: ByteOrder): KernelImage {
  const { kind, bytes } = unpack(file);
  if (bytes[0] === 0x7f && bytes[1] === 0x45) return fromElf(kind, readElf(bytes));
  const { symbols } = readKallsyms(new Reader(bytes, order, 'image'), base);
  const segments = [{ address: base, bytes, size: bytes.length }];
  return { kind, order, base, bytes, segments, symbols: new SymbolTable(symbols), symbolsFrom: 'kallsyms' };
}

function fromElf(kind: ImageKind, elf: Elf): KernelImage {
  const segments = elf.segments.toSorted((a, b) => (a.address < b.address ? -1 : 1));
  const { base, bytes } = flat(segments);
  const { order } = elf.reader;
  const listed = elf.symbols();
  const symbols =
    listed.length > 0
      ? listed.map(fromSymtab)
      : readKallsyms(new Reader(bytes, order, 'image'), base).symbols;
  const symbolsFrom = listed.length > 0 ? 'symtab' : 'kallsyms';
  return { kind, order, base, bytes, segments, symbols: new SymbolTable(symbols), symbolsFrom };
}

const fromSymtab = ({ name, address, text }: ElfSymbol): KernelSymbol => ({
  name,
  address,
  type: text ? 'T' : 'D',
});

/** The segments near the largest, in one piece. */
function flat(segments: readonly Segment[]): { base: bigint; bytes: Uint8Array } {
  const [largest] = segments.toSorted((a, b) => b.bytes.length - a.bytes.length);
  if (largest === undefined) throw new VmlinuxError('malformed', 'an ELF file without anything to load');
  const near = segments.filter(({ address, bytes }) => {
    const distance = address - largest.address;
    return bytes.length > 0 && distance < NEAR && -distance < NEAR;
  });
  const base = (near[0] as Segment).address;
  const size = Math.max(...near.map((one) => Number(one.address - base) + one.bytes.length));
  if (size > LARGEST) throw new VmlinuxError('unsupported', `an image of ${size} bytes: too large`);
  const bytes = new Uint8Array(size);
  for (const one of near) bytes.set(one.bytes, Number(one.address - base));
  return { base, bytes };
}
