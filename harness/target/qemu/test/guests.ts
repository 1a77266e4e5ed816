// SPDX-License-Identifier: MIT
/** Guests of six architectures, written by hand: a static ELF file whose text does nothing, and then nothing for ever. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface Guest {
  readonly arch: string;
  readonly emulator: string;
  readonly order: 'little' | 'big';
  /** e_machine and e_flags of the ELF header. */
  readonly elf: readonly [machine: number, flags: number];
  /** Four bytes that do nothing; a branch to itself; and what is no instruction. */
  readonly words: Readonly<Record<'nop' | 'loop' | 'illegal', string>>;
  /** Bytes of the `g` reply, the program counter's name and place in it, and a register that keeps what is written. */
  readonly registers: {
    readonly length: number;
    readonly pc: readonly [string, number];
    readonly any: string;
  };
  /** Bytes from what is no instruction to where it stops. */
  readonly past?: number;
}

/** Encodings from the ISA manuals; registers as measured with QEMU 10.0.2. */
export const GUESTS: readonly Guest[] = [
  {
    arch: 'x86_64',
    emulator: 'qemu-x86_64',
    order: 'little',
    elf: [62, 0],
    words: { nop: '0f1f4000', loop: 'ebfe9090', illegal: '0f0b0f0b' },
    registers: { length: 608, pc: ['rip', 128], any: 'rbx' },
  },
  {
    arch: 'arm64',
    emulator: 'qemu-aarch64',
    order: 'little',
    elf: [183, 0],
    words: { nop: '1f2003d5', loop: '00000014', illegal: '00000000' },
    registers: { length: 268, pc: ['pc', 256], any: 'x19' },
  },
  {
    arch: 'riscv',
    emulator: 'qemu-riscv64',
    order: 'little',
    elf: [243, 5],
    words: { nop: '13000000', loop: '6f000000', illegal: '00000000' },
    registers: { length: 264, pc: ['pc', 256], any: 's1' },
  },
  {
    arch: 'loongarch',
    emulator: 'qemu-loongarch64',
    order: 'little',
    elf: [258, 0x43],
    words: { nop: '00004003', loop: '00000050', illegal: '00000000' },
    registers: { length: 280, pc: ['pc', 264], any: 'r23' },
  },
  {
    arch: 's390',
    emulator: 'qemu-s390x',
    order: 'big',
    elf: [22, 0],
    words: { nop: '47000000', loop: 'a7f40000', illegal: '00000000' },
    registers: { length: 144, pc: ['pswa', 8], any: 'r6' },
    past: 2,
  },
  {
    arch: 'powerpc',
    emulator: 'qemu-ppc64le',
    order: 'little',
    elf: [21, 2],
    words: { nop: '00000060', loop: '00000048', illegal: '00000000' },
    registers: { length: 296, pc: ['pc', 256], any: 'r14' },
  },
];

/** Where its two pages lie: text from {@link TEXT}, ending in a branch to itself, and zeros from {@link DATA}. */
export const TEXT = 0x100000n;
export const DATA = 0x200000n;
export const DATA_BYTES = 0x10000;
/** Where nothing is. */
export const NOWHERE = 0x40000n;
/** Instructions in the text; the last but one is none, and the last branches to itself. */
export const COUNT = 6;

const PAGE = 0x10000;
const [HEADER, PROGRAM_HEADER] = [64, 56] as const;

/** Writes it for the length of a test. @returns its path */
export function guestFile(guest: Guest): string {
  const directory = mkdtempSync(join(tmpdir(), 'conform-guest-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'guest.elf');
  writeFileSync(file, elf(guest));
  chmodSync(file, 0o755);
  return file;
}

export const textOf = ({ words: { nop, loop, illegal } }: Guest): Uint8Array =>
  Buffer.from(nop.repeat(COUNT - 2) + illegal + loop, 'hex');

/** System V gABI: "ELF Header", "Program Header". */
function elf(guest: Guest): Uint8Array {
  const text = textOf(guest);
  const file = new Uint8Array(PAGE + text.length);
  const view = new DataView(file.buffer);
  const little = guest.order === 'little';
  const half = (at: number, value: number) => view.setUint16(at, value, little);
  const word = (at: number, value: number) => view.setUint32(at, value, little);
  const wide = (at: number, value: bigint | number) => view.setBigUint64(at, BigInt(value), little);
  // Magic, 64 bits, byte order, version.
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, little ? 1 : 2, 1]);
  half(16, 2); // ET_EXEC
  half(18, guest.elf[0]);
  word(20, 1);
  wide(24, TEXT);
  wide(32, HEADER);
  word(48, guest.elf[1]);
  half(52, HEADER);
  half(54, PROGRAM_HEADER);
  half(56, 2);
  const load = (
    at: number,
    flags: number,
    offset: number,
    address: bigint,
    sizes: readonly [number, number],
  ) => {
    word(at, 1); // PT_LOAD
    word(at + 4, flags);
    wide(at + 8, offset);
    wide(at + 16, address);
    wide(at + 24, address);
    wide(at + 32, sizes[0]);
    wide(at + 40, sizes[1]);
    wide(at + 48, PAGE);
  };
  load(HEADER, 5, PAGE, TEXT, [text.length, text.length]);
  load(HEADER + PROGRAM_HEADER, 6, 0, DATA, [0, DATA_BYTES]);
  file.set(text, PAGE);
  return file;
}
