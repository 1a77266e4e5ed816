// SPDX-License-Identifier: MIT
/** `kernels fetch`: says what it will download and where that goes, and then does it. */
import { EXIT } from '../compare/exit-codes.js';
import { Problem } from '../plan/problem.js';
import {
  type FetchOptions,
  fetchKernel,
  freeBytes,
  lookUp,
  storedWhole,
  withScratch,
} from '../target/vmlinux/fetch/fetch.js';
import { type Resolved, SUITES, type Wanted, wantedOf } from '../target/vmlinux/fetch/resolve.js';
import type { Invocation } from './invocation.js';
import { megabytes, placeOf, selectedKernels } from './kernels-selection.js';

/** What a .deb takes on the disk while it is unpacked, in its own sizes: itself and the image. */
const ROOM = 3;

const nameOf = ({ arch, revision }: Wanted) => `${arch}@${revision}`;

/** @throws Problem, VmlinuxError */
export async function fetchKernels(invocation: Invocation): Promise<number> {
  const { io, options } = invocation;
  const say = (text: string) => io.out(`${text}\n`);
  const { place, shown } = placeOf(invocation);
  const selected = await selectedKernels(invocation);
  const wanted = selected.flatMap(
    ({ backend, revision }) => wantedOf(backend.arch, backend.vmlinux, revision) ?? [],
  );
  for (const { backend, revision } of selected) {
    if (wantedOf(backend.arch, backend.vmlinux, revision) === null)
      say(`${backend.arch}@${revision}: Debian has no such kernel`);
  }
  const missing: Wanted[] = [];
  for (const one of wanted) {
    const stored = storedWhole(place, one);
    if (stored === null) missing.push(one);
    else say(`${nameOf(one)}: ${stored.manifest.release} is there`);
  }
  if (missing.length === 0) return wanted.length === 0 ? EXIT.nothing : EXIT.ok;

  const fetching: FetchOptions = {
    place,
    aptDirectory: '/etc/apt',
    environment: io.environment,
    signal: io.signal,
  };
  return withScratch(place, async (scratch) => {
    say(`Reading Debian's package lists with apt, about 10 MB for each of ${missing.length}:`);
    const found = await lookUp(missing, scratch, fetching, (suite, debian) => say(`  ${suite} ${debian}`));
    for (const line of announced(
      found.map(({ kernel }) => kernel),
      shown,
    ))
      say(line);
    if (options.dryRun) return EXIT.ok;
    checkRoom(
      found.map(({ kernel }) => kernel),
      scratch,
      shown,
    );
    for (const one of found) {
      const { manifest } = await fetchKernel(one, scratch, fetching);
      say(`${nameOf(one.kernel)}: ${manifest.release}, image ${megabytes(manifest.files.image.size)}`);
    }
    return EXIT.ok;
  });
}

/** What will be downloaded: a line for each package. */
function announced(kernels: readonly Resolved[], shown: string): string[] {
  const packages = kernels.flatMap((kernel) => kernel.packages.map((one) => ({ ...one, kernel })));
  const width = (of: (one: (typeof packages)[number]) => string) =>
    Math.max(...packages.map((one) => of(one).length));
  const [a, b, c] = [
    width(({ kernel }) => nameOf(kernel)),
    width(({ name }) => name),
    width(({ version }) => version),
  ];
  const total = packages.reduce((sum, { size }) => sum + size, 0);
  return [
    '',
    'To be downloaded',
    ...packages.map(
      ({ kernel, name, version, size }) =>
        `  ${nameOf(kernel).padEnd(a)}  ${SUITES[kernel.revision].padEnd(8)}  ${name.padEnd(b)}  ${version.padEnd(c)}  ${megabytes(size).padStart(9)}`,
    ),
    `${packages.length} packages, ${megabytes(total)}. Image and config of each go to ${shown}`,
    '',
  ];
}

/** @throws Problem */
function checkRoom(kernels: readonly Resolved[], scratch: string, shown: string): void {
  const sizes = kernels.map(({ packages }) => packages.reduce((sum, { size }) => sum + size, 0));
  const needed = ROOM * Math.max(...sizes) + sizes.reduce((sum, size) => sum + size, 0);
  const free = freeBytes(scratch);
  if (free >= needed) return;
  throw new Problem(
    `${shown}: ${megabytes(needed)} are needed and ${megabytes(free)} are free\nName another directory: kernels fetch --kernels DIR`,
  );
}
