// SPDX-License-Identifier: MIT
/** Which packages hold a kernel: from the meta package of an architecture to those with the image and the configuration. */
import type { Revision, Vmlinux } from '../../../backend/contract.js';
import { VmlinuxError } from '../error.js';
import { type Apt, type Package, show } from './apt.js';

/** Debian's release that has a revision. Source: Debian's package lists of 2026-11. */
export const SUITES: Readonly<Record<Revision, string>> = {
  '6.1': 'bookworm',
  '6.12': 'trixie',
  '7.2': 'forky',
};

export interface Wanted {
  readonly arch: string;
  readonly revision: Revision;
  readonly debian: string;
  /** Meta package. */
  readonly meta: string;
}

export interface Resolved extends Wanted {
  /** `uname -r`. */
  readonly release: string;
  readonly packages: readonly Package[];
}

/** `null`: Debian has no such kernel. */
export function wantedOf(arch: string, { debian, packages }: Vmlinux, revision: Revision): Wanted | null {
  const meta = packages[revision];
  return meta === undefined ? null : { arch, revision, debian, meta };
}

/** @throws VmlinuxError `environment` where the archive has gone on to another version */
export async function resolve(apt: Apt, wanted: Wanted): Promise<Resolved> {
  const { meta, revision } = wanted;
  const find = async (name: string) => {
    const found = await show(apt, name);
    if (found === undefined) throw gone(apt, wanted, `it has no package ${name}`);
    return found;
  };
  const names = (await find(meta)).depends;
  const name = names.find((one) => /^linux-image-\d/.test(one));
  if (name === undefined)
    throw gone(apt, wanted, `${meta} depends on no linux-image-…, but on ${names.join(', ')}`);
  const image = await find(name);
  if (!image.version.startsWith(`${revision}.`)) throw gone(apt, wanted, `${meta} is ${image.version} now`);
  const release = name.replace(/^linux-image-/, '');
  // Since 7.x the package depends on one with the image alone and one with the configuration.
  const parts = [`linux-binary-${release}`, `linux-base-${release}`].filter((part) =>
    image.depends.includes(part),
  );
  return { ...wanted, release, packages: parts.length === 2 ? await Promise.all(parts.map(find)) : [image] };
}

function gone({ suite }: Apt, { arch, revision }: Wanted, why: string): VmlinuxError {
  return new VmlinuxError(
    'environment',
    `Debian's ${suite} no longer gives ${arch} ${revision}: ${why}`,
    `A kernel of that revision that you have can be named instead: verify --layouts --vmlinux ${arch}=PATH`,
  );
}
