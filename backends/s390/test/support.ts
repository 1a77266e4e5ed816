// SPDX-License-Identifier: MIT
/** Configurations and machines for the tests of this back-end, at each revision and in each patch mode. */
import type { Config, Revision } from '../../../harness/backend/contract.js';
import { type Build, build } from '../../../harness/backend/smoke/build.js';
import { Rig } from '../../../harness/backend/smoke/rig.js';
import { memoryPoison } from '../../../harness/machine/poison.js';
import { loadBackend } from '../../../test/backend.js';
import { features } from '../features.js';
import { backend } from '../index.js';

export const REVISIONS = ['6.1', '6.12', '7.2'] as const;

export type Turned = Readonly<Record<string, boolean>>;

/** The modelled configuration of a revision, with some features turned. */
export function config(revision: Revision, turned: Turned = {}): Config {
  const table: Readonly<Record<string, Readonly<Partial<Record<Revision, boolean>>>>> = features;
  return { revision, has: (feature) => turned[feature] ?? table[feature]?.[revision] ?? false };
}

/** Code for a z10, and a machine that replaces a whole call site at once. */
export const Z10 = { HAVE_MARCH_Z196_FEATURES: false } as const;
export const SEQUENTIAL = { MACHINE_HAS_SEQ_INSN: true } as const;
export const EXPOLINE = { EXPOLINE: true } as const;

/** Every way the trampolines are built and entered, at every revision. */
export const WAYS: readonly (readonly [name: string, revision: Revision, turned: Turned])[] = [
  ...REVISIONS.flatMap((revision) => [
    [`${revision}`, revision, {}] as const,
    [`${revision} z10`, revision, Z10] as const,
    [`${revision} expoline`, revision, EXPOLINE] as const,
  ]),
  ['6.12 one instruction', '6.12', SEQUENTIAL],
  ['7.2 one instruction', '7.2', SEQUENTIAL],
  ['7.2 one instruction, z10', '7.2', { ...SEQUENTIAL, ...Z10 }],
];

const loaded = loadBackend(backend);
const builds = new Map<string, Build>();

/** A machine with the trampolines of that configuration, one traced function and a poisoned stack. */
export function rig(revision: Revision, turned: Turned = {}): Rig {
  const key = JSON.stringify([revision, turned]);
  const ready = builds.get(key) ?? build(loaded, config(revision, turned));
  builds.set(key, ready);
  return new Rig(ready);
}

/** PSW_KERNEL_BITS with interrupts on, condition code 0; bits 18 and 19 are the condition code. */
export const PSW = 0x0704_c001_8000_0000n;
export const withCc = (cc: bigint) => PSW | (cc << 44n);

/** Whether a stack word still is as it was filled. */
export function untouched(rig: Rig, address: bigint): boolean {
  return rig.word(address) === memoryPoison(address);
}

/** `c0 04 00 00 00 00` */
export function dump(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
