// SPDX-License-Identifier: MIT
/** Configurations and machines for the tests of this back-end. */
import type { Config } from '../../../harness/backend/contract.js';
import { type Build, build } from '../../../harness/backend/smoke/build.js';
import { Rig } from '../../../harness/backend/smoke/rig.js';
import { loadBackend } from '../../../test/backend.js';
import { features } from '../features.js';
import { backend } from '../index.js';

/** The modelled configuration of 7.2, with some features turned. */
export function config(turned: Readonly<Record<string, boolean>> = {}): Config {
  const table: Readonly<Record<string, { readonly '7.2'?: boolean }>> = features;
  return { revision: '7.2', has: (feature) => turned[feature] ?? table[feature]?.['7.2'] ?? false };
}

export const NO_CALL_OPS = {
  DYNAMIC_FTRACE_WITH_CALL_OPS: false,
  DYNAMIC_FTRACE_WITH_DIRECT_CALLS: false,
} as const;

const loaded = loadBackend(backend);
const builds = new Map<string, Build>();

/** A machine with the trampolines of that configuration, one traced function and a poisoned stack. */
export function rig(turned: Readonly<Record<string, boolean>> = {}): Rig {
  const key = JSON.stringify(turned);
  const ready = builds.get(key) ?? build(loaded, config(turned));
  builds.set(key, ready);
  return new Rig(ready);
}

/** The little-endian word at an address of the machine. */
export function word(machine: Rig['machine'], address: bigint): number {
  return Number(machine.loadWord(address, 4));
}
