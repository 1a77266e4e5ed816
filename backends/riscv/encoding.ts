// SPDX-License-Identifier: MIT
/**
 * Words that are written at run time: the states of a call site, and of the calls in trampolines. Little-endian 32-bit words, compressed
 * ones 16 bits (RISC-V Unprivileged ISA: AUIPC, JALR, ADDI, EBREAK; C.NOP, C.EBREAK).
 * Source of which words: linux 6.1, 6.12, 7.2 arch/riscv/include/asm/ftrace.h, arch/riscv/kernel/ftrace.c.
 */

/** ADDI x0, x0, 0. */
export const NOP = 0x00000013;
export const C_NOP = 0x0001;
export const EBREAK = 0x00100073;
export const C_EBREAK = 0x9002;

/** The register that links: t0 in a call site, ra in the patched calls of trampolines. */
export type Link = 't0' | 'ra';

const AUIPC = { t0: 0x00000297, ra: 0x00000097 } as const;
const JALR = { t0: 0x000282e7, ra: 0x000080e7 } as const;

/** Bytes of words in memory order. */
export function wordBytes(...words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * words.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = (words[at >> 2] as number) >>> (8 * (at & 3));
  return bytes;
}

/** Bytes of compressed instructions in memory order. */
export function halfwordBytes(...halfwords: readonly number[]): Uint8Array {
  return new Uint8Array(halfwords.flatMap((halfword) => [halfword & 0xff, halfword >> 8]));
}

/**
 * AUIPC towards an address `offset` bytes from the AUIPC. The JALR adds a signed 12-bit rest, hence the
 * rounding. Offsets beyond 32 bits are truncated, as the kernel does.
 */
export function encodeAuipc(offset: bigint, link: Link = 't0'): number {
  return AUIPC[link] + Number(BigInt.asUintN(32, offset + 0x800n) & ~0xfffn);
}

/** JALR with lo12: the second half of a call, `offset` bytes from its AUIPC. */
export function encodeJalr(offset: bigint, link: Link = 't0'): number {
  return JALR[link] + Number(BigInt.asUintN(12, offset)) * 0x100000;
}

/** Both words of a call, to an address `offset` bytes from the first. */
export function encodeCall(link: Link, offset: bigint): readonly [auipc: number, jalr: number] {
  return [encodeAuipc(offset, link), encodeJalr(offset, link)];
}

/** Bytes that the AUIPC of a call adds to its address, signed; `undefined` for any other word. */
export function auipcOffset(word: number, link: Link = 't0'): bigint | undefined {
  return word % 0x1000 === AUIPC[link] ? BigInt.asIntN(32, BigInt(word - AUIPC[link])) : undefined;
}

/** Bytes that the JALR of a call adds to its register, signed; `undefined` for any other word. */
export function jalrOffset(word: number, link: Link = 't0'): bigint | undefined {
  return word % 0x100000 === JALR[link] ? BigInt.asIntN(12, BigInt(word >>> 20)) : undefined;
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
  for (const link of ['t0', 'ra'] as const) {
    if (auipcOffset(word, link) !== undefined) return `auipc ${link}, 0x${(word >>> 12).toString(16)}`;
    const offset = jalrOffset(word, link);
    if (offset !== undefined) return `jalr ${link}, ${offset}(${link})`;
  }
  return undefined;
}
