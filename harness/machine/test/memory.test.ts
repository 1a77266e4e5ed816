// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Memory } from '../memory.js';
import { memoryPoison } from '../poison.js';
import { type ByteOrder, MachineFault, type Width } from '../types.js';
import { DATA, machine, STACK, STACK_SIZE } from './toy.js';

const order = fc.constantFrom<ByteOrder>('little', 'big');
const width = fc.constantFrom<Width>(1, 2, 4, 8);
const word = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });

function memory(byteOrder: ByteOrder): Memory {
  return new Memory(
    [
      { name: 'data', kind: 'data', start: DATA, size: 0x1000 },
      { name: 'stack', kind: 'stack', start: STACK, size: STACK_SIZE },
    ],
    byteOrder,
  );
}

const access = fc.record({ stack: fc.boolean(), offset: fc.nat(0xff8), width, value: word });

describe('memory', () => {
  it('behaves as an array of bytes in either order, at any alignment', () => {
    fc.assert(
      fc.property(order, fc.array(access, { maxLength: 40 }), (byteOrder, accesses) => {
        const tested = memory(byteOrder);
        const model = new Map<bigint, number>();
        for (const { stack, offset, width: bytes, value } of accesses) {
          const at = (stack ? STACK : DATA) + BigInt(offset);
          tested.store(at, bytes, value);
          for (let i = 0; i < bytes; i++) {
            const significance = byteOrder === 'little' ? i : bytes - 1 - i;
            model.set(at + BigInt(i), Number((value >> BigInt(8 * significance)) & 0xffn));
          }
          expect(tested.load(at, bytes)).toBe(BigInt.asUintN(8 * bytes, value));
        }
        for (const [at, byte] of model) expect(tested.load(at, 1)).toBe(BigInt(byte));
      }),
    );
  });

  it('takes addresses modulo 2^64', () => {
    const tested = memory('little');
    tested.store(DATA - (1n << 64n), 8, 5n);
    expect(tested.load(DATA + (1n << 64n), 8)).toBe(5n);
  });

  it('faults on both sides of every region, and across its edges', () => {
    const tested = memory('big');
    fc.assert(
      fc.property(width, fc.integer({ min: 1, max: 8 }), (bytes, over) => {
        const below = STACK - BigInt(over);
        const above = STACK + BigInt(STACK_SIZE - bytes + over);
        for (const at of [below, above]) {
          expect(() => tested.load(at, bytes)).toThrow(MachineFault);
          expect(() => tested.store(at, bytes, 0n)).toThrow(MachineFault);
        }
        tested.load(STACK + BigInt(STACK_SIZE - bytes), bytes);
      }),
    );
  });

  it.each(['little', 'big'] as const)('starts %s-endian stacks as poison and data as zero', (byteOrder) => {
    const tested = memory(byteOrder);
    expect(tested.load(STACK + 0x18n, 8)).toBe(memoryPoison(STACK + 0x18n));
    expect(tested.load(DATA + 0x18n, 8)).toBe(0n);
  });

  it.each([
    ['unaligned start', [{ name: 'a', kind: 'data', start: 4n, size: 8 }]],
    ['empty', [{ name: 'a', kind: 'data', start: 8n, size: 0 }]],
    ['across 4 GiB', [{ name: 'a', kind: 'data', start: 0xffff_fff8n, size: 16 }]],
    ['beyond 64 bits', [{ name: 'a', kind: 'data', start: 1n << 64n, size: 16 }]],
    ['none', []],
    [
      'touching',
      [
        { name: 'a', kind: 'data', start: 0x1000n, size: 8 },
        { name: 'b', kind: 'data', start: 0x1008n, size: 8 },
      ],
    ],
  ] as const)('refuses regions: %s', (_, regions) => {
    expect(() => new Memory(regions, 'little')).toThrow(RangeError);
  });
});

describe('reset', () => {
  const where = fc.oneof(
    fc.nat(0xff8).map((o) => DATA + BigInt(o)),
    fc.nat(STACK_SIZE - 8).map((o) => STACK + BigInt(o)),
  );
  const { machine: tested } = machine('nop');
  const whole = (): readonly Uint8Array[] => [tested.load(DATA, 0x1000), tested.load(STACK, STACK_SIZE)];
  const pristine = whole();
  const isPristine = (): boolean =>
    whole().every((bytes, i) => bytes.every((byte, at) => byte === pristine[i]?.[at]));

  it('undoes any sequence of stores and poisonings', () => {
    const change = fc.record({ at: where, width, value: word, poison: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
        for (const { at, width: bytes, value, poison } of changes) {
          if (poison) tested.poison(at, at + BigInt(bytes));
          else tested.storeWord(at, bytes, value);
        }
        tested.reset();
        return isPristine();
      }),
    );
  });

  it('undoes stores of long ranges', () => {
    tested.store(STACK + 3n, new Uint8Array(0x1234).fill(1));
    tested.store(DATA, new Uint8Array(0x1000).fill(2));
    tested.reset();
    expect(isPristine()).toBe(true);
  });
});
