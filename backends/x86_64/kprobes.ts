// SPDX-License-Identifier: MIT
/**
 * kprobes. On a call site they are callbacks of ftrace; in the rest of it no instruction begins, so that no breakpoint is
 * ever planted in a modelled function. Sources: linux 6.1, 6.12, 7.2 arch/x86/kernel/kprobes/core.c, ftrace.c.
 */
import type { Kprobes } from '../../harness/backend/contract.js';
import { ERRNO } from '../../harness/backend/errno.js';
import { accessors } from './accessors.js';
import { decode, isEndbr, SITE_SIZE } from './encoding.js';

/** sizeof(kprobe_opcode_t): an INT3. */
const BREAKPOINT_SIZE = 1n;
const ENDBR_SIZE = 4;

export const kprobes = {
  regs: accessors,

  /** Behind an ENDBR, either address is the entry, and the probe goes to the call site. */
  address({ machine, config, symbol, offset }) {
    if (!isEndbr(machine.load(symbol, ENDBR_SIZE), config))
      return { at: symbol + BigInt(offset), entry: offset === 0 };
    const entry = offset === 0 || offset === ENDBR_SIZE;
    return { at: symbol + BigInt(entry ? ENDBR_SIZE : offset), entry };
  },

  /** As after an INT3, then as after the NOP; a handler that returned 0 has changed nothing. */
  ftrace: {
    pre: (_found, ip) => ip + BREAKPOINT_SIZE,
    post: (_now, ip) => ip + BigInt(SITE_SIZE),
    resume: (found) => found,
  },

  /** can_probe(): decodes from the symbol on. */
  prepare(machine, at, symbol) {
    let here = symbol;
    while (here < at) {
      const length = decode(machine.load(here, SITE_SIZE), here)?.length;
      if (length === undefined) break;
      here += BigInt(length);
    }
    if (here > at) return -ERRNO.EILSEQ;
    throw new RangeError('no instruction of the call site can be displaced');
  },

  exception: null,
} as const satisfies Kprobes;
