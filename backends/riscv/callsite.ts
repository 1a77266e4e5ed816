// SPDX-License-Identifier: MIT
/**
 * The patchable entry of a function and how it is rewritten. Sources: linux 6.1, 6.12, 7.2 arch/riscv/Makefile
 * (compiler flags), arch/riscv/kernel/ftrace.c (patching); linux 7.2 arch/riscv/include/asm/ftrace.h (ip to symbol).
 *
 * At 6.1 and 6.12 a site is the eight bytes at F, rec->ip is F, and both words change at once while all CPUs wait:
 *
 *   compiled  4 x c.nop (2 x nop)      disabled  nop; nop      enabled  auipc t0, hi; jalr t0, lo(t0)
 *
 * 7.2 (FTRACE_TOGGLES_JALR):
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
  encodeCall,
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

const togglesJalr = (config: Config) => config.has('FTRACE_TOGGLES_JALR');
const callOps = (config: Config) => config.has('DYNAMIC_FTRACE_WITH_CALL_OPS');

const word = (machine: Machine, address: bigint) => Number(machine.loadWord(address, 4));

function pointerBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

/** The literal lies 8 bytes before F. */
const literalAt = (ip: bigint) => (ip - 12n) & ~7n;

/** The literal is stored before the site changes, so that a caller never finds a stale ops. */
function literalStores(site: Site): readonly PatchStore[] {
  return callOps(site.config) ? [{ address: literalAt(site.ip), bytes: pointerBytes(site.ops) }] : [];
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

/** 6.1, 6.12: both words, nothing else and no literal. */
const patchPair = (site: Site, pair: readonly number[]): Patch => ({
  stores: [{ address: site.ip, bytes: wordBytes(...pair) }],
});

const pairTo = (site: Pick<Site, 'ip'>, target: bigint) => encodeCall('t0', target - site.ip);

/** ftrace_check_current_call(): 0, or the error of the old text not being the call of `from`. */
function validatePair(site: Site, from: bigint): number {
  try {
    const found = [word(site.machine, site.ip), word(site.machine, site.ip + 4n)];
    return pairTo(site, from).every((due, index) => due === found[index]) ? 0 : -ERRNO.EINVAL;
  } catch (error) {
    if (error instanceof MachineFault) return -ERRNO.EFAULT;
    throw error;
  }
}

/** Patched calls of the trampolines, at 6.1 one in each. */
const calls = (config: Config) =>
  config.has('DYNAMIC_FTRACE_WITH_ARGS') ? ['ftrace_call'] : ['ftrace_call', 'ftrace_regs_call'];

export const callsite = {
  shape(config) {
    const compressed = config.has('RISCV_ISA_C');
    if (!togglesJalr(config)) {
      const compiled = compressed ? halfwordBytes(C_NOP, C_NOP, C_NOP, C_NOP) : wordBytes(NOP, NOP);
      return { before: 0, ip: 0, resume: 8, table: 0, compiled };
    }
    return {
      before: 8,
      ip: callOps(config) ? 4 : -4,
      resume: 8,
      table: -8,
      compiled: compressed ? halfwordBytes(...Array<number>(8).fill(C_NOP)) : wordBytes(NOP, NOP, NOP, NOP),
    };
  },

  callAdjust(_machine, address, config) {
    if (!togglesJalr(config)) return address;
    return address + (callOps(config) ? 12n : AUIPC_SIZE);
  },

  symbolAddress: (_machine, ip, config) => (togglesJalr(config) ? ip - AUIPC_SIZE : ip),

  initNop(site) {
    if (!togglesJalr(site.config)) return patchPair(site, [NOP, NOP]);
    const auipc = site.ip - AUIPC_SIZE;
    const pair = wordBytes(encodeAuipc(site.symbol('ftrace_caller') - auipc), NOP);
    return { stores: [...literalStores(site), { address: auipc, bytes: pair }] };
  },

  /**
   * 6.1, 6.12: any target, the offset truncated to 32 bits. 7.2: a target near ftrace_caller gets a JALR of its own, computed against its own rounding: if that differs
   * from the one in the AUIPC, the jump goes 4096 bytes astray. The old text is not looked at.
   */
  makeCall(site, target) {
    if (!togglesJalr(site.config)) return patchPair(site, pairTo(site, target));
    const caller = site.symbol('ftrace_caller');
    const distance = target > caller ? target - caller : caller - target;
    const to = distance > JALR_RANGE ? caller : target;
    return patch(site, encodeJalr(to - (site.ip - AUIPC_SIZE)));
  },

  makeNop: (site, _target) => (togglesJalr(site.config) ? patch(site, NOP) : patchPair(site, [NOP, NOP])),

  /** 7.2 leads to ftrace_caller whatever was asked for. */
  modifyCall(site, from, to) {
    if (!togglesJalr(site.config)) {
      const mismatch = validatePair(site, from);
      return mismatch === 0 ? patchPair(site, pairTo(site, to)) : { error: mismatch };
    }
    const offset = site.symbol('ftrace_caller') - (site.ip - AUIPC_SIZE);
    const error = validateAuipc(site, encodeAuipc(offset));
    return error === 0 ? patch(site, encodeJalr(offset)) : { error };
  },

  /** 6.1, 6.12: all other CPUs stand still. */
  maySleep: togglesJalr,

  /** 6.1, 6.12: calls in the trampolines. 7.2: no text changes; the callee is chosen per site, or a variable. */
  updateFtraceFunc(site, func) {
    if (!togglesJalr(site.config) || !site.config.has('DYNAMIC_FTRACE_WITH_ARGS')) {
      const stores = calls(site.config).map((slot) => {
        const address = site.symbol(slot);
        return { address, bytes: wordBytes(...encodeCall('ra', func - address)) };
      });
      return { stores };
    }
    if (callOps(site.config)) return { stores: [] };
    return { stores: [{ address: site.symbol('ftrace_call_dest'), bytes: pointerBytes(func) }] };
  },

  opsTrampoline: null,

  /** Two instructions that may straddle words: nobody may run meanwhile (linux 6.1, 6.12 arch/riscv/kernel/ftrace.c). */
  stopsMachine: (config) => !togglesJalr(config),

  describe(machine, ip, config) {
    if (!togglesJalr(config)) {
      const [high, low] = [auipcOffset(word(machine, ip)), jalrOffset(word(machine, ip + 4n))];
      if (high !== undefined && low !== undefined) {
        return { state: 'call', target: BigInt.asUintN(64, ip + high + low) };
      }
      const nops = [NOP, C_NOP * 0x10001].includes(word(machine, ip));
      return {
        state: nops && word(machine, ip) === word(machine, ip + 4n) ? 'nop' : 'unknown',
        target: null,
      };
    }
    const slot = word(machine, ip);
    if (slot === NOP || slot === C_NOP * 0x10001) return { state: 'nop', target: null };
    const low = jalrOffset(slot);
    if (low === undefined) return { state: 'unknown', target: null };
    const auipc = ip - AUIPC_SIZE;
    const high = auipcOffset(word(machine, auipc));
    return { state: 'call', target: high === undefined ? null : BigInt.asUintN(64, auipc + high + low) };
  },
  namedOps: (machine, ip, _stub, config) => (callOps(config) ? machine.loadWord(literalAt(ip), 8) : null),
} as const satisfies CallSite;
