// SPDX-License-Identifier: MIT
/** The few files of a .deb that are kept: image, configuration, symbol map. Nothing is installed and no script is run. */
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { VmlinuxError } from '../error.js';
import type { FileRole } from '../store/manifest.js';
import { pipe, type RunOptions } from './command.js';

/** Places in Debian's packages: below /boot, or since 7.x below /usr/lib/modules. */
const PATTERNS = [
  './boot/*',
  './usr/lib/modules/*/vmlinu?',
  './usr/lib/modules/*/config',
  './usr/lib/modules/*/System.map',
];

const ROLES: readonly (readonly [FileRole, RegExp])[] = [
  ['image', /^vmlinu[xz](?:-|$)/],
  ['config', /^config(?:-|$)/],
  ['map', /^System\.map(?:-|$)/],
];

/** Debian's maps say in one line in which package the real one is. */
const SMALLEST_MAP = 4096;

/** Unpacks what is kept into `directory`. @returns paths by role, of what this package has. @throws VmlinuxError `environment` */
export async function extract(
  deb: string,
  directory: string,
  options: RunOptions,
): Promise<Partial<Record<FileRole, string>>> {
  mkdirSync(directory, { recursive: true });
  const [from, to] = await pipe(
    ['dpkg-deb', '--fsys-tarfile', deb],
    ['tar', '-x', '--no-same-owner', '--wildcards', '-C', directory, ...PATTERNS],
    options,
  );
  // Not every package has all of them.
  const complaints = to.err
    .split('\n')
    .filter((line) => line !== '' && !/Not found in archive|Exiting with failure status/.test(line));
  if (from.code !== 0 || complaints.length > 0) {
    const text = [...from.err.trim().split('\n'), ...complaints].filter(Boolean).slice(0, 3).join('\n  ');
    const remedy = /No space left/.test(text)
      ? 'Free some room, or name a directory that has it: kernels fetch --kernels DIR'
      : undefined;
    throw new VmlinuxError('environment', `cannot unpack ${basename(deb)}:\n  ${text}`, remedy);
  }
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const found: Partial<Record<FileRole, string>> = {};
  for (const [role, name] of ROLES) {
    const entry = files.find((one) => name.test(one.name));
    if (entry === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    if (role !== 'map' || statSync(path).size >= SMALLEST_MAP) found[role] = path;
  }
  return found;
}
