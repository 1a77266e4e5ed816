// SPDX-License-Identifier: MIT
/**
 * Function graph and stack traces. Sources: linux 6.1, 6.12, 7.2 arch/arm64/kernel/ftrace.c (ftrace_graph_func,
 * prepare_ftrace_return), arch/arm64/kernel/stacktrace.c (kernel unwinder, frame records).
 */
import type { Config, Fregs, Graph } from '../../harness/backend/contract.js';
import { fieldOf, getField } from '../../harness/backend/fields.js';
import { stackAround } from '../../harness/backend/stacks.js';
import { layouts } from './layout.js';

/** Names of x29 and x30 in ftrace_regs, which is a pt_regs without WITH_ARGS. */
const frame = (config: Config) =>
  config.has('DYNAMIC_FTRACE_WITH_ARGS') ? { fp: 'fp', lr: 'lr' } : { fp: 'x29', lr: 'x30' };

const framePointer = (fregs: Fregs) =>
  getField(fregs, layouts.ftraceRegs(fregs.config), frame(fregs.config).fp);

export const graph = {
  /** ftrace_graph_func() at every revision: arm64 has no second call in its trampoline. */
  entry: () => ({ by: 'ops' }),
  returnArgument: (config) => (config.has('HAVE_FUNCTION_GRAPH_FREGS') ? 'fregs' : 'framePointer'),
  fprobeHeaderMsb: 0xfn,
  /** The lr field of ftrace_regs; the trampoline loads x30 from it. */
  parentSlot: ({ config, address }) =>
    address + BigInt(fieldOf(layouts.ftraceRegs(config), frame(config).lr).offset),
  framePointer,
  /** The caller's frame record, not the slot: the unwinder compares with the fp it follows. */
  retp: framePointer,
  fpTest: () => true,
  /** 7.2 function_get_true_parent_ip() passes the stack pointer: no match unless SP equals the record's address. */
  trueParentRetp: (fregs) => getField(fregs, layouts.ftraceRegs(fregs.config), 'sp'),
  /**
   * Follows frame records {previous x29, return address}; the cookie is the next record's address. A record lies
   * on the stack, aligned to 8 and above the one before; {0, 0} is the last.
   */
  unwind: ({ machine, memory, pc, sp, fp, recover }) => {
    // The stack is found around the record: sp may be one that was never saved.
    const { low, high } = stackAround(memory, fp);
    const trace = [pc];
    let floor = sp > low && sp < high ? sp : low;
    let record = fp;
    while (record % 8n === 0n && record >= floor && record + 16n <= high) {
      const next = machine.loadWord(record, 8);
      const address = machine.loadWord(record + 8n, 8);
      if (next === 0n && address === 0n) break;
      trace.push(recover(address, next));
      floor = record + 16n;
      record = next;
    }
    return trace;
  },
} as const satisfies Graph;
