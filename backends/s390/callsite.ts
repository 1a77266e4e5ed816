// SPDX-License-Identifier: MIT
/**
 * The -mfentry call site and how it is rewritten. Sources: linux 7.2 Makefile and arch/s390/Makefile (compiler flags),
 * arch/s390/kernel/ftrace.c (patching), arch/s390/kernel/ftrace.h (hotpatch trampolines).
 *
 *   hotpatch trampolines                          one instruction (6.12, 7.2 with facility 85)
 *   F+0  brcl 0 or 15,trampoline  <- ip           F+0  brcl 0,. or brasl %r0,target  <- ip
 *   F+6  body                                     F+6  body
 *
 *   trampoline:  brasl %r1,shared stub; pad; F+6; target
 */
import type { CallSite, Config, Patch, Site } from '../../harness/backend/contract.js';
import { ERRNO } from '../../harness/backend/errno.js';
import { type Machine, MachineFault } from '../../harness/machine/types.js';
import {
  BRASL_R0,
  BRASL_R1,
  BRCL_ALWAYS,
  BRCL_NEVER,
  bigEndian,
  branch,
  branchTarget,
  displacement,
  hotpatchTrampoline,
  INTERCEPTOR,
  MASK_ALWAYS,
  MASK_NEVER,
  NOP,
  SITE_SIZE,
  sameBytes,
  sharedStub,
} from './encoding.js';

/** The machine fetches instructions in sequence, so that six aligned bytes can be replaced at once. */
const oneInstruction = (config: Config) => config.revision !== '6.1' && config.has('MACHINE_HAS_SEQ_INSN');

const refuse: Patch = { error: -ERRNO.EINVAL };

const opcodeAt = (machine: Machine, address: bigint) => Number(machine.loadWord(address, 2));

/** The trampoline a site branches to, found through its displacement; a negative errno if it is none. */
function trampolineOf(machine: Machine, ip: bigint): { readonly at: bigint } | { readonly error: number } {
  const at = branchTarget(machine.load(ip, SITE_SIZE), ip);
  try {
    return opcodeAt(machine, at) === BRASL_R1 ? { at } : { error: -ERRNO.EINVAL };
  } catch (error) {
    if (error instanceof MachineFault) return { error: -ERRNO.EFAULT };
    throw error;
  }
}

/** Only the mask changes: one byte, between two halves of which no CPU can look. */
function patchMask({ machine, ip }: Site, expected: number, mask: number): Patch {
  if (opcodeAt(machine, ip) !== expected) return refuse;
  return { stores: [{ address: ip + 1n, bytes: Uint8Array.of(mask) }] };
}

/** All six bytes at once. */
function replace({ machine, ip }: Site, old: Uint8Array, next: Uint8Array): Patch {
  if (ip % 8n !== 0n || !sameBytes(machine.load(ip, SITE_SIZE), old)) return refuse;
  return { stores: [{ address: ip, bytes: next.slice() }] };
}

const call = ({ ip }: Site, target: bigint) => branch(BRASL_R0, ip, target);

export const callsite = {
  shape: (_config) => ({ before: 0, ip: 0, resume: SITE_SIZE, table: 0, compiled: NOP.slice() }),

  callAdjust: (_machine, address, _config) => address,
  symbolAddress: (_machine, ip, _config) => ip,

  /** The site stays a NOP, but one that knows its trampoline. */
  initNop(site) {
    const { machine, config, ip, stub } = site;
    if (oneInstruction(config)) return { stores: [] };
    if (!sameBytes(machine.load(ip, SITE_SIZE), NOP)) return refuse;
    const shared = site.symbol(sharedStub(config, false));
    const resume = ip + BigInt(SITE_SIZE);
    return {
      stores: [
        { address: stub, bytes: hotpatchTrampoline(stub, shared, resume, site.symbol('ftrace_caller')) },
        { address: ip + 2n, bytes: displacement(ip, stub) },
      ],
    };
  },

  /** The target is stored before the branch is looked at. */
  makeCall(site, target) {
    if (oneInstruction(site.config)) return replace(site, NOP, call(site, target));
    const trampoline = trampolineOf(site.machine, site.ip);
    if ('error' in trampoline) return trampoline;
    const stores = [{ address: trampoline.at + INTERCEPTOR, bytes: bigEndian(target, 8) }];
    const mask = patchMask(site, BRCL_NEVER, MASK_ALWAYS);
    return 'error' in mask ? { ...mask, stores } : { stores: [...stores, ...mask.stores] };
  },

  /** The displacement stays. */
  makeNop(site, target) {
    if (oneInstruction(site.config)) return replace(site, call(site, target), NOP);
    return patchMask(site, BRCL_ALWAYS, MASK_NEVER);
  },

  modifyCall(site, from, to) {
    if (oneInstruction(site.config)) return replace(site, call(site, from), call(site, to));
    const trampoline = trampolineOf(site.machine, site.ip);
    if ('error' in trampoline) return trampoline;
    const address = trampoline.at + INTERCEPTOR;
    if (site.machine.loadWord(address, 8) !== from) return refuse;
    return { stores: [{ address, bytes: bigEndian(to, 8) }] };
  },

  /** A variable that both trampolines load; no code is patched. */
  updateFtraceFunc: ({ symbol }, func) => ({
    stores: [{ address: symbol('ftrace_func'), bytes: bigEndian(func, 8) }],
  }),

  opsTrampoline: null,

  describe(machine, ip, _config) {
    const opcode = opcodeAt(machine, ip);
    if (opcode === BRCL_NEVER) return { state: 'nop', target: null };
    if (opcode === BRASL_R0) {
      return { state: 'call', target: branchTarget(machine.load(ip, SITE_SIZE), ip) };
    }
    const trampoline = opcode === BRCL_ALWAYS ? trampolineOf(machine, ip) : refuse;
    if (!('at' in trampoline)) return { state: 'unknown', target: null };
    return { state: 'call', target: machine.loadWord(trampoline.at + INTERCEPTOR, 8) };
  },
} as const satisfies CallSite;
