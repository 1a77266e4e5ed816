// SPDX-License-Identifier: MIT
/**
 * Words that are written or linked at run time: call sites, out-of-line stubs, long branches. Little-endian 32-bit
 * words. Encodings: Power ISA, Book I. Source of which words and of the reach of a branch: linux 7.2
 * arch/powerpc/kernel/trace/ftrace.c, arch/powerpc/include/asm/ppc-opcode.h.
 */

/** ORI r0,r0,0. */
export const NOP = 0x60000000;
export const MFLR_R0 = 0x7c0802a6;
export const MTLR_R0 = 0x7c0803a6;
/** STD r0,16(r1): what GCC 5 puts between the MFLR and the call. */
export const STD_R0_16_R1 = 0xf8010010;
/** TW 31,r0,r0: what a kprobe plants. */
export const TRAP = 0x7fe00008;
export const MTCTR_R12 = 0x7d8903a6;
export const BCTR = 0x4e800420;
/** BL to itself: an object file's call before it is linked. */
export const BL_UNLINKED = 0x48000001;
/** ADDIS r2,r12,0 and ADDI r2,r2,0: the TOC set-up at a global entry, before it is linked. */
export const ADDIS_R2_R12 = 0x3c4c0000;
export const ADDI_R2_R2 = 0x38420000;

/** Bytes of words in memory order. */
export function wordBytes(...words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * words.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = (words[at >> 2] as number) >>> (8 * (at & 3));
  return bytes;
}

/** Bytes of a pointer in memory order. */
export function pointerBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

/** B and BL reach [-32 MiB, +32 MiB) (LI, 24 bits of words). */
export function inBranchRange(from: bigint, to: bigint): boolean {
  const offset = BigInt.asIntN(64, to - from);
  return offset >= -0x200_0000n && offset <= 0x1ff_fffcn && offset % 4n === 0n;
}

/** B or BL from one address to another. @throws RangeError out of range */
export function encodeBranch(kind: 'b' | 'bl', from: bigint, to: bigint): number {
  if (!inBranchRange(from, to)) throw new RangeError('branch target out of range');
  const offset = Number(BigInt.asUintN(26, to - from)) & 0x03fffffc;
  return (0x48000000 | offset | (kind === 'bl' ? 1 : 0)) >>> 0;
}

/** Target of a B or BL; `null` for any other word. */
export function branchTarget(
  word: number,
  from: bigint,
): { readonly kind: 'b' | 'bl'; readonly to: bigint } | null {
  if ((word & 0xfc000002) >>> 0 !== 0x48000000) return null;
  const offset = BigInt.asIntN(26, BigInt(word & 0x03fffffc));
  return { kind: (word & 1) === 1 ? 'bl' : 'b', to: BigInt.asUintN(64, from + offset) };
}

/** LD r2,-8(r12) and ADD r2,r2,r12: the TOC set-up of a module that clang has compiled. */
export const LD_R2_BELOW_R12 = 0xe84cfff8;
export const ADD_R2_R2_R12 = 0x7c426214;

/**
 * Two words at a global entry set up the TOC: ADDIS r2,r12,x, or LIS r2,x as the linker may rewrite it, and ADDI r2,r2,y; or
 * those of a module (linux 7.2 arch/powerpc/include/asm/text-patching.h ppc_function_entry, ftrace.c ftrace_call_adjust).
 */
export function isTocSetup(first: number, second: number): boolean {
  const [head, tail] = [first >>> 16, second >>> 16];
  const linked = (head === 0x3c4c || head === 0x3c40) && tail === ADDI_R2_R2 >>> 16;
  return linked || (first === LD_R2_BELOW_R12 && second === ADD_R2_R2_R12);
}

/** `x@ha` and `x@l`: halves of a 32-bit offset such that (ha << 16) + sign-extended l is the offset. */
export function highAdjusted(offset: bigint): number {
  return Number(BigInt.asUintN(16, (offset + 0x8000n) >> 16n));
}

export function low(offset: bigint): number {
  return Number(BigInt.asUintN(16, offset));
}

/** The linked TOC set-up of a function at `f`: r2 = r12 + (toc - f). */
export function encodeTocSetup(f: bigint, toc: bigint): readonly [addis: number, addi: number] {
  const offset = BigInt.asIntN(64, toc - f);
  return [(ADDIS_R2_R12 | highAdjusted(offset)) >>> 0, (ADDI_R2_R2 | low(offset)) >>> 0];
}

/**
 * A long branch: LD r12,kernel_toc(r13); ADDIS r12,r12; ADDI r12,r12; MTCTR r12; BCTR. The same words in the
 * fixed trampolines behind .text and in the ftrace stubs of a module.
 * @param pacaToc offset of kernel_toc in the PACA
 * @param toc the kernel's TOC base
 * @throws RangeError for a target more than 2 GiB from the TOC base
 */
export function encodeLongBranch(pacaToc: number, toc: bigint, target: bigint): readonly number[] {
  const offset = BigInt.asIntN(64, target - toc);
  if (offset > 0x7fff_7fffn || offset < -0x8000_8000n) throw new RangeError('target out of reach of the TOC');
  return [
    (0xe98d0000 | pacaToc) >>> 0,
    (0x3d8c0000 | highAdjusted(offset)) >>> 0,
    (0x398c0000 | low(offset)) >>> 0,
    MTCTR_R12,
    BCTR,
  ];
}

/** What a call may be sent through when its target is out of reach. */
export interface Detours {
  /** ftrace_caller. */
  readonly caller: bigint;
  /** ftrace_regs_caller. */
  readonly regsCaller: bigint;
  /** Fixed trampolines of the core kernel, all leading to {@link regsCaller}. */
  readonly fixed: readonly bigint[];
  /** The stubs of the module that the site lies in; absent for core kernel text. */
  readonly module?: { readonly caller: bigint; readonly regsCaller: bigint };
  /** Whether an unknown target may be a direct trampoline, which ftrace_caller finds again through the ops. */
  readonly direct: boolean;
}

/** Where a BL at `from` must go to end up at `target`; `null`: nothing reaches it. */
export function reach(from: bigint, target: bigint, detours: Detours): bigint | null {
  if (inBranchRange(from, target)) return target;
  const known = target === detours.caller || target === detours.regsCaller;
  if (!known) {
    return detours.direct ? reach(from, detours.caller, { ...detours, direct: false }) : null;
  }
  if (detours.module) return target === detours.caller ? detours.module.caller : detours.module.regsCaller;
  return detours.fixed.find((trampoline) => inBranchRange(from, trampoline)) ?? null;
}

/** Text of a word that ftrace or the linker writes; `undefined` for any other. */
export function decode(bytes: Uint8Array, here: bigint): { text: string; length: number } | undefined {
  if (bytes.length < 4) return undefined;
  const word = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const text = textOf(word, here);
  return text === undefined ? undefined : { text, length: 4 };
}

const FIXED: ReadonlyMap<number, string> = new Map([
  [NOP, 'nop'],
  [MFLR_R0, 'mflr r0'],
  [MTLR_R0, 'mtlr r0'],
  [TRAP, 'trap'],
  [MTCTR_R12, 'mtctr r12'],
  [BCTR, 'bctr'],
]);

function textOf(word: number, here: bigint): string | undefined {
  const fixed = FIXED.get(word);
  if (fixed !== undefined) return fixed;
  const branch = branchTarget(word, here);
  if (branch) return `${branch.kind} 0x${branch.to.toString(16)}`;
  const [t, a] = [`r${(word >>> 21) & 31}`, `r${(word >>> 16) & 31}`];
  const immediate = ((word & 0xffff) << 16) >> 16;
  switch (word >>> 26) {
    case 14:
      return a === 'r0' ? `li ${t}, ${immediate}` : `addi ${t}, ${a}, ${immediate}`;
    case 15:
      return a === 'r0' ? `lis ${t}, ${immediate}` : `addis ${t}, ${a}, ${immediate}`;
    case 58:
      return (word & 3) === 0 ? `ld ${t}, ${immediate}(${a})` : undefined;
    case 62:
      return (word & 3) === 0 ? `std ${t}, ${immediate}(${a})` : undefined;
  }
  return undefined;
}
