// SPDX-License-Identifier: MIT
/** `verify --layouts`: what the back-ends say of kernels, against real ones. */
import { resolve } from 'node:path';
import type { Backend, Revision } from '../../backend/contract.js';
import { EXIT, type ExitCode } from '../../compare/exit-codes.js';
import { Problem } from '../../plan/problem.js';
import { didYouMean } from '../../plan/suggest.js';
import { checkKernel } from '../../target/vmlinux/check/check.js';
import { type CheckedKernel, namedKernel, storedKernel } from '../../target/vmlinux/check/kernel.js';
import type { Row } from '../../target/vmlinux/check/row.js';
import { openKernel } from '../../target/vmlinux/store/store.js';
import type { Invocation } from '../invocation.js';
import { placeOf, selectedKernels } from '../kernels-selection.js';
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

/** `--vmlinux ARCH=PATH`; the revision is that of `--kernel` or of the name, else the newest. @throws Problem */
async function namedImages({ options, io, wiring }: Invocation) {
  if (options.vmlinux.length === 0) return [];
  const loaded = await wiring.backends([]);
  const names = loaded.map(({ backend }) => backend.arch);
  return options.vmlinux.map((text): { backend: Backend; revision: Revision; path: string } => {
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
