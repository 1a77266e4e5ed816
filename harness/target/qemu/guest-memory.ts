// SPDX-License-Identifier: MIT
/**
 * Memory of a guest through the memory of its emulator, which is mapped at a known distance (proc(5): /proc/pid/mem):
 * a tenth of the time of the remote protocol. Read-only text can be written too.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { RspError } from './rsp/error.js';

/** What is to be read and written; the remote protocol is the other way. */
export interface GuestMemory {
  /** Fills `into`. */
  read(address: bigint, into: Uint8Array): void;
  write(address: bigint, bytes: Uint8Array): void;
  close(): void;
}

/** Host address of guest address 0: what QEMU is started with as `-B`. */
export const GUEST_BASE = 0x1000_0000_0000n;

/**
 * @throws Error where the system does not let a process read its child. Reads and writes throw RspError `closed` once that
 * has ended
 */
export function processMemory(pid: number): GuestMemory {
  const file = openSync(`/proc/${pid}/mem`, 'r+');
  return {
    read: (address, into) => {
      done(readSync(file, into, 0, into.length, GUEST_BASE + address), into.length);
    },
    write: (address, bytes) => {
      done(writeSync(file, bytes, 0, bytes.length, Number(GUEST_BASE + address)), bytes.length);
    },
    close: () => closeSync(file),
  };
}

/** Of a process that has ended there is no memory. */
function done(count: number, length: number): void {
  if (count !== length) throw new RspError('closed', 'its process has ended');
}
