// SPDX-License-Identifier: MIT
/**
 * Guest memory: a few regions with nothing mapped between them, byte-exact in the architecture's byte
 * order. Remembers which pages were written, so that going back to the pristine state is cheap.
 */
import { memoryPoison } from './poison.js';
import { type ByteOrder, MachineFault, type Width } from './types.js';

export interface RegionSpec {
  readonly name: string;
  /** `text` is executable and closed to stores of the guest; `stack` starts as poison, others as zero. */
  readonly kind: 'text' | 'data' | 'stack';
  /** Multiple of 8. The region must not cross a multiple of 4 GiB. */
  readonly start: bigint;
  /** Bytes, a multiple of 8. */
  readonly size: number;
}

const PAGE_SHIFT = 8;
const PAGE = 1 << PAGE_SHIFT;

/** A mapped region. `low` and `high` are the halves of its start address. */
export class Region {
  readonly low: number;
  readonly high: number;
  readonly size: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Whether guest stores are allowed. */
  readonly writable: boolean;
  private readonly pristine: Uint8Array;
  private readonly dirty: Uint8Array;
  private readonly dirtyPages: number[] = [];

  constructor(
    readonly spec: RegionSpec,
    private readonly byteOrder: ByteOrder,
  ) {
    const { name, start, size, kind } = spec;
    if (start % 8n !== 0n || size % 8 !== 0 || size <= 0) {
      throw new RangeError(`region ${name}: start and size must be multiples of 8`);
    }
    if (start < 0n || start >> 32n !== (start + BigInt(size) - 1n) >> 32n || start >> 64n !== 0n) {
      throw new RangeError(`region ${name}: must not cross a multiple of 4 GiB`);
    }
    this.low = Number(start & 0xffff_ffffn);
    this.high = Number(start >> 32n);
    this.size = size;
    this.writable = kind !== 'text';
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
    this.dirty = new Uint8Array((size + PAGE - 1) >> PAGE_SHIFT);
    if (kind === 'stack') this.fill(this.bytes, 0, size);
    this.pristine = this.bytes.slice();
  }

  holds(address: bigint): boolean {
    return address >= this.spec.start && address < this.spec.start + BigInt(this.size);
  }

  /** Notes a store of at most a page. */
  touch(offset: number, length: number): void {
    const page = offset >> PAGE_SHIFT;
    if (this.dirty[page] === 0) this.mark(page);
    const last = (offset + length - 1) >> PAGE_SHIFT;
    if (last !== page && this.dirty[last] === 0) this.mark(last);
  }

  write(offset: number, bytes: Uint8Array): void {
    this.bytes.set(bytes, offset);
    this.touchAll(offset, bytes.length);
  }

  /** Fills [from, to) with the poison of its words. */
  poison(from: number, to: number): void {
    if (this.spec.kind === 'stack') {
      // A stack's pristine state is its poison: nothing is left to undo.
      this.bytes.set(this.pristine.subarray(from, to), from);
      return;
    }
    this.fill(this.bytes, from, to);
    this.touchAll(from, to - from);
  }

  private fill(bytes: Uint8Array, from: number, to: number): void {
    const little = this.byteOrder === 'little';
    const whole = new DataView(bytes.buffer, bytes.byteOffset);
    const word = new Uint8Array(8);
    const view = new DataView(word.buffer);
    for (let at = from & ~7; at < to; at += 8) {
      const poison = memoryPoison(this.spec.start + BigInt(at));
      if (at >= from && at + 8 <= to) {
        whole.setBigUint64(at, poison, little);
        continue;
      }
      view.setBigUint64(0, poison, little);
      const start = Math.max(at, from);
      bytes.set(word.subarray(start - at, Math.min(to - at, 8)), start);
    }
  }

  /** Whether [offset, offset + length) is as it was at the last {@link seal}. */
  isPristine(offset: number, length: number): boolean {
    for (let page = offset >> PAGE_SHIFT; page <= (offset + length - 1) >> PAGE_SHIFT; page++) {
      if (this.dirty[page] !== 0) return false;
    }
    return true;
  }

  /** Makes the present bytes those which {@link reset} returns to; a stack stays poison. */
  seal(): void {
    if (this.spec.kind === 'stack') return;
    for (const page of this.dirtyPages) {
      const at = page << PAGE_SHIFT;
      this.pristine.set(this.bytes.subarray(at, Math.min(at + PAGE, this.size)), at);
    }
    this.clean();
  }

  reset(): void {
    for (const page of this.dirtyPages) {
      const at = page << PAGE_SHIFT;
      this.bytes.set(this.pristine.subarray(at, Math.min(at + PAGE, this.size)), at);
    }
    this.clean();
  }

  private touchAll(offset: number, length: number): void {
    if (length <= 0) return;
    for (let page = offset >> PAGE_SHIFT; page <= (offset + length - 1) >> PAGE_SHIFT; page++) {
      if (this.dirty[page] === 0) this.mark(page);
    }
  }

  private mark(page: number): void {
    this.dirty[page] = 1;
    this.dirtyPages.push(page);
  }

  private clean(): void {
    for (const page of this.dirtyPages) this.dirty[page] = 0;
    this.dirtyPages.length = 0;
  }
}

export class Memory {
  readonly regions: readonly Region[];
  readonly little: boolean;
  private last: Region;
  /** Splits an address into halves without allocating. */
  private readonly address = new BigUint64Array(1);
  private readonly halves = new Uint32Array(this.address.buffer);
  private readonly lowHalf: 0 | 1;

  /** @throws RangeError for overlapping or misplaced regions. */
  constructor(specs: readonly RegionSpec[], byteOrder: ByteOrder) {
    this.little = byteOrder === 'little';
    this.regions = specs.map((spec) => new Region(spec, byteOrder));
    const sorted = [...specs].sort((a, b) => (a.start < b.start ? -1 : 1));
    sorted.forEach((spec, i) => {
      const next = sorted[i + 1];
      if (next !== undefined && spec.start + BigInt(spec.size) >= next.start) {
        throw new RangeError(
          `regions ${spec.name} and ${next.name} must have unmapped addresses between them`,
        );
      }
    });
    const first = this.regions[0];
    if (first === undefined) throw new RangeError('a machine needs at least one region');
    this.last = first;
    this.address[0] = 1n;
    this.lowHalf = this.halves[0] === 1 ? 0 : 1;
  }

  /** A load of the guest or the harness, zero-extended. @throws MachineFault */
  load(address: bigint, width: Width): bigint {
    this.address[0] = address;
    let region = this.last;
    let offset = (this.halves[this.lowHalf] as number) - region.low;
    if (this.halves[1 - this.lowHalf] !== region.high || offset < 0 || offset > region.size - width) {
      region = this.find(width, 'load');
      offset = (this.halves[this.lowHalf] as number) - region.low;
    }
    switch (width) {
      case 8:
        return region.view.getBigUint64(offset, this.little);
      case 4:
        return BigInt(region.view.getUint32(offset, this.little));
      case 2:
        return BigInt(region.view.getUint16(offset, this.little));
      default:
        return BigInt(region.bytes[offset] as number);
    }
  }

  /** A store of the guest, truncated to the width. @throws MachineFault */
  store(address: bigint, width: Width, value: bigint): void {
    if (!this.put(address, width, value))
      throw new MachineFault('fault', `store of ${bytesOf(width)} to read-only text ${hex(address)}`);
  }

  /** The same; false, and nothing is stored, where guests may not write. @throws MachineFault if it is not mapped */
  put(address: bigint, width: Width, value: bigint): boolean {
    this.address[0] = address;
    let region = this.last;
    let offset = (this.halves[this.lowHalf] as number) - region.low;
    if (this.halves[1 - this.lowHalf] !== region.high || offset < 0 || offset > region.size - width) {
      region = this.find(width, 'store');
      offset = (this.halves[this.lowHalf] as number) - region.low;
    }
    if (!region.writable) return false;
    region.touch(offset, width);
    switch (width) {
      case 8:
        region.view.setBigUint64(offset, value, this.little);
        break;
      case 4:
        region.view.setUint32(offset, Number(BigInt.asUintN(32, value)), this.little);
        break;
      case 2:
        region.view.setUint16(offset, Number(BigInt.asUintN(16, value)), this.little);
        break;
      default:
        region.bytes[offset] = Number(BigInt.asUintN(8, value));
    }
    return true;
  }

  /** Region and offset of a range that lies in one region. @throws MachineFault */
  locate(
    address: bigint,
    length: number,
    what: 'load' | 'store' | 'poison',
  ): { region: Region; offset: number } {
    this.address[0] = address;
    const region = this.find(length, what);
    return { region, offset: (this.halves[this.lowHalf] as number) - region.low };
  }

  seal(): void {
    for (const region of this.regions) region.seal();
  }

  reset(): void {
    for (const region of this.regions) region.reset();
  }

  /** The region of the address in `this.address`, remembered for the next access. */
  private find(length: number, what: string): Region {
    const low = this.halves[this.lowHalf] as number;
    const high = this.halves[1 - this.lowHalf] as number;
    const { last } = this;
    const inLast = low - last.low;
    if (high === last.high && inLast >= 0 && inLast <= last.size - length) return last;
    for (const region of this.regions) {
      const offset = low - region.low;
      if (high === region.high && offset >= 0 && offset <= region.size - length) {
        this.last = region;
        return region;
      }
    }
    const preposition = what === 'load' ? 'from' : what === 'store' ? 'to' : 'at';
    throw new MachineFault(
      'fault',
      `${what} of ${bytesOf(length)} ${preposition} unmapped ${hex(this.address[0] as bigint)}`,
    );
  }
}

/** `0x10`. */
export function hex(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16)}`;
}

function bytesOf(count: number): string {
  return count === 1 ? '1 byte' : `${count} bytes`;
}
