// SPDX-License-Identifier: MIT
/** Instruction words, typed from what clang 19 and GCC emit and from arch/riscv/include/asm/ftrace.h. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  auipcOffset,
  C_EBREAK,
  C_NOP,
  decode,
  EBREAK,
  encodeAuipc,
  encodeCall,
  encodeJalr,
  halfwordBytes,
  jalrOffset,
  NOP,
  wordBytes,
} from '../encoding.js';

const textOf = (word: number) => decode(wordBytes(word), 0n)?.text;

describe('words of a call site', () => {
  test.each([
    ['nop', 0x00000013, NOP],
    ['ebreak', 0x00100073, EBREAK],
  ])('%s is %i', (text, word, constant) => {
    expect(constant).toBe(word);
    expect(decode(wordBytes(word), 0n)).toEqual({ text, length: 4 });
  });

  test.each([
    ['c.nop', 0x0001, C_NOP],
    ['c.ebreak', 0x9002, C_EBREAK],
  ])('%s is %i', (text, halfword, constant) => {
    expect(constant).toBe(halfword);
    expect(decode(halfwordBytes(halfword, 0xffff), 0n)).toEqual({ text, length: 2 });
    expect(decode(halfwordBytes(halfword), 0n)).toEqual({ text, length: 2 });
  });

  test('words are stored little-endian', () => {
    expect([...wordBytes(0x000282e7, 0x13)]).toEqual([0xe7, 0x82, 0x02, 0x00, 0x13, 0, 0, 0]);
    expect([...halfwordBytes(0x9002)]).toEqual([0x02, 0x90]);
  });
});

describe('call AUIPC t0 ; JALR t0', () => {
  test.each([
    [0x1000n, 0x17fcn, 0x00000297, 0x7fc282e7],
    [0x1000n, 0x1800n, 0x00001297, 0x800282e7],
    [0x1000n, 0x2800n, 0x00002297, 0x800282e7],
    [0x3000n, 0x1000n, 0xffffe297, 0x000282e7],
    [0xffffffff80002000n, 0xffffffff80123456n, 0x00121297, 0x456282e7],
  ])('from %s to %s is %i %i', (from, to, auipc, jalr) => {
    expect(encodeAuipc(to - from)).toBe(auipc);
    expect(encodeJalr(to - from)).toBe(jalr);
  });

  test('the parts add up to every offset in reach', () => {
    fc.assert(
      fc.property(fc.bigInt(-0x8000_0800n, 0x7fff_f7ffn), (offset) => {
        const high = auipcOffset(encodeAuipc(offset));
        const low = jalrOffset(encodeJalr(offset));
        expect((high ?? 0n) + (low ?? 0n)).toBe(offset);
      }),
    );
  });

  test('0x1000 is added when bit 11 of the offset is set', () => {
    fc.assert(
      fc.property(fc.bigInt(-0x7fff_0000n, 0x7fff_0000n), (offset) => {
        const pages = (offset & ~0xfffn) + ((offset & 0x800n) === 0n ? 0n : 0x1000n);
        expect(auipcOffset(encodeAuipc(offset))).toBe(pages);
      }),
    );
  });

  test('an offset beyond 32 bits is truncated, not refused', () => {
    expect(encodeAuipc(0x5_0000_1000n)).toBe(0x00001297);
    expect(encodeJalr(0x5_0000_1004n)).toBe(0x004282e7);
  });

  test.each([
    [0x00121297, 'auipc t0, 0x121'],
    [0xffffe297, 'auipc t0, 0xffffe'],
    [0x000282e7, 'jalr t0, 0(t0)'],
    [0x456282e7, 'jalr t0, 1110(t0)'],
    [0x800282e7, 'jalr t0, -2048(t0)'],
  ])('%i reads %s', (word, text) => {
    expect(textOf(word)).toBe(text);
  });
});

test.each([
  ['jr t0', 0x00028067],
  ['jr t1', 0x00030067],
  ['ret', 0x00008067],
  ['jalr a1', 0x000580e7],
  ['jalr a2', 0x000600e7],
  ['zero', 0],
  ['ones', 0xffffffff],
])('%s is no word that ftrace writes', (_name, word) => {
  expect(textOf(word)).toBeUndefined();
  expect(auipcOffset(word)).toBeUndefined();
  expect(jalrOffset(word)).toBeUndefined();
});

test('too few bytes are no instruction', () => {
  expect(decode(new Uint8Array(1), 0n)).toBeUndefined();
  expect(decode(wordBytes(NOP).subarray(0, 2), 0n)).toBeUndefined();
});

describe('call AUIPC ra ; JALR ra, in a trampoline', () => {
  test.each([
    [0x7fcn, 0x00000097, 0x7fc080e7],
    [0x800n, 0x00001097, 0x800080e7],
    [0x1800n, 0x00002097, 0x800080e7],
    [-0x2000n, 0xffffe097, 0x000080e7],
    [0x121456n, 0x00121097, 0x456080e7],
  ])('offset %s is %i, %i', (offset, auipc, jalr) => {
    expect(encodeCall('ra', offset)).toEqual([auipc, jalr]);
    expect(auipcOffset(auipc, 'ra')).toBe(offset - (jalrOffset(jalr, 'ra') as bigint));
    expect(auipcOffset(auipc)).toBeUndefined();
    expect(jalrOffset(jalr)).toBeUndefined();
  });

  test.each([
    ['auipc ra, 0x0', 0x00000097],
    ['jalr ra, 0(ra)', 0x000080e7],
    ['auipc ra, 0x1', 0x00001097],
    ['jalr ra, -2048(ra)', 0x800080e7],
    ['jalr ra, 2044(ra)', 0x7fc080e7],
  ])('%s', (text, word) => {
    expect(textOf(word)).toBe(text);
  });
});
