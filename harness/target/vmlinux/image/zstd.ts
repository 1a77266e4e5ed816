// SPDX-License-Identifier: MIT
/**
 * Zstandard (RFC 8878): how far a frame goes, by walking its blocks, and what is in it, by fzstd. The walk tells a
 * frame from bytes that happen to begin like one, and what may lie behind it.
 */
import { decompress } from 'fzstd';
import { VmlinuxError } from '../error.js';
import { Reader } from './bytes.js';

export const ZSTD_MAGIC = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd);

/** Most that is made of one payload, in bytes: no kernel is as large, and a lying header may ask for anything. */
export const LARGEST = 512 * 1024 * 1024;

export interface Frame {
  /** Bytes from the magic to behind the checksum. */
  readonly length: number;
  /** Frame_Content_Size, bytes; `undefined` where the header does not say. */
  readonly content: number | undefined;
}

const BLOCK_RLE = 1;
const BLOCK_RESERVED = 3;

/** @throws VmlinuxError `malformed` where no whole frame begins at `at` */
export function zstdFrame(bytes: Uint8Array, at: number): Frame {
  const reader = new Reader(bytes, 'little', 'zstd frame');
  const bad = (why: string) => reader.malformed(at, why);
  if (reader.u32(at) !== 0xfd2fb528) throw bad('no zstd magic');
  const descriptor = reader.u8(at + 4);
  if ((descriptor & 8) !== 0) throw bad('a reserved bit is set');
  const single = (descriptor & 0x20) !== 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? (single ? 1 : 0) : 2 ** sizeFlag;
  let next = at + 5 + (single ? 0 : 1) + dictionary;
  const content = contentSize(reader, next, sizeBytes);
  next += sizeBytes;
  for (;;) {
    const header = reader.u16(next) | (reader.u8(next + 2) << 16);
    const kind = (header >> 1) & 3;
    if (kind === BLOCK_RESERVED) throw bad('a block of reserved kind');
    next += 3 + (kind === BLOCK_RLE ? 1 : header >> 3);
    if (next > bytes.length) throw bad('the last block is cut off');
    if ((header & 1) !== 0) break;
  }
  if ((descriptor & 4) !== 0) next += 4;
  if (next > bytes.length) throw bad('the checksum is cut off');
  return { length: next - at, content };
}

function contentSize(reader: Reader, at: number, bytes: number): number | undefined {
  if (bytes === 0) return undefined;
  if (bytes === 1) return reader.u8(at);
  if (bytes === 2) return reader.u16(at) + 256;
  return bytes === 4 ? reader.u32(at) : reader.offset(at);
}

/** Content of the frame at `at`. @throws VmlinuxError `malformed`, or `unsupported` for more than {@link LARGEST} */
export function unzstd(bytes: Uint8Array, at: number): Uint8Array {
  const { length, content } = zstdFrame(bytes, at);
  if ((content ?? 0) > LARGEST)
    throw new VmlinuxError('unsupported', `zstd frame of ${content} bytes: too large`);
  try {
    return decompress(bytes.subarray(at, at + length));
  } catch (error) {
    throw new VmlinuxError('malformed', `zstd frame at byte ${at}: ${(error as Error).message}`);
  }
}
