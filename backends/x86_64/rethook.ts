// SPDX-License-Identifier: MIT
/**
 * The return hook of kretprobes, and of fprobe before 7.2: linux 6.1, 6.12, 7.2 arch/x86/kernel/rethook.c. The
 * trampoline's pt_regs ends at the slot the RET had popped, where the trampoline has put its own address again and C
 * puts the real one.
 */
import type { Fregs, Rethook } from '../../harness/backend/contract.js';
import { fieldOf, getField, setField } from '../../harness/backend/fields.js';
import { layouts } from './layout.js';

const KERNEL_CS = 0x10n;
const ORIG_AX_NONE = 0xffff_ffff_ffff_ffffn;
/** What the trampoline had pushed before SP: its own address and a selector. */
const PUSHED = 16n;

const get = (at: Fregs, name: string) => getField(at, layouts.ptRegs(at.config), name);
const set = (at: Fregs, name: string, value: bigint) => setField(at, layouts.ptRegs(at.config), name, value);

/** Address of the word behind the pt_regs. */
const frame = (regs: Fregs) => regs.address + BigInt(layouts.ptRegs(regs.config).size);

export const rethook = {
  /** ORC: unwind_recover_ret_addr() asks rethook_find_ret_addr(), frame pointers too. */
  unwinds: true,
  trampoline: () => 'arch_rethook_trampoline',
  by: () => 'call',
  handler: 'rethook_handler',
  /** The same from a breakpoint and from an ftrace trampoline: the return address lies on the stack. */
  prepare: (regs) => {
    const slot = get(regs, 'sp');
    return { slot, frame: slot };
  },
  /** cs is written in its own width; what the trampoline left unwritten above that stays. */
  enter: (regs) => {
    set(regs, 'cs', KERNEL_CS);
    set(regs, 'ip', regs.machine.loadWord(frame(regs), 8));
    set(regs, 'orig_ax', ORIG_AX_NONE);
    set(regs, 'sp', get(regs, 'sp') + PUSHED);
  },
  frame,
  /** The flags go where the trampoline pops them from, the whole word of ss. Returns nothing. */
  finish: (regs, returnAddress) => {
    const { machine, address, config } = regs;
    machine.storeWord(frame(regs), 8, returnAddress);
    const { offset } = fieldOf(layouts.ptRegs(config), 'ss');
    machine.storeWord(address + BigInt(offset), 8, get(regs, 'flags'));
    return 0n;
  },
} as const satisfies Rethook;
