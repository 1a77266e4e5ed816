// SPDX-License-Identifier: MIT
/**
 * The calling convention; expected places are typed from the System V psABI and from what GCC makes of the same
 * prototypes with -mno-sse -mno-red-zone -mpreferred-stack-boundary=3.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  i128,
  int,
  nothing,
  pair,
  pieces,
  placementBy,
  pointer,
  s8,
  struct,
  triple,
  u8,
  u32,
  u64,
} from '../../../test/prototypes.js';
import { abi } from '../abi.js';
import { registers } from '../registers.js';

const { place, places } = placementBy(abi);

describe('registers by role', () => {
  test('are named in encoding order, then the flags', () => {
    expect(registers.names).toEqual([
      ...['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi'],
      ...['r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15', 'flags'],
    ]);
  });

  test('integer arguments: rdi, rsi, rdx, rcx, r8, r9 (6)', () => {
    expect(abi.argumentRegisters).toEqual(['rdi', 'rsi', 'rdx', 'rcx', 'r8', 'r9']);
  });

  test('return: rax, second word rdx', () => {
    expect(abi.returnRegisters).toEqual(['rax', 'rdx']);
  });

  test('callee-saved: rbx, rbp, rsp, r12, r13, r14, r15', () => {
    expect([...abi.calleeSaved, abi.stackPointer].sort()).toEqual(
      ['rbx', 'rbp', 'rsp', 'r12', 'r13', 'r14', 'r15'].sort(),
    );
  });

  test('caller-saved: rax, rcx, rdx, rsi, rdi, r8, r9, r10, r11, RFLAGS', () => {
    expect(abi.callerSaved).toEqual([
      ...['rax', 'rcx', 'rdx', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11', 'flags'],
    ]);
  });

  test('every register has exactly one role', () => {
    const roles = [...abi.calleeSaved, ...abi.callerSaved, ...abi.reserved, abi.stackPointer];
    expect([...roles].sort()).toEqual([...registers.names].sort());
  });

  test('the return address is pushed; the kernel guarantees 8 bytes of alignment', () => {
    expect(abi.linkRegister).toBeNull();
    expect(abi.stackAlignment).toEqual({ modulus: 8, remainder: 0 });
  });

  test('THREAD_SIZE is 16 KiB, and the stack is aligned to it', () => {
    expect(abi.memory.threadSize).toBe(16 * 1024);
    expect(abi.memory.stack % 16384n).toBe(0n);
  });
});

describe('narrow integers', () => {
  test('the caller extends char and short to 32 bits; bits 63:32 are unspecified', () => {
    expect(abi.narrowArgument).toEqual({ to: 32, rest: 'garbage' });
  });

  test('only the low 8, 16 or 32 bits of rax are meaningful', () => {
    expect(abi.narrowResult).toEqual({ to: 'type', rest: 'garbage' });
  });
});

describe('arguments', () => {
  test('argument index 6 is at F+8, index 7 at F+16', () => {
    expect(places(u64, u64, u64, u64, u64, u64, u64, u64, pointer)).toEqual([
      ...['rdi', 'rsi', 'rdx', 'rcx', 'r8', 'r9', 'S+8', 'S+16', 'S+24'],
    ]);
  });

  test('narrow ones take a whole register, or a whole word of the stack', () => {
    expect(places(u8, s8, int, u32)).toEqual(['rdi[1]', 'rsi[1]', 'rdx[4]', 'rcx[4]']);
    expect(places(u64, u64, u64, u64, u64, u64, u8, int)).toEqual([
      ...['rdi', 'rsi', 'rdx', 'rcx', 'r8', 'r9', 'S+8[1]', 'S+16[4]'],
    ]);
  });

  test('__int128: two consecutive registers, even or odd', () => {
    expect(places(i128, u64, i128)).toEqual(['rdi:rsi', 'rdx', 'rcx:r8']);
  });

  test('__int128 that does not fit is entirely on the stack; r9 serves the next scalar', () => {
    expect(places(u64, u64, u64, u64, u64, i128, u64, u64)).toEqual([
      ...['rdi', 'rsi', 'rdx', 'rcx', 'r8', 'S+8:S+16', 'r9', 'S+24'],
    ]);
  });

  test('__int128 on the stack is aligned to 16 from the first stack argument', () => {
    expect(places(u64, u64, u64, u64, u64, u64, u64, i128).slice(6)).toEqual(['S+8', 'S+24:S+32']);
  });

  test('struct of at most 16 bytes: packed, all or nothing', () => {
    expect(places(pair, struct(12, 4, [0, u32], [4, u32], [8, u32]))).toEqual(['rdi:rsi', 'rdx:rcx[4]']);
    expect(places(u64, u64, u64, u64, u64, pair, u64)).toEqual([
      ...['rdi', 'rsi', 'rdx', 'rcx', 'r8', 'S+8:S+16', 'r9'],
    ]);
  });

  test('struct larger than 16 bytes: by value, copied on the stack; registers go on', () => {
    expect(places(u64, triple, u64)).toEqual(['rdi', 'S+8:S+16:S+24', 'rsi']);
  });

  test('the caller reserves what the stack arguments take', () => {
    expect(place(nothing, u64, triple, u64).stackBytes).toBe(24);
    expect(place(nothing, u64, u64).stackBytes).toBe(0);
  });

  test('scalars: the first six in registers, the rest in order on the stack', () => {
    const scalar = fc.constantFrom(u8, s8, int, u32, u64, pointer);
    fc.assert(
      fc.property(fc.array(scalar, { maxLength: 12 }), (types) => {
        const bare = places(...types).map((where) => where.replace(/\[\d\]$/, ''));
        const all = [
          'rdi',
          'rsi',
          'rdx',
          'rcx',
          'r8',
          'r9',
          ...[8, 16, 24, 32, 40, 48].map((at) => `S+${at}`),
        ];
        expect(bare).toEqual(all.slice(0, types.length));
      }),
    );
  });
});

describe('results', () => {
  test('in rax; __int128 and structs of 9 to 16 bytes also in rdx', () => {
    expect(pieces(place(u64).result)).toBe('rax');
    expect(pieces(place(s8).result)).toBe('rax[1]');
    expect(pieces(place(i128).result)).toBe('rax:rdx');
    expect(pieces(place(pair).result)).toBe('rax:rdx');
    expect(pieces(place(nothing).result)).toBe('');
  });

  test('struct above 16 bytes: hidden pointer in rdi, which shifts the arguments, and back in rax', () => {
    const { result, hidden, parameters } = place(triple, u64, u64);
    expect(result).toEqual([]);
    expect(hidden).toEqual({ register: 'rdi', returned: 'rax' });
    expect(parameters.map(({ pieces: list }) => pieces(list))).toEqual(['rsi', 'rdx']);
  });
});
