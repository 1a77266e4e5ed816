// SPDX-License-Identifier: MIT
/** Registers that user mode has only in part: which bits are compared, and what the others must be for both to be alike. */
import type { Qemu } from '../../../backend/contract.js';
import type { RegisterTable } from '../../../machine/instruction-set.js';

const ALL = 0xffff_ffff_ffff_ffffn;

export class UserRegisters {
  /** Bits of each register that user mode has; none of those it does not have at all. */
  readonly masks: readonly bigint[];
  readonly #settable: readonly bigint[];
  readonly #others: readonly bigint[];

  constructor({ names }: RegisterTable, { registers, hidden }: Qemu) {
    const bits = names.map((name) => registers[name]);
    this.masks = bits.map((there, index) => {
      if (hidden.includes(names[index] as string)) return 0n;
      return typeof there === 'object' ? there.mask : ALL;
    });
    this.#settable = bits.map((there) => (typeof there === 'object' ? (there.settable ?? there.mask) : ALL));
    this.#others = bits.map((there) => (typeof there === 'object' ? (there.others ?? 0n) : 0n));
  }

  /** A copy with what user mode has in bits that nobody can set. */
  normal(registers: BigUint64Array): BigUint64Array {
    const normal = registers.slice();
    for (const [index, mask] of this.masks.entries())
      if (mask !== 0n && mask !== ALL)
        normal[index] =
          ((normal[index] as bigint) & (this.#settable[index] as bigint)) | (this.#others[index] as bigint);
    return normal;
  }
}
