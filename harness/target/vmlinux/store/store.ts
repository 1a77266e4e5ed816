// SPDX-License-Identifier: MIT
/**
 * Kernels on disk, a directory each: `<arch>-<revision>/` with image, config and manifest. A directory appears whole,
 * by rename(2), or not at all; every file is checked against its hash when it is read.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Revision } from '../../../backend/contract.js';
import { VmlinuxError } from '../error.js';
import { type FileRole, MANIFEST, type Manifest, parseManifest } from './manifest.js';

export interface StoredKernel {
  readonly directory: string;
  readonly manifest: Manifest;
}

export const directoryOf = (place: string, arch: string, revision: string) =>
  join(place, `${arch}-${revision}`);

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/**
 * `null` where none was stored. Says nothing yet of the files: {@link readStored} does.
 * @throws VmlinuxError `changed`
 */
export function openKernel(place: string, arch: string, revision: Revision): StoredKernel | null {
  const directory = directoryOf(place, arch, revision);
  const path = join(directory, MANIFEST);
  if (!existsSync(path)) return null;
  const manifest = parseManifest(readText(path));
  if (manifest.arch !== arch || manifest.revision !== revision) {
    throw damaged(path, `is of ${manifest.arch}@${manifest.revision}`);
  }
  return { directory, manifest };
}

/** Kernels that are there, by name; those that cannot be opened with their error. */
export function listKernels(place: string): (StoredKernel | { directory: string; error: VmlinuxError })[] {
  if (!existsSync(place)) return [];
  const names = readdirSync(place).filter((name) => /^[a-z0-9_]+-\d+\.\d+$/.test(name));
  return names.sort().map((name) => {
    const directory = join(place, name);
    try {
      const manifest = parseManifest(readText(join(directory, MANIFEST)));
      return { directory, manifest };
    } catch (error) {
      if (error instanceof VmlinuxError) return { directory, error };
      throw error;
    }
  });
}

/** Bytes of a stored file. @throws VmlinuxError `changed` if they are not those that were stored, `absent` for no such file */
export function readStored({ directory, manifest }: StoredKernel, role: FileRole): Uint8Array {
  const file = manifest.files[role];
  if (file === undefined)
    throw new VmlinuxError('absent', `${directory}: no ${role} came with ${manifest.release}`);
  const path = join(directory, file.name);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw damaged(path, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  if (bytes.length !== file.size) throw damaged(path, `has ${bytes.length} bytes instead of ${file.size}`);
  if (sha256(bytes) !== file.sha256) throw damaged(path, 'is not what was stored: another SHA-256');
  return bytes;
}

/** Whether all files are there and unchanged. @throws VmlinuxError `changed` */
export function verifyStored(kernel: StoredKernel): void {
  for (const role of Object.keys(kernel.manifest.files) as FileRole[]) readStored(kernel, role);
}

/**
 * Puts a directory with its files in place of what may be there.
 * @param made on the same file system as `place`; it is moved away
 */
export function storeKernel(place: string, made: string, manifest: Manifest): StoredKernel {
  writeFileSync(join(made, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  const directory = directoryOf(place, manifest.arch, manifest.revision);
  if (existsSync(directory)) {
    const old = `${made}.old`;
    renameSync(directory, old);
    rmSync(old, { recursive: true, force: true });
  }
  renameSync(made, directory);
  return { directory, manifest };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw damaged(path, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function damaged(path: string, why: string): VmlinuxError {
  return new VmlinuxError(
    'changed',
    `${path} ${why}`,
    'Remove its directory and fetch the kernel again: ftrace-conform kernels fetch',
  );
}
