// SPDX-License-Identifier: MIT
/** Words as bytes of memory. */
import type { ByteOrder, Width } from '../../machine/types.js';

/** In the target's order, without a new array for each that is loaded. */
export class WordBytes {
  readonly #bytes = new Uint8Array(8);
  readonly #view = new DataView(this.#bytes.buffer);
  readonly #little: boolean;

  constructor(order: ByteOrder) {
    this.#little = order === 'little';
  }

  /** To be filled; {@link value} then reads them. */
  bytes(width: Width): Uint8Array {
    return width === 8 ? this.#bytes : this.#bytes.subarray(0, width);
  }

  /** Zero-extended. */
  value(width: Width): bigint {
    switch (width) {
      case 8:
        return this.#view.getBigUint64(0, this.#little);
      case 4:
        return BigInt(this.#view.getUint32(0, this.#little));
      case 2:
        return BigInt(this.#view.getUint16(0, this.#little));
      default:
        return BigInt(this.#bytes[0] as number);
    }
  }

  /** A copy. */
  of(value: bigint, width: Width): Uint8Array {
    this.#view.setBigUint64(0, BigInt.asUintN(8 * width, value), this.#little);
    return this.#little ? this.#bytes.slice(0, width) : this.#bytes.slice(8 - width);
  }
}
