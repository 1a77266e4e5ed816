// SPDX-License-Identifier: MIT
/**
 * Bytes that are written at run time: the states of a call site, patched calls, the ends of a per-ops
 * trampoline. In memory order. Encodings: SDM vol. 2; which of them: linux 7.2
 * arch/x86/kernel/ftrace.c, arch/x86/include/asm/text-patching.h, arch/x86/include/asm/ibt.h.
 */
import type { Config } from '../../harness/backend/contract.js';

/** MCOUNT_INSN_SIZE. */
export const SITE_SIZE = 5;
export const CALL = 0xe8;
export const JMP = 0xe9;
export const INT3 = 0xcc;
export const RET = 0xc3;

/** NOPL 0x0(%rax,%rax,1): the 5-byte nop of a disabled site. */
export const NOP5 = Uint8Array.of(0x0f, 0x1f, 0x44, 0x00, 0x00);
/** The 2-byte nop that takes the place of a short Jcc. */
export const NOP2 = Uint8Array.of(0x66, 0x90);
/** CALL __fentry__ before relocation. */
export const CALL_UNRELOCATED = Uint8Array.of(CALL, 0, 0, 0, 0);
export const ENDBR64 = Uint8Array.of(0xf3, 0x0f, 0x1e, 0xfa);
const ENDBR32 = Uint8Array.of(0xf3, 0x0f, 0x1e, 0xfb);

/** What a sealed ENDBR is overwritten by. */
export function endbrPoison({ revision }: Config): Uint8Array {
  return revision === '7.2' ? Uint8Array.of(0x0f, 0x1f, 0x40, 0xd6) : Uint8Array.of(0x66, 0x0f, 0x1f, 0x00);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** is_endbr(): ENDBR64, ENDBR32, or the poison of a sealed one. */
export function isEndbr(bytes: Uint8Array, config: Config): boolean {
  return [ENDBR64, ENDBR32, endbrPoison(config)].some((form) => sameBytes(bytes, form));
}

/** A rel32 reaches ±2 GiB from the end of the instruction. */
export function inRel32Range(from: bigint, to: bigint): boolean {
  const offset = BigInt.asIntN(64, to - from - BigInt(SITE_SIZE));
  return offset === BigInt.asIntN(32, offset);
}

/** CALL or JMP rel32 from one address to another. @throws RangeError out of range */
export function encodeRel32(opcode: typeof CALL | typeof JMP, from: bigint, to: bigint): Uint8Array {
  if (!inRel32Range(from, to)) throw new RangeError('rel32 target out of range');
  const offset = Number(BigInt.asIntN(32, to - from - BigInt(SITE_SIZE)));
  return Uint8Array.of(opcode, offset, offset >> 8, offset >> 16, offset >> 24);
}

/** Fixed encodings and their text, longest first where one could be mistaken for another. */
const FIXED: readonly (readonly [bytes: Uint8Array, text: string])[] = [
  [NOP5, 'nopl 0x0(%rax,%rax,1)'],
  [ENDBR64, 'endbr64'],
  [Uint8Array.of(0x0f, 0x1f, 0x40, 0xd6), 'nopl -0x2a(%rax)'],
  [Uint8Array.of(0x66, 0x0f, 0x1f, 0x00), 'nopw (%rax)'],
  [NOP2, 'xchg %ax,%ax'],
  [Uint8Array.of(0x90), 'nop'],
  [Uint8Array.of(RET), 'ret'],
  [Uint8Array.of(INT3), 'int3'],
];

/** Text of an instruction that ftrace writes; `undefined` for any other. */
export function decode(bytes: Uint8Array, here: bigint): { text: string; length: number } | undefined {
  const fixed = FIXED.find(([form]) => sameBytes(bytes.subarray(0, form.length), form));
  if (fixed) return { text: fixed[1], length: fixed[0].length };
  const opcode = bytes[0];
  if ((opcode !== CALL && opcode !== JMP) || bytes.length < SITE_SIZE) return undefined;
  const offset = new DataView(bytes.buffer, bytes.byteOffset, SITE_SIZE).getInt32(1, true);
  const target = BigInt.asUintN(64, here + BigInt(SITE_SIZE) + BigInt(offset));
  return { text: `${opcode === CALL ? 'call' : 'jmp'} 0x${target.toString(16)}`, length: SITE_SIZE };
}
