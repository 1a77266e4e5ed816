// SPDX-License-Identifier: MIT
/** What a back-end is at a revision, whichever target runs it. */
import type { Config, LoadedBackend, Revision } from '../backend/contract.js';
import { apiOf } from '../ftrace/api.js';
import type { Target } from './target.js';

/** A configuration that can be listed. */
export type KnownConfig = Config & { readonly on: ReadonlySet<string> };

/** Kconfig symbols of a back-end at a revision. */
export function configOf({ backend }: LoadedBackend, revision: Revision): KnownConfig {
  const on = new Set(
    Object.entries(backend.features)
      .filter(([, revisions]) => revisions[revision] === true)
      .map(([name]) => name),
  );
  return { revision, on, has: (feature) => on.has(feature) };
}

/** As every target that models the C side has them. */
export function featuresOf(
  loaded: LoadedBackend,
  revision: Revision,
): Required<Pick<Target, 'features' | 'missing'>> {
  const { on } = configOf(loaded, revision);
  const untraced = loaded.backend.untraced?.includes(revision) ?? false;
  return {
    features: untraced ? on : new Set([...on, ...apiOf(revision)]),
    missing: untraced ? ['FUNCTION_TRACER'] : [],
  };
}
