// SPDX-License-Identifier: MIT
/**
 * Function graph and stack traces. Sources: linux 7.2 arch/s390/kernel/ftrace.c (ftrace_graph_func), linux 6.12 the
 * same file (prepare_ftrace_return, ftrace_enable_ftrace_graph_caller), arch/s390/kernel/unwind_bc.c,
 * arch/s390/include/asm/stacktrace.h.
 */
import type { Config, Fregs, Graph, GraphEntry, Patch, UnwindStart } from '../../harness/backend/contract.js';
import { ERRNO } from '../../harness/backend/errno.js';
import { fieldOf, getField } from '../../harness/backend/fields.js';
import { stackAround } from '../../harness/backend/stacks.js';
import { MASK_ALWAYS, MASK_NEVER, SITE_SIZE } from './encoding.js';
import { layouts } from './layout.js';

/** struct stack_frame: save slot of r14, back chain, and its size. */
const R14_SLOT = 136n;
const BACK_CHAIN = 152n;
const FRAME_BYTES = 160n;

const BRC = 0xa7;

const sp = (fregs: Fregs) => getField(fregs, layouts.ptRegs(fregs.config), 'gprs[15]');

/** ftrace_patch_branch_mask() on the branch over the call: a NOP lets it happen. */
function toggle({ machine, symbol }: Parameters<GraphToggle>[0], on: boolean): Patch {
  const at = symbol('ftrace_graph_caller');
  const [opcode, mask] = machine.load(at, 2);
  if (opcode !== BRC || mask !== (on ? MASK_ALWAYS : MASK_NEVER)) return { error: -ERRNO.EINVAL };
  return { stores: [{ address: at + 1n, bytes: Uint8Array.of(on ? MASK_NEVER : MASK_ALWAYS) }] };
}
type GraphToggle = Extract<GraphEntry, { by: 'trampoline' }>['toggle'];

export const graph = {
  entry: (config: Config): GraphEntry =>
    config.has('HAVE_FTRACE_GRAPH_FUNC')
      ? { by: 'ops' }
      : {
          by: 'trampoline',
          symbol: 'prepare_ftrace_return',
          toggle,
          /** (r14, SP, psw.addr): the address is taken from fregs after the callbacks, redirected or not. */
          decode: (_machine, [parent = 0n, stack = 0n, address = 0n]) => ({
            slot: null,
            parent,
            ip: address - BigInt(SITE_SIZE),
            framePointer: 0n,
            retp: stack,
          }),
        },
  returnArgument: (config) => (config.has('HAVE_FUNCTION_GRAPH_FREGS') ? 'fregs' : 'framePointer'),
  fprobeHeaderMsb: 0n,
  /** r14 as the function will find it; it then saves that to S+136 itself. */
  parentSlot: (fregs) => fregs.address + BigInt(fieldOf(layouts.ptRegs(fregs.config), 'gprs[14]').offset),
  framePointer: (_fregs) => 0n,
  /** S: names the frame, is not the address of a slot. */
  retp: sp,
  fpTest: (_config) => false,
  trueParentRetp: sp,
  /**
   * Along the back chain; the return address of a frame is in the one above, whose address is the cookie. From a pt_regs
   * first what the callee's save slot for r14 holds, which ftrace_caller fills, unless it is garbage or the address begun with.
   */
  unwind: ({ machine, memory, pc, sp: start, regs, symbolOf, recover }: UnwindStart) => {
    const trace = [pc];
    const { low, high } = stackAround(memory, start);
    const outside = (frame: bigint) => frame < low || frame > high - FRAME_BYTES;
    const own =
      regs === undefined || outside(start) ? pc : recover(machine.loadWord(start + R14_SLOT, 8), start);
    if (own !== pc && symbolOf(own) !== undefined) trace.push(own);
    for (let frame = start; !outside(frame); ) {
      const next = machine.loadWord(frame + BACK_CHAIN, 8);
      if (next <= frame || outside(next)) break;
      const address = machine.loadWord(next + R14_SLOT, 8);
      if (address === 0n) break;
      trace.push(recover(address, next));
      frame = next;
    }
    return trace;
  },
} as const satisfies Graph;
