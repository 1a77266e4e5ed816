// SPDX-License-Identifier: MIT
/**
 * Words that are written at run time: the states of a call site. Little-endian 32-bit words, compressed
 * ones 16 bits (RISC-V Unprivileged ISA: AUIPC, JALR, ADDI, EBREAK; C.NOP, C.EBREAK).
 * Source of which words: linux 7.2 arch/riscv/include/asm/ftrace.h, arch/riscv/kernel/ftrace.c.
 */

/** ADDI x0, x0, 0. */
export const NOP = 0x00000013;
export const C_NOP = 0x0001;
export const EBREAK = 0x00100073;
export const C_EBREAK = 0x9002;

const AUIPC_T0 = 0x00000297;
const JALR_T0 = 0x000282e7;

/** Bytes of words in memory order. */
export function wordBytes(...words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * words.length);
  const view = new DataView(bytes.buffer);
  for (const [index, word] of words.entries()) view.setUint32(4 * index, word, true);
  return bytes;
}

/** Bytes of compressed instructions in memory order. */
export function halfwordBytes(...halfwords: readonly number[]): Uint8Array {
  return new Uint8Array(halfwords.flatMap((halfword) => [halfword & 0xff, halfword >> 8]));
}

/**
 * AUIPC t0 towards an address `offset` bytes from the AUIPC. The JALR adds a signed 12-bit rest, hence the
 * rounding. Offsets beyond 32 bits are truncated, as the kernel does.
 */
export function encodeAuipc(offset: bigint): number {
  return AUIPC_T0 + Number(BigInt.asUintN(32, offset + 0x800n) & ~0xfffn);
}

/** JALR t0, lo12(t0): the second half of a call, `offset` bytes from its AUIPC. */
export function encodeJalr(offset: bigint): number {
  return JALR_T0 + Number(BigInt.asUintN(12, offset)) * 0x100000;
}

/** Bytes that an AUIPC t0 adds to its address, signed; `undefined` for any other word. */
export function auipcOffset(word: number): bigint | undefined {
  return word % 0x1000 === AUIPC_T0 ? BigInt.asIntN(32, BigInt(word - AUIPC_T0)) : undefined;
}

/** Bytes that a JALR t0, lo12(t0) adds to t0, signed; `undefined` for any other word. */
export function jalrOffset(word: number): bigint | undefined {
  return word % 0x100000 === JALR_T0 ? BigInt.asIntN(12, BigInt(word >>> 20)) : undefined;
}

/** Text of an instruction that the compiler or ftrace puts in a call site; `undefined` for any other. */
export function decode(bytes: Uint8Array, _here: bigint): { text: string; length: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 2) return undefined;
  const short = view.getUint16(0, true);
  if (short === C_NOP) return { text: 'c.nop', length: 2 };
  if (short === C_EBREAK) return { text: 'c.ebreak', length: 2 };
  if (bytes.length < 4) return undefined;
  const text = textOf(view.getUint32(0, true));
  return text === undefined ? undefined : { text, length: 4 };
}

function textOf(word: number): string | undefined {
  if (word === NOP) return 'nop';
  if (word === EBREAK) return 'ebreak';
  if (auipcOffset(word) !== undefined) return `auipc t0, 0x${(word >>> 12).toString(16)}`;
  const offset = jalrOffset(word);
  return offset === undefined ? undefined : `jalr t0, ${offset}(t0)`;
}
