// SPDX-License-Identifier: MIT
/**
 * Our registers in those of QEMU's remote protocol, and back. A register that user mode has only in part, or not at all,
 * keeps what was last written to it, as far as the part that is there does not tell otherwise.
 */
import type { Qemu } from '../../backend/contract.js';
import type { RegisterTable } from '../../machine/instruction-set.js';
import type { ByteOrder } from '../../machine/types.js';
import type { RemoteRegister } from './target-xml.js';

interface Place {
  /** Of ours. */
  readonly index: number;
  readonly offset: number;
  readonly bytes: number;
  readonly mask: bigint;
  readonly shift: bigint;
}

const ALL = 0xffff_ffff_ffff_ffffn;

export class RegisterFile {
  /** Values of ours, in the order of the register table. */
  readonly x: BigUint64Array;
  pc = 0n;
  readonly #places: readonly Place[];
  readonly #pc: Place;
  readonly #little: boolean;
  /** The `g` reply, or what was written as one. */
  #bytes: Uint8Array = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);

  /** @throws RangeError for a register that the remote protocol does not have */
  constructor(registers: RegisterTable, qemu: Qemu, remote: readonly RemoteRegister[], order: ByteOrder) {
    this.#little = order === 'little';
    this.x = new BigUint64Array(registers.names.length);
    const place = (index: number, name: string, mask: bigint, shift: number): Place => {
      const found = remote.find((candidate) => candidate.name === name);
      if (found?.offset == null || ![4, 8].includes(found.bits / 8))
        throw new RangeError(`${qemu.user} tells of no register ${name} of 32 or 64 bits`);
      return { index, offset: found.offset, bytes: found.bits / 8, mask, shift: BigInt(shift) };
    };
    this.#places = registers.names.flatMap((name, index) => {
      if (qemu.hidden.includes(name)) return [];
      const there = qemu.registers[name] ?? name;
      if (typeof there === 'string') return [place(index, there, ALL, 0)];
      return [place(index, there.register, there.mask, there.shift)];
    });
    this.#pc = place(-1, qemu.pc, ALL, 0);
  }

  /** The bits of a register of ours that user mode has. */
  get masks(): readonly bigint[] {
    const masks = Array.from(this.x, () => 0n);
    for (const { index, mask } of this.#places) masks[index] = mask;
    return masks;
  }

  /** Takes a `g` reply. */
  take(bytes: Uint8Array): void {
    this.#bytes = bytes.slice();
    this.#view = new DataView(this.#bytes.buffer);
    this.pc = this.#get(this.#pc);
    const { x } = this;
    for (const place of this.#places) {
      const { index, mask, shift } = place;
      const there = (this.#get(place) >> shift) & mask;
      if (mask === ALL || ((x[index] as bigint) & mask) !== there) x[index] = there;
    }
  }

  /** What a `G` command has to write, or `null` if QEMU has all that. The bytes are valid until the next call. */
  give(): Uint8Array | null {
    const before = this.#bytes.slice();
    this.#set(this.#pc, this.pc);
    const { x } = this;
    for (const place of this.#places) {
      const { index, mask, shift } = place;
      const ours = ((x[index] as bigint) & mask) << shift;
      this.#set(place, mask === ALL ? ours : (this.#get(place) & ~(mask << shift) & ALL) | ours);
    }
    const bytes = this.#bytes;
    return bytes.every((byte, at) => byte === before[at]) ? null : bytes;
  }

  #get({ offset, bytes }: Place): bigint {
    return bytes === 8
      ? this.#view.getBigUint64(offset, this.#little)
      : BigInt(this.#view.getUint32(offset, this.#little));
  }

  #set({ offset, bytes }: Place, value: bigint): void {
    if (bytes === 8) this.#view.setBigUint64(offset, value, this.#little);
    else this.#view.setUint32(offset, Number(value & 0xffff_ffffn), this.#little);
  }
}
