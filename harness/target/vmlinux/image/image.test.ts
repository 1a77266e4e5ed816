// SPDX-License-Identifier: MIT
import { spawnSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VmlinuxError } from '../error.js';
import { elf, join, kallsymsImage, pack, text } from '../test/build.js';
import { unpack } from './container.js';
import { readImage } from './image.js';
import { unlz4 } from './lz4.js';
import { unzstd, zstdFrame } from './zstd.js';

const BASE = 0xffff_8000_8000_0000n;
const SYMBOLS = Array.from({ length: 300 }, (_, n): readonly [string, number] => [
  n === 0 ? 'T_text' : `tf${n}`,
  4 * n,
]);
const tables = kallsymsImage('little', BASE, SYMBOLS, '7.2');
/** "abcabcabcabcabcabc" as one zstd frame: a raw block of 3, an RLE block of 4, one checksum-less end. */
const ZSTD = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 7, 0x18, 0, 0, 97, 98, 99, 0x23, 0, 0, 100);

/** A raw image: the head of 64 bytes has the mark. */
function rawImage(): Uint8Array {
  const image = tables.slice();
  image.set(text('ARMd'), 56);
  return image;
}

describe('zstd', () => {
  test('a frame is walked and unpacked', () => {
    expect(zstdFrame(join(ZSTD, text('behind')), 0)).toEqual({ length: 16, content: 7 });
    expect(new TextDecoder().decode(unzstd(join(text('xx'), ZSTD, text('behind')), 2))).toBe('abcdddd');
  });

  test('a header that lies about its size is refused before anything is made', () => {
    const lying = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0x7f, 0x01, 0, 0);
    expect(() => unzstd(lying, 0)).toThrow(/too large/);
  });
});

test('lz4: literals, then a copy that overlaps itself', () => {
  const block = Uint8Array.of(0x35, 97, 98, 99, 3, 0, 0x10, 33);
  const frame = join(Uint8Array.of(0x02, 0x21, 0x4c, 0x18), pack('little', [4, block.length]), block);
  expect(new TextDecoder().decode(unlz4(frame, 100))).toBe('abcabcabcabc!');
  expect(() => unlz4(frame.subarray(0, 6), 100)).toThrow(VmlinuxError);
});

describe('packings', () => {
  test('a raw image is itself; gzip round it is taken off', () => {
    expect(unpack(rawImage()).kind).toBe('Image');
    expect(unpack(gzipSync(rawImage())).kind).toBe('Image');
  });

  test('bzImage: payload behind the setup sectors', () => {
    const payload = gzipSync(text('the kernel'));
    const file = new Uint8Array(512 * 2 + 16 + payload.length);
    file[0x1f1] = 1;
    file.set(text('HdrS'), 0x202);
    file.set(pack('little', [4, 16, payload.length]), 0x248);
    file.set(payload, 1024 + 16);
    expect(unpack(file)).toEqual({ kind: 'bzImage', bytes: Buffer.from('the kernel') });
  });

  test('EFI zboot', () => {
    const payload = gzipSync(rawImage());
    const file = join(
      text('MZ\0\0zimg'),
      pack('little', [4, 32, payload.length]),
      new Uint8Array(16),
      payload,
    );
    expect(unpack(file).kind).toBe('zboot');
    expect(unpack(file).bytes).toHaveLength(tables.length);
  });

  test('a payload that only its magic tells of, behind false ones', () => {
    const kernel = new Uint8Array(5 << 20).fill(1);
    const file = join(text('x'), Uint8Array.of(0x1f, 0x8b, 8, 1), ZSTD, gzipSync(kernel));
    expect(unpack(file).kind).toBe('embedded');
    expect(unpack(file).bytes).toHaveLength(5 << 20);
  });

  test.skipIf(spawnSync('xz', ['--version']).status !== 0)('xz by its program', () => {
    const packed = spawnSync('xz', ['-c'], { input: rawImage() }).stdout;
    expect(unpack(packed).kind).toBe('Image');
    expect(() => unpack(packed.subarray(0, 40))).toThrow(/xz payload/);
  });

  test('what is not read is told by name; what is no kernel as well', () => {
    expect(() => unpack(text('BZh91AY'))).toThrow(/compressed with bzip2, which is not read/);
    expect(() => unpack(text('#!/bin/sh\n'))).toThrow(/no kernel image/);
  });

  test('random bytes behind any head: an error of its kind, or an image', () => {
    const heads = [
      Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1),
      text('MZ\0\0zimg'),
      Uint8Array.of(0x1f, 0x8b, 8),
      Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd),
      Uint8Array.of(0x02, 0x21, 0x4c, 0x18),
      join(new Uint8Array(0x202), text('HdrS')),
      new Uint8Array(0),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 600 }), (head, junk) => {
        try {
          readImage(join(head, junk), BASE, 'little');
        } catch (error) {
          expect(error).toBeInstanceOf(VmlinuxError);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('images', () => {
  test('a raw one: all at the base, symbols from kallsyms', () => {
    const image = readImage(rawImage(), BASE, 'little');
    expect(image).toMatchObject({ kind: 'Image', base: BASE, order: 'little', symbolsFrom: 'kallsyms' });
    expect(image.symbols.find('f7')?.address).toBe(BASE + 28n);
    expect(image.symbols.at(BASE + 28n).map(({ name }) => name)).toEqual(['f7']);
    expect(image.symbols.after(BASE + 28n)).toBe(BASE + 32n);
    expect(image.symbols.after(BASE + 1196n)).toBeUndefined();
  });

  test.each(['little', 'big'] as const)(
    'ELF, %s-endian: its own byte order, its symbol table before kallsyms',
    (order) => {
      const file = elf(order, 0xc000_0000_0000_0000n, text('01234567'), {
        start: 0xc000_0000_0000_0000n,
        next: 0xc000_0000_0000_0004n,
      });
      const image = readImage(file, 0n, 'little');
      expect(image).toMatchObject({
        kind: 'elf',
        order,
        base: 0xc000_0000_0000_0000n,
        symbolsFrom: 'symtab',
      });
      expect(new TextDecoder().decode(image.bytes)).toBe('01234567');
      expect(image.symbols.find('next')).toEqual({
        name: 'next',
        address: 0xc000_0000_0000_0004n,
        type: 'T',
      });
      expect(image.segments).toMatchObject([{ size: 24 }]);
    },
  );

  test('ELF without a symbol table: kallsyms', () => {
    const image = readImage(elf('little', BASE, tables), 0n, 'little');
    expect(image.symbolsFrom).toBe('kallsyms');
    expect(image.symbols.count).toBe(300);
  });

  test('an ELF file cut off anywhere', () => {
    const file = elf('little', BASE, tables, { a: BASE });
    fc.assert(
      fc.property(fc.nat(file.length - 1), (length) => {
        try {
          readImage(file.subarray(0, length), BASE, 'little');
        } catch (error) {
          expect(error).toBeInstanceOf(VmlinuxError);
        }
      }),
      { numRuns: 60 },
    );
  });
});
