// SPDX-License-Identifier: MIT
/**
 * Function graph and stack traces. Sources: linux 7.2 arch/loongarch/kernel/ftrace_dyn.c (ftrace_graph_func), the same in
 * effect at 6.12 by way of prepare_ftrace_return(); arch/loongarch/kernel/unwind.c, unwind_prologue.c, unwind_orc.c.
 */
import type { Fregs, Graph, UnwindStart } from '../../harness/backend/contract.js';
import { fieldOf, getField } from '../../harness/backend/fields.js';
import { MachineFault } from '../../harness/machine/types.js';
import { MOVE_T0_RA } from './encoding.js';
import { layouts } from './layout.js';

const INSTRUCTION = 4n;

/** GRAPH_FAKE_OFFSET: from a function's entry SP down to regs[1] in a trampoline's frame. */
const FAKE_OFFSET = 312n;

const parentSlot = ({ config, address }: Fregs) =>
  address + BigInt(fieldOf(layouts.ptRegs(config), 'r1').offset);

/** Where the unwinder is: SP and address there; `link`: the link register, known only from a pt_regs. */
interface State {
  readonly pc: bigint;
  readonly sp: bigint;
  readonly link?: bigint;
}

/**
 * What analysis of the prologue finds in a stub: how far it lowers SP first, and where the lowered SP then has ra.
 * A BPF trampoline lowers SP a second time, unseen. The hooks store no ra before their first branch, or their own
 * address: nothing to go on to.
 */
function stubFrame(name: string): { readonly size: bigint; readonly ra: bigint } | null | undefined {
  switch (name.replace(/_\d+(_called|_exit)?$/, '')) {
    case 'direct_tramp':
      return { size: 80n, ra: 64n };
    case 'bpf_fentry':
    case 'bpf_fexit':
    case 'bpf_fmod':
      return { size: 16n, ra: 8n };
    case 'return_to_handler':
    case 'arch_rethook_trampoline':
    case 'ftrace_caller':
    case 'ftrace_regs_caller':
    case 'ftrace_common':
    case 'ftrace_call':
      return null;
  }
  return undefined;
}

/** One frame up; `undefined` at the end. ORC tables say nothing of code written in assembler: the trace ends there. */
function up(start: UnwindStart, { pc, sp, link }: State): State | undefined {
  const word = (address: bigint) => start.machine.loadWord(address, 8);
  // A return address may lie behind the last instruction of its function; an interrupted one does not.
  const place = start.symbolOf(link === undefined ? pc - INSTRUCTION : pc);
  if (!place) return undefined;
  const prologue = !start.config.has('UNWINDER_ORC');
  if (prologue && place.name === 'ftrace_call' && place.offset === 0) {
    const regs = { ...start, address: sp };
    const field = (name: string) => getField(regs, layouts.ptRegs(start.config), name);
    return { pc: field('csr_era'), sp: field('r3'), link: field('r1') };
  }
  // Behind the call site there is no frame yet: the return address still is in the link register, if that is known.
  if (link !== undefined && link !== pc) return { pc: link, sp };
  if (prologue && start.machine.loadWord(pc - 2n * INSTRUCTION, 4) === BigInt(MOVE_T0_RA)) return undefined;
  const stub = stubFrame(place.name);
  if (stub === null || (stub !== undefined && !prologue)) return undefined;
  if (stub) return { pc: word(sp + stub.ra), sp: sp + stub.size };
  const entry = start.entrySpOf(sp);
  return entry === undefined ? undefined : { pc: word(entry - 8n), sp: entry };
}

export const graph = {
  entry: () => ({ by: 'ops' }),
  returnArgument: () => 'fregs',
  /** Two words: the addresses of this kernel do not have their top bits in common. */
  fprobeHeaderMsb: null,
  /** regs[1] of the trampoline's frame, whatever an earlier callback has put there. */
  parentSlot,
  framePointer: () => 0n,
  /** The slot again: an address in a frame that is gone when the body runs, only compared with. */
  retp: parentSlot,
  fpTest: () => false,
  /** 7.2 function_get_true_parent_ip() passes S, where the slot lies 312 bytes below. */
  trueParentRetp: (fregs) => getField(fregs, layouts.ptRegs(fregs.config), 'r3'),
  /** Goes up by prologues; the cookie is where the slot lay when the function's entry SP was this one. */
  unwind: (start) => {
    const trace = [start.pc];
    // From a pt_regs at the first instruction of a body the link register still has the return address.
    let state: State = start.regs?.framed === false ? { ...start, link: start.regs.link } : start;
    for (;;) {
      try {
        const next = up(start, state);
        if (!next) break;
        const pc = start.recover(next.pc, next.sp - FAKE_OFFSET);
        if (start.symbolOf(pc) === undefined) break;
        state = { ...next, pc };
      } catch (error) {
        if (error instanceof MachineFault) break;
        throw error;
      }
      trace.push(state.pc);
    }
    return trace;
  },
} as const satisfies Graph;
