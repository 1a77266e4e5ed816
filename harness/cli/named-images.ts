// SPDX-License-Identifier: MIT
/** Kernel images that options name: those of one's own, and where fetched ones are. */
import { resolve } from 'node:path';
import type { Backend, Revision } from '../backend/contract.js';
import { Problem } from '../plan/problem.js';
import { didYouMean } from '../plan/suggest.js';
import type { ImageSettings } from '../target/images.js';
import type { Invocation } from './invocation.js';
import { placeOf } from './kernels-selection.js';

export interface NamedImage {
  readonly backend: Backend;
  readonly revision: Revision;
  readonly path: string;
}

/** For the target that runs them. @throws Problem as {@link namedImages} */
export async function imageSettings(invocation: Invocation): Promise<ImageSettings> {
  const images = await namedImages(invocation);
  return {
    kernels: placeOf(invocation).place,
    images: images.map(({ backend, revision, path }) => ({ arch: backend.arch, revision, path })),
  };
}

/** `--vmlinux ARCH=PATH`; the revision is that of `--kernel` or of the name, else the newest. @throws Problem */
export async function namedImages({ options, io, wiring }: Invocation): Promise<NamedImage[]> {
  if (options.vmlinux.length === 0) return [];
  const loaded = await wiring.backends([]);
  const names = loaded.map(({ backend }) => backend.arch);
  return options.vmlinux.map((text): NamedImage => {
    const [, subject = '', path = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    const [arch = '', told] = subject.split('@');
    const backend = loaded.find((one) => one.backend.arch === arch)?.backend;
    if (path === '')
      throw new Problem(`--vmlinux ${text}: expected ARCH=PATH\nback-ends: ${names.join(', ')}`);
    if (backend === undefined)
      throw new Problem(`no back-end ${arch}${didYouMean(arch, names)}\nback-ends: ${names.join(', ')}`);
    const wanted = told ?? options.kernel[0] ?? backend.revisions.at(-1);
    const revision = backend.revisions.find((one) => one === wanted);
    if (revision === undefined)
      throw new Problem(`${arch} is modelled at ${backend.revisions.join(', ')}, not at ${wanted}`);
    return { backend, revision, path: resolve(io.cwd, path) };
  });
}
