// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integerType } from './integer.js';
import { parsePrototype, parseStruct } from './prototype.js';
import { TextError } from './text-error.js';
import type { StructType } from './types.js';

const none: ReadonlyMap<string, StructType> = new Map();

describe('an integer type', () => {
  // LP64: C11 6.2.5 with the sizes of every 64-bit kernel.
  it.each([
    ['bool', 1, false],
    ['_Bool', 1, false],
    ['char', 1, false],
    ['signed char', 1, true],
    ['unsigned char', 1, false],
    ['char unsigned', 1, false],
    ['short', 2, true],
    ['unsigned short int', 2, false],
    ['int', 4, true],
    ['unsigned', 4, false],
    ['signed', 4, true],
    ['unsigned int', 4, false],
    ['long', 8, true],
    ['long int', 8, true],
    ['unsigned long', 8, false],
    ['long unsigned int', 8, false],
    ['long long', 8, true],
    ['unsigned long long', 8, false],
    ['long long unsigned int', 8, false],
    ['__int128', 16, true],
    ['unsigned __int128', 16, false],
    ['u8', 1, false],
    ['s8', 1, true],
    ['u16', 2, false],
    ['s16', 2, true],
    ['u32', 4, false],
    ['s32', 4, true],
    ['u64', 8, false],
    ['s64', 8, true],
    ['u128', 16, false],
    ['s128', 16, true],
    ['size_t', 8, false],
    ['ssize_t', 8, true],
  ])('%s has %i bytes, signed: %s', (name, size, signed) => {
    expect(integerType(name)).toMatchObject({ kind: 'integer', size, signed });
  });

  it.each([
    '',
    'float',
    'unsigned signed',
    'unsigned unsigned',
    'long char',
    'short long',
    'long long long',
    'unsigned u8',
    'void',
  ])('`%s` is none', (name) => {
    expect(integerType(name)).toBeUndefined();
  });
});

describe('a prototype', () => {
  it('has a result, a name and named parameters', () => {
    const signature = parsePrototype('u64 sum(u32 a, const char *s, unsigned long long n);', none);
    expect(signature.name).toBe('sum');
    expect(signature.result).toEqual({ kind: 'integer', name: 'u64', size: 8, signed: false });
    expect(signature.parameters).toEqual([
      { name: 'a', type: { kind: 'integer', name: 'u32', size: 4, signed: false } },
      { name: 's', type: { kind: 'pointer', name: 'char *', size: 8 } },
      { name: 'n', type: { kind: 'integer', name: 'unsigned long long', size: 8, signed: false } },
    ]);
  });

  it.each(['void f(void)', 'void f()', ' void  f ( void ) '])('may be empty: %s', (text) => {
    expect(parsePrototype(text, none)).toEqual({
      name: 'f',
      result: { kind: 'void', name: 'void', size: 0 },
      parameters: [],
    });
  });

  it('may point to anything', () => {
    const { result, parameters } = parsePrototype(
      'struct file *f(void **a, struct nowhere *b, double *c, int *const d)',
      none,
    );
    expect(result).toEqual({ kind: 'pointer', name: 'struct file *', size: 8 });
    expect(parameters.map(({ type }) => type.name)).toEqual([
      'void **',
      'struct nowhere *',
      'double *',
      'int *',
    ]);
  });

  it('passes declared structs by value', () => {
    const pair = parseStruct('pair', 'u64 a; u64 b');
    const signature = parsePrototype('struct pair f(struct pair p)', new Map([['pair', pair]]));
    expect(signature.result).toBe(pair);
    expect(signature.parameters).toEqual([{ name: 'p', type: pair }]);
  });

  it('takes sixteen parameters', () => {
    const list = Array.from({ length: 16 }, (_, index) => `u8 a${index}`).join(', ');
    expect(parsePrototype(`void f(${list})`, none).parameters).toHaveLength(16);
  });

  it.each([
    ['', 0],
    ['u64', 0],
    ['u64 f', 5],
    ['u64 f(', 6],
    ['u64 f(u64 a', 11],
    ['u64 f(u64 a,)', 12],
    ['u64 f(u64 a) x', 13],
    ['u64 f(int (*g)(void))', 6],
    ['u64 f(u64 for)', 10],
    ['u64 f(struct)', 12],
    ['u64 f(union u a)', 6],
  ])('is refused with a place: %s', (text, index) => {
    expect(() => parsePrototype(text, none)).toThrow(expect.objectContaining({ name: 'TextError', index }));
  });

  it('never fails otherwise', () => {
    const word = fc.constantFrom(
      'u64',
      'unsigned',
      'long',
      'struct',
      'pair',
      '*',
      '(',
      ')',
      ',',
      ';',
      '...',
      '[',
      'a',
      'f',
      'void',
      'const',
      '1',
      '§',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(word).map((words) => words.join(' ')),
          fc.string(),
        ),
        (text) => {
          for (const parse of [() => parsePrototype(text, none), () => parseStruct('s', text)]) {
            try {
              parse();
            } catch (error) {
              if (!(error instanceof TextError)) throw error;
              expect(error.index).toBeGreaterThanOrEqual(0);
              expect(error.index).toBeLessThanOrEqual(text.length);
            }
          }
        },
      ),
    );
  });
});

describe('a struct', () => {
  it.each([
    ['u64 a; u64 b', 16, 8, [0, 8]],
    ['u8 a; u64 b;', 16, 8, [0, 8]],
    ['u8 a; u16 b; u8 c; u32 d', 12, 4, [0, 2, 4, 8]],
    ['u64 a; u8 b', 16, 8, [0, 8]],
    ['char a; char b; char c', 3, 1, [0, 1, 2]],
    ['void *a; __int128 b; bool c', 48, 16, [0, 16, 32]],
  ])('%s has %i bytes aligned to %i', (text, size, align, offsets) => {
    const struct = parseStruct('s', text);
    expect([struct.size, struct.align, struct.members.map(({ offset }) => offset)]).toEqual([
      size,
      align,
      offsets,
    ]);
  });

  it('lays members out without overlap, each aligned', () => {
    const type = fc.constantFrom('u8', 's16', 'u32', 's64', 'u128', 'bool', 'void *');
    fc.assert(
      fc.property(fc.array(type, { minLength: 1, maxLength: 12 }), (types) => {
        const { members, size, align } = parseStruct(
          's',
          types.map((name, index) => `${name} m${index}`).join('; '),
        );
        let end = 0;
        for (const { offset, type: member } of members) {
          expect(offset % member.size).toBe(0);
          expect(offset).toBeGreaterThanOrEqual(end);
          expect(offset - end).toBeLessThan(member.size);
          end = offset + member.size;
        }
        expect(size % align).toBe(0);
        expect(size - end).toBeLessThan(align);
      }),
    );
  });

  it.each(['', 'u64', 'u64 a; u64 a', 'void a', 'u64 a u64 b', 'u64 a;;'])('is refused: `%s`', (text) => {
    expect(() => parseStruct('s', text)).toThrow(TextError);
  });
});
