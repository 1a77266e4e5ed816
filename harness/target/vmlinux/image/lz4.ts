// SPDX-License-Identifier: MIT
/**
 * LZ4 as `lz4 -l` writes kernels: the legacy frame, a magic and then blocks of 8 MiB with their compressed size before
 * each (LZ4 frame and block format descriptions).
 */
import { VmlinuxError } from '../error.js';
import { Reader } from './bytes.js';

export const LZ4_MAGIC = Uint8Array.of(0x02, 0x21, 0x4c, 0x18);
const BLOCK = 8 * 1024 * 1024;

/** The legacy frame that begins the bytes. @param limit most bytes it may make. @throws VmlinuxError */
export function unlz4(bytes: Uint8Array, limit: number): Uint8Array {
  const reader = new Reader(bytes, 'little', 'lz4 frame');
  if (reader.u32(0) !== 0x184c2102) throw reader.malformed(0, 'no lz4 magic');
  const parts: Uint8Array[] = [];
  let total = 0;
  for (let at = 4; at + 4 <= bytes.length; ) {
    const size = reader.u32(at);
    // What follows the frame is no block: a size that nothing compresses to.
    if (size === 0 || size > BLOCK + BLOCK / 128 + 64 || at + 4 + size > bytes.length) break;
    const part = block(reader.slice(at + 4, size));
    parts.push(part);
    total += part.length;
    if (total > limit) throw new VmlinuxError('unsupported', `lz4 frame of more than ${limit} bytes`);
    at += 4 + size;
    if (part.length < BLOCK) break;
  }
  if (total === 0) throw reader.malformed(4, 'no block');
  const all = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function block(bytes: Uint8Array): Uint8Array {
  const reader = new Reader(bytes, 'little', 'lz4 block');
  const out = new Uint8Array(BLOCK);
  let to = 0;
  let at = 0;
  const long = (nibble: number) => {
    let length = nibble;
    if (nibble !== 15) return length;
    for (;;) {
      const more = reader.u8(at++);
      length += more;
      if (more !== 255) return length;
    }
  };
  while (at < bytes.length) {
    const token = reader.u8(at++);
    const literals = long(token >> 4);
    if (to + literals > BLOCK) throw reader.malformed(at, 'more than a block');
    out.set(reader.slice(at, literals), to);
    at += literals;
    to += literals;
    if (at >= bytes.length) break;
    const back = reader.u16(at);
    at += 2;
    const length = long(token & 15) + 4;
    if (back === 0 || back > to || to + length > BLOCK) throw reader.malformed(at, 'a copy from nowhere');
    for (let index = 0; index < length; index++, to++) out[to] = out[to - back] as number;
  }
  return out.subarray(0, to);
}
