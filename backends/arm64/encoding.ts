// SPDX-License-Identifier: MIT
/**
 * Words that are written at run time: the states of a call site, patched calls, PLT entries. Little-endian
 * 32-bit words (Arm ARM, C4.1). Source of which words: linux 7.2 arch/arm64/kernel/ftrace.c,
 * arch/arm64/include/asm/ftrace.h.
 */
import type { Config } from '../../harness/backend/contract.js';

export const NOP = 0xd503201f;
/** MOV X9, X30: keeps the return address across the call of the site. */
export const MOV_X9_X30 = 0xaa1e03e9;
export const BTI_C = 0xd503245f;
export const BTI_J = 0xd503249f;
export const BTI_JC = 0xd50324df;
/** BRK #0x100: what the kernel's generator gives for an instruction that cannot be encoded. */
export const GENERATION_FAILURE = 0xd4202000;

/** Bytes of words in memory order. */
export function wordBytes(...words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * words.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = (words[at >> 2] as number) >>> (8 * (at & 3));
  return bytes;
}

/** BL reaches [-128 MiB, +128 MiB) (C6.2 BL, imm26 words). */
export function inBranchRange(from: bigint, to: bigint): boolean {
  const offset = BigInt.asIntN(64, to - from);
  return offset >= -0x800_0000n && offset < 0x800_0000n;
}

/** BL from one address to another. @throws RangeError out of range */
export function encodeBl(from: bigint, to: bigint): number {
  if (!inBranchRange(from, to)) throw new RangeError('BL target out of range');
  return (0x94000000 | Number(BigInt.asUintN(26, (to - from) >> 2n))) >>> 0;
}

/** A module PLT entry: ADRP x16, page / ADD x16, x16, #lo12 / BR x16 (12 bytes at `from`). */
export function encodePlt(from: bigint, to: bigint): readonly [adrp: number, add: number, br: number] {
  const pages = (to >> 12n) - (from >> 12n);
  const immlo = Number(BigInt.asUintN(2, pages)) << 29;
  const immhi = Number(BigInt.asUintN(19, pages >> 2n)) << 5;
  return [(0x90000010 | immlo | immhi) >>> 0, (0x91000210 | (Number(to & 0xfffn) << 10)) >>> 0, 0xd61f0200];
}

/** A module's PLT entry for the core trampolines: section, its size, and bytes from its start. */
export interface ModulePlt {
  readonly section: '.text.ftrace_trampoline' | '.init.text.ftrace_trampoline';
  readonly size: number;
  readonly at: number;
}

const PLT_SIZE = 12;

/**
 * The PLT entry that a call site of a module uses when `target` is out of range of BL; `null`: none, and the patch
 * is refused. 6.1 chooses by the target and needs ARM64_MODULE_PLTS; later there is one target, ftrace_caller, and
 * one entry for each kind of text a module has. linux 6.1, 6.12, 7.2 arch/arm64/kernel/ftrace.c (get_ftrace_plt),
 * arch/arm64/kernel/module.c.
 */
export function modulePlt(config: Config, target: string, inInitText: boolean): ModulePlt | null {
  const core = '.text.ftrace_trampoline';
  if (config.revision === '6.1') {
    if (!config.has('ARM64_MODULE_PLTS')) return null;
    const index = ['ftrace_caller', 'ftrace_regs_caller'].indexOf(target);
    return index < 0 ? null : { section: core, size: 2 * PLT_SIZE, at: index * PLT_SIZE };
  }
  if (target !== 'ftrace_caller') return null;
  return { section: inInitText ? '.init.text.ftrace_trampoline' : core, size: PLT_SIZE, at: 0 };
}

/** Text of a word that ftrace writes; `undefined` for any other. */
export function decode(bytes: Uint8Array, here: bigint): { text: string; length: number } | undefined {
  if (bytes.length < 4) return undefined;
  const word = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const text = textOf(word, here);
  return text === undefined ? undefined : { text, length: 4 };
}

function textOf(word: number, here: bigint): string | undefined {
  switch (word) {
    case NOP:
      return 'nop';
    case MOV_X9_X30:
      return 'mov x9, x30';
    case BTI_C:
      return 'bti c';
    case BTI_J:
      return 'bti j';
    case BTI_JC:
      return 'bti jc';
  }
  if (word >>> 26 === 0b100101) {
    const offset = BigInt.asIntN(26, BigInt(word & 0x3ffffff)) * 4n;
    return `bl 0x${BigInt.asUintN(64, here + offset).toString(16)}`;
  }
  if ((word & 0x9f00001f) >>> 0 === 0x90000010) {
    const pages = BigInt.asIntN(21, BigInt(((word >>> 3) & 0x1ffffc) | ((word >>> 29) & 3)));
    return `adrp x16, 0x${BigInt.asUintN(64, ((here >> 12n) + pages) << 12n).toString(16)}`;
  }
  if ((word & 0xffc003ff) >>> 0 === 0x91000210) return `add x16, x16, #${(word >>> 10) & 0xfff}`;
  if (word === 0xd61f0200) return 'br x16';
  if ((word & 0xffe0001f) >>> 0 === 0xd4200000) return `brk #0x${((word >>> 5) & 0xffff).toString(16)}`;
  return undefined;
}
