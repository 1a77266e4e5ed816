// SPDX-License-Identifier: MIT
/**
 * Returns hooked by kretprobes. arm64 has no rethook at any revision. At 6.1 the hooked function returns to a
 * trampoline that builds a pt_regs by hand. Later it returns into a breakpoint (BRK #7): the pt_regs is that of the
 * exception, and the way back an exception return. Sources: linux 6.1, 6.12, 7.2 arch/arm64/kernel/probes/kprobes.c,
 * kprobes_trampoline.S.
 */
import type { Fregs, Rethook } from '../../harness/backend/contract.js';
import { fieldOf, getField, setField } from '../../harness/backend/fields.js';
import { layouts } from './layout.js';

const frame = (regs: Fregs) => getField(regs, layouts.ptRegs(regs.config), 'x29');

export const rethook = {
  unwinds: true,
  trampoline: () => '__kretprobe_trampoline',
  by: (config) => (config.has('KRETPROBE_BRK') ? 'trap' : 'call'),
  handler: 'rethook_handler',
  /** The slot is x30 of the pt_regs that the kprobe's breakpoint saved: no kprobe is ever based on ftrace. */
  prepare: (regs, _mcount) => ({
    slot: regs.address + BigInt(fieldOf(layouts.ptRegs(regs.config), 'x30').offset),
    frame: frame(regs),
  }),
  frame,
  /** The core sets pc for the handlers; the trampoline returns to the value. */
  finish: (regs, returnAddress) => {
    setField(regs, layouts.ptRegs(regs.config), 'pc', returnAddress);
    return returnAddress;
  },
} as const satisfies Rethook;
