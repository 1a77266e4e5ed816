// SPDX-License-Identifier: MIT
/** A kernel image as a machine's memory: to be read, at link addresses. Nothing runs and nothing is written. */
import { type Machine, MachineFault } from '../../../machine/types.js';
import { Reader } from '../image/bytes.js';
import type { KernelImage } from '../image/image.js';

/** Whether [address, address + length) is in the image. */
export function holds({ base, bytes }: KernelImage, address: bigint, length: number): boolean {
  return address >= base && address + BigInt(length) <= base + BigInt(bytes.length);
}

export function textMachine(image: KernelImage): Machine {
  const reader = new Reader(image.bytes, image.order, 'image');
  const at = (address: bigint, length: number) => {
    if (holds(image, address, length)) return Number(address - image.base);
    throw new MachineFault('fault', `${length} bytes at 0x${address.toString(16)} are not in the image`);
  };
  const refuse = (): never => {
    throw new MachineFault('fault', 'an image does not run');
  };
  return {
    pc: 0n,
    read: refuse,
    write: refuse,
    register: refuse,
    group: refuse,
    save: refuse,
    restore: refuse,
    load: (address, length) => reader.slice(at(address, length), length).slice(),
    store: refuse,
    loadWord(address, width) {
      const place = at(address, width);
      if (width === 8) return reader.u64(place);
      return BigInt(width === 4 ? reader.u32(place) : width === 2 ? reader.u16(place) : reader.u8(place));
    },
    storeWord: refuse,
    run: refuse,
    setCallout: refuse,
    poison: refuse,
    copyText: refuse,
    reset: refuse,
    trace: refuse,
  };
}
