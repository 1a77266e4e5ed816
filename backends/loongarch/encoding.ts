// SPDX-License-Identifier: MIT
/**
 * Words that are written at run time: the states of a call site, patched calls, module PLT entries. Little-endian
 * 32-bit words (LoongArch Reference Manual vol. 1, instruction formats). Source of which words: linux 7.2
 * arch/loongarch/kernel/ftrace_dyn.c, arch/loongarch/kernel/inst.c, arch/loongarch/include/asm/module.h.
 */

/** ANDI zero, zero, 0. */
export const NOP = 0x03400000;
/** OR t0, ra, zero: keeps the return address across the BL of the site. */
export const MOVE_T0_RA = 0x0015002c;
/** BREAK 0: what the kernel's generator gives for a branch that cannot be encoded. */
export const GENERATION_FAILURE = 0x002a0000;
/** BREAK 10 and 11: a kprobe, and the end of its slot (linux 7.2 arch/loongarch/include/uapi/asm/break.h). */
export const BREAK_KPROBE = 0x002a000a;
export const BREAK_STEPPED = 0x002a000b;

const B = 0x50000000;
const BL = 0x54000000;

/** Bytes of words in memory order. */
export function wordBytes(...words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * words.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = (words[at >> 2] as number) >>> (8 * (at & 3));
  return bytes;
}

/** B and BL reach [-128 MiB, +128 MiB) from their own address. */
export function inBranchRange(from: bigint, to: bigint): boolean {
  const offset = BigInt.asIntN(64, to - from);
  return offset >= -0x800_0000n && offset < 0x800_0000n;
}

/** offs26, in words: its low 16 bits in bits 25..10, its high 10 bits in bits 9..0. */
function branch(opcode: number, from: bigint, to: bigint): number {
  if (!inBranchRange(from, to)) throw new RangeError('branch target out of range');
  const words = Number(BigInt.asUintN(26, (to - from) >> 2n));
  return opcode + (words & 0xffff) * 0x400 + (words >>> 16);
}

/** BL from one address to another. @throws RangeError out of range */
export const encodeBl = (from: bigint, to: bigint) => branch(BL, from, to);

/** B from one address to another. @throws RangeError out of range */
export const encodeB = (from: bigint, to: bigint) => branch(B, from, to);

/**
 * A module PLT entry of 16 bytes: LU12I.W, LU32I.D and LU52I.D build all of an address but its low 12 bits in t1,
 * JIRL adds those, unsigned, and jumps.
 */
export function encodePlt(
  to: bigint,
): readonly [lu12iw: number, lu32id: number, lu52id: number, jirl: number] {
  const T1 = 13;
  const bits = (low: number, count: number) => Number(BigInt.asUintN(count, to >> BigInt(low)));
  return [
    0x14000000 + bits(12, 20) * 0x20 + T1,
    0x16000000 + bits(32, 20) * 0x20 + T1,
    0x03000000 + bits(52, 12) * 0x400 + T1 * 0x20 + T1,
    0x4c000000 + bits(2, 10) * 0x400 + T1 * 0x20,
  ];
}

/** Where a site's BL may go (linux 7.2 arch/loongarch/kernel/ftrace_dyn.c: ftrace_find_callable_addr). */
export interface Reach {
  /** Address of the BL: rec->ip + 4. */
  readonly from: bigint;
  /** ftrace_caller and ftrace_regs_caller. */
  readonly caller: bigint;
  readonly regsCaller: bigint;
  /** The `.ftrace_trampoline` table of the site's module, two PLT entries; `null` in the kernel image. */
  readonly plts: bigint | null;
}

export const PLT_BYTES = 16n;

/**
 * The address to branch to for `target`: itself; for a custom trampoline out of range ftrace_regs_caller, which
 * goes on to it; for either caller out of range the module's PLT entry. `null`: there is no way.
 */
export function callable({ from, caller, regsCaller, plts }: Reach, target: bigint): bigint | null {
  if (inBranchRange(from, target)) return target;
  const entry = target === caller ? caller : regsCaller;
  if (inBranchRange(from, entry)) return entry;
  if (plts === null) return null;
  return entry === caller ? plts : plts + PLT_BYTES;
}

/** The word is a BL. */
export const isBl = (word: number) => word >>> 26 === BL >>> 26;

/** Text of a word that ftrace or the module loader writes; `undefined` for any other. */
export function decode(bytes: Uint8Array, here: bigint): { text: string; length: number } | undefined {
  if (bytes.length < 4) return undefined;
  const word = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const text = textOf(word, here);
  return text === undefined ? undefined : { text, length: 4 };
}

const hex = (value: number | bigint) => `0x${value.toString(16)}`;

function textOf(word: number, here: bigint): string | undefined {
  if (word === NOP) return 'nop';
  if (word === MOVE_T0_RA) return 'move $t0, $ra';
  switch (word >>> 26) {
    case BL >>> 26:
      return `bl ${hex(branchTarget(word, here))}`;
    case B >>> 26:
      return `b ${hex(branchTarget(word, here))}`;
  }
  if ((word & 0xfe00001f) === 0x1400000d) return `lu12i.w $t1, ${(word << 7) >> 12}`;
  if ((word & 0xfe00001f) === 0x1600000d) return `lu32i.d $t1, ${(word << 7) >> 12}`;
  if ((word & 0xffc003ff) === 0x030001ad) return `lu52i.d $t1, $t1, ${(word << 10) >> 20}`;
  if ((word & 0xfc0003ff) === 0x4c0001a0) return `jirl $zero, $t1, ${((word << 6) >> 16) * 4}`;
  if (word >>> 15 === GENERATION_FAILURE >>> 15) return `break ${word & 0x7fff}`;
  return undefined;
}

/** Where a B or BL at `here` goes. */
export function branchTarget(word: number, here: bigint): bigint {
  const words = (word & 0x3ff) * 0x10000 + ((word >>> 10) & 0xffff);
  return BigInt.asUintN(64, here + BigInt.asIntN(26, BigInt(words)) * 4n);
}
