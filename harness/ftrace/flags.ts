// SPDX-License-Identifier: MIT
/**
 * Flag words of the ftrace core. Bits as in linux 7.2 include/linux/ftrace.h (FTRACE_OPS_FL_*, FTRACE_FL_*);
 * older revisions lack the highest ones.
 */

/** FTRACE_OPS_FL_*. SAVE_ARGS has no bit: with WITH_ARGS arguments are always saved. */
export const OPS = {
  ENABLED: 1 << 0,
  DYNAMIC: 1 << 1,
  SAVE_REGS: 1 << 2,
  SAVE_REGS_IF_SUPPORTED: 1 << 3,
  RECURSION: 1 << 4,
  STUB: 1 << 5,
  INITIALIZED: 1 << 6,
  DELETED: 1 << 7,
  ALLOC_TRAMP: 1 << 11,
  IPMODIFY: 1 << 12,
  PID: 1 << 13,
  RCU: 1 << 14,
  PERMANENT: 1 << 16,
  DIRECT: 1 << 17,
  SUBOP: 1 << 18,
  GRAPH: 1 << 19,
} as const;

/** FTRACE_FL_* of a record; the counter is kept apart. */
export const REC = {
  ENABLED: 1 << 31,
  REGS: 1 << 30,
  REGS_EN: 1 << 29,
  TRAMP: 1 << 28,
  TRAMP_EN: 1 << 27,
  IPMODIFY: 1 << 26,
  DISABLED: 1 << 25,
  DIRECT: 1 << 24,
  DIRECT_EN: 1 << 23,
  CALL_OPS: 1 << 22,
  CALL_OPS_EN: 1 << 21,
  TOUCHED: 1 << 20,
  MODIFIED: 1 << 19,
} as const;

/** FTRACE_MODIFY_*: what ftrace_replace_code() is told. */
export const MODIFY = { ENABLE: 1 << 0, MAY_SLEEP: 1 << 1 } as const;

/** Names of the set flags, in the order of the table above. */
export function recordFlagNames(flags: number): string[] {
  return Object.entries(REC)
    .filter(([, bit]) => (flags & bit) !== 0)
    .map(([name]) => name);
}
