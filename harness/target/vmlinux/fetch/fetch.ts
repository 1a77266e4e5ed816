// SPDX-License-Identifier: MIT
/**
 * Kernels from Debian into the store. First everything is looked up, so that it can be said what will be downloaded;
 * then each kernel is downloaded, unpacked and stored, whole or not at all. What is stored and unchanged stays.
 */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { VmlinuxError } from '../error.js';
import type { FileRole, Manifest, StoredFile } from '../store/manifest.js';
import { openKernel, type StoredKernel, storeKernel, verifyStored } from '../store/store.js';
import { type Apt, download, type Package, privateApt, update } from './apt.js';
import type { RunOptions } from './command.js';
import { extract } from './extract.js';
import { type Resolved, resolve, SUITES, type Wanted } from './resolve.js';
import { debianSource } from './sources.js';

export interface FetchOptions extends Omit<RunOptions, 'cwd'> {
  /** Where kernels are stored. */
  readonly place: string;
  /** apt's configuration, `/etc/apt`. */
  readonly aptDirectory: string;
}

/** Where things are made before they are moved into place; other directories of the store begin with a letter. */
const SCRATCH = '.new-';

/** The stored kernel, if it is whole; `null` if there is none or it has to be fetched again. */
export function storedWhole(place: string, { arch, revision }: Wanted): StoredKernel | null {
  try {
    const kernel = openKernel(place, arch, revision);
    if (kernel !== null) verifyStored(kernel);
    return kernel;
  } catch (error) {
    if (error instanceof VmlinuxError && error.kind === 'changed') return null;
    throw error;
  }
}

/** Calls `use` with a directory on the store's file system, which is gone afterwards. @throws VmlinuxError `environment` */
export async function withScratch<T>(place: string, use: (scratch: string) => Promise<T>): Promise<T> {
  let scratch: string;
  try {
    mkdirSync(place, { recursive: true });
    sweep(place);
    scratch = mkdtempSync(join(place, `${SCRATCH}${process.pid}-`));
  } catch (error) {
    throw unwritable(place, error);
  }
  try {
    return await use(scratch);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof VmlinuxError || !['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EIO'].includes(code ?? ''))
      throw error;
    throw unwritable(place, error);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** What processes that are gone have left. */
function sweep(place: string): void {
  for (const name of readdirSync(place).filter((one) => one.startsWith(SCRATCH))) {
    const pid = Number(name.slice(SCRATCH.length).split('-')[0]);
    try {
      process.kill(pid, 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH')
        rmSync(join(place, name), { recursive: true, force: true });
    }
  }
}

/** Looks up what has to be downloaded. @param told before each package list is read */
export async function lookUp(
  wanted: readonly Wanted[],
  scratch: string,
  { aptDirectory, ...options }: FetchOptions,
  told: (suite: string, debian: string) => void,
): Promise<readonly { readonly apt: Apt; readonly kernel: Resolved }[]> {
  const source = debianSource(aptDirectory);
  const found = [];
  for (const one of wanted) {
    const suite = SUITES[one.revision];
    const apt = privateApt(join(scratch, `apt-${suite}-${one.debian}`), source, suite, one.debian, options);
    told(suite, one.debian);
    await update(apt);
    found.push({ apt, kernel: await resolve(apt, one) });
  }
  return found;
}

/** Bytes that are free where `path` is. */
export function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

/** Downloads and stores one. @throws VmlinuxError `environment`; then nothing is stored */
export async function fetchKernel(
  { apt, kernel }: { readonly apt: Apt; readonly kernel: Resolved },
  scratch: string,
  { place }: FetchOptions,
): Promise<StoredKernel> {
  const { arch, revision, release, packages } = kernel;
  const room = join(scratch, `${arch}-${revision}`);
  const made = join(room, 'made');
  mkdirSync(made, { recursive: true });
  const files: Partial<Record<FileRole, StoredFile>> = {};
  for (const one of packages) {
    const debs = join(room, one.name);
    mkdirSync(debs);
    await download(apt, one, debs);
    const deb = join(debs, theDeb(debs, one));
    if ((await hashOf(deb)) !== one.sha256)
      throw new VmlinuxError(
        'environment',
        `${basename(deb)} is not what the package list says: another SHA-256`,
      );
    const found = await extract(deb, join(debs, 'files'), apt.options);
    for (const [role, path] of Object.entries(found) as [FileRole, string][]) {
      if (files[role] !== undefined) continue;
      const name = basename(path).replace(`-${release}`, '');
      move(path, join(made, name));
      files[role] = { name, size: statSync(join(made, name)).size, sha256: await hashOf(join(made, name)) };
    }
    rmSync(debs, { recursive: true });
  }
  const { image, config, map } = files;
  if (image === undefined || config === undefined) {
    const lacking = image === undefined ? 'kernel image' : 'config';
    throw new VmlinuxError(
      'environment',
      `${packages.map(({ name }) => name).join(' and ')}: no ${lacking} in there`,
    );
  }
  const manifest: Manifest = {
    format: 1,
    arch,
    revision,
    release,
    packages: packages.map(({ name, version, size, sha256 }) => ({ name, version, size, sha256 })),
    files: map === undefined ? { image, config } : { image, config, map },
  };
  return storeKernel(place, made, manifest);
}

function theDeb(directory: string, { name }: Package): string {
  const [deb] = readdirSync(directory).filter((file) => file.endsWith('.deb'));
  if (deb === undefined)
    throw new VmlinuxError('environment', `apt says it downloaded ${name}, and there is no .deb`);
  return deb;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path)) hash.update(part as Uint8Array);
  return hash.digest('hex');
}

function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

function unwritable(place: string, error: unknown): VmlinuxError {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  const why = code === 'ENOSPC' || code === 'EDQUOT' ? 'no space left on the device' : 'it cannot be written';
  return new VmlinuxError(
    'environment',
    `${place}: ${why} (${code})`,
    'Name another directory: kernels fetch --kernels DIR',
  );
}
