// SPDX-License-Identifier: MIT
/**
 * Hooked returns: at 6.1 the private trampoline of kretprobes, then arch_rethook_trampoline. Sources: linux 6.1
 * arch/riscv/kernel/probes/kprobes_trampoline.S, kprobes.c; linux 6.12, 7.2 arch/riscv/kernel/probes/rethook.c,
 * rethook_trampoline.S.
 */
import type { Fregs, Rethook } from '../../harness/backend/contract.js';
import { fieldOf, getField, setField } from '../../harness/backend/fields.js';
import { layouts } from './layout.js';

/** kretprobes of 6.1 do not check a frame: NULL for every instance. */
const frame = (regs: Fregs) =>
  regs.config.has('RETHOOK') ? getField(regs, layouts.ptRegs(regs.config), 's0') : 0n;

export const rethook = {
  unwinds: false,
  trampoline: (config) => (config.has('RETHOOK') ? 'arch_rethook_trampoline' : '__kretprobe_trampoline'),
  by: () => 'call',
  handler: 'rethook_handler',
  /** ra of the pt_regs, which the kprobe's exception or, at 6.1, ftrace_regs_caller has saved and will restore. */
  prepare: (regs, _mcount) => ({
    slot: regs.address + BigInt(fieldOf(layouts.ptRegs(regs.config), 'ra').offset),
    frame: frame(regs),
  }),
  frame,
  /** The core sets epc for the handlers; the trampoline returns to the value. */
  finish: (regs, returnAddress) => {
    setField(regs, layouts.ptRegs(regs.config), 'epc', returnAddress);
    return returnAddress;
  },
} as const satisfies Rethook;
