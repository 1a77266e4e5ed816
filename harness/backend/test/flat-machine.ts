// SPDX-License-Identifier: MIT
/** For tests of tables: memory and registers that hold what they are given, and nothing that runs. */
import type { ByteOrder, Machine } from '../../machine/types.js';

/** All memory is mapped and zero; unknown registers read as 0. */
export function flatMachine(order: ByteOrder): Machine {
  const memory = new Map<bigint, number>();
  const registers = new Map<string, bigint>();
  const refuse = (): never => {
    throw new Error('a flat machine does not run');
  };
  const load = (address: bigint, length: number) =>
    Uint8Array.from({ length }, (_, index) => memory.get(address + BigInt(index)) ?? 0);
  const store = (address: bigint, bytes: Uint8Array) => {
    for (const [index, byte] of bytes.entries()) memory.set(address + BigInt(index), byte);
  };
  return {
    pc: 0n,
    read: (register) => registers.get(register) ?? 0n,
    write: (register, value) => void registers.set(register, BigInt.asUintN(64, value)),
    register: refuse,
    group: refuse,
    save: refuse,
    restore: refuse,
    load,
    store,
    loadWord: (address, width) => {
      const bytes = [...load(address, width)];
      if (order === 'little') bytes.reverse();
      return bytes.reduce((word, byte) => (word << 8n) | BigInt(byte), 0n);
    },
    storeWord: (address, width, value) => {
      const bytes = Array.from({ length: width }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));
      store(address, Uint8Array.from(order === 'little' ? bytes : bytes.reverse()));
    },
    run: refuse,
    setCallout: refuse,
    poison: refuse,
    copyText: refuse,
    reset: refuse,
    trace: refuse,
  };
}
