// SPDX-License-Identifier: MIT
/**
 * kprobes. On a call site they are callbacks of ftrace; in the rest of it no instruction begins, so that no breakpoint is
 * ever planted in a modelled function. Sources: linux 6.1, 6.12, 7.2 arch/s390/kernel/ftrace.c (kprobe_ftrace_handler),
 * linux 6.12 arch/s390/kernel/kprobes.c (can_probe).
 */
import type { Kprobes } from '../../harness/backend/contract.js';
import { ERRNO } from '../../harness/backend/errno.js';
import { accessors } from './accessors.js';
import { SITE_SIZE } from './encoding.js';

export const kprobes = {
  regs: accessors,

  address: ({ symbol, offset }) => ({ at: symbol + BigInt(offset), entry: offset === 0 }),

  /** The site itself; then behind it, whatever an earlier callback or the handler had put there. */
  ftrace: {
    pre: (_found, ip) => ip,
    post: (_now, ip) => ip + BigInt(SITE_SIZE),
    resume: (_found, now) => now,
  },

  /** Odd, or inside of the one instruction that the model has: the same error. */
  prepare(_machine, at, symbol) {
    if (at % 2n !== 0n || at - symbol < BigInt(SITE_SIZE)) return -ERRNO.EINVAL;
    throw new RangeError('no instruction of the call site can be displaced');
  },

  exception: null,
} as const satisfies Kprobes;
