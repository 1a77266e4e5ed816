// SPDX-License-Identifier: MIT
/**
 * What changed in function graph from kernel to kernel. 6.1: one user and an array of 50 frames. 6.12: a stack of
 * words, 16 users, reserved data. 7.2: callbacks get ftrace_regs, times have left the frames, recursion is
 * prevented here. Sources: linux 6.1, 6.12, 7.2 kernel/trace/fgraph.c, include/linux/ftrace.h.
 */
import type { Revision } from '../../backend/contract.js';

export interface GraphGeneration {
  /** How many users may be registered. */
  readonly users: 1 | 16;
  /** Frames at most, whatever their size; `null`: as many as the words hold. */
  readonly frames: number | null;
  /** Words of a frame for calltime (and, with a profiler, subtime). */
  readonly timeWords: 0 | 1;
  /** function_graph_enter takes the recursion lock itself. */
  readonly locks: boolean;
  /** Entry and exit handlers get ftrace_regs, and its ip is the return address at exit. */
  readonly fregs: boolean;
  /** ftrace_graph_ret_addr() takes the first frame with equal retp from the bottom, or from the top. */
  readonly searches: 'bottom' | 'top';
  /** A second registration of the same gops has lost its index before it is refused. */
  readonly forgetsIndex: boolean;
  /** A registration that failed leaves the gops marked as registered. */
  readonly keepsFlag: boolean;
}

const GENERATIONS: Readonly<Record<Revision, GraphGeneration>> = {
  '6.1': {
    users: 1,
    frames: 50,
    timeWords: 1,
    locks: false,
    fregs: false,
    searches: 'bottom',
    forgetsIndex: false,
    keepsFlag: false,
  },
  '6.12': {
    users: 16,
    frames: null,
    timeWords: 1,
    locks: false,
    fregs: false,
    searches: 'top',
    forgetsIndex: true,
    keepsFlag: false,
  },
  '7.2': {
    users: 16,
    frames: null,
    timeWords: 0,
    locks: true,
    fregs: true,
    searches: 'top',
    forgetsIndex: false,
    keepsFlag: true,
  },
};

export function graphGeneration(revision: Revision): GraphGeneration {
  return GENERATIONS[revision];
}
