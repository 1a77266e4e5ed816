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
  encodePlt,
  GENERATION_FAILURE,
  inBranchRange,
  MOV_X9_X30,
  modulePlt,
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

/** Trampolines that modules may have PLT entries for. */
const entries = (config: Config) =>
  config.has('DYNAMIC_FTRACE_WITH_REGS') ? ['ftrace_caller', 'ftrace_regs_caller'] : ['ftrace_caller'];

/** Where the PLT entry for the core trampolines is that a site of a module uses. */
function pltFor({ config, module, symbol }: Site, target: bigint): bigint | null {
  const name = entries(config).find((entry) => symbol(entry) === target);
  const plt = module && name ? modulePlt(config, name, module.init) : null;
  if (!plt || !module) return null;
  const section = plt.section === '.init.text.ftrace_trampoline' ? module.initPlts : module.plts;
  return section + BigInt(plt.at);
}

/**
 * ftrace_find_callable_addr: the target; ftrace_caller for a custom trampoline out of range; for a trampoline of the core
 * out of range the PLT entry of the module.
 */
function reachable(site: Site, target: bigint): bigint | null {
  if (inBranchRange(site.ip, target)) return target;
  const to = site.config.has('DYNAMIC_FTRACE_WITH_DIRECT_CALLS') ? site.symbol('ftrace_caller') : target;
  return inBranchRange(site.ip, to) ? to : pltFor(site, to);
}

/** aarch64_insn_gen_branch_imm(): what cannot be encoded is a BRK. */
const generateBl = (from: bigint, to: bigint) =>
  inBranchRange(from, to) ? encodeBl(from, to) : GENERATION_FAILURE;

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

  modulePlts({ config, symbol }, { plts, initPlts }) {
    const stores = entries(config).flatMap((name) =>
      [false, true].flatMap((init) => {
        const plt = modulePlt(config, name, init);
        if (!plt) return [];
        const start = plt.section === '.init.text.ftrace_trampoline' ? initPlts : plts;
        const address = start + BigInt(plt.at);
        return [{ address, bytes: wordBytes(...encodePlt(address, symbol(name))) }];
      }),
    );
    return stores;
  },

  initNop(site) {
    if (word(site.machine, site.ip - 4n) !== NOP) return refuse;
    return {
      stores: [...literalStores(site), { address: site.ip - 4n, bytes: wordBytes(MOV_X9_X30) }],
    };
  },

  makeCall(site, target) {
    const to = reachable(site, target);
    return to === null ? refuse : modify(site, NOP, generateBl(site.ip, to));
  },

  makeNop(site, target) {
    const from = reachable(site, target);
    return from === null ? refuse : modify(site, generateBl(site.ip, from), NOP);
  },

  modifyCall(site, from, to) {
    const old = reachable(site, from);
    const next = reachable(site, to);
    if (old === null || next === null) return refuse;
    return modify(site, generateBl(site.ip, old), generateBl(site.ip, next));
  },

  maySleep: () => true,

  /**
   * With CALL_OPS the callee is chosen per site, by the literal. The one BL of 6.1 serves both trampolines.
   * Nothing is validated here.
   */
  updateFtraceFunc(site, func) {
    if (callOps(site.config)) return { stores: [] };
    const at = site.symbol('ftrace_call');
    return { stores: [{ address: at, bytes: wordBytes(generateBl(at, func)) }] };
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
