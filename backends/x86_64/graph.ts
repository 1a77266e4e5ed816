// SPDX-License-Identifier: MIT
/**
 * Function graph and stack traces. Sources: linux 6.1, 6.12, 7.2 arch/x86/kernel/ftrace.c (ftrace_graph_func,
 * ftrace_ops_trampoline), arch/x86/kernel/unwind_orc.c (unwinder), whose tables are made from trampoline.S.
 */
import type { Fregs, Graph, UnwindStart } from '../../harness/backend/contract.js';
import { getField } from '../../harness/backend/fields.js';
import { type OrcArch, type Row, rowsOf } from '../../harness/backend/orc.js';
import { MachineFault } from '../../harness/machine/types.js';
import { instructions } from './instructions.js';
import { layouts } from './layout.js';
import { registers } from './registers.js';

const sp = (fregs: Fregs) => getField(fregs, layouts.ptRegs(fregs.config), 'sp');

const RBP = registers.names.indexOf('rbp');

/** Types of hints as trampoline.S has them. */
const UNDEFINED = 0n;
const FUNC = 5n;

/** What objtool goes by. */
const orc: OrcArch = {
  instructions,
  framePointer: RBP,
  pushed: 8n,
  hints: (text) => ({
    state: new Map(
      text.notes('.discard.unwind_hints').map(([at = 0n, type, above = 0n]) => {
        const state = type === FUNC ? 'function' : type === UNDEFINED ? 'end' : above;
        return [at, state] as const;
      }),
    ),
    calls: new Set(text.notes('.discard.intra_function_calls').map(([at = 0n]) => at)),
  }),
};

/** orc_fp_entry: generated code is taken to have a frame, at each of its instructions. */
const FRAME_POINTER: Row = { base: 'fp', above: 16n, fp: -16n };
const GENERATED = /^bpf_(fentry|fexit|fmod)_\d/;

/** Text that a module has is a copy of what was assembled, and has rows of its own: the same. */
const MODULE = /^direct_tramp_\d/;

/** orc_find: `undefined` for C code, whose rows are not made here. */
function orcFind(start: UnwindStart, ip: bigint): Row | 'end' | undefined {
  const { text, symbol } = start;
  if (!text || !symbol) return undefined;
  const row = rowsOf(orc, text);
  const copy = start.opsTrampoline?.(ip);
  // orc_ftrace_find: the same place in what the trampoline of one ops is a copy of.
  if (copy)
    return row(symbol(copy.saveRegs ? 'ftrace_regs_caller' : 'ftrace_caller') + ip - copy.start) ?? 'end';
  const place = start.symbolOf(ip);
  if (place && GENERATED.test(place.name)) return FRAME_POINTER;
  if (place && MODULE.test(place.name)) return row(symbol(place.name) + BigInt(place.offset)) ?? 'end';
  return place && text.symbols.has(place.name) ? (row(ip) ?? 'end') : undefined;
}

/** The word at `slot`; none beyond the stack. */
function word({ machine }: UnwindStart, slot: bigint): bigint | undefined {
  try {
    return machine.loadWord(slot, 8);
  } catch (error) {
    if (error instanceof MachineFault) return undefined;
    throw error;
  }
}

export const graph = {
  orc,
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
    let { pc, sp: at, fp } = start;
    let signal = false;
    // A trampoline returns behind a call site, where a function has made no frame: SP still is S.
    let bare = false;
    for (;;) {
      // A return address is looked up as what called: the byte in front of it.
      const row = orcFind(start, signal ? pc : pc - 1n);
      if (row === 'end') break;
      const entry = row ? undefined : (start.entrySpOf(at) ?? (bare ? at : undefined));
      if (!row && entry === undefined) break;
      const from = entry === undefined ? undefined : start.exceptionAt?.(entry);
      const before = at;
      signal = from !== undefined;
      if (from) {
        ({ sp: at, fp } = from);
        // unwind_recover_rethook: at its first instruction the slot has just been popped.
        pc =
          from.pc === start.symbol?.('arch_rethook_trampoline') ? start.recover(from.pc, at - 8n) : from.pc;
        bare = true;
      } else {
        const cfa = row ? (row.base === 'sp' ? at : fp) + row.above : (entry as bigint) + 8n;
        const address = word(start, cfa - 8n);
        const saved =
          row?.fp === undefined ? (row ? fp : (start.entryFpOf?.(at) ?? fp)) : word(start, cfa + row.fp);
        if (address === undefined || saved === undefined) break;
        pc = start.recover(address, cfa - 8n);
        fp = saved;
        at = cfa;
        bare = row !== undefined;
        // "stack going in the wrong direction?"
        if (at <= before) break;
      }
      // unwind_get_return_address: what is no kernel text is no frame.
      if (!start.symbolOf(pc)) break;
      trace.push(pc);
    }
    return trace;
  },
} as const satisfies Graph;
