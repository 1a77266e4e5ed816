// SPDX-License-Identifier: MIT
/**
 * What a compressed payload is, by its magic, and its content. gzip, zstd and lz4 are read here,
 * xz by its program if that is installed; what a kernel may also be compressed with (linux 7.2 init/Kconfig KERNEL_LZMA,
 * KERNEL_BZIP2, KERNEL_LZO) is told by name.
 */
import { spawnSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { VmlinuxError } from '../error.js';
import { matches } from './bytes.js';
import { LZ4_MAGIC, unlz4 } from './lz4.js';
import { LARGEST, unzstd, ZSTD_MAGIC } from './zstd.js';

export const GZIP_MAGIC = Uint8Array.of(0x1f, 0x8b, 0x08);
export const XZ_MAGIC = Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00);

type Method = (bytes: Uint8Array) => Uint8Array;

const METHODS: readonly (readonly [name: string, magic: Uint8Array, method: Method | null])[] = [
  ['zstd', ZSTD_MAGIC, (bytes) => unzstd(bytes, 0)],
  ['gzip', GZIP_MAGIC, gunzip],
  ['lz4', LZ4_MAGIC, (bytes) => unlz4(bytes, LARGEST)],
  ['xz', XZ_MAGIC, unxz],
  ['lzma', Uint8Array.of(0x5d, 0x00, 0x00), null],
  ['bzip2', Uint8Array.of(0x42, 0x5a, 0x68), null],
  ['lzo', Uint8Array.of(0x89, 0x4c, 0x5a, 0x4f), null],
];

/** Name of the compression that the bytes begin with; `undefined` if it is none that is known. */
export function compressionOf(bytes: Uint8Array): string | undefined {
  return METHODS.find(([, magic]) => matches(bytes, 0, magic))?.[0];
}

/** Bytes behind the payload do not matter. @throws VmlinuxError `malformed`, `unsupported` */
export function decompressed(bytes: Uint8Array): Uint8Array {
  const found = METHODS.find(([, magic]) => matches(bytes, 0, magic));
  if (found === undefined)
    throw new VmlinuxError('malformed', 'the payload is not compressed in a way that is known');
  const [name, , method] = found;
  if (method === null) {
    throw new VmlinuxError(
      'unsupported',
      `the image is compressed with ${name}, which is not read (zstd, gzip, lz4 and xz are)`,
      'Name the uncompressed vmlinux of the build instead, or unpack it: linux scripts/extract-vmlinux',
    );
  }
  return method(bytes);
}

function gunzip(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: LARGEST });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE')
      throw new VmlinuxError('unsupported', `gzip payload of more than ${LARGEST} bytes`);
    throw new VmlinuxError('malformed', `gzip payload: ${message}`);
  }
}

/** Most that the program may take for itself, and how long it may run. */
const XZ_MEMORY = '1GiB';
const XZ_PATIENCE = 60_000;

/** The first stream. Kernels have branch filters (x86 and others) that few libraries know. */
function unxz(bytes: Uint8Array): Uint8Array {
  const { error, status, stdout, stderr } = spawnSync(
    'xz',
    ['--decompress', '--stdout', '--single-stream', '--format=xz', `--memlimit-decompress=${XZ_MEMORY}`],
    { input: bytes, maxBuffer: LARGEST, timeout: XZ_PATIENCE, stdio: ['pipe', 'pipe', 'pipe'] },
  );
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENOENT') {
    throw new VmlinuxError(
      'unsupported',
      'the image is compressed with xz, and there is no program xz',
      'Debian package xz-utils',
    );
  }
  if (code === 'ENOBUFS') throw new VmlinuxError('unsupported', `xz payload of more than ${LARGEST} bytes`);
  // EPIPE: it needed no more than the stream.
  if (status !== 0) throw new VmlinuxError('malformed', `xz payload: ${stderr.toString().trim() || code}`);
  return stdout;
}
