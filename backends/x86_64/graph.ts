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

/** From `offset` in the text of a symbol on: canonical frame address (CFA) minus SP. The return address lies below that address. */
type Row = readonly [offset: number, above: number];

/** SP at the block: behind the SUB, and behind a PUSHFQ before it. */
const BLOCK = 176;
const BLOCK_AND_FLAGS = 184;

/** What objtool finds in the entry trampolines, by symbol; a direct trampoline to go to is one word more on the stack. */
const ROWS: Readonly<Record<string, readonly Row[]>> = {
  ftrace_caller: [
    [0, 8],
    [7, BLOCK],
  ],
  ftrace_caller_op_ptr: [[0, BLOCK]],
  ftrace_call: [[0, BLOCK]],
  ftrace_caller_end: [[0, 8]],
  ftrace_regs_caller: [
    [0, 8],
    [1, 16],
    [8, BLOCK_AND_FLAGS],
  ],
  ftrace_regs_caller_flags: [
    [0, 16],
    [7, BLOCK_AND_FLAGS],
  ],
  ftrace_regs_caller_op_ptr: [[0, BLOCK_AND_FLAGS]],
  ftrace_regs_call: [[0, BLOCK_AND_FLAGS]],
  ftrace_regs_caller_jmp: [[0, BLOCK_AND_FLAGS]],
  ftrace_regs_caller_restored: [[0, 16]],
  ftrace_regs_caller_end: [
    [0, 8],
    [1, BLOCK_AND_FLAGS],
  ],
  ftrace_regs_caller_jumps: [
    [0, 16],
    [1, 8],
    [2, BLOCK_AND_FLAGS],
  ],
  // UNWIND_HINT_FUNC behind the POPFQ: the target counts as the return address, as it is one to the RET.
  ftrace_regs_caller_direct: [
    [0, 24],
    [1, 8],
    [7, 16],
    [11, 8],
  ],
};

/** orc_ftrace_find: in a per-ops copy, the same place in what it is a copy of. */
function original(start: UnwindStart, ip: bigint): bigint {
  const copy = start.opsTrampoline?.(ip);
  if (!copy || !start.symbol) return ip;
  return start.symbol(copy.saveRegs ? 'ftrace_regs_caller' : 'ftrace_caller') + ip - copy.start;
}

/** Of an entry trampoline; `undefined` for other text. The frames of frame pointer builds lie between block and return address. */
function entryFrame(start: UnwindStart, ip: bigint): number | undefined {
  const place = start.symbolOf(original(start, ip));
  const row = place && ROWS[place.name]?.findLast(([offset]) => offset <= place.offset);
  return row && row[1] + (row[1] >= BLOCK ? fakeFrames(start.config) : 0);
}

/**
 * The same of the other trampolines, where they have called C. Labels inside a trampoline name the same place.
 */
function trampolineFrame(config: Config, name: string): number | undefined {
  switch (name.replace(/_\d+(_jmp|_stack)?(_called)?$/, '')) {
    // SP was lowered over the slot the RET had popped: it still holds the address of return_to_handler. 6.1 has
    // overwritten it, and its tables end every trace here.
    case 'return_to_handler':
      return config.has('HAVE_FUNCTION_GRAPH_FREGS') ? 176 : undefined;
    // Pushed its own address over the popped slot, which is the cookie.
    case 'arch_rethook_trampoline':
      return 176;
    case 'direct_tramp':
      return 72;
    case 'bpf_fentry':
    case 'bpf_fexit':
    case 'bpf_fmod':
      return 200;
  }
  return undefined;
}

/**
 * Interrupted anywhere in these a trace ends. return_to_handler says so itself for its first instructions; rows for the
 * others are not modelled.
 */
const OPAQUE = /^(return_to_handler|arch_rethook_trampoline|(direct_tramp|bpf_fentry|bpf_fexit|bpf_fmod)_\d)/;

/** What returns to the parent instead of the traced function: SP is above the parent's slot then. */
const AT_PARENT = /^(return_to_handler|arch_rethook_trampoline|bpf_(fexit|fmod)_\d+_jmp(_called)?)$/;

/** CFA minus SP at `pc`, if it is of a trampoline. A return address is looked up as what called: the byte in front of it. */
function aboveReturn(start: UnwindStart, pc: bigint, signal: boolean): number | undefined {
  const entry = entryFrame(start, signal ? pc : pc - 1n);
  if (entry !== undefined) return entry;
  // Of the others it is known only where they call.
  const name = signal ? undefined : start.symbolOf(pc)?.name;
  return name === undefined ? undefined : trampolineFrame(start.config, name);
}

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
  /**
   * Goes from return address slot to return address slot by tables; the cookie is the slot's address. Behind an exception
   * it goes on from the registers saved there, and `ip` is an instruction not yet run.
   */
  unwind: (start) => {
    const trace = [start.pc];
    let { pc, sp: at } = start;
    let signal = false;
    // A trampoline returns behind a call site, where SP still is S; to the unwinder a frame of no size. Those that
    // return to the parent do not.
    let entered = false;
    for (;;) {
      const place = start.symbolOf(pc);
      if (!place || (signal && OPAQUE.test(place.name))) break;
      const above = aboveReturn(start, pc, signal);
      const entry = start.entrySpOf(at) ?? (entered ? at : undefined);
      if (above === undefined && entry === undefined) break;
      const slot = above === undefined ? (entry as bigint) : at + BigInt(above) - 8n;
      const from = above === undefined ? start.exceptionAt?.(slot) : undefined;
      signal = from !== undefined;
      if (from) {
        ({ pc, sp: at } = from);
        // Interrupted before it has called anything, a function has made no frame.
        entered = start.entrySpOf(at) === undefined;
      } else {
        const address = returnAddress(start, slot);
        if (address === 0n) break;
        pc = start.recover(address, slot);
        at = slot + 8n;
        entered = above !== undefined && !AT_PARENT.test(place.name);
      }
      trace.push(pc);
    }
    return trace;
  },
} as const satisfies Graph;
