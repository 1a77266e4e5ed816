// SPDX-License-Identifier: MIT
/** Configurations for the tests of this back-end. */
import type { Config, FeatureTable, Revision } from '../../../harness/backend/contract.js';
import { features } from '../features.js';

/** The modelled configuration of a revision, with some features turned. */
export function config(turned: Readonly<Record<string, boolean>> = {}, revision: Revision = '7.2'): Config {
  const table: FeatureTable = features;
  return { revision, has: (feature) => turned[feature] ?? table[feature]?.[revision] ?? false };
}

export const FRAME_POINTER = { FRAME_POINTER: true, UNWINDER_ORC: false };

export const orc = config();
export const framePointer = config(FRAME_POINTER);
export const ibt = config({ X86_KERNEL_IBT: true });
export const noJmp = config({ DYNAMIC_FTRACE_WITH_JMP: false });

/** The same configurations of the three revisions, oldest first. */
export const REVISIONS: readonly Revision[] = ['6.1', '6.12', '7.2'];
export const builds = REVISIONS.map((revision) => ({
  revision,
  orc: config({}, revision),
  framePointer: config(FRAME_POINTER, revision),
  ibt: config({ X86_KERNEL_IBT: true }, revision),
}));
