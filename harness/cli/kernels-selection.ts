// SPDX-License-Identifier: MIT
/** Which kernels `--arch` and `--kernel` mean, and where they are. */
import { byVersion } from '../backend/by-version.js';
import type { Backend, Revision } from '../backend/contract.js';
import { Problem } from '../plan/problem.js';
import { archOf, NEWEST } from '../plan/subjects.js';
import { didYouMean } from '../plan/suggest.js';
import { kernelsPlace } from '../target/vmlinux/store/place.js';
import type { Invocation } from './invocation.js';

export interface Selected {
  readonly backend: Backend;
  readonly revision: Revision;
}

/**
 * Back-ends × revisions, in order.
 * @throws Problem for names that are not known and for a selection of nothing
 */
export async function selectedKernels({ options, wiring }: Invocation): Promise<Selected[]> {
  const named = options.arch.map((name) => ({
    arch: archOf(name),
    revision: name.split('@')[1]?.split('/')[0],
  }));
  const backends = await wiring.backends([...new Set(named.map(({ arch }) => arch))]);
  const known = [...new Set(backends.flatMap(({ backend }) => backend.revisions))].sort(byVersion);
  for (const one of [...options.kernel, ...named.flatMap(({ revision }) => revision ?? [])]) {
    if (one === NEWEST || known.includes(one as Revision)) continue;
    throw new Problem(`no back-end models ${one}${didYouMean(one, known)}\nmodelled: ${known.join(', ')}`);
  }
  const selected = backends.flatMap(({ backend }) => {
    const newest = backend.revisions.at(-1);
    const meant = (wanted: readonly (string | undefined)[], revision: Revision) =>
      wanted.includes(revision) || (wanted.includes(NEWEST) && revision === newest);
    const mine = named.filter(({ arch }) => arch === backend.arch);
    return backend.revisions
      .filter((revision) => options.kernel.length === 0 || meant(options.kernel, revision))
      .filter(
        (revision) =>
          mine.length === 0 || mine.some((one) => !one.revision || meant([one.revision], revision)),
      )
      .map((revision) => ({ backend, revision }));
  });
  if (selected.length === 0) throw new Problem('no kernel is selected: no back-end models that revision');
  return selected;
}

/** The directory, and its name for people: with `~` for the home directory. */
export function placeOf({ options, io }: Invocation): { readonly place: string; readonly shown: string } {
  const place = kernelsPlace(io, options.kernels);
  const home = io.environment.HOME;
  return { place, shown: home && place.startsWith(`${home}/`) ? `~${place.slice(home.length)}` : place };
}

/** `12.3 MB` */
export const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
