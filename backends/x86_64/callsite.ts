// SPDX-License-Identifier: MIT
/**
 * The -mfentry call site and how it is rewritten, the same at all revisions but for the jump of 7.2 and the poison
 * of a sealed ENDBR. Sources: linux 6.1, 6.12, 7.2 Makefile and arch/x86/Makefile (compiler
 * flags), arch/x86/kernel/ftrace.c (patching), arch/x86/kernel/alternative.c (INT3 protocol),
 * arch/x86/include/asm/ftrace.h (ip to symbol).
 *
 *   no IBT                           IBT
 *   F+0  call __fentry__  <- ip      F+0  endbr64
 *   F+5  body                        F+4  call __fentry__  <- ip
 *                                    F+9  body
 */
import type { CallSite, Config, Patch, PatchStore, Site } from '../../harness/backend/contract.js';
import { ERRNO } from '../../harness/backend/errno.js';
import {
  CALL,
  CALL_UNRELOCATED,
  decode,
  ENDBR64,
  encodeRel32,
  INT3,
  inRel32Range,
  isEndbr,
  JMP,
  NOP2,
  NOP5,
  RET,
  SITE_SIZE,
  sameBytes,
} from './encoding.js';

const ibt = (config: Config) => config.has('X86_KERNEL_IBT');

/** Clang builds: objtool finds the sites and turns them into nops in the object file. */
const nopsInObject = (config: Config) =>
  config.has('FTRACE_MCOUNT_USE_OBJTOOL') && config.has('HAVE_OBJTOOL_NOP_MCOUNT');

/** The site as the object file has it. The harness lays out such bytes: the linker's rel32 is not there. */
const compiledSite = (config: Config) => (nopsInObject(config) ? NOP5 : CALL_UNRELOCATED);

const refuse: Patch = { error: -ERRNO.EINVAL };

/** Bytes that go to `target`: a jump when the address of a direct trampoline has bit 0 set. */
function branchTo({ ip, config }: Pick<Site, 'ip' | 'config'>, target: bigint): Uint8Array | null {
  const jump = config.has('DYNAMIC_FTRACE_WITH_JMP') && (target & 1n) === 1n;
  const to = jump ? target & ~1n : target;
  return inRel32Range(ip, to) ? encodeRel32(jump ? JMP : CALL, ip, to) : null;
}

/** smp_text_poke, before it text_poke_bp: INT3 in the first byte while the tail changes; who hits it has the new bytes emulated. */
function poke(address: bigint, bytes: Uint8Array): readonly PatchStore[] {
  return [
    { address, bytes: Uint8Array.of(INT3), instead: bytes },
    { address: address + 1n, bytes: bytes.slice(1) },
    { address, bytes: bytes.slice(0, 1) },
  ];
}

/** ftrace_replace_code for one record: the old bytes are verified before anything is written. */
function replace(site: Site, old: Uint8Array | null, next: Uint8Array | null): Patch {
  if (old === null || next === null) return refuse;
  if (!sameBytes(site.machine.load(site.ip, SITE_SIZE), old)) return refuse;
  return { stores: poke(site.ip, next) };
}

/** Bytes appended to a copied trampoline for its RET. */
function retSize(config: Config): number {
  if (config.has('MITIGATION_RETPOLINE')) return 5;
  return config.has('MITIGATION_SLS') ? 2 : 1;
}

export const callsite = {
  shape(config) {
    const pad = ibt(config) ? ENDBR64 : new Uint8Array(0);
    return {
      before: 0,
      ip: pad.length,
      resume: pad.length + SITE_SIZE,
      table: pad.length,
      compiled: Uint8Array.of(...pad, ...compiledSite(config)),
    };
  },

  callAdjust: (_machine, address, _config) => address,

  symbolAddress(machine, ip, config) {
    return ibt(config) && isEndbr(machine.load(ip - 4n, 4), config) ? ip - 4n : ip;
  },

  /** Before SMP, so one plain store; nothing to write where objtool did it. */
  initNop(site) {
    const old = compiledSite(site.config);
    if (!sameBytes(site.machine.load(site.ip, SITE_SIZE), old)) return refuse;
    return { stores: nopsInObject(site.config) ? [] : [{ address: site.ip, bytes: NOP5.slice() }] };
  },

  makeCall: (site, target) => replace(site, NOP5, branchTo(site, target)),
  makeNop: (site, target) => replace(site, branchTo(site, target), NOP5),
  modifyCall: (site, from, to) => replace(site, branchTo(site, from), branchTo(site, to)),

  /** Any flag will do; but nobody sets another. */
  enables: (flags) => flags !== 0,

  /** Both common trampolines; their old bytes are not verified. */
  updateFtraceFunc(site, func) {
    const labels = ['ftrace_call', 'ftrace_regs_call'].map((name) => site.symbol(name));
    if (!labels.every((at) => inRel32Range(at, func))) return refuse;
    return { stores: labels.flatMap((at) => poke(at, encodeRel32(CALL, at, func))) };
  },

  /**
   * Copy of ftrace_caller or ftrace_regs_caller up to its end label; RET; the address of the ops, from
   * where the copy loads it. A copy of ftrace_regs_caller has lost the branch to direct trampolines.
   */
  opsTrampoline(site, { address, func, saveRegs, at }) {
    const { machine, config } = site;
    const name = saveRegs ? 'ftrace_regs_caller' : 'ftrace_caller';
    const start = site.symbol(name);
    const end = site.symbol(`${name}_end`);
    const size = end - start;
    const pointer = at + size + BigInt(retSize(config));
    const call = at + site.symbol(saveRegs ? 'ftrace_regs_call' : 'ftrace_call') - start;
    machine.copyText(start, end, at, new Map([['function_trace_op', pointer]]));
    machine.store(at + size, Uint8Array.of(RET, INT3));
    if (saveRegs) machine.store(at + site.symbol('ftrace_regs_caller_jmp') - start, NOP2);
    machine.storeWord(pointer, 8, address);
    machine.store(call, encodeRel32(CALL, call, func));
    return { entry: at, size: Number(pointer - at) + 8 };
  },

  describe(machine, ip, _config) {
    const text = decode(machine.load(ip, SITE_SIZE), ip)?.text ?? '';
    const branch = /^(call|jmp) (0x[0-9a-f]+)$/.exec(text);
    if (branch) return { state: branch[1] as string, target: BigInt(branch[2] as string) };
    return { state: text.startsWith('nopl 0x0') ? 'nop' : 'unknown', target: null };
  },
} as const satisfies CallSite;
