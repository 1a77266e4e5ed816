// SPDX-License-Identifier: MIT
/**
 * Function graph and stack traces. Sources: linux 6.1, 6.12, 7.2 arch/powerpc/kernel/trace/ftrace.c (ftrace_graph_func),
 * arch/powerpc/kernel/stacktrace.c (arch_stack_walk), arch/powerpc/include/asm/fprobe.h.
 */
import type { Graph, MemoryMap } from '../../harness/backend/contract.js';
import { fieldOf, getField } from '../../harness/backend/fields.js';
import { stackAround } from '../../harness/backend/stacks.js';
import { layouts } from './layout.js';

/** Smallest frame, and the LR save slot in the frame of the caller. */
const FRAME_MIN = 32n;
const LR_SAVE = 16n;

/** validate_sp(): aligned, and a whole frame header on the task's stack. */
function isStackPointer(memory: MemoryMap, sp: bigint): boolean {
  const { low, high } = stackAround(memory, sp);
  return sp % 16n === 0n && sp >= low && sp + FRAME_MIN <= high;
}

export const graph = {
  /** The hook is an ops callback at all three revisions (the two-argument -pg builds apart). */
  entry: ({ revision }) => ({ by: 'ops', locks: revision !== '7.2' }),
  returnArgument: (config) => (config.has('HAVE_FUNCTION_GRAPH_FREGS') ? 'fregs' : 'framePointer'),
  fprobeHeaderMsb: 0xcn,
  /**
   * The link field of ftrace_regs. The hook takes the parent from its argument, and stores the outcome here whatever
   * it was: what an earlier callback stored is lost even if nobody wants the return.
   */
  parentSlot: (fregs) => fregs.address + BigInt(fieldOf(layouts.ftraceRegs(fregs.config), 'link').offset),
  parentFrom: 'parent_ip',
  framePointer: () => 0n,
  /** The caller's stack pointer: an unwinder knows each frame by the pointer to it. */
  retp: (fregs) => getField(fregs, layouts.ftraceRegs(fregs.config), 'gpr1'),
  fpTest: () => false,
  /** 7.2 function_get_true_parent_ip() passes the stack pointer, which is the cookie. */
  trueParentRetp: (fregs) => getField(fregs, layouts.ftraceRegs(fregs.config), 'gpr1'),
  /**
   * Follows the back chain; the return address of a frame lies in the header of the next. This walk, which
   * stack_trace_save() makes, does not look behind return_to_handler; those of show_stack() and of livepatch do, by the
   * address of the header as cookie. Nor does that of perf from a pt_regs, which takes the link register for the first
   * caller whatever it is worth, or 0 where it is no address of code (linux 7.2 arch/powerpc/perf/callchain.c).
   */
  unwind: ({ machine, memory, pc, sp, regs, symbolOf }) => {
    const trace = [pc];
    if (regs) trace.push(symbolOf(regs.link) === undefined ? 0n : regs.link);
    for (let frame = sp; isStackPointer(memory, frame); ) {
      const next = machine.loadWord(frame, 8);
      if (next <= frame || !isStackPointer(memory, next)) break;
      trace.push(machine.loadWord(next + LR_SAVE, 8));
      frame = next;
    }
    return trace;
  },
} as const satisfies Graph;
