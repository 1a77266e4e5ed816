// SPDX-License-Identifier: MIT
/** Configurations for the tests of this back-end: the columns of linux 7.2. */
import type { Config } from '../../../harness/backend/contract.js';
import { features } from '../features.js';

/** The modelled configuration of 7.2, with some features turned. */
export function config(turned: Readonly<Record<string, boolean>> = {}): Config {
  const table: Readonly<Record<string, { readonly '7.2'?: boolean }>> = features;
  return { revision: '7.2', has: (feature) => turned[feature] ?? table[feature]?.['7.2'] ?? false };
}

export const gcc = config();
export const clang = config({ CC_IS_CLANG: true });
/** CFI excludes CALL_OPS, and DIRECT_CALLS need CALL_OPS. */
export const cfi = config({
  CC_IS_CLANG: true,
  CFI: true,
  DYNAMIC_FTRACE_WITH_CALL_OPS: false,
  DYNAMIC_FTRACE_WITH_DIRECT_CALLS: false,
});
export const noDirectCalls = config({ DYNAMIC_FTRACE_WITH_DIRECT_CALLS: false });
export const noFramePointer = config({ FRAME_POINTER: false });
export const uncompressed = config({ RISCV_ISA_C: false });
