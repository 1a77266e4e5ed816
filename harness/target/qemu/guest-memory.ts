// SPDX-License-Identifier: MIT
/**
 * Memory of a guest through the memory of its emulator, which is mapped at a known distance (proc(5): /proc/pid/mem):
 * a tenth of the time of the remote protocol. Read-only text can be written too.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';

/** What is to be read and written; the remote protocol is the other way. */
export interface GuestMemory {
  /** Fills `into`. */
  read(address: bigint, into: Uint8Array): void;
  write(address: bigint, bytes: Uint8Array): void;
  close(): void;
}

/** Host address of guest address 0: what QEMU is started with as `-B`. */
export const GUEST_BASE = 0x1000_0000_0000n;

/** @throws Error where the system does not let a process read its child */
export function processMemory(pid: number): GuestMemory {
  const file = openSync(`/proc/${pid}/mem`, 'r+');
  return {
    read: (address, into) => {
      const count = readSync(file, into, 0, into.length, GUEST_BASE + address);
      if (count !== into.length) throw new Error(`only ${count} of ${into.length} bytes could be read`);
    },
    write: (address, bytes) => {
      const count = writeSync(file, bytes, 0, bytes.length, Number(GUEST_BASE + address));
      if (count !== bytes.length) throw new Error(`only ${count} of ${bytes.length} bytes could be written`);
    },
    close: () => closeSync(file),
  };
}
