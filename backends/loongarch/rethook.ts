// SPDX-License-Identifier: MIT
/**
 * Return hook of kretprobes, and of fprobe exits at 6.12. Sources: linux 7.2 arch/loongarch/kernel/rethook.c,
 * rethook_trampoline.S; 6.12 differs in one register (features.ts).
 */
import type { Rethook } from '../../harness/backend/contract.js';
import { fieldOf, setField } from '../../harness/backend/fields.js';
import { layouts } from './layout.js';

export const rethook = {
  /** A trace shows the trampoline's own address. */
  unwinds: false,
  trampoline: (config) => (config.has('RETHOOK') ? 'arch_rethook_trampoline' : null),
  by: () => 'call',
  handler: 'rethook_handler',
  /** Entered by ftrace or by breakpoint: regs[1] either way. No frame tells one call from another. */
  prepare: ({ config, address }) => ({
    slot: address + BigInt(fieldOf(layouts.ptRegs(config), 'r1').offset),
    frame: 0n,
  }),
  frame: () => 0n,
  /** The generic handler sets the instruction pointer; regs[1] keeps the address of the trampoline. */
  finish: (regs, returnAddress) => {
    setField(regs, layouts.ptRegs(regs.config), 'csr_era', returnAddress);
    return returnAddress;
  },
} as const satisfies Rethook;
