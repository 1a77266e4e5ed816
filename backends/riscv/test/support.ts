// SPDX-License-Identifier: MIT
/** Configurations for the tests of this back-end: the columns of linux 6.1, 6.12 and 7.2. */
import type { Config, FeatureTable, Revision } from '../../../harness/backend/contract.js';
import { features } from '../features.js';

const table: FeatureTable = features;

/** The modelled configuration of a revision, with some features turned. */
export function config(turned: Readonly<Record<string, boolean>> = {}, revision: Revision = '7.2'): Config {
  return { revision, has: (feature) => turned[feature] ?? table[feature]?.[revision] ?? false };
}

/** The configurations of the older revisions. */
export const v61 = config({}, '6.1');
export const v612 = config({}, '6.12');
export const v61NoFramePointer = config({ FRAME_POINTER: false }, '6.1');
export const v612NoFramePointer = config({ FRAME_POINTER: false }, '6.12');
export const v612Clang = config({ CC_IS_CLANG: true }, '6.12');

/** Variants of 7.2. */
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
