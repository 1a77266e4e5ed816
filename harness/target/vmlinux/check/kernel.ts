// SPDX-License-Identifier: MIT
/** A kernel as the checks take it: the parts that could be read, and for the others why not. */

import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Backend, Config, Revision } from '../../../backend/contract.js';
import { inFile, VmlinuxError } from '../error.js';
import { type Btf, findBtf } from '../image/btf.js';
import { ascii, places } from '../image/bytes.js';
import { type KernelImage, readImage } from '../image/image.js';
import { readStored, type StoredKernel } from '../store/store.js';
import { parseConfig } from './config-file.js';

/** What was read, or why it was not. */
export type Part<T> = { readonly value: T } | { readonly missing: string };

export interface CheckedKernel {
  readonly backend: Backend;
  readonly revision: Revision;
  /** `uname -r`, or the path. */
  readonly name: string;
  readonly image: Part<KernelImage>;
  readonly btf: Part<Btf>;
  /** Symbols that are set, with their values; absent ones are off. */
  readonly settings: Part<ReadonlyMap<string, string>>;
  /** The back-end's features with the kernel's own configuration over them. */
  readonly config: Config;
}

/** @throws VmlinuxError `changed` for a stored file that is not what was stored */
export function storedKernel(backend: Backend, revision: Revision, stored: StoredKernel): CheckedKernel {
  const file = readStored(stored, 'image');
  const text = new TextDecoder().decode(readStored(stored, 'config'));
  const image = part(() => readImage(file, backend.vmlinux.base(revision), backend.abi.byteOrder));
  return assembled(backend, revision, stored.manifest.release, image, { value: parseConfig(text) });
}

/** What the configuration that came with a stored kernel says. @throws VmlinuxError as {@link storedKernel} */
export function storedConfig(backend: Backend, revision: Revision, stored: StoredKernel): Config {
  const text = new TextDecoder().decode(readStored(stored, 'config'));
  return configOf(backend, revision, { value: parseConfig(text) });
}

/** A kernel image by its path: its configuration is in it (CONFIG_IKCONFIG) or beside it. @throws VmlinuxError */
export function namedKernel(backend: Backend, revision: Revision, path: string): CheckedKernel {
  let file: Uint8Array;
  try {
    // One that never ends would never be read.
    if (!statSync(path).isFile() && !statSync(path).isDirectory())
      throw Object.assign(new Error(), { code: 'no file' });
    file = readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    throw new VmlinuxError(
      'absent',
      `${path} cannot be read (${code})`,
      'Name a kernel image: --vmlinux ARCH=PATH',
    );
  }
  let image: KernelImage;
  try {
    image = readImage(file, backend.vmlinux.base(revision), backend.abi.byteOrder);
  } catch (error) {
    throw error instanceof VmlinuxError ? inFile(path, error) : error;
  }
  return assembled(backend, revision, path, { value: image }, settingsOf(path, image));
}

function assembled(
  backend: Backend,
  revision: Revision,
  name: string,
  image: Part<KernelImage>,
  settings: Part<ReadonlyMap<string, string>>,
): CheckedKernel {
  const btf: Part<Btf> =
    'missing' in image ? image : part(() => findBtf(image.value.bytes, image.value.order));
  return { backend, revision, name, image, btf, settings, config: configOf(backend, revision, settings) };
}

function part<T>(read: () => T): Part<T> {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof VmlinuxError && error.kind !== 'changed') return { missing: error.message };
    throw error;
  }
}

/** What the modelled configuration says of symbols that are no Kconfig, and the kernel's of all others. */
function configOf(
  { features, vmlinux }: Backend,
  revision: Revision,
  settings: Part<ReadonlyMap<string, string>>,
): Config {
  const modelled = (feature: string) => features[feature]?.[revision] ?? false;
  return {
    revision,
    has(feature) {
      if ('missing' in settings || vmlinux.unconfigured.includes(feature)) return modelled(feature);
      return settings.value.has(feature);
    },
  };
}

const IKCONFIG = ascii('IKCFG_ST');

function settingsOf(path: string, image: KernelImage): Part<ReadonlyMap<string, string>> {
  for (const at of places(image.bytes, IKCONFIG)) {
    try {
      const text = gunzipSync(image.bytes.subarray(at + IKCONFIG.length), { maxOutputLength: 1 << 24 });
      return { value: parseConfig(new TextDecoder().decode(text)) };
    } catch {
      // The name of the mark in the kernel's own strings.
    }
  }
  const beside = join(dirname(path), '.config');
  if (existsSync(beside)) return { value: parseConfig(readFileSync(beside, 'utf8')) };
  return { missing: `no configuration in the image (CONFIG_IKCONFIG) and no .config beside it` };
}
