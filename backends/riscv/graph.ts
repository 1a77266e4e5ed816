// SPDX-License-Identifier: MIT
/**
 * Function graph and stack traces. Sources: linux 6.1 arch/riscv/kernel/ftrace.c (prepare_ftrace_return and the
 * switches), linux 6.12, 7.2 arch/riscv/kernel/ftrace.c (ftrace_graph_func), linux 6.1, 6.12, 7.2
 * arch/riscv/kernel/stacktrace.c (walk_stackframe, frame pointer variant).
 */
import type { Fregs, Graph, GraphEntry } from '../../harness/backend/contract.js';
import { fieldOf, getField } from '../../harness/backend/fields.js';
import { abi } from './abi.js';
import { encodeCall, NOP, wordBytes } from './encoding.js';
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

/** 6.1: one slot in each trampoline, behind the callback; a call or two NOPs, and no look at the old text. */
const SECOND_CALL: GraphEntry = {
  by: 'trampoline',
  symbol: 'prepare_ftrace_return',
  toggle: (site, on, target) => ({
    stores: ['ftrace_graph_call', 'ftrace_graph_regs_call'].map((slot) => {
      const address = site.symbol(slot);
      return { address, bytes: wordBytes(...(on ? encodeCall('ra', target - address) : [NOP, NOP])) };
    }),
  }),
  /** (parent slot, self address, frame pointer); without the frame pointer test the last is what C left there. */
  decode: (machine, [slot = 0n, ip = 0n, framePointer = 0n]) => ({
    slot,
    parent: machine.loadWord(slot, 8),
    ip,
    framePointer,
    retp: slot,
  }),
};

export const graph = {
  entry: (config) => (config.has('DYNAMIC_FTRACE_WITH_ARGS') ? { by: 'ops' } : SECOND_CALL),
  returnArgument: (config) => (config.has('HAVE_FUNCTION_GRAPH_FREGS') ? 'fregs' : 'framePointer'),
  fprobeHeaderMsb: 0xfn,
  /** The ra field of ftrace_regs; the trampoline loads ra from it. 6.1 hands the slot to its hook instead. */
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
