// SPDX-License-Identifier: MIT
/**
 * The patchable entry of a function and how it is rewritten. Sources: linux 7.2 arch/loongarch/Makefile (compiler
 * flags), arch/loongarch/kernel/ftrace_dyn.c (patching), arch/loongarch/include/asm/ftrace.h; 6.12 is the same.
 *
 *            compiled   initialised       enabled
 *   F+0      nop        move $t0, $ra     move $t0, $ra     <- table entry, rec->ip
 *   F+4      nop        nop               bl target
 *
 * rec->ip names the first word, though it is the second that changes: one of the few places where an `ip` is no
 * address of a call.
 */
import type { CallSite, Patch, Site } from '../../harness/backend/contract.js';
import { ERRNO } from '../../harness/backend/errno.js';
import { type Machine, MachineFault } from '../../harness/machine/types.js';
import {
  callable,
  decode,
  encodeBl,
  encodePlt,
  GENERATION_FAILURE,
  inBranchRange,
  MOVE_T0_RA,
  NOP,
  PLT_BYTES,
  wordBytes,
} from './encoding.js';

/** LOONGARCH_INSN_SIZE: from rec->ip to the word that toggles. */
const BL_AT = 4n;

const word = (machine: Machine, address: bigint) => Number(machine.loadWord(address, 4));

const refuse: Patch = { error: -ERRNO.EINVAL };

/** ftrace_modify_code with validation: the word at `at` must be `old`. */
function modify({ machine }: Site, at: bigint, old: number, next: number): Patch {
  try {
    if (word(machine, at) !== old) return refuse;
  } catch (error) {
    if (error instanceof MachineFault) return { error: -ERRNO.EFAULT };
    throw error;
  }
  return { stores: [{ address: at, bytes: wordBytes(next) }] };
}

/** The BL of a site towards `target`; `null` out of reach. */
function call(site: Site, target: bigint): number | null {
  const from = site.ip + BL_AT;
  const callers = { caller: site.symbol('ftrace_caller'), regsCaller: site.symbol('ftrace_regs_caller') };
  const to = callable({ from, ...callers, plts: site.module?.plts ?? null }, target);
  return to === null ? null : encodeBl(from, to);
}

export const callsite = {
  shape: () => ({
    ...{ before: 0, ip: 0, toggles: 4, resume: 8, table: 0 },
    compiled: wordBytes(NOP, NOP),
  }),

  callAdjust: (_machine, address) => address,

  /** The generic default: rec->ip already is the symbol. */
  symbolAddress: () => 0n,

  modulePlts: ({ symbol }, { plts }) => [
    { address: plts, bytes: wordBytes(...encodePlt(symbol('ftrace_caller'))) },
    { address: plts + PLT_BYTES, bytes: wordBytes(...encodePlt(symbol('ftrace_regs_caller'))) },
  ],

  initNop: (site) => modify(site, site.ip, NOP, MOVE_T0_RA),

  makeCall(site, target) {
    const next = call(site, target);
    return next === null ? refuse : modify(site, site.ip + BL_AT, NOP, next);
  },

  makeNop(site, target) {
    const old = call(site, target);
    return old === null ? refuse : modify(site, site.ip + BL_AT, old, NOP);
  },

  modifyCall(site, from, to) {
    const old = call(site, from);
    const next = call(site, to);
    return old === null || next === null ? refuse : modify(site, site.ip + BL_AT, old, next);
  },

  maySleep: () => true,

  /** One slot serves both trampolines. Nothing is validated here. */
  updateFtraceFunc(site, func) {
    const at = site.symbol('ftrace_call');
    const next = inBranchRange(at, func) ? encodeBl(at, func) : GENERATION_FAILURE;
    return { stores: [{ address: at, bytes: wordBytes(next) }] };
  },

  opsTrampoline: null,

  describe(machine, ip) {
    const at = ip + BL_AT;
    const text = decode(machine.load(at, 4), at)?.text ?? '';
    const target = /^bl (0x[0-9a-f]+)$/.exec(text)?.[1];
    if (target !== undefined) return { state: 'call', target: BigInt(target) };
    return { state: text === 'nop' ? 'nop' : 'unknown', target: null };
  },
} as const satisfies CallSite;
