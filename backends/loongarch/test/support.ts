// SPDX-License-Identifier: MIT
/** Configurations for the tests of this back-end: a column per kernel. */
import type { Config, Revision } from '../../../harness/backend/contract.js';
import { features } from '../features.js';

/** The modelled configuration of a revision, with some features turned. */
export function config(
  revision: Extract<Revision, '6.12' | '7.2'>,
  turned: Readonly<Record<string, boolean>> = {},
): Config {
  const table: Readonly<Record<string, Readonly<Partial<Record<Revision, boolean>>>>> = features;
  return { revision, has: (feature) => turned[feature] ?? table[feature]?.[revision] ?? false };
}

export const old = config('6.12');
export const current = config('7.2');
export const orc = config('7.2', { UNWINDER_ORC: true, UNWINDER_PROLOGUE: false });

/** For `describe.each`: what holds at every revision. */
export const revisions = [
  ['6.12', old],
  ['7.2', current],
] as const;
