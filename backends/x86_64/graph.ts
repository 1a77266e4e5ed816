// SPDX-License-Identifier: MIT
/**
 * Function graph and stack traces. Sources: linux 6.1, 6.12, 7.2 arch/x86/kernel/ftrace.c (ftrace_graph_func,
 * ftrace_ops_trampoline), arch/x86/kernel/unwind_orc.c (unwinder), arch/x86/kernel/ftrace_64.S (what its tables say).
 */
import type { Config, Fregs, Graph, UnwindStart } from '../../harness/backend/contract.js';
import { getField } from '../../harness/backend/fields.js';
import { MachineFault } from '../../harness/machine/types.js';
import { layouts } from './layout.js';

const sp = (fregs: Fregs) => getField(fregs, layouts.ptRegs(fregs.config), 'sp');

/** Bytes of the two fake frames that frame pointer builds put above the block. */
const fakeFrames = (config: Config) => (config.has('FRAME_POINTER') ? 40 : 0);

/**
 * Canonical frame address minus SP where a trampoline has called C, as ORC has it: the return address lies
 * just below that address. Labels inside a trampoline name the same place.
 */
function trampolineFrame(config: Config, name: string, offset: number): number | undefined {
  const plain = 176 + fakeFrames(config);
  switch (name.replace(/_\d+(_jmp|_stack)?(_called)?$/, '')) {
    case 'ftrace_caller':
    case 'ftrace_call':
      return plain;
    case 'ftrace_regs_caller':
    case 'ftrace_regs_call':
      return plain + 8;
    // SP was lowered over the slot the RET had popped: it still holds the address of return_to_handler. 6.1 has
    // overwritten it, and its tables end every trace here.
    case 'return_to_handler':
      return config.has('HAVE_FUNCTION_GRAPH_FREGS') ? 176 : undefined;
    // Pushed its own address over the popped slot, which is the cookie.
    case 'arch_rethook_trampoline':
      return 176;
    // A per-ops copy: the unwinder looks up the same offset in the original; the calls lie at 0x7e and
    // 0xc3, with frame pointers at 0x94 and 0xde.
    case 'ftrace_trampoline':
      return offset < 0xa0 ? plain : plain + 8;
    case 'direct_tramp':
      return 72;
    case 'bpf_fentry':
    case 'bpf_fexit':
    case 'bpf_fmod':
      return 200;
  }
  return undefined;
}

/** What returns to the parent instead of the traced function: SP is above the parent's slot then. */
const AT_PARENT = /^(return_to_handler|arch_rethook_trampoline|bpf_(fexit|fmod)_\d+_jmp(_called)?)$/;

/** The word at `slot`; 0, which ends the trace, beyond the stack. */
function returnAddress({ machine }: UnwindStart, slot: bigint): bigint {
  try {
    return machine.loadWord(slot, 8);
  } catch (error) {
    if (error instanceof MachineFault) return 0n;
    throw error;
  }
}

export const graph = {
  /** Before 7.2 ftrace_graph_func() takes the recursion lock itself. */
  entry: ({ revision }) => ({ by: 'ops', locks: revision !== '7.2' }),
  /** Before the generation with ftrace_regs: %rbp, which the core ignores here. */
  returnArgument: (config) => (config.has('HAVE_FUNCTION_GRAPH_FREGS') ? 'fregs' : 'framePointer'),
  fprobeHeaderMsb: 0xfn,
  /** The return address on the stack, whatever the callback did to the registers. */
  parentSlot: sp,
  framePointer: () => 0n,
  /** The slot's own address, exact. */
  retp: sp,
  fpTest: () => false,
  /** 7.2 function_get_true_parent_ip() passes the stack pointer, which is the slot's address here. */
  trueParentRetp: sp,
  /** Goes from return address slot to return address slot by tables; the cookie is the slot's address. */
  unwind: (start) => {
    const trace = [start.pc];
    let { pc, sp: at } = start;
    // A trampoline returns behind a call site, where SP still is S; to the unwinder a frame of no size. Those that
    // return to the parent do not.
    let entered = false;
    for (;;) {
      const place = start.symbolOf(pc);
      const above = place && trampolineFrame(start.config, place.name, place.offset);
      const entry = start.entrySpOf(at) ?? (entered ? at : undefined);
      if (!place || (above === undefined && entry === undefined)) break;
      const slot = above === undefined ? (entry as bigint) : at + BigInt(above) - 8n;
      const address = returnAddress(start, slot);
      if (address === 0n) break;
      pc = start.recover(address, slot);
      at = slot + 8n;
      entered = above !== undefined && !AT_PARENT.test(place.name);
      trace.push(pc);
    }
    return trace;
  },
} as const satisfies Graph;
