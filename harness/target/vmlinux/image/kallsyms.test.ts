// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VmlinuxError } from '../error.js';
import { type Form, kallsymsImage } from '../test/build.js';
import { Reader } from './bytes.js';
import { readKallsyms } from './kallsyms.js';

const BASE = 0xffff_ffff_8000_0000n;
/** More than two markers, and one name longer than a length byte can tell. */
const SYMBOLS = Array.from({ length: 600 }, (_, n): readonly [string, number] =>
  n === 0 ? ['T_stext', 0] : [`t${n === 300 ? 'x'.repeat(200) : `function_${n}`}`, 16 * n],
);
const FORMS: readonly (readonly [Form, string])[] = [
  ['6.1', 'base before names'],
  ['6.1 with seqs', 'base before names'],
  ['6.12', 'base behind tokens'],
  ['6.12 per-cpu', 'base behind tokens'],
  ['7.2', 'relative to itself'],
];

describe.each(FORMS)('tables of %s', (form, encoding) => {
  test.each(['little', 'big'] as const)('%s-endian: every name at its address', (order) => {
    const image = kallsymsImage(order, BASE, SYMBOLS, form);
    const read = readKallsyms(new Reader(image, order, 'image'), BASE);
    expect(read.encoding).toBe(encoding);
    expect(read.symbols).toHaveLength(600);
    expect(read.symbols[0]).toEqual({ name: '_stext', type: 'T', address: BASE });
    expect(read.symbols[300]).toEqual({ name: 'x'.repeat(200), type: 't', address: BASE + 4800n });
    expect(read.symbols[599]).toEqual({ name: 'function_599', type: 't', address: BASE + 9584n });
  });

  test('cut off or overwritten anywhere: an error of its kind, or symbols', () => {
    const image = kallsymsImage('little', BASE, SYMBOLS, form);
    const tolerant = (bytes: Uint8Array) => {
      try {
        readKallsyms(new Reader(bytes, 'little', 'image'), BASE);
      } catch (error) {
        expect(error).toBeInstanceOf(VmlinuxError);
      }
    };
    fc.assert(
      fc.property(fc.nat(image.length), fc.uint8Array({ maxLength: 64 }), (at, junk) => {
        tolerant(image.subarray(0, at));
        const changed = image.slice();
        changed.set(junk.subarray(0, Math.max(0, image.length - at)), at);
        tolerant(changed);
      }),
      { numRuns: 60 },
    );
  });
});

test('a base that is relocated when the kernel starts: the anchor tells where it is', () => {
  const image = kallsymsImage('big', 0x10_0000n, SYMBOLS, '6.12');
  const { symbols } = readKallsyms(new Reader(image, 'big', 'image'), 0x3ff_e010_0000n);
  expect(symbols[1]?.address).toBe(0x3ff_e010_0010n);
});

test('no tables: absent', () => {
  const reader = new Reader(new Uint8Array(4096), 'little', 'image');
  expect(() => readKallsyms(reader, BASE)).toThrow(/no kallsyms tables/);
});
