// SPDX-License-Identifier: MIT
/** Registers of the interpreter whose places are looked up once, alone or together. */
import { REGISTER_POISON_HIGH, registerPoisonLow } from './poison.js';
import type { Register, RegisterGroup } from './types.js';

/** Which 32-bit half of a 64-bit word comes first on the machine that we run on. */
const LOW = new Uint32Array(BigUint64Array.of(1n).buffer)[0] === 1 ? 0 : 1;

export class Group implements RegisterGroup {
  readonly #halves: Uint32Array;

  /** @param places of the names in `file`, the register file */
  constructor(
    readonly names: readonly string[],
    private readonly places: readonly number[],
    private readonly file: BigUint64Array,
  ) {
    this.#halves = new Uint32Array(file.buffer);
  }

  read(): bigint[] {
    const { file, places } = this;
    const values: bigint[] = [];
    for (let i = 0; i < places.length; i++) values.push(file[places[i] as number] as bigint);
    return values;
  }

  write(values: readonly bigint[]): void {
    const { file, places } = this;
    for (let i = 0; i < places.length; i++) file[places[i] as number] = values[i] ?? 0n;
  }

  holds(values: readonly bigint[]): boolean {
    const { file, places } = this;
    for (let i = 0; i < places.length; i++) if (file[places[i] as number] !== values[i]) return false;
    return true;
  }

  poison(epoch: number): void {
    const { places } = this;
    for (let i = 0; i < places.length; i++) {
      const place = places[i] as number;
      this.#halves[2 * place + LOW] = registerPoisonLow(place, epoch);
      this.#halves[2 * place + 1 - LOW] = REGISTER_POISON_HIGH;
    }
  }
}

export class Single implements Register {
  constructor(
    private readonly place: number,
    private readonly file: BigUint64Array,
  ) {}

  get value(): bigint {
    return this.file[this.place] as bigint;
  }

  set value(value: bigint) {
    this.file[this.place] = value;
  }
}
