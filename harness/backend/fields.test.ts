// SPDX-License-Identifier: MIT
/** Structures by field name, on a stretch of bytes. */
import { describe, expect, test } from 'vitest';
import type { Machine, Width } from '../machine/types.js';
import type { Fregs } from './contract.js';
import { errnoName } from './errno.js';
import { fieldNamed, fieldOf, getField, kernelStackNth, setField, unwritten, words } from './fields.js';

/** Little-endian memory of 64 KiB from 0; only word access. */
function at(address: bigint): Fregs {
  const view = new DataView(new ArrayBuffer(0x1_0000));
  const read = (where: number, width: Width) =>
    width === 8
      ? view.getBigUint64(where, true)
      : BigInt(
          { 1: view.getUint8(where), 2: view.getUint16(where, true), 4: view.getUint32(where, true) }[width],
        );
  const machine = {
    loadWord: (where: bigint, width: Width) => read(Number(where), width),
    storeWord: (where: bigint, width: Width, value: bigint) => {
      for (let byte = 0; byte < width; byte++) {
        view.setUint8(Number(where) + byte, Number((value >> BigInt(8 * byte)) & 0xffn));
      }
    },
  } as Machine;
  return { machine, config: { revision: '7.2', has: () => false }, address };
}

const layout = {
  fields: [
    ...words(0, 'a', 'b'),
    { name: 'narrow', offset: 16, size: 4 },
    { name: 'next', offset: 20, size: 4 },
  ],
} as const;

test('words are eight bytes apart', () => {
  expect(words(296, 'x', 'y')).toEqual([
    { name: 'x', offset: 296, size: 8 },
    { name: 'y', offset: 304, size: 8 },
  ]);
});

describe('fields', () => {
  test('what is set is read, and its neighbours stay', () => {
    const struct = at(0x100n);
    setField(struct, layout, 'b', 0x1122_3344_5566_7788n);
    setField(struct, layout, 'narrow', 0xffff_ffff_8000_0001n);
    expect(getField(struct, layout, 'b')).toBe(0x1122_3344_5566_7788n);
    expect(getField(struct, layout, 'narrow')).toBe(0x8000_0001n);
    expect(getField(struct, layout, 'a')).toBe(0n);
    expect(getField(struct, layout, 'next')).toBe(0n);
  });

  test('an unknown field contradicts a table', () => {
    expect(() => fieldOf(layout, 'c')).toThrow(new RangeError('no field c in the layout'));
  });
});

describe('fieldNamed', () => {
  const registers = { names: ['sp', 'fp'], aliases: { r3: 'sp', r22: 'fp', s9: 'fp' } };
  const numbered = { fields: [{ name: 'r3' }, { name: 'r22' }, { name: 'status' }] };

  test.each([
    ['r3', 'r3'],
    ['sp', 'r3'],
    ['s9', 'r22'],
    ['status', 'status'],
    ['r4', undefined],
    ['', undefined],
  ])('%s is the field %s', (name, field) => {
    expect(fieldNamed(numbered, name, registers)).toBe(field);
  });

  test('a field of that very name comes first', () => {
    expect(fieldNamed({ fields: [{ name: 'sp' }, { name: 'r3' }] }, 'r3', registers)).toBe('r3');
  });
});

describe('unwritten', () => {
  /** The poison of the word at 0x1000 is dead57ac 00001000. */
  test.each([
    [0x1000n, 8, 'little', 0xdead_57ac_0000_1000n],
    [0x1000n, 8, 'big', 0xdead_57ac_0000_1000n],
    [0x1000n, 4, 'little', 0x1000n],
    [0x1000n, 4, 'big', 0xdead_57acn],
    [0x1004n, 4, 'little', 0xdead_57acn],
    [0x1004n, 4, 'big', 0x1000n],
    [0x1006n, 2, 'big', 0x1000n],
    [0x1004n, 1, 'big', 0n],
    [0x1007n, 1, 'little', 0xden],
  ] as const)('%i, %i bytes, %s-endian: 0x%x', (address, size, order, value) => {
    expect(unwritten(address, size, order)).toBe(value);
  });
});

describe('kernelStackNth', () => {
  const struct = at(0n);
  struct.machine.storeWord(0x3ff8n, 8, 5n);
  struct.machine.storeWord(0x4000n, 8, 6n);

  test.each([
    [0x3ff0n, 1, 5n],
    [0x3ff8n, 0, 5n],
    [0x3ff8n, 1, 0n],
    [0x4000n, 0, 6n],
    [0xffff_ffff_ffff_fff8n, 1, 0n],
  ])('sp %s, word %i: %s', (sp, n, value) => {
    expect(kernelStackNth(struct, sp, n, 0x4000)).toBe(value);
  });
});

test.each([
  [-22, '-EINVAL'],
  [-524, '-ENOTSUPP'],
  [-1234, '-1234'],
  [0, '0'],
])('errno %i is %s', (code, name) => {
  expect(errnoName(code)).toBe(name);
});
