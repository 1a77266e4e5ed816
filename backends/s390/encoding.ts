// SPDX-License-Identifier: MIT
/**
 * Bytes that are written at run time: the states of a call site and its hotpatch trampoline. In memory order, which is
 * big-endian; displacements count halfwords from the start of the instruction. Encodings: z/Architecture Principles
 * of Operation; which of them: linux 7.2 arch/s390/kernel/ftrace.c, arch/s390/kernel/ftrace.h,
 * arch/s390/include/asm/ftrace.lds.h.
 */
import type { Config } from '../../harness/backend/contract.js';

/** MCOUNT_INSN_SIZE. */
export const SITE_SIZE = 6;

/** Second byte of a branch on condition: mask, then the rest of the operation code. */
export const MASK_NEVER = 0x04;
export const MASK_ALWAYS = 0xf4;

/** First bytes of BRCL 0, BRCL 15, BRASL %r0 and BRASL %r1. */
export const BRCL_NEVER = 0xc004;
export const BRCL_ALWAYS = 0xc0f4;
export const BRASL_R0 = 0xc005;
export const BRASL_R1 = 0xc015;

/** BRCL 0 with displacement 0: the site as compiled. */
export const NOP = Uint8Array.of(0xc0, 0x04, 0, 0, 0, 0);

/** Bytes of a hotpatch trampoline, and where in it the target lies. */
export const HOTPATCH_SIZE = 24;
export const INTERCEPTOR = 16n;

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** Bytes of a value of 2, 4 or 8 bytes. */
export function bigEndian(value: bigint, size: 2 | 4 | 8): Uint8Array {
  const bytes = new Uint8Array(size);
  const words = [Number(BigInt.asUintN(32, value)), Number(BigInt.asUintN(32, value >> 32n))];
  for (let at = 0; at < size; at++) {
    const place = size - 1 - at;
    bytes[at] = (words[place >> 2] as number) >>> (8 * (place & 3));
  }
  return bytes;
}

/** Displacement field of `from` → `to`. Nothing checks the reach of ±4 GiB: what is beyond wraps, as in the kernel. */
export function displacement(from: bigint, to: bigint): Uint8Array {
  return bigEndian((to - from) >> 1n, 4);
}

/** A six-byte relative branch: its first two bytes, then the displacement. */
export function branch(opcode: number, from: bigint, to: bigint): Uint8Array {
  return Uint8Array.of(...bigEndian(BigInt(opcode), 2), ...displacement(from, to));
}

/** Where a six-byte relative branch at `here` goes. */
export function branchTarget(bytes: Uint8Array, here: bigint): bigint {
  const offset = new DataView(bytes.buffer, bytes.byteOffset).getInt32(2);
  return BigInt.asUintN(64, here + 2n * BigInt(offset));
}

/** struct ftrace_hotpatch_trampoline: BRASL %r1 to the shared stub, a pad, where to resume, whom to call. */
export function hotpatchTrampoline(
  at: bigint,
  shared: bigint,
  resume: bigint,
  interceptor: bigint,
): Uint8Array {
  return Uint8Array.of(
    ...branch(BRASL_R1, at, shared),
    ...[0, 0],
    ...bigEndian(resume, 8),
    ...bigEndian(interceptor, 8),
  );
}

/**
 * Symbol of the stub that all hotpatch trampolines share. linux 6.1 has a copy of it on a page near its modules;
 * later ones load modules right below the kernel, whose own stub is then in reach.
 */
export function sharedStub(config: Config, module: boolean): string {
  if (module && config.revision === '6.1') return 'ftrace_plt';
  return config.has('EXPOLINE')
    ? 'ftrace_shared_hotpatch_trampoline_exrl'
    : 'ftrace_shared_hotpatch_trampoline_br';
}

/** Text of an instruction that ftrace writes; `undefined` for any other. */
export function decode(bytes: Uint8Array, here: bigint): { text: string; length: number } | undefined {
  const [opcode, second] = bytes;
  if (opcode === undefined || second === undefined) return undefined;
  const field = second >> 4;
  const hex = (target: bigint) => `0x${target.toString(16)}`;
  if (opcode === 0xc0 && bytes.length >= SITE_SIZE) {
    const target = hex(branchTarget(bytes, here));
    if ((second & 15) === 4) return { text: `brcl ${field},${target}`, length: SITE_SIZE };
    if ((second & 15) === 5) return { text: `brasl %r${field},${target}`, length: SITE_SIZE };
  }
  if (opcode === 0xa7 && (second & 15) === 4 && bytes.length >= 4) {
    const offset = new DataView(bytes.buffer, bytes.byteOffset).getInt16(2);
    const target = BigInt.asUintN(64, here + 2n * BigInt(offset));
    return { text: `brc ${field},${hex(target)}`, length: 4 };
  }
  return undefined;
}
