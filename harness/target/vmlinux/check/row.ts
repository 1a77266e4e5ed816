// SPDX-License-Identifier: MIT
/** One thing that a back-end says of a kernel, and what the kernel says of it. */

export type Verdict =
  | 'confirmed'
  | 'contradicted'
  /** Contradicted, and the back-end says why this kernel has it otherwise. */
  | 'declared'
  /** The kernel does not tell. */
  | 'unchecked';

export const VERDICTS: readonly Verdict[] = ['confirmed', 'contradicted', 'declared', 'unchecked'];

export type Check = 'layout' | 'feature' | 'call site' | 'instruction';

export const CHECKS: readonly Check[] = ['layout', 'feature', 'call site', 'instruction'];

export interface Row {
  readonly arch: string;
  readonly revision: string;
  readonly check: Check;
  /** `pt_regs.sp`, `FPROBE`, `bytes`, `ftrace_caller: stp`. */
  readonly item: string;
  readonly verdict: Verdict;
  /** What the back-end says. */
  readonly ours: string;
  /** What the kernel has; '' where it does not tell. */
  readonly kernel: string;
  /** Why it could not be checked, or why it differs. */
  readonly reason?: string;
}

/** A row before it is known which kernel it is about. */
export type Finding = Omit<Row, 'arch' | 'revision' | 'check'>;

export const compared = (item: string, ours: string, kernel: string, reason?: string): Finding => {
  if (ours === kernel) return { item, verdict: 'confirmed', ours, kernel };
  return { item, verdict: 'contradicted', ours, kernel, ...(reason === undefined ? {} : { reason }) };
};

export const unchecked = (item: string, ours: string, reason: string): Finding => ({
  item,
  verdict: 'unchecked',
  ours,
  kernel: '',
  reason,
});
