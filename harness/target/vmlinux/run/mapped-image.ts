// SPDX-License-Identifier: MIT
/**
 * A kernel image in the memory of a process: at an address that user mode has, with everything at its distance. It is as
 * it was linked: nothing in it has been relocated, and no alternative has been patched in.
 */
import type { Config, ImageText, Vmlinux } from '../../../backend/contract.js';
import type { RegionSpec } from '../../../machine/memory.js';
import type { Machine } from '../../../machine/types.js';
import type { Foreign } from '../../qemu/foreign.js';
import { VmlinuxError } from '../error.js';
import { Reader } from '../image/bytes.js';
import type { KernelImage } from '../image/image.js';

const PAGE = 0x1000n;
const wholePages = (bytes: bigint) => (bytes + PAGE - 1n) & ~(PAGE - 1n);
/** Zeroed data behind what the file holds, where no symbol tells its end. */
const ZEROED = 0x40_0000n;
/** Behind its end, no symbol is that of an address. */
const FURTHEST = 0x1_0000;

export class MappedImage implements Foreign, ImageText {
  readonly region: RegionSpec;
  readonly bytes: Uint8Array;
  /** From link address to address. */
  readonly #shift: bigint;
  readonly #reader: Reader;
  readonly #end: bigint;
  /** Addresses, ascending, and the names there. */
  readonly #sorted: readonly { readonly address: bigint; readonly name: string }[];
  readonly #distances: ReadonlyMap<bigint, string>;
  /** Where symbols of ours lie. */
  readonly symbols: ReadonlyMap<string, bigint>;
  /** Symbols of ours that nothing here stands for. */
  readonly missing: readonly string[];

  /** @throws VmlinuxError for an image that does not fit below what lies behind it */
  constructor(
    readonly image: KernelImage,
    readonly vmlinux: Vmlinux,
    readonly config: Config,
  ) {
    const { run } = vmlinux;
    const start = run.at(config.revision);
    this.#shift = start - vmlinux.base(config.revision);
    const from = image.base + this.#shift;
    const size = wholePages(this.#sizeOf(image));
    this.#end = from + size;
    if (from < run.memory.text && this.#end > run.memory.text)
      throw new VmlinuxError('unsupported', `an image of ${size} bytes: too large to be run`);
    this.region = { name: 'kernel image', kind: 'text', start: from, size: Number(size) };
    this.bytes = new Uint8Array(Number(size));
    this.bytes.set(image.bytes);
    this.#reader = new Reader(this.bytes, image.order, 'image');
    const stands = run.stands(config);
    const found = new Map<string, bigint>();
    for (const [ours, theirs] of Object.entries(stands)) {
      const address = theirs.map((name) => this.find(name)).find((one) => one !== undefined);
      if (address !== undefined) found.set(ours, address);
    }
    this.symbols = found;
    for (const [name, address] of run.located?.(this) ?? []) found.set(name, address);
    this.missing = Object.keys(stands).filter((name) => !found.has(name));
    const ours = new Map([...found].map(([name, address]) => [address, name]));
    this.#sorted = image.symbols.all
      .map(({ name, address }) => ({ name, address: address + this.#shift }))
      .filter(({ address }) => this.holds(address))
      .map(({ name, address }) => ({ address, name: ours.get(address) ?? name }))
      .sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
    this.#distances = run.distances?.(this) ?? new Map();
  }

  #sizeOf({ base, bytes, symbols }: KernelImage): bigint {
    const held = BigInt(bytes.length);
    const end = symbols.find('_end')?.address;
    const told = end === undefined ? held + ZEROED : end - base;
    return told > held ? told : held;
  }

  holds(address: bigint): boolean {
    return address >= this.region.start && address < this.#end;
  }

  original(address: bigint, length: number): Uint8Array {
    const at = Number(address - this.region.start);
    return this.bytes.subarray(at, at + length);
  }

  /** What the image begins with instead. */
  put(address: bigint, word: bigint): void {
    const view = new DataView(this.bytes.buffer);
    view.setBigUint64(Number(address - this.region.start), word, this.image.order === 'little');
  }

  find(name: string): bigint | undefined {
    const address = this.image.symbols.find(name)?.address;
    if (address === undefined) return undefined;
    const moved = address + this.#shift;
    return this.holds(moved) ? moved : undefined;
  }

  symbol(name: string): bigint {
    const address = this.symbols.get(name) ?? this.find(name);
    if (address === undefined) throw new RangeError(`the image has no symbol ${name}`);
    return address;
  }

  word(address: bigint, bytes: 1 | 2 | 4 | 8): bigint {
    const at = Number(address - this.region.start);
    if (bytes === 8) return this.#reader.u64(at);
    return BigInt(
      bytes === 4 ? this.#reader.u32(at) : bytes === 2 ? this.#reader.u16(at) : this.#reader.u8(at),
    );
  }

  /** The last symbol at or in front of an address, ours where one stands for it. */
  symbolOf(address: bigint): { readonly name: string; readonly offset: number } | undefined {
    if (!this.holds(address)) return undefined;
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle]?.address as bigint) <= address) low = middle + 1;
      else high = middle;
    }
    const last = this.#sorted[low - 1];
    if (last === undefined) return undefined;
    const offset = Number(address - last.address);
    return offset < FURTHEST ? { name: last.name, offset } : undefined;
  }

  emulate(machine: Machine, at: bigint): boolean {
    const word = Number(machine.loadWord(at, 4));
    const found = this.vmlinux.run.privileged.find(({ mask, value }) => (word & mask) >>> 0 === value);
    if (found === undefined) return false;
    machine.pc = BigInt.asUintN(64, found.execute(machine, word, at));
    return true;
  }

  copy(bytes: Uint8Array, from: bigint, at: bigint, redirect: ReadonlyMap<string, bigint>): Uint8Array {
    const copied = bytes.slice();
    const view = new DataView(copied.buffer);
    const little = this.image.order === 'little';
    for (const [place, name] of this.#distances) {
      const offset = Number(place - from);
      if (offset < 0 || offset + 4 > copied.length) continue;
      // Counted from behind the distance itself.
      const target = redirect.get(name) ?? this.symbol(name);
      view.setInt32(offset, Number(BigInt.asIntN(32, target - (at + BigInt(offset + 4)))), little);
    }
    return copied;
  }
}
