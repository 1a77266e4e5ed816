// SPDX-License-Identifier: MIT
/**
 * Hooked returns by way of a trap. The trampoline is a NOP with a kprobe on it and a BLR: its pt_regs is an exception
 * frame. Sources: linux 6.1 arch/powerpc/kernel/kprobes.c (kretprobe_trampoline), linux 6.12 and 7.2
 * arch/powerpc/kernel/rethook.c.
 */
import type { Rethook } from '../../harness/backend/contract.js';
import { fieldOf, getField, setField } from '../../harness/backend/fields.js';
import { accessors } from './accessors.js';
import { layouts } from './layout.js';

/** The NOP under the probe, which is emulated after the handler. */
const PROBED_INSN = 4n;

export const rethook = {
  unwinds: false,
  trampoline: ({ revision }) => (revision === '6.1' ? '__kretprobe_trampoline' : 'arch_rethook_trampoline'),
  by: () => 'kprobe',
  handler: 'rethook_handler',
  /** 6.1 keeps no frame: NULL is compared with NULL. */
  prepare: (regs) => ({
    slot: regs.address + BigInt(fieldOf(layouts.ptRegs(regs.config), 'link').offset),
    frame: regs.config.revision === '6.1' ? 0n : getField(regs, layouts.ptRegs(regs.config), 'gpr1'),
  }),
  frame: (regs) =>
    regs.config.revision === '6.1' ? 0n : getField(regs, layouts.ptRegs(regs.config), 'gpr1'),
  /** Emulating the NOP adds 4 to nip; link serves the BLR of the path without a trap. */
  finish: (regs, returnAddress) => {
    accessors.setInstructionPointer(regs, returnAddress - PROBED_INSN);
    setField(regs, layouts.ptRegs(regs.config), 'link', returnAddress);
    return returnAddress;
  },
} as const satisfies Rethook;
