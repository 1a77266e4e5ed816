// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { type Extras, program } from './toy.js';

const texts = (text: string, extras: Extras = {}): string[] => program(text, extras).code.map((c) => c.text);
const movs = (text: string, extras: Extras = {}): number[] =>
  texts(text, extras).map((t) => Number(/#(-?\w+)$/.exec(t)?.[1]));

describe('comments and lines', () => {
  it.each([
    ['/* a */ mov r0, #1 /* b', '*/ // c'],
    ['mov r0, /* in', 'the middle */ #1'],
    ['// mov r9', 'mov r0, #1 // mov'],
    ['mov r0, \\', '  #1'],
    ['mov r0, #1\r', '\r'],
  ])('%s', (...lines) => {
    expect(movs(lines.join('\n'))).toEqual([1]);
  });

  it('splits at semicolons and cuts at the comment characters of the instruction set', () => {
    expect(texts('nop; mov r0, r1; trap | mov\n# define no\n', { comment: '|#' })).toEqual([
      'nop',
      'mov r0, r1',
      'trap',
    ]);
  });

  it('takes `#` as a comment or as an immediate, by instruction set', () => {
    expect(movs('mov r0, #7')).toEqual([7]);
    expect(texts('nop # comment', { comment: '#' })).toEqual(['nop']);
    expect(texts('  # nothing to do with #if\n#define X nop\n X', { comment: '#' })).toEqual(['nop']);
  });

  it('leaves strings alone', () => {
    const p = program('.ascii "a;b//c/*d"\n.asciz "\\n\\x41\\101\\"", "z"\n.balign 4\n');
    const bytes = p.data.flatMap((d) => [...d.bytes]);
    expect(String.fromCharCode(...bytes)).toBe('a;b//c/*d\nAA"\0z\0');
  });
});

describe('conditionals', () => {
  const chain = `
#if defined(CONFIG_A) && !defined CONFIG_B
mov r0, #1
#elif CONFIG_N >= 3 || (OFFSET == 16)
mov r0, #2
#else
mov r0, #3
# if 1
mov r0, #4
# endif
#endif
#ifndef CONFIG_A
mov r0, #5
#endif
`;
  it.each([
    [{ defines: { CONFIG_A: 1 } }, [1]],
    [{ defines: { CONFIG_A: 1, CONFIG_B: 1 } }, [3, 4]],
    [{ defines: { CONFIG_N: '(2 + 1)' } }, [2, 5]],
    [{ constants: { OFFSET: 16 } }, [2, 5]],
    [{}, [3, 4, 5]],
  ])('%j', (extras, wanted) => {
    expect(movs(chain, extras)).toEqual(wanted);
  });

  it('ignores everything in branches not taken, but counts their conditions', () => {
    expect(movs('#if 0\n#if ???\n#error no\n#define X(\nbogus (\n#endif\n#else\nmov r0, #1\n#endif')).toEqual(
      [1],
    );
  });

  it('sees constants of the assembler in #ifdef', () => {
    expect(movs('#ifdef S_LR\nmov r0, #S_LR + 1\n#endif', { constants: { S_LR: 240n } })).toHaveLength(1);
  });
});

describe('macros', () => {
  it.each([
    ['#define N 4\nmov r0, #N', 4],
    ['#define A B\n#define B 5\nmov r0, #A', 5],
    ['#define F(x, y) mov r0, x ## y\nF(#, 6)', 6],
    ['#define SET(r, v) mov r, v\nSET(r0, #7)', 7],
    ['#define SELF SELF\n.set SELF, 8\nmov r0, #8', 8],
    ['#define LONG mov \\\n r0, \\\n #9\nLONG', 9],
    ['#define N 1\n#undef N\n.set N, 10\nmov r0, #10', 10],
    ['#define V(...) mov __VA_ARGS__\nV(r0, #11)', 11],
    ['#define F(x) x\n.set F, 12\nmov r0, #12', 12],
    ['#define SYM(name) .globl name; .balign 4; name:\nSYM(f) mov r0, #13', 13],
    ['#define EMPTY\nmov r0, EMPTY #14', 14],
    ['#define V(f, rest...) mov f, rest\nV(r0, #17)', 17],
    ['#if 0 && 1 / 0 || 1 || 2 / 0\nmov r0, #18\n#endif', 18],
    ['#define X(a) a\nmov X(r0), #X(X(15))', 15],
  ])('%s', (text, wanted) => {
    expect(movs(text)).toEqual([wanted]);
  });

  it('makes strings of arguments, and of nothing else', () => {
    const p = program('#define S(x) .ascii #x\nS(a "b")\n.balign 4\n#define I(r) mov r, #3\nI(r1)');
    expect(String.fromCharCode(...(p.data[0]?.bytes ?? []))).toBe('a "b"');
    expect(p.code[0]?.text).toBe('mov r1, #3');
  });

  it('expands neither strings nor parts of words nor numbers', () => {
    const p = program(
      '#define b 9\n#define x 9\n#define a 9\n1: .byte 0x1, 0b1\n.ascii "a"\n.balign 4\nlab: nop\n',
    );
    expect(p.data.flatMap((d) => [...d.bytes])).toEqual([1, 1, 97]);
    expect(p.symbols.has('lab')).toBe(true);
  });

  it('replaces a name that stands for itself once, arguments of macros included', () => {
    const source = '#define r1 (r1)\n#define F(r) .asciz XS(r)\n#define S(x) #x\n#define XS(x) S(x)\nF(r1)';
    const p = program(source);
    expect(String.fromCharCode(...p.data.flatMap((d) => [...d.bytes]))).toBe('(r1)\0');
  });

  it('ends mutual recursion as C does', () => {
    expect(movs('#define P Q\n#define Q P\n.set P, 3\nmov r0, #3')).toEqual([3]);
  });
});

it('treats several sources as one unit', () => {
  expect(texts('#define OP nop\n.macro twice x\n\\x\n\\x\n.endm\ntwice OP')).toEqual(['nop', 'nop']);
});
