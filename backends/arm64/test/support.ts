// SPDX-License-Identifier: MIT
/** Configurations and machines for the tests of this back-end. */
import type { Config, FeatureTable, Revision } from '../../../harness/backend/contract.js';
import { type Build, build } from '../../../harness/backend/smoke/build.js';
import { Rig } from '../../../harness/backend/smoke/rig.js';
import { loadBackend } from '../../../test/backend.js';
import { features } from '../features.js';
import { backend } from '../index.js';

const table: FeatureTable = features;

/** The modelled configuration of a revision, with some features turned. */
export function config(turned: Readonly<Record<string, boolean>> = {}, revision: Revision = '7.2'): Config {
  return { revision, has: (feature) => turned[feature] ?? table[feature]?.[revision] ?? false };
}

export const NO_CALL_OPS = {
  DYNAMIC_FTRACE_WITH_CALL_OPS: false,
  DYNAMIC_FTRACE_WITH_DIRECT_CALLS: false,
} as const;

const loaded = loadBackend(backend);
const builds = new Map<string, Build>();

/** A machine with the trampolines of that configuration, one traced function and a poisoned stack. */
export function rig(turned: Readonly<Record<string, boolean>> = {}, revision: Revision = '7.2'): Rig {
  const key = JSON.stringify([turned, revision]);
  const ready = builds.get(key) ?? build(loaded, config(turned, revision));
  builds.set(key, ready);
  return new Rig(ready);
}

/** The little-endian word at an address of the machine. */
export function word(machine: Rig['machine'], address: bigint): number {
  return Number(machine.loadWord(address, 4));
}
