// SPDX-License-Identifier: MIT
/**
 * Configurations and machines for the tests of this back-end. The letters are those of the build forms: A calls `_mcount`
 * behind an MFLR (-mprofile-kernel), B has two NOPs (-fpatchable-function-entry=2), C one NOP and a stub out of line.
 */
import type { Config, FeatureTable, Revision } from '../../../harness/backend/contract.js';
import { type Build, build } from '../../../harness/backend/smoke/build.js';
import { Rig } from '../../../harness/backend/smoke/rig.js';
import { loadBackend } from '../../../test/backend.js';
import { features } from '../features.js';
import { backend } from '../index.js';

type Turned = Readonly<Record<string, boolean>>;

export const REVISIONS: readonly Revision[] = ['6.1', '6.12', '7.2'];

const A: Turned = {
  MPROFILE_KERNEL: true,
  ARCH_USING_PATCHABLE_FUNCTION_ENTRY: false,
  PPC_FTRACE_OUT_OF_LINE: false,
  DYNAMIC_FTRACE_WITH_CALL_OPS: false,
  DYNAMIC_FTRACE_WITH_DIRECT_CALLS: false,
};
const B: Turned = { ...A, MPROFILE_KERNEL: false, ARCH_USING_PATCHABLE_FUNCTION_ENTRY: true };

const FORMS = {
  '6.1-A': { revision: '6.1', turned: A },
  '6.12-A': { revision: '6.12', turned: A },
  '6.12-B': { revision: '6.12', turned: B },
  '7.2-A': { revision: '7.2', turned: A },
  '7.2-C': { revision: '7.2', turned: {} },
} as const satisfies Record<string, { revision: Revision; turned: Turned }>;

export type Form = keyof typeof FORMS;
export const ALL = Object.keys(FORMS) as Form[];
/** Those that patch the function itself. */
export const IN_LINE = ALL.filter((form) => form !== '7.2-C');

/** A form, with some features turned. */
export function config(form: Form, turned: Turned = {}): Config {
  const { revision } = FORMS[form];
  const all: Turned = { ...FORMS[form].turned, ...turned };
  const table: FeatureTable = features;
  return { revision, has: (feature) => all[feature] ?? table[feature]?.[revision] ?? false };
}

const loaded = loadBackend(backend);
const builds = new Map<string, Build>();

export function buildOf(form: Form, turned: Turned = {}): Build {
  const key = JSON.stringify([form, turned]);
  const ready = builds.get(key) ?? build(loaded, config(form, turned));
  builds.set(key, ready);
  return ready;
}

/** A machine with the trampolines of that form, one traced function and a poisoned stack. */
export function rig(form: Form, turned: Turned = {}): Rig {
  return new Rig(buildOf(form, turned));
}

/** The little-endian word at an address of the machine. */
export function word(machine: Rig['machine'], address: bigint): number {
  return Number(machine.loadWord(address, 4));
}

export const NO_LIVEPATCH = { LIVEPATCH_64: false } as const;

/** General registers by number, ends included. */
export function gprs(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, n) => `r${from + n}`);
}
