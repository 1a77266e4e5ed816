// SPDX-License-Identifier: MIT
/**
 * Registers as compiled C code treats them: which a call preserves, and fresh poison in all others whenever C
 * code has run.
 */
import type { Machine, RegisterGroup } from '../../machine/types.js';
import type { Host } from './host.js';

/** Values of the registers that a call preserves, in the order of {@link Registers.preserved}. */
export type Preserved = readonly bigint[];

interface Groups {
  /** Registers a call must preserve, besides SP. */
  readonly preserved: RegisterGroup;
  /** What C code may clobber. */
  readonly clobbered: RegisterGroup;
  readonly clobberedButLink: RegisterGroup;
  readonly local: RegisterGroup;
  readonly arguments: RegisterGroup;
}

/** Of each machine: sessions come and go on it. */
const groups = new WeakMap<Machine, Groups>();

function groupsOf({ machine, backend: { abi }, config }: Host): Groups {
  let known = groups.get(machine);
  if (known === undefined) {
    const { callerSaved, linkRegister } = abi;
    known = {
      preserved: machine.group([...abi.calleeSaved, ...abi.reserved]),
      clobbered: machine.group(callerSaved),
      clobberedButLink: machine.group(callerSaved.filter((register) => register !== linkRegister)),
      local: machine.group(abi.localArguments?.(config) ?? []),
      arguments: machine.group(abi.argumentRegisters),
    };
    groups.set(machine, known);
  }
  return known;
}

export class Registers {
  readonly #groups: Groups;
  #epoch = 1;

  constructor(host: Host) {
    this.#groups = groupsOf(host);
  }

  /** What registers hold that may be arguments by a convention of the compiler's own: see {@link Abi.localArguments}. */
  local(): readonly bigint[] {
    return this.#groups.local.read();
  }

  /** Those of them that hold something else now. */
  localChangedSince(values: readonly bigint[]): readonly string[] {
    return changed(this.#groups.local, values);
  }

  /** The argument registers, first argument first. */
  arguments(): bigint[] {
    return this.#groups.arguments.read();
  }

  save(): Preserved {
    return this.#groups.preserved.read();
  }

  restore(values: Preserved): void {
    this.#groups.preserved.write(values);
  }

  /** Preserved registers that hold something else now. */
  changedSince(values: Preserved): readonly string[] {
    return changed(this.#groups.preserved, values);
  }

  /** The saved value of one of them. */
  valueIn(values: Preserved, register: string): bigint | undefined {
    return values[this.#groups.preserved.names.indexOf(register)];
  }

  /** Fresh poison in everything C code may clobber; where there is a link register, its value survives on request. */
  clobber(keepLink = false): void {
    const { clobbered, clobberedButLink } = this.#groups;
    (keepLink ? clobberedButLink : clobbered).poison(++this.#epoch);
  }
}

function changed(group: RegisterGroup, values: readonly bigint[]): readonly string[] {
  if (group.holds(values)) return [];
  const now = group.read();
  return group.names.filter((_, index) => now[index] !== values[index]);
}
