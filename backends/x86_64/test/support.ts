// SPDX-License-Identifier: MIT
/** Configurations for the tests of this back-end. */
import type { Config } from '../../../harness/backend/contract.js';
import { features } from '../features.js';

/** The modelled configuration of 7.2, with some features turned. */
export function config(turned: Readonly<Record<string, boolean>> = {}): Config {
  const table: Readonly<Record<string, { readonly '7.2'?: boolean }>> = features;
  return { revision: '7.2', has: (feature) => turned[feature] ?? table[feature]?.['7.2'] ?? false };
}

export const orc = config();
export const framePointer = config({ FRAME_POINTER: true, UNWINDER_ORC: false });
export const ibt = config({ X86_KERNEL_IBT: true });
export const noJmp = config({ DYNAMIC_FTRACE_WITH_JMP: false });
