// SPDX-License-Identifier: MIT
/**
 * A machine in a random state that code can run in: the stack pointer and what has a fixed meaning are valid, memory is full
 * of random words among which there are addresses of data, stack and C functions, and so are the registers.
 */
import { C_FUNCTIONS } from '../../../backend/externals.js';
import type { Kernel } from '../../kernel.js';
import type { Chance } from './chance.js';
import type { LockstepMachine } from './machine.js';

/** Bytes below and above the stack pointer that are random, and of the data behind the cells. */
const [BELOW, ABOVE, DATA] = [2048, 2048, 8192] as const;
/** From the lowest address of the stack to the stack pointer. */
const DEPTH = 0x1000n;

export class Scenery {
  readonly #callouts: readonly bigint[];
  readonly #sp: bigint;
  readonly #fixed: ReadonlyMap<string, bigint>;

  constructor(
    readonly kernel: Kernel,
    readonly chance: Chance,
    /** Further addresses to go to. */
    readonly places: readonly bigint[] = [],
  ) {
    const { abi } = kernel.backend;
    const { modulus, remainder } = abi.stackAlignment;
    this.#callouts = C_FUNCTIONS.flatMap((name) => kernel.externals.get(name) ?? []);
    this.#sp = abi.memory.stack + DEPTH + BigInt(remainder % modulus);
    const value = (told: string | bigint) =>
      typeof told === 'bigint'
        ? told
        : (kernel.externals.get(told) ?? kernel.program.symbols.get(told) ?? 0n);
    this.#fixed = new Map(
      Object.entries(abi.fixedRegisters).map(([register, told]) => [register, value(told)]),
    );
  }

  /** Where code may go and stops. */
  get callouts(): readonly bigint[] {
    return this.#callouts;
  }

  /** Sets everything up anew. */
  begin(machine: LockstepMachine): void {
    const { abi } = this.kernel.backend;
    machine.reset();
    for (const address of [...this.#callouts, ...this.places]) machine.setCallout(address);
    this.#fill(machine, this.#sp - BigInt(BELOW), BELOW + ABOVE);
    this.#fill(machine, abi.memory.data + 0x1000n, DATA);
    // A cell that the kernel's words leave empty is a pointer more often than not.
    for (const address of this.kernel.externals.values())
      if (address >= abi.memory.data && !this.kernel.words.has(address) && !this.chance.once(4))
        machine.storeWord(address, 8, this.dataAddress());
    for (const name of this.kernel.backend.instructions.registers.names) machine.write(name, this.value());
    for (const [register, value] of this.#fixed) machine.write(register, value);
    machine.write(abi.stackPointer, this.#sp);
  }

  /** Acts as C code that was called: clobbers what it may, and returns. */
  comeBack(machine: LockstepMachine): void {
    const { abi } = this.kernel.backend;
    for (const register of abi.callerSaved)
      if (register !== abi.linkRegister && !this.#fixed.has(register)) machine.write(register, this.value());
    if (abi.linkRegister !== null) {
      machine.pc = machine.read(abi.linkRegister);
      return;
    }
    const sp = machine.read(abi.stackPointer);
    machine.pc = machine.loadWord(sp, 8);
    machine.write(abi.stackPointer, sp + 8n);
  }

  /** What a register or a word of memory may hold. */
  value(): bigint {
    const { chance } = this;
    const to = [...this.#callouts, ...this.places];
    const tame = this.#tame();
    if (tame !== null) return tame;
    switch (chance.below(8)) {
      case 0:
      case 1:
        return this.dataAddress();
      case 2:
        return this.#sp - 512n + 8n * BigInt(chance.below(192));
      case 3:
      case 4:
        return chance.pick(to);
      default:
        return chance.word();
    }
  }

  /** Now and then what an instruction takes without ending the comparison. */
  #tame(): bigint | null {
    const { chance } = this;
    const [exception] = this.kernel.backend.qemu.exceptions;
    if (exception === undefined || 'fault' in exception || !chance.once(8)) return null;
    return (chance.word() & exception.within) | exception.others;
  }

  /** An address of data with random words around it. */
  dataAddress(): bigint {
    return this.kernel.backend.abi.memory.data + 0x2000n + 8n * BigInt(this.chance.below(256));
  }

  #fill(machine: LockstepMachine, from: bigint, length: number): void {
    const bytes = new Uint8Array(length);
    const view = new DataView(bytes.buffer);
    const little = this.kernel.backend.abi.byteOrder === 'little';
    for (let at = 0; at < length; at += 8) view.setBigUint64(at, this.value(), little);
    machine.store(from, bytes);
  }
}
