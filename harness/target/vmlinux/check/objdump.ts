// SPDX-License-Identifier: MIT
/** Text of an image as llvm-objdump reads it, from an ELF file wrapped round the pieces that are asked for. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ByteOrder } from '../../../machine/types.js';
import { VmlinuxError } from '../error.js';

export interface Piece {
  readonly name: string;
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

export const OBJDUMP = 'llvm-objdump-19';

const [FILE_HEADER, SECTION_HEADER] = [64, 64];
const SHF_ALLOC_EXECINSTR = 6n;
const [SHT_PROGBITS, SHT_STRTAB] = [1, 3];

/** A relocatable file with a section for each piece, at its address. */
export function wrapped(
  pieces: readonly Piece[],
  elf: { machine: number; flags: number },
  order: ByteOrder,
): Uint8Array {
  const names = ['', ...pieces.map(({ name }) => name), '.shstrtab'];
  const strings = Buffer.from(`${names.join('\0')}\0`, 'latin1');
  const data = pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const headers = FILE_HEADER + data + strings.length;
  const file = new Uint8Array(headers + SECTION_HEADER * names.length);
  const view = new DataView(file.buffer);
  const little = order === 'little';
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, little ? 1 : 2, 1]);
  view.setUint16(16, 2, little);
  view.setUint16(18, elf.machine, little);
  view.setUint32(20, 1, little);
  view.setBigUint64(40, BigInt(headers), little);
  view.setUint32(48, elf.flags, little);
  view.setUint16(52, FILE_HEADER, little);
  view.setUint16(58, SECTION_HEADER, little);
  view.setUint16(60, names.length, little);
  view.setUint16(62, names.length - 1, little);
  let [at, nameAt] = [FILE_HEADER, 1];
  const section = (
    index: number,
    name: string,
    type: number,
    flags: bigint,
    address: bigint,
    bytes: Uint8Array,
  ) => {
    file.set(bytes, at);
    const header = headers + SECTION_HEADER * index;
    view.setUint32(header, nameAt, little);
    view.setUint32(header + 4, type, little);
    view.setBigUint64(header + 8, flags, little);
    view.setBigUint64(header + 16, address, little);
    view.setBigUint64(header + 24, BigInt(at), little);
    view.setBigUint64(header + 32, BigInt(bytes.length), little);
    view.setBigUint64(header + 48, 1n, little);
    at += bytes.length;
    nameAt += name.length + 1;
  };
  for (const [index, { name, address, bytes }] of pieces.entries()) {
    section(index + 1, name, SHT_PROGBITS, SHF_ALLOC_EXECINSTR, address, bytes);
  }
  section(names.length - 1, '.shstrtab', SHT_STRTAB, 0n, 0n, strings);
  return file;
}

/** Instruction texts by piece. @throws VmlinuxError `environment` where the tool is missing or refuses */
export function disassemble(
  pieces: readonly Piece[],
  elf: { machine: number; flags: number },
  order: ByteOrder,
  options: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'ftrace-conform-'));
  try {
    const file = join(directory, 'text.elf');
    writeFileSync(file, wrapped(pieces, elf, order));
    const { error, status, stdout, stderr } = spawnSync(
      OBJDUMP,
      ['-d', '--no-show-raw-insn', ...options, file],
      {
        encoding: 'utf8',
        maxBuffer: 1 << 26,
        timeout: 60_000,
      },
    );
    if (error !== undefined || status !== 0) {
      const why =
        (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
          ? 'is not installed; Debian package llvm-19'
          : stderr.trim();
      throw new VmlinuxError('environment', `${OBJDUMP} ${why}`);
    }
    return parseListing(stdout);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** `Disassembly of section NAME:` and lines `address: \t mnemonic operands`. */
export function parseListing(text: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of text.split('\n')) {
    const section = /^Disassembly of section (.+):$/.exec(line);
    if (section) {
      lines = [];
      found.set(section[1] as string, lines);
    }
    const instruction = /^\s*[0-9a-f]+:\s+(\S.*)$/.exec(line);
    if (instruction) lines.push((instruction[1] as string).replace(/\s+/g, ' ').trim());
  }
  return found;
}
