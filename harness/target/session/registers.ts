// SPDX-License-Identifier: MIT
/**
 * Registers as compiled C code treats them: which a call preserves, and fresh poison in all others whenever C
 * code has run.
 */
import type { Abi } from '../../backend/contract.js';
import { registerPoison } from '../../machine/poison.js';
import type { Host } from './host.js';

/** Values of the registers that a call preserves, in the order of {@link Registers.preserved}. */
export type Preserved = readonly bigint[];

interface Lists {
  readonly preserved: readonly string[];
  readonly clobbered: readonly (readonly [register: string, index: number])[];
}

/** Of each architecture. */
const lists = new WeakMap<Abi, Lists>();

export class Registers {
  /** Registers a call must preserve, besides SP. */
  readonly preserved: readonly string[];
  /** What C code may clobber, with the number that its poison names it by. */
  readonly #clobbered: readonly (readonly [register: string, index: number])[];
  #epoch = 1;

  constructor(readonly host: Host) {
    const { abi, registers } = host.backend;
    let known = lists.get(abi);
    if (known === undefined) {
      const number = (register: string) => registers.names.indexOf(register);
      known = {
        preserved: [...abi.calleeSaved, ...abi.reserved],
        clobbered: abi.callerSaved.map((register) => [register, number(register)]),
      };
      lists.set(abi, known);
    }
    this.preserved = known.preserved;
    this.#clobbered = known.clobbered;
  }

  /** Registers that may be arguments by a convention of the compiler's own, with what they hold. */
  local(): ReadonlyMap<string, bigint> {
    const { machine, backend, config } = this.host;
    const names = backend.abi.localArguments?.(config) ?? [];
    return new Map(names.map((register) => [register, machine.read(register)]));
  }

  save(): Preserved {
    const { machine } = this.host;
    return this.preserved.map((register) => machine.read(register));
  }

  restore(values: Preserved): void {
    const { machine } = this.host;
    this.preserved.forEach((register, index) => {
      machine.write(register, values[index] ?? 0n);
    });
  }

  /** Preserved registers that hold something else now. */
  changedSince(values: Preserved): string[] {
    const { machine } = this.host;
    return this.preserved.filter((register, index) => machine.read(register) !== values[index]);
  }

  /** The saved value of one of them. */
  valueIn(values: Preserved, register: string): bigint | undefined {
    return values[this.preserved.indexOf(register)];
  }

  /** Fresh poison in everything C code may clobber; where there is a link register, its value survives on request. */
  clobber(keepLink = false): void {
    const { machine, backend } = this.host;
    const link = keepLink ? backend.abi.linkRegister : null;
    this.#epoch++;
    for (const [register, index] of this.#clobbered) {
      if (register !== link) machine.write(register, registerPoison(index, this.#epoch));
    }
  }
}
