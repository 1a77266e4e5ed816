// SPDX-License-Identifier: MIT
/**
 * The return trampoline of rethook and, before it, of kretprobes. Sources: linux 7.2 arch/s390/kernel/rethook.c,
 * linux 6.1 arch/s390/kernel/kprobes.c (handlers), arch/s390/kernel/mcount.S (the trampoline, alike in both).
 */
import type { Fregs, Rethook } from '../../harness/backend/contract.js';
import { fieldOf, getField, setField } from '../../harness/backend/fields.js';
import { layouts } from './layout.js';

const sp = (regs: Fregs) => getField(regs, layouts.ptRegs(regs.config), 'gprs[15]');

export const rethook = {
  unwinds: true,
  trampoline: (config) => (config.has('RETHOOK') ? 'arch_rethook_trampoline' : '__kretprobe_trampoline'),
  by: () => 'call',
  handler: 'rethook_handler',
  /** At a function's entry the return address is in r14, however the probe got there. */
  prepare: (regs, _mcount) => ({
    slot: regs.address + BigInt(fieldOf(layouts.ptRegs(regs.config), 'gprs[14]').offset),
    frame: sp(regs),
  }),
  /** SP is S again when the function has returned. */
  frame: sp,
  /**
   * r14 as it would be without the hook. Where to continue is psw.addr: the core has put the return address there
   * before the handlers, and a handler may have changed it. The trampoline has no use for the result.
   */
  finish: (regs, returnAddress) => {
    setField(regs, layouts.ptRegs(regs.config), 'gprs[14]', returnAddress);
    return returnAddress;
  },
} as const satisfies Rethook;
