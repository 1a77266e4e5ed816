// SPDX-License-Identifier: MIT
/**
 * The patchable entry of a function and how it is rewritten. Sources: linux 6.1, 6.12, 7.2 arch/arm64/Makefile
 * (compiler flags), arch/arm64/kernel/ftrace.c (patching); linux 7.2 arch/arm64/include/asm/ftrace.h (ip to symbol).
 *
 *   CALL_OPS, no BTI      CALL_OPS, BTI        no CALL_OPS, BTI (6.1; CFI builds)
 *   F-8  literal          F-8  literal         F+0  bti c
 *   F+0  mov x9, x30      F+0  bti c           F+4  mov x9, x30   <- table entry
 *   F+4  bl / nop  <- ip  F+4  mov x9, x30     F+8  bl / nop      <- ip
 *                         F+8  bl / nop <- ip
 */
import type { CallSite, Config, Patch, PatchStore, Site } from '../../harness/backend/contract.js';
import { ERRNO } from '../../harness/backend/errno.js';
import type { Machine } from '../../harness/machine/types.js';
import {
  BTI_C,
  decode,
  encodeBl,
  GENERATION_FAILURE,
  inBranchRange,
  MOV_X9_X30,
  NOP,
  wordBytes,
} from './encoding.js';

const callOps = (config: Config) => config.has('DYNAMIC_FTRACE_WITH_CALL_OPS');
const bti = (config: Config) => config.has('ARM64_BTI_KERNEL');

const word = (machine: Machine, address: bigint) => Number(machine.loadWord(address, 4));

/** BTI C, J or JC: the landing pads that may stand at F. */
function isBti(instruction: number): boolean {
  return (instruction & 0xffffff3f) >>> 0 === 0xd503241f && instruction !== 0xd503241f;
}

/** The literal lies 8 bytes before F: rec->ip - 12 aligned down works with and without a landing pad. */
const literalAt = (ip: bigint) => (ip - 12n) & ~7n;

/** The literal is stored before the BL slot changes, so that a caller never finds a stale ops. */
function literalStores(site: Site): readonly PatchStore[] {
  if (!callOps(site.config)) return [];
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, site.ops, true);
  return [{ address: literalAt(site.ip), bytes }];
}

/** Where the BL may go: the target, or ftrace_caller for a custom trampoline out of range. */
function reachable(site: Site, target: bigint): bigint | null {
  if (inBranchRange(site.ip, target)) return target;
  const caller = site.symbol('ftrace_caller');
  const direct = site.config.has('DYNAMIC_FTRACE_WITH_DIRECT_CALLS') && target !== caller;
  return direct && inBranchRange(site.ip, caller) ? caller : null;
}

const refuse: Patch = { error: -ERRNO.EINVAL };

/** Literal, then `next` in the BL slot. The literal is stored before the slot is checked to hold `old`. */
function modify(site: Site, old: number, next: number): Patch {
  if (word(site.machine, site.ip) !== old) return { ...refuse, stores: literalStores(site) };
  return { stores: [...literalStores(site), { address: site.ip, bytes: wordBytes(next) }] };
}

export const callsite = {
  shape(config) {
    const pad = bti(config) ? [BTI_C] : [];
    const before = callOps(config) ? 8 : 0;
    const literal = callOps(config) ? [NOP, NOP] : [];
    const ip = 4 * pad.length + 4;
    return {
      before,
      ip,
      resume: ip + 4,
      table: callOps(config) ? -8 : 4 * pad.length,
      compiled: wordBytes(...literal, ...pad, NOP, NOP),
    };
  },

  callAdjust(machine, address, config) {
    if (!callOps(config)) return address + 4n;
    if (address % 8n !== 0n) return 0n;
    const entry = address + 8n;
    return entry + (isBti(word(machine, entry)) ? 8n : 4n);
  },

  /** 7.2 only. Without CALL_OPS the landing pad is not looked for: off by 4 in CFI builds with BTI. */
  symbolAddress(machine, ip, config) {
    if (callOps(config) && bti(config) && isBti(word(machine, ip - 8n))) return ip - 8n;
    return ip - 4n;
  },

  initNop(site) {
    if (word(site.machine, site.ip - 4n) !== NOP) return refuse;
    return {
      stores: [...literalStores(site), { address: site.ip - 4n, bytes: wordBytes(MOV_X9_X30) }],
    };
  },

  makeCall(site, target) {
    const to = reachable(site, target);
    return to === null ? refuse : modify(site, NOP, encodeBl(site.ip, to));
  },

  makeNop(site, target) {
    const from = reachable(site, target);
    return from === null ? refuse : modify(site, encodeBl(site.ip, from), NOP);
  },

  modifyCall(site, from, to) {
    const old = reachable(site, from);
    const next = reachable(site, to);
    if (old === null || next === null) return refuse;
    return modify(site, encodeBl(site.ip, old), encodeBl(site.ip, next));
  },

  maySleep: () => true,

  /**
   * With CALL_OPS the callee is chosen per site, by the literal. The one BL of 6.1 serves both trampolines.
   * Nothing is validated here.
   */
  updateFtraceFunc(site, func) {
    if (callOps(site.config)) return { stores: [] };
    const at = site.symbol('ftrace_call');
    const next = inBranchRange(at, func) ? encodeBl(at, func) : GENERATION_FAILURE;
    return { stores: [{ address: at, bytes: wordBytes(next) }] };
  },

  opsTrampoline: null,

  describe(machine, ip) {
    const text = decode(machine.load(ip, 4), ip)?.text ?? '';
    const call = /^bl (0x[0-9a-f]+)$/.exec(text);
    if (call) return { state: 'call', target: BigInt(call[1] as string) };
    return { state: text === 'nop' ? 'nop' : 'unknown', target: null };
  },
  namedOps: (machine, ip, _stub, config) => (callOps(config) ? machine.loadWord(literalAt(ip), 8) : null),
} as const satisfies CallSite;
