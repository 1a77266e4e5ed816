// SPDX-License-Identifier: MIT
/**
 * The call site and how it is rewritten. Sources: linux 6.1, 6.12, 7.2 arch/powerpc/Makefile (compiler flags),
 * arch/powerpc/kernel/trace/ftrace.c (patching). Functions are those with a TOC set-up: two words at the global entry.
 *
 *        mprofile-kernel         patchable, in line        patchable, out of line
 *   F+0  addis r2,r12,…          addis r2,r12,…            addis r2,r12,…
 *   F+4  addi  r2,r2,…           addi  r2,r2,…             addi  r2,r2,…
 *   F+8  mflr r0                 nop → mflr r0  <- table   nop / b stub  <- ip, table
 *   F+12 bl _mcount → nop / bl   nop / bl       <- ip
 *        <- ip, table
 *
 * The stub of a record: +0 ftrace_ops; +8 mflr r0; +12 bl target; +16 mtlr r0; +20 b ip + 4. It calls also while the
 * site is a NOP; then its ops is the nop ops.
 */
import type {
  CallSite,
  CallSiteShape,
  Config,
  Patch,
  PatchStore,
  Site,
  StubTables,
} from '../../harness/backend/contract.js';
import { ERRNO } from '../../harness/backend/errno.js';
import { type Machine, MachineFault } from '../../harness/machine/types.js';
import {
  ADDI_R2_R2,
  ADDIS_R2_R12,
  BL_UNLINKED,
  branchTarget,
  encodeBranch,
  encodeLongBranch,
  encodeTocSetup,
  inBranchRange,
  isTocSetup,
  MFLR_R0,
  MTLR_R0,
  NOP,
  pointerBytes,
  reach,
  STD_R0_16_R1,
  wordBytes,
} from './encoding.js';

const patchable = (config: Config) => config.has('ARCH_USING_PATCHABLE_FUNCTION_ENTRY');
const outOfLine = (config: Config) => patchable(config) && config.has('PPC_FTRACE_OUT_OF_LINE');
const callOps = (config: Config) => config.has('DYNAMIC_FTRACE_WITH_CALL_OPS');

/** Offsets in a stub. */
const STUB = { ops: 0n, code: 8n, call: 12n, back: 20n } as const;
const STUB_BYTES = 24;
/**
 * CONFIG_PPC_FTRACE_OUT_OF_LINE_NUM_RESERVE. The default is 32768; with so few as here, a kernel of few functions uses the
 * area at the end of .text too.
 */
const NUM_RESERVE = 2;
/** The linker's long branch, behind the fixed trampoline. */
const LINKER_AT = 32n;
/** kernel_toc in the PACA (`layout.ts`). */
const PACA_TOC = 8;
const GLOBAL_ENTRY = 8;

const refuse: Patch = { error: -ERRNO.EINVAL };

const word = (machine: Machine, address: bigint) => Number(machine.loadWord(address, 4));

/** One word, after checking what it replaces: ftrace_modify_code(). `null` for a word that cannot be made. */
function modify(site: Site, at: bigint, old: number | null, next: number | null): Patch {
  if (old === null || next === null) return refuse;
  try {
    if (word(site.machine, at) !== old) return refuse;
  } catch (error) {
    if (error instanceof MachineFault) return { error: -ERRNO.EFAULT };
    throw error;
  }
  return { stores: [{ address: at, bytes: wordBytes(next) }] };
}

/** Patches one after the other; the first that fails ends them, what was stored stays. */
function sequence(...patches: readonly Patch[]): Patch {
  const stores: PatchStore[] = [];
  for (const patch of patches) {
    stores.push(...(patch.stores ?? []));
    if ('error' in patch) return { error: patch.error, stores };
  }
  return { stores };
}

/** The BL at `at` that ends up at `target`. Sites of the harness lie in core kernel text, or near it. */
function callWord(site: Site, at: bigint, target: bigint): number | null {
  const to = reach(at, target, {
    caller: site.symbol('ftrace_caller'),
    regsCaller: site.symbol('ftrace_regs_caller'),
    fixed: inBranchRange(at, target) ? [] : [site.symbol('ftrace_tramp_text'), ...(site.fixed ?? [])],
    direct: site.config.has('DYNAMIC_FTRACE_WITH_DIRECT_CALLS'),
  });
  return to === null ? null : encodeBranch('bl', at, to);
}

const opsStore = (site: Site): Patch =>
  callOps(site.config)
    ? { stores: [{ address: site.stub + STUB.ops, bytes: pointerBytes(site.ops) }] }
    : { stores: [] };

/** Ops pointer, call in the stub, and with `site` the word at the site between NOP and branch. */
function patchStub(site: Site, old: number | null, next: number | null, toggle: 'on' | 'off' | null): Patch {
  if (old === null || next === null) return refuse;
  const branch = encodeBranch('b', site.ip, site.stub + STUB.code);
  const steps = [opsStore(site), modify(site, site.stub + STUB.call, old, next)];
  if (toggle === 'on') steps.push(modify(site, site.ip, NOP, branch));
  if (toggle === 'off') steps.push(modify(site, site.ip, branch, NOP));
  return sequence(...steps);
}

/** The call a stub makes while its site is a NOP. */
const quietCall = (site: Site) => callWord(site, site.stub + STUB.call, site.symbol('ftrace_caller'));

function initStub(site: Site): Patch {
  // The area is used up.
  if (site.stub === 0n) return refuse;
  const code = site.stub + STUB.code;
  const back = site.stub + STUB.back;
  if (word(site.machine, site.ip) !== NOP) return refuse;
  if (!inBranchRange(code, site.ip) || !inBranchRange(back, site.ip + 4n)) return refuse;
  const call = quietCall(site);
  if (call === null) return refuse;
  const words = [MFLR_R0, call, MTLR_R0, encodeBranch('b', back, site.ip + 4n)];
  return sequence({ stores: [{ address: code, bytes: wordBytes(...words) }] }, opsStore(site));
}

/** MFLR r0; BL _mcount: the MFLR stays. GCC 5 has a STD between, which 7.2 removes. */
function initMprofile(site: Site): Patch {
  const { machine, ip, config } = site;
  const before: PatchStore[] = [];
  if (word(machine, ip - 4n) !== MFLR_R0) {
    if (word(machine, ip - 4n) !== STD_R0_16_R1 || word(machine, ip - 8n) !== MFLR_R0) return refuse;
    if (config.revision === '7.2') before.push({ address: ip - 4n, bytes: wordBytes(NOP) });
  }
  const call = branchTarget(word(machine, ip), ip);
  const mcount = site.symbol('_mcount');
  // Out of reach the linker has made a stub of its own: any call will do.
  if (call?.kind !== 'bl' || (inBranchRange(ip, mcount) && call.to !== mcount)) return refuse;
  return { stores: [...before, { address: ip, bytes: wordBytes(NOP) }] };
}

function shape(config: Config): CallSiteShape {
  const toc = [ADDIS_R2_R12, ADDI_R2_R2];
  const resume = GLOBAL_ENTRY + (outOfLine(config) ? 4 : 8);
  const ip = resume - 4;
  const nops = outOfLine(config) ? [NOP] : [NOP, NOP];
  const site = patchable(config) ? nops : [MFLR_R0, BL_UNLINKED];
  // Clang records the global entry, where nothing is patched.
  const entry = config.has('CC_IS_CLANG') && outOfLine(config) ? 0 : GLOBAL_ENTRY;
  const table = patchable(config) ? entry : ip;
  return { before: 0, ip, resume, table, compiled: wordBytes(...toc, ...site) };
}

/** The reserve is used first, since records are sorted; out of its reach, or when it is used up, the area at the end. */
const stubTables: StubTables = {
  bytes: STUB_BYTES,
  counts: ({ text, init, module }) => ({
    text: NUM_RESERVE,
    textEnd: Math.max(0, text - NUM_RESERVE),
    init,
    module,
  }),
  place(ip, text, areas) {
    if (text !== 'text') return text;
    const { start, count, taken } = areas.text;
    return taken < count && inBranchRange(start + BigInt(STUB_BYTES * taken), ip) ? 'text' : 'textEnd';
  },
};

export const callsite = {
  shape,

  /** The TOC set-up, and the call of _mcount. */
  link(f, config, symbol, longBranches) {
    const { compiled, ip } = shape(config);
    const bytes = compiled.slice();
    bytes.set(wordBytes(...encodeTocSetup(f, symbol('kernel_toc_base'))));
    if (patchable(config)) return bytes;
    const at = f + BigInt(ip);
    const mcount = symbol('_mcount');
    const near = inBranchRange(at, mcount) || !longBranches ? mcount : longBranches + LINKER_AT;
    bytes.set(wordBytes(encodeBranch('bl', at, near)), ip);
    return bytes;
  },

  /** From 6.12 on what lies in exit text is no record. */
  callAdjust(machine, address, config, symbol) {
    const dropsExit = config.revision !== '6.1';
    if (dropsExit && address >= symbol('__exittext_begin') && address < symbol('__exittext_end')) return 0n;
    if (!patchable(config)) return address;
    if (!outOfLine(config)) return address + 4n;
    const setUp = () => isTocSetup(word(machine, address), word(machine, address + 4n));
    return config.has('CC_IS_CLANG') && setUp() ? address + 8n : address;
  },

  /** Not defined: callers look the symbol up. */
  symbolAddress: () => 0n,

  /**
   * As many at the end of .text as the reserve is short of; in .init.text, and in a module, one for each site. Which sites
   * reach the reserve nobody counts (arch/powerpc/tools/ftrace-gen-ool-stubs.sh, ftrace_init_ool_stub).
   */
  stubTables: (config) => (outOfLine(config) ? stubTables : null),

  /** Both words are five: the trampoline leads to ftrace_regs_caller, the linker's branch to _mcount. */
  longBranches({ config, symbol }, room) {
    const branch = (address: bigint, to: string): PatchStore => ({
      address,
      bytes: wordBytes(...encodeLongBranch(PACA_TOC, symbol('kernel_toc_base'), symbol(to))),
    });
    const fixed = branch(room, 'ftrace_regs_caller');
    return patchable(config) ? [fixed] : [fixed, branch(room + LINKER_AT, '_mcount')];
  },

  initNop(site) {
    try {
      if (outOfLine(site.config)) return initStub(site);
      if (!patchable(site.config)) return initMprofile(site);
      if (word(site.machine, site.ip) !== NOP) return refuse;
      return modify(site, site.ip - 4n, NOP, MFLR_R0);
    } catch (error) {
      if (error instanceof MachineFault) return { error: -ERRNO.EFAULT };
      throw error;
    }
  },

  makeCall(site, target) {
    if (!outOfLine(site.config)) return modify(site, site.ip, NOP, callWord(site, site.ip, target));
    return patchStub(site, quietCall(site), callWord(site, site.stub + STUB.call, target), 'on');
  },

  makeNop(site, target) {
    if (!outOfLine(site.config)) return modify(site, site.ip, callWord(site, site.ip, target), NOP);
    return patchStub(site, callWord(site, site.stub + STUB.call, target), quietCall(site), 'off');
  },

  /** At 6.1 a site out of reach goes through a fixed trampoline, which is the same for every target. */
  modifyCall(site, from, to) {
    if (outOfLine(site.config)) {
      const at = site.stub + STUB.call;
      return patchStub(site, callWord(site, at, from), callWord(site, at, to), null);
    }
    const near = inBranchRange(site.ip, from) && inBranchRange(site.ip, to);
    if (site.config.revision === '6.1' && !near) return { stores: [] };
    return modify(site, site.ip, callWord(site, site.ip, from), callWord(site, site.ip, to));
  },

  /** With CALL_OPS the callee is chosen per site, by the stub; else both common trampolines call it. */
  updateFtraceFunc(site, func) {
    if (callOps(site.config)) return { stores: [] };
    const slots = ['ftrace_call', 'ftrace_regs_call'].map((name) => site.symbol(name));
    if (!slots.every((at) => inBranchRange(at, func))) return refuse;
    return { stores: slots.map((at) => ({ address: at, bytes: wordBytes(encodeBranch('bl', at, func)) })) };
  },

  opsTrampoline: null,

  /** A branch to a stub is a call of what the stub calls. */
  describe(machine, ip, config) {
    const found = word(machine, ip);
    const branch = branchTarget(found, ip);
    if (branch === null) return { state: found === NOP ? 'nop' : 'unknown', target: null };
    if (!outOfLine(config)) return { state: 'call', target: branch.to };
    const at = branch.to + STUB.call - STUB.code;
    return { state: 'call', target: branchTarget(word(machine, at), at)?.to ?? null };
  },
  namedOps: (machine, _ip, stub, config) => (callOps(config) ? machine.loadWord(stub + STUB.ops, 8) : null),
} as const satisfies CallSite;
