// SPDX-License-Identifier: MIT
/**
 * From a kernel file, whatever it is called, to what the machine would run: an ELF file or a raw image. What it is
 * stands in the file (linux 7.2 Documentation/arch/x86/boot.rst, Documentation/arch/arm64/booting.rst,
 * Documentation/arch/riscv/boot-image-header.rst, drivers/firmware/efi/libstub/zboot-header.S).
 */
import { VmlinuxError } from '../error.js';
import { ascii, matches, places, Reader } from './bytes.js';
import { compressionOf, decompressed, GZIP_MAGIC, XZ_MAGIC } from './decompress.js';
import { isElf } from './elf.js';
import { LZ4_MAGIC } from './lz4.js';
import { unzstd, ZSTD_MAGIC, zstdFrame } from './zstd.js';

/** How the file packs the kernel. */
export type ImageKind =
  /** ELF file, as `vmlinux` of a build. */
  | 'elf'
  /** A program that unpacks, behind setup sectors: boot protocol header at 0x1f1. */
  | 'bzImage'
  /** The image itself, with a header of 64 bytes. */
  | 'Image'
  /** EFI program with a compressed image. */
  | 'zboot'
  /** A program that unpacks, of which only the payload's magic tells. */
  | 'embedded';

export interface Unpacked {
  readonly kind: ImageKind;
  readonly bytes: Uint8Array;
}

const HDRS = ascii('HdrS');
const ZIMG = ascii('zimg');
const RAW = [ascii('ARMd'), Uint8Array.of(0x52, 0x53, 0x43, 0x05)];

/** An uncompressed kernel is larger than this; what a decompressor carries along is smaller. */
const SMALLEST_KERNEL = 4 * 1024 * 1024;

/** @throws VmlinuxError */
export function unpack(file: Uint8Array): Unpacked {
  if (isElf(file)) return { kind: 'elf', bytes: file };
  if (matches(file, 0x202, HDRS)) return { kind: 'bzImage', bytes: fromBzImage(file) };
  if (matches(file, 4, ZIMG)) return { kind: 'zboot', bytes: fromZboot(file) };
  if (RAW.some((magic) => matches(file, 56, magic))) return { kind: 'Image', bytes: file };
  const compression = compressionOf(file);
  // Image.gz and the like.
  if (compression !== undefined) {
    const inner = decompressed(file);
    if (compressionOf(inner) !== undefined)
      throw new VmlinuxError('malformed', 'a compressed file in a compressed file');
    return unpack(inner);
  }
  return { kind: 'embedded', bytes: fromPayload(file) };
}

/** setup_sects @0x1f1, payload_offset @0x248 from the end of the setup, payload_length @0x24c. */
function fromBzImage(file: Uint8Array): Uint8Array {
  const reader = new Reader(file, 'little', 'bzImage');
  const setup = (reader.u8(0x1f1) || 4) + 1;
  const payload = reader.slice(setup * 512 + reader.u32(0x248), reader.u32(0x24c));
  return decompressed(payload);
}

/** Offset @8, size @12, name of the compression @24. */
function fromZboot(file: Uint8Array): Uint8Array {
  const reader = new Reader(file, 'little', 'EFI zboot image');
  return decompressed(reader.slice(reader.u32(8), reader.u32(12)));
}

/** Places that only look like a payload: more than these of one kind are not tried. */
const TRIES = 64;

/** The first place from which a whole kernel can be unpacked. */
function fromPayload(file: Uint8Array): Uint8Array {
  for (const at of places(file, ZSTD_MAGIC)) {
    const found = attempt(() => {
      const { content } = zstdFrame(file, at);
      return content !== undefined && content < SMALLEST_KERNEL ? undefined : unzstd(file, at);
    });
    if (found !== undefined && found.length >= SMALLEST_KERNEL) return found;
  }
  for (const magic of [GZIP_MAGIC, LZ4_MAGIC, XZ_MAGIC]) {
    let left = TRIES;
    for (const at of places(file, magic)) {
      if (left-- === 0) break;
      const found = attempt(() => decompressed(file.subarray(at)));
      if (found !== undefined && found.length >= SMALLEST_KERNEL) return found;
    }
  }
  throw new VmlinuxError(
    'unsupported',
    'no kernel image: no ELF file, bzImage, raw Image or EFI zboot image, and no zstd, gzip, lz4 or xz payload in it',
  );
}

/** A false magic leads to what is malformed. */
function attempt(read: () => Uint8Array | undefined): Uint8Array | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof VmlinuxError) return undefined;
    throw error;
  }
}
