// SPDX-License-Identifier: MIT
/** `verify --layouts`: what the back-ends say of kernels, against real ones. */
import { EXIT, type ExitCode } from '../../compare/exit-codes.js';
import { checkKernel } from '../../target/vmlinux/check/check.js';
import { type CheckedKernel, namedKernel, storedKernel } from '../../target/vmlinux/check/kernel.js';
import type { Row } from '../../target/vmlinux/check/row.js';
import { openKernel } from '../../target/vmlinux/store/store.js';
import type { Invocation } from '../invocation.js';
import { placeOf, selectedKernels } from '../kernels-selection.js';
import { namedImages } from '../named-images.js';
import { layoutsTable } from './layouts-table.js';

/** A kernel that was read, or that is not there. */
interface Asked {
  readonly name: string;
  readonly kernel: CheckedKernel | null;
}

/** @throws Problem, VmlinuxError */
export async function verifyLayouts(invocation: Invocation): Promise<number> {
  const { io, options } = invocation;
  const rows: Row[] = [];
  const checked: { name: string; release: string }[] = [];
  const missing: string[] = [];
  for await (const { name, kernel } of kernelsOf(invocation)) {
    if (kernel === null) missing.push(name);
    else {
      rows.push(...checkKernel(kernel));
      checked.push({ name, release: kernel.name });
    }
  }
  if (options.json || options.format === 'json')
    io.out(`${JSON.stringify({ kernels: checked, missing, rows }, null, 2)}\n`);
  else
    io.out(
      layoutsTable({
        rows,
        checked,
        missing,
        verbose: options.verbose > 0,
        place: placeOf(invocation).shown,
      }),
    );
  return exitOf(rows);
}

function exitOf(rows: readonly Row[]): ExitCode {
  if (rows.some(({ verdict }) => verdict === 'contradicted')) return EXIT.unexpected;
  return rows.some(({ verdict }) => verdict === 'confirmed') ? EXIT.ok : EXIT.nothing;
}

/** One after another: an image takes much memory. */
async function* kernelsOf(invocation: Invocation): AsyncGenerator<Asked> {
  const named = await namedImages(invocation);
  if (named.length > 0) {
    for (const { backend, revision, path } of named)
      yield { name: `${backend.arch}@${revision}`, kernel: namedKernel(backend, revision, path) };
    return;
  }
  const { place } = placeOf(invocation);
  for (const { backend, revision } of await selectedKernels(invocation)) {
    const name = `${backend.arch}@${revision}`;
    // What Debian does not have is not missing.
    if (backend.vmlinux.packages[revision] === undefined) continue;
    const stored = openKernel(place, backend.arch, revision);
    yield { name, kernel: stored === null ? null : storedKernel(backend, revision, stored) };
  }
}
