// SPDX-License-Identifier: MIT
/** Each error of the front-end: its message, and that its position is where a reader would look. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AsmError } from '../asm/error.js';
import { program } from './toy.js';

function failure(text: string): AsmError {
  try {
    program(text);
  } catch (error) {
    expect(error).toBeInstanceOf(AsmError);
    return error as AsmError;
  }
  throw new Error('assembled without an error');
}

/** In these sources `@@` marks where the error must be; it is taken out before assembling. */
function marked(text: string): { source: string; line: number; column: number } {
  const at = text.indexOf('@@');
  const before = text.slice(0, at).split('\n');
  const last = before.at(-1) as string;
  return { source: text.replace('@@', ''), line: before.length, column: last.length + 1 };
}

describe('preprocessor', () => {
  it.each([
    ['nop\n@@#if 1\nnop', 'condition without `#endif`'],
    ['nop\n@@#endif', '`#endif` without `#if`'],
    ['  @@#else', '`#else` without `#if`'],
    ['#if 1\n#else\n@@#else\n#endif', '`#else` after `#else`'],
    ['#if 0\n#else\n@@#elif 1\n#endif', '`#elif` after `#else`'],
    ['#if 1 +@@\n#endif', 'ends where a value'],
    ['#if 1 @@2\n#endif', 'after the end'],
    ['#if 4 @@/ 0\n#endif', 'division by zero'],
    ['#if @@defined(\n#endif', '`defined` needs a name'],
    ['#ifdef @@1x\n#endif', 'expected one name'],
    ['@@#error not here', '#error not here'],
    ['@@#include <asm/ftrace.h>', '`#include` is not available'],
    ['@@#defin X', 'unknown directive `#defin`'],
    ['#define @@1', 'malformed #define'],
    ['#define F(@@1) 1', 'no parameter name'],
    ['#undef@@', 'expected one name'],
    ['#define F(a, b) a b\nnop\n @@F(nop)', 'macro `F` takes 2 arguments, not 1'],
    ['#define F(a) a\n F@@(nop', '`(` is never closed'],
    ['nop\n  @@/* open\nnop', 'comment is never closed'],
    ['#define BAD mov r0, r77\n\n nop; @@BAD', '`r77` is no operand 2 of `mov`'],
    ['/* one\n two */ @@bogus', 'unknown instruction `bogus`'],
    ['nop; \\\n  @@bogus', 'unknown instruction `bogus`'],
  ])('%s', (text, message) => {
    const { source, line, column } = marked(text);
    const error = failure(source);
    expect(error.message).toContain(message);
    expect([error.file, error.line, error.column]).toEqual(['toy.S', line, column]);
  });
});

describe('statements', () => {
  it.each([
    ['nop\n\t@@mvo r0, #1', 'unknown instruction `mvo`'],
    ['mov r0, @@[sp]', '`[sp]` is no operand 2 of `mov`'],
    ['mov r0, @@#40000', '`#40000` is no operand 2'],
    ['mov @@5, #1', '`5` is no operand 1'],
    ['@@mov r0', '`mov` does not take 1 operand'],
    ['@@ret r0', '`ret` does not take 1 operand'],
    ['b @@nowhere', 'undefined symbol `nowhere`'],
    ['b @@1f', 'undefined symbol `1f`'],
    ['mov r0, @@#8 + nowhere', 'undefined symbol `nowhere`'],
    ['x: nop\n @@x: nop', 'symbol `x` is defined twice'],
    ['x: nop\n @@x = 4', 'symbol `x` is defined twice'],
    ['x = 4\n @@x: nop', 'symbol `x` is defined twice'],
    ['x == 4\n @@x == 4', 'symbol `x` is defined twice'],
    ['x: nop\n a: @@x: nop', 'symbol `x` is defined twice'],
    ['.section .data\nd: .quad 0\n.text\n b @@d', 'undefined symbol `d`'],
    ['@@.qaud 1', 'unknown directive `.qaud`'],
    ['@@.align 4', '`.align` means'],
    ['.byte @@256', '256 does not fit 1 byte'],
    ['.byte 1, @@-129', '-129 does not fit 1 byte'],
    ['.long 1 + @@nowhere', 'undefined symbol `nowhere`'],
    ['@@.byte', '`.byte` needs a value'],
    ['.byte 1,@@', 'ends where a value'],
    ['.skip @@-1', 'cannot skip -1'],
    ['.skip @@1 << 40', 'cannot skip'],
    ['@@.skip', 'needs a count'],
    ['nop\n.org @@. - 4', '.org moves by -4'],
    ['.balign @@3', 'no power of two'],
    ['.p2align @@40', 'out of range'],
    ['.balign @@nowhere', 'undefined symbol `nowhere`'],
    ['.byte 1\n @@nop', 'no multiple of 4'],
    ['@@.set x', 'malformed `.set`'],
    ['@@x =', 'no value for `x`'],
    ['x = 1 @@/ 0', 'division by zero'],
    ['@@x = x + 1\n nop\n .byte x', 'defined by itself'],
    ['@@.size f', 'malformed `.size`'],
    ['.ascii @@x', 'expected a string'],
    ['@@.popsection', 'without `.pushsection`'],
    ['@@.section', '`.section` needs a name'],
    ['@@.error "no such thing"', '.error "no such thing"'],
    ['@@+ 1', 'expected a label'],
    ['@@%r1', 'expected a label'],
  ])('%s', (text, message) => {
    const { source, line, column } = marked(text);
    const error = failure(source);
    expect(error.message).toContain(message);
    expect([error.line, error.column]).toEqual([line, column]);
  });
});

describe('blocks and macros', () => {
  it.each([
    ['nop\n@@.macro m\nnop', 'block without `.endm`'],
    ['@@.rept 2\nnop', 'block without `.endr`'],
    ['@@.endm', 'unknown directive `.endm`'],
    ['nop\n @@.if 1\nnop', 'condition without `.endif`'],
    ['@@.else', '`.else` without `.if`'],
    ['.if 1\n.else\n@@.elseif 1\n.endif', '`.elseif` without `.if`'],
    ['@@.endif', '`.endif` without `.if`'],
    ['.if @@later\n.endif\nlater:', 'undefined symbol `later`'],
    ['here: nop\n.if @@here\n.endif', 'the address of `here` is not known yet'],
    ['.if 1 + @@. \n.endif', 'the address of `.` is not known yet'],
    ['@@.ifc a\n.endif', 'compares two strings'],
    ['@@.ifdef\n.endif', 'expected one symbol'],
    ['.rept @@-1\n.endr', '.rept of -1'],
    ['.rept 100000000\n@@nop\n.endr', 'more than 50000 statements'],
    ['.macro @@1\n.endm', '`.macro` needs a name'],
    ['.macro m @@1\n.endm', 'malformed macro parameter'],
    ['.macro m\n.endm\n.macro @@m\n.endm', 'macro `m` is defined twice'],
    ['.macro m a:req\nnop\n.endm\n @@m', 'macro `m` needs a value for `a`'],
    ['.macro m a\nnop\n.endm\n m 1, @@2', 'takes no argument here'],
    ['.macro m a, b\nnop\n.endm\n m a=1, @@2', 'positional macro argument after a named one'],
    ['.macro m a, b\nnop\n.endm\n m 1 @@-2', 'one macro argument or two?'],
    ['.macro m a\n mov r0, @@\\b\n.endm\nm 1', '`\\b` names no macro argument'],
    ['mov r0, @@\\x', '`\\x` names no macro argument'],
    ['.macro m\n @@m\n.endm\nm', 'nested more than 100 deep'],
    ['.purgem @@m', 'no macro `m`'],
    ['@@.irp\n.endr', 'needs a name'],
    ['.macro m\n @@.if 1\n.endm\n m', 'condition without `.endif`'],
  ])('%s', (text, message) => {
    const { source, line, column } = marked(text);
    const error = failure(source);
    expect(error.message).toContain(message);
    expect([error.line, error.column]).toEqual([line, column]);
  });
});

describe('rendering', () => {
  it('shows place, line, caret, macro and hint', () => {
    const source =
      '.macro inner r\n\tmov \\r, #1\n.endm\n.macro outer r\n inner \\r\n.endm\nnop\n outer r99\n';
    expect(failure(source).render()).toBe(
      [
        'toy.S:2:6: error: `r99` is no operand 1 of `mov`',
        '    2 | \tmov \\r, #1',
        '      | \t    ^',
        '  in macro `inner`, used at toy.S:5',
        '  in macro `outer`, used at toy.S:8',
        '  hint: accepted: mov register, #immediate (-32768…32767) | mov register, register',
      ].join('\n'),
    );
  });

  it.each([
    ['mvo r0, #1', 'did you mean `mov`?'],
    ['.globll x', 'did you mean .globl?'],
    ['#defin X', 'did you mean #define?'],
    ['.section .data\nd: .quad 0\n.text\n b d', 'it is defined in section .data, which is not laid out'],
    ['x: nop\nx: nop', 'first defined at toy.S:1'],
    ['.macro m a:req, b=1, c:vararg\n.endm\nm', 'declared .macro m a:req, b=1, c:vararg'],
  ])('%s hints: %s', (text, hint) => {
    expect(failure(text).hint).toContain(hint);
  });
});

describe('bounds', () => {
  const chain = Array.from({ length: 5000 }, (_, i) => `#define A${i} A${i + 1}`).join('\n');
  const doubling = Array.from({ length: 60 }, (_, i) => `#define A${i} A${i + 1} A${i + 1}`).join('\n');
  it.each([
    ['chained definitions', `${chain}\nA0`, 'macros nested more than'],
    ['doubling definitions', `${doubling}\nA0`, 'expands without end'],
    ['doubling arguments', '.macro m a\nm "\\a\\a"\n.endm\nm xx', 'grows without end'],
    ['growing values', 'x = 3\n.rept 100000\nx = x * x\n.endr', 'beyond 256 bits'],
    ['long expressions', `.byte ${'1+'.repeat(100000)}1`, 'too long'],
    ['nested repetition', '.rept 1000\n.rept 1000\n.rept 1000\nnop\n.endr\n.endr\n.endr', 'more than 50000'],
    ['large gaps', '.skip 1 << 23\n.skip 1 << 23\n.byte 1', 'text grows beyond'],
  ])('%s', (_, text, message) => {
    expect(failure(text).message).toContain(message);
  });

  it('shows only the surroundings of an error in a long or unprintable line', () => {
    const lines = failure(`${'nop;'.repeat(1000)}\u0000\u0007${';nop'.repeat(1000)}`)
      .render()
      .split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(120);
    expect(lines[1]?.[lines[2]?.indexOf('^') ?? 0]).toBe('?');
  });
});

it('ends in an AsmError or a program, whatever the text', () => {
  const piece = fc.constantFrom(
    ...[
      '.macro m a',
      '.endm',
      'm',
      '\\a',
      '.if',
      '.endif',
      '.else',
      '.rept 2',
      '.endr',
      '#if',
      '#define',
      '#endif',
    ],
    ...[
      '(',
      ')',
      '"',
      "'",
      '/*',
      '*/',
      '//',
      ';',
      '\n',
      '\n',
      ' ',
      ',',
      ':',
      '1:',
      '1b',
      'x',
      'mov',
      'r0',
      '#1',
      '=',
    ],
    ...['.set', '.byte', '.balign', '.skip', '.org', '.', '+', '\\', '[', ']', 'nop', '.section', '.irp'],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      try {
        program(pieces.join(' '));
      } catch (error) {
        expect(error).toBeInstanceOf(AsmError);
        expect((error as AsmError).line).toBeGreaterThan(0);
      }
    }),
    { numRuns: 2000 },
  );
});

it.each([
  ['\tnop; /* \u65e5\u672c */ @@bogus', '\t                ^'],
  ['/* e\u0301\u0301 */ @@bogus', '        ^'],
])('the caret stands below the place on the screen: %j', (text, caret) => {
  const lines = failure(marked(text).source).render().split('\n');
  expect(lines[2]).toBe(`      | ${caret}`);
});
