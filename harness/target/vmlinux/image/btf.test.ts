// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VmlinuxError } from '../error.js';
import { btf, type Item, join, nameIn } from '../test/build.js';
import { Btf, findBtf, KIND } from './btf.js';
import { memberAt } from './btf-path.js';

const STRINGS = ['long', 'regs', 'pt_regs', 'pc', 'flag', 'sp', 'word', 'u64', 'e'];
const name = nameIn(STRINGS);
const info = (kind: number, vlen = 0, flag = 0) => ((flag << 31) | (kind << 24) | vlen) >>> 0;

/** 1 long, 2 array of 3 long, 3 anonymous union {word, sp}, 4 pt_regs, then every other kind. */
const TYPES: readonly Item[] = [
  [4, name('long'), info(KIND.INT), 8, 64],
  [4, 0, info(KIND.ARRAY), 0, 1, 1, 3],
  [4, 0, info(KIND.UNION, 2), 8, name('word'), 1, 0, name('sp'), 5, 0],
  [
    4,
    name('pt_regs'),
    info(KIND.STRUCT, 4),
    48,
    name('regs'),
    2,
    0,
    0,
    3,
    192,
    name('pc'),
    6,
    256,
    name('e'),
    8,
    320,
  ],
  [4, name('u64'), info(KIND.TYPEDEF), 1],
  [4, 0, info(KIND.PTR), 0],
  [4, 0, info(KIND.STRUCT, 1, 1), 8, name('flag'), 1, (3 << 24) | 5],
  [4, name('e'), info(KIND.ENUM, 1), 4, name('flag'), 1],
  [4, name('e'), info(KIND.FWD), 0],
  [4, 0, info(KIND.VOLATILE), 1],
  [4, 0, info(KIND.CONST), 10],
  [4, 0, info(KIND.RESTRICT), 6],
  [4, 0, info(KIND.FUNC_PROTO, 1), 1, name('e'), 1],
  [4, name('e'), info(KIND.FUNC), 13],
  [4, name('e'), info(KIND.VAR), 1, 0],
  [4, name('e'), info(KIND.DATASEC, 1), 8, 15, 0, 8],
  [4, name('e'), info(KIND.FLOAT), 8],
  [4, name('e'), info(KIND.DECL_TAG), 4, 0],
  [4, name('e'), info(KIND.TYPE_TAG), 11],
  [4, name('e'), info(KIND.ENUM64, 1), 8, name('flag'), 1, 2],
];

describe.each(['little', 'big'] as const)('%s-endian', (order) => {
  const blob = btf(order, TYPES, STRINGS);
  const read = new Btf(blob, order);
  const regs = read.struct('pt_regs') ?? 0;

  test('all kinds are walked', () => {
    expect(read.count).toBe(20);
    expect(regs).toBe(4);
    expect(read.size(regs)).toBe(48);
    expect(read.size(19)).toBe(8);
    expect(read.size(20)).toBe(8);
  });

  test('members: elements of arrays, of anonymous unions, pointers, enums', () => {
    expect(memberAt(read, regs, 'regs')).toEqual({ offset: 0, size: 24 });
    expect(memberAt(read, regs, 'regs[2]')).toEqual({ offset: 16, size: 8 });
    expect(memberAt(read, regs, 'sp')).toEqual({ offset: 24, size: 8 });
    expect(memberAt(read, regs, 'pc')).toEqual({ offset: 32, size: 8 });
    expect(memberAt(read, regs, 'e')).toEqual({ offset: 40, size: 4 });
  });

  test('what is not there', () => {
    for (const path of ['nope', 'regs[3]', 'pc[0]', 'sp.nope'])
      expect(memberAt(read, regs, path)).toBeUndefined();
    expect(read.struct('nope')).toBeUndefined();
    expect(memberAt(read, 7, 'flag')).toBeUndefined();
    expect(read.members(7)).toEqual([{ name: 'flag', type: 1, bits: 3, offset: 5 }]);
  });

  test('found in an image behind bytes that only begin like it', () => {
    const decoy = blob.slice(0, 30);
    expect(findBtf(join(decoy, new Uint8Array(50), blob, new Uint8Array(9)), order).count).toBe(20);
    expect(() => findBtf(new Uint8Array(300), order)).toThrow(/no BTF/);
  });

  test('cut off or changed anywhere: an error of its kind, or types', () => {
    fc.assert(
      fc.property(fc.nat(blob.length - 1), fc.uint8Array({ minLength: 1, maxLength: 12 }), (at, junk) => {
        const changed = blob.slice();
        changed.set(junk.subarray(0, blob.length - at), at);
        for (const bytes of [blob.subarray(0, at), changed]) {
          try {
            const some = new Btf(bytes, order);
            for (let id = 1; id <= some.count; id++) {
              some.members(id);
              memberAt(some, id, 'regs[1]');
            }
          } catch (error) {
            expect(error).toBeInstanceOf(VmlinuxError);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

test('a type that is an alias of itself has no size, and ends', () => {
  const looped = new Btf(btf('little', [[4, name('u64'), info(KIND.TYPEDEF), 1]], STRINGS), 'little');
  expect(() => looped.size(1)).toThrow(/refers to itself/);
});
