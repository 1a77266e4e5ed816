// SPDX-License-Identifier: MIT
/** `kernels list`: what is stored, each file checked against its hash. */
import { EXIT } from '../compare/exit-codes.js';
import { VmlinuxError } from '../target/vmlinux/error.js';
import { listKernels, verifyStored } from '../target/vmlinux/store/store.js';
import type { Invocation } from './invocation.js';
import { megabytes, placeOf } from './kernels-selection.js';

/** Exit code 1 where a file has changed since it was stored. */
export async function listStored(invocation: Invocation): Promise<number> {
  const { io, options } = invocation;
  const { place, shown } = placeOf(invocation);
  const stored = listKernels(place).filter(
    (one) =>
      'error' in one ||
      ((options.arch.length === 0 || options.arch.includes(one.manifest.arch)) &&
        (options.kernel.length === 0 || options.kernel.includes(one.manifest.revision))),
  );
  if (stored.length === 0) {
    io.out(`no kernels in ${shown}; ftrace-conform kernels fetch gets them\n`);
    return EXIT.nothing;
  }
  io.out(`${shown}\n`);
  let whole = true;
  for (const one of stored) {
    try {
      if ('error' in one) throw one.error;
      verifyStored(one);
      const { arch, revision, release, files } = one.manifest;
      const size = Object.values(files).reduce((sum, file) => sum + (file?.size ?? 0), 0);
      io.out(`  ${`${arch}@${revision}`.padEnd(16)} ${release.padEnd(28)} ${megabytes(size).padStart(9)}\n`);
    } catch (error) {
      if (!(error instanceof VmlinuxError)) throw error;
      whole = false;
      io.out(`  CHANGED ${error.message}\n`);
    }
  }
  return whole ? EXIT.ok : EXIT.unexpected;
}
