// SPDX-License-Identifier: MIT
/**
 * Function graph and stack traces. Sources: linux 7.2 arch/riscv/kernel/ftrace.c (ftrace_graph_func),
 * arch/riscv/kernel/stacktrace.c (walk_stackframe, frame pointer variant).
 */
import type { Fregs, Graph } from '../../harness/backend/contract.js';
import { fieldOf, getField } from '../../harness/backend/fields.js';
import { abi } from './abi.js';
import { layouts } from './layout.js';

/** sizeof(struct stackframe): the record {s0, ra} that ends where s0 points. */
const RECORD = 16n;

const parentSlot = ({ config, address }: Fregs) =>
  address + BigInt(fieldOf(layouts.ftraceRegs(config), 'ra').offset);

/** fp_is_valid(): aligned, above the present stack pointer, in the same THREAD_SIZE block. */
function isFramePointer(fp: bigint, sp: bigint): boolean {
  const block = BigInt(abi.memory.threadSize);
  const high = ((sp + block - 1n) / block) * block;
  return fp >= sp + RECORD && fp <= high && fp % 8n === 0n;
}

export const graph = {
  entry: () => ({ by: 'ops' }),
  returnArgument: () => 'fregs',
  fprobeHeaderMsb: 0xfn,
  /** The ra field of ftrace_regs; the trampoline loads ra from it. */
  parentSlot,
  framePointer: (fregs) => getField(fregs, layouts.ftraceRegs(fregs.config), 's0'),
  /** The slot again: an address in a frame that is gone when the body runs, so the unwinder never meets it. */
  retp: parentSlot,
  /** HAVE_FUNCTION_GRAPH_FP_TEST. */
  fpTest: (config) => config.has('FUNCTION_GRAPH_TRACER') && config.has('FRAME_POINTER'),
  /** 7.2 function_get_true_parent_ip() passes S, where no slot ever lies. */
  trueParentRetp: (fregs) => getField(fregs, layouts.ftraceRegs(fregs.config), 'sp'),
  /**
   * Follows the records {s0, ra} below each frame pointer; the cookie is the address of the saved ra. The
   * trampolines build no record, so whatever s0 they run with is the next frame. Leaf functions of GCC,
   * which keep s0 where ra should be, are not modelled.
   */
  unwind: ({ machine, pc, sp, fp, symbolOf, recover }) => {
    const trace = [pc];
    let low = sp;
    let frame = fp;
    while (isFramePointer(frame, low)) {
      const slot = frame - 8n;
      const address = recover(machine.loadWord(slot, 8), slot);
      if (symbolOf(address) === undefined) break;
      trace.push(address);
      low = frame;
      frame = machine.loadWord(low - RECORD, 8);
    }
    return trace;
  },
} as const satisfies Graph;
