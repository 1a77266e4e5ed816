// SPDX-License-Identifier: MIT
/**
 * The patchable entry of a function and how it is rewritten. Sources: linux 7.2 arch/riscv/Makefile (compiler
 * flags), arch/riscv/kernel/ftrace.c (patching), arch/riscv/include/asm/ftrace.h (ip to symbol).
 *
 *            compiled              initialised        enabled
 *   F-8      4 x c.nop (2 x nop)   nop ops            ops or list ops    <- table entry
 *   F+0      2 x c.nop (nop)       auipc t0, hi       auipc t0, hi
 *   F+4      2 x c.nop (nop)       nop                jalr t0, lo(t0)    <- rec->ip
 *
 * The AUIPC always belongs to ftrace_caller, so that one aligned word toggles. In a CFI build, which has no
 * CALL_OPS, the words before F are compiled in all the same, and rec->ip becomes F-4: what is patched there
 * is never executed.
 */
import type { CallSite, Config, Patch, PatchStore, Site } from '../../harness/backend/contract.js';
import { ERRNO } from '../../harness/backend/errno.js';
import { type Machine, MachineFault } from '../../harness/machine/types.js';
import {
  auipcOffset,
  C_EBREAK,
  C_NOP,
  EBREAK,
  encodeAuipc,
  encodeJalr,
  halfwordBytes,
  jalrOffset,
  NOP,
  wordBytes,
} from './encoding.js';

/** rec->ip is the JALR slot; the AUIPC is the word before. */
const AUIPC_SIZE = 4n;
/** How far from ftrace_caller a target may be to be jumped to from the site (JALR_RANGE). */
const JALR_RANGE = 2047n;

const callOps = (config: Config) => config.has('DYNAMIC_FTRACE_WITH_CALL_OPS');

const word = (machine: Machine, address: bigint) => Number(machine.loadWord(address, 4));

function pointerBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

/** The literal is stored before the site changes, so that a caller never finds a stale ops. */
function literalStores(site: Site): readonly PatchStore[] {
  return callOps(site.config) ? [{ address: (site.ip - 12n) & ~7n, bytes: pointerBytes(site.ops) }] : [];
}

/** Literal, then the word at rec->ip. */
function patch(site: Site, slot: number): Patch {
  return { stores: [...literalStores(site), { address: site.ip, bytes: wordBytes(slot) }] };
}

/** 0, or the error of the check that the AUIPC leads to ftrace_caller; a kprobe's breakpoint may hide it. */
function validateAuipc(site: Site, expected: number): number {
  try {
    const found = word(site.machine, site.ip - AUIPC_SIZE);
    const breakpoint = found === EBREAK || (found & 0xffff) === C_EBREAK;
    return found === expected || breakpoint ? 0 : -ERRNO.EINVAL;
  } catch (error) {
    if (error instanceof MachineFault) return -ERRNO.EFAULT;
    throw error;
  }
}

export const callsite = {
  shape(config) {
    const compressed = config.has('RISCV_ISA_C');
    return {
      before: 8,
      ip: callOps(config) ? 4 : -4,
      resume: 8,
      table: -8,
      compiled: compressed ? halfwordBytes(...Array<number>(8).fill(C_NOP)) : wordBytes(NOP, NOP, NOP, NOP),
    };
  },

  callAdjust: (_machine, address, config) => address + (callOps(config) ? 12n : AUIPC_SIZE),

  symbolAddress: (_machine, ip) => ip - AUIPC_SIZE,

  initNop(site) {
    const auipc = site.ip - AUIPC_SIZE;
    const pair = wordBytes(encodeAuipc(site.symbol('ftrace_caller') - auipc), NOP);
    return { stores: [...literalStores(site), { address: auipc, bytes: pair }] };
  },

  /**
   * A target near ftrace_caller gets a JALR of its own, computed against its own rounding: if that differs
   * from the one in the AUIPC, the jump goes 4096 bytes astray. The old text is not looked at.
   */
  makeCall(site, target) {
    const caller = site.symbol('ftrace_caller');
    const distance = target > caller ? target - caller : caller - target;
    const to = distance > JALR_RANGE ? caller : target;
    return patch(site, encodeJalr(to - (site.ip - AUIPC_SIZE)));
  },

  makeNop: (site, _target) => patch(site, NOP),

  modifyCall(site, _from, _to) {
    const offset = site.symbol('ftrace_caller') - (site.ip - AUIPC_SIZE);
    const error = validateAuipc(site, encodeAuipc(offset));
    return error === 0 ? patch(site, encodeJalr(offset)) : { error };
  },

  /** No text changes: with CALL_OPS the callee is chosen per site, else it is a variable. */
  updateFtraceFunc(site, func) {
    if (callOps(site.config)) return { stores: [] };
    return { stores: [{ address: site.symbol('ftrace_call_dest'), bytes: pointerBytes(func) }] };
  },

  opsTrampoline: null,

  describe(machine, ip) {
    const slot = word(machine, ip);
    if (slot === NOP || slot === C_NOP * 0x10001) return { state: 'nop', target: null };
    const low = jalrOffset(slot);
    if (low === undefined) return { state: 'unknown', target: null };
    const auipc = ip - AUIPC_SIZE;
    const high = auipcOffset(word(machine, auipc));
    return { state: 'call', target: high === undefined ? null : BigInt.asUintN(64, auipc + high + low) };
  },
} as const satisfies CallSite;
