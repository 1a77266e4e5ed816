// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { BASE, type Extras, machine, program } from './toy.js';

const texts = (text: string, extras: Extras = {}): string[] => program(text, extras).code.map((c) => c.text);

describe('.macro', () => {
  it.each([
    ['positional', '.macro m a, b\nmov \\a, \\b\n.endm\nm r0, #1', ['mov r0, #1']],
    ['blanks between', '.macro m a b\nmov \\a, \\b\n.endm\nm r0 #1', ['mov r0, #1']],
    ['default', '.macro m a, b=#2\nmov \\a, \\b\n.endm\nm r0', ['mov r0, #2']],
    ['comma after the name', '.macro m, a, b=#2\nmov \\a, \\b\n.endm\nm r0', ['mov r0, #2']],
    ['named', '.macro m a, b=#2\nmov \\a, \\b\n.endm\nm b=#3, a=r1', ['mov r1, #3']],
    ['empty', '.macro m a, b\nmov \\a r0, \\b#1\n.endm\nm', ['mov r0, #1']],
    ['skipped', '.macro m a=r5, b=#1\nmov \\a, \\b\n.endm\nm , #4', ['mov r5, #4']],
    ['required', '.macro m a:req, b=#1\nmov \\a, \\b\n.endm\nm r6', ['mov r6, #1']],
    ['vararg', '.macro m op, rest:vararg\n\\op \\rest\n.endm\nm add, r0, r1, #2', ['add r0, r1, #2']],
    ['vararg with blanks', '.macro m op, rest:vararg\n\\op \\rest\n.endm\nm mov r0, #1', ['mov r0, #1']],
    ['quoted', '.macro m body\n\\body\n.endm\nm "mov r0, #1"', ['mov r0, #1']],
    ['quoted statements', '.macro m body\n\\body\n.endm\nm "nop; nop"', ['nop', 'nop']],
    ['parentheses', '.macro m v, r\nmov \\r, #\\v\n.endm\nm (1 + (2)), r0', ['mov r0, #(1 + (2))']],
    ['brackets in quotes', '.macro m r, at\nst \\r, \\at\n.endm\nm r0, "[sp, #8]"', ['st r0, [sp, #8]']],
    ['brackets open', '.macro m r, a, b\nst \\r, \\a, \\b\n.endm\nm r0, [sp, #8]', ['st r0, [sp, #8]']],
    ['operators', '.macro m v\nmov r0, #\\v\n.endm\nm 1 + 2 * (3 - 1)', ['mov r0, #1 + 2 * (3 - 1)']],
    ['join', '.macro m n\nmov r\\n\\(), #1\n.endm\nm 3', ['mov r3, #1']],
    ['prefix names', '.macro m a, ab\nmov \\ab, \\a\n.endm\nm #1, r0', ['mov r0, #1']],
    ['label', '.macro m n\nx\\n\\()_end: b x\\n\\()_end\n.endm\nm 7', ['b x7_end']],
    ['nested', '.macro in r\nmov \\r, #1\n.endm\n.macro out r\nin \\r\nin r9\n.endm\n', []],
    ['nested use', '.macro in r\nmov \\r, #1\n.endm\n.macro out q\nin \\q\n.endm\nout r4', ['mov r4, #1']],
    ['definition within', '.macro d n\n.macro \\n r\nmov \\r, #1\n.endm\n.endm\nd k\nk r2', ['mov r2, #1']],
    ['exit', '.macro m c\nnop\n.if \\c\n.exitm\n.endif\ntrap\n.endm\nm 1\nm 0', ['nop', 'nop', 'trap']],
    ['purge', '.macro m\nnop\n.endm\nm\n.purgem m\n.macro m\ntrap\n.endm\nm', ['nop', 'trap']],
  ])('%s', (_, text, wanted) => {
    expect(texts(text)).toEqual(wanted);
  });

  it('numbers invocations with \\@', () => {
    const p = program('.macro m\nlab\\@: b lab\\@\n.endm\nm\nm');
    expect(p.code.map((c) => c.text)).toEqual(['b lab0', 'b lab1']);
  });

  it('recurses under a condition', () => {
    expect(texts('.macro m n\n.if \\n\nnop\nm (\\n - 1)\n.endif\n.endm\nm 3')).toHaveLength(3);
  });
});

describe('conditional assembly', () => {
  it.each([
    ['.if 1 + 1 == 2', true],
    ['.if 0', false],
    ['.ifdef CONST', true],
    ['.ifdef here', true],
    ['.ifdef later', false],
    ['.ifndef nowhere', true],
    ['.ifc a b, a b', true],
    ['.ifc a, b', false],
    ['.ifnc a, b', true],
    ['.ifb', true],
    ['.ifnb x', true],
    ['.ifeq 1 - 1', true],
    ['.ifne 0', false],
    ['.ifgt 1', true],
    ['.ifge 0', true],
    ['.iflt -1', true],
    ['.ifle 1', false],
    ['.ifeqs "a", "a"', true],
    ['.ifnes "a", "a"', false],
    ['.if set - 4', false],
  ])('%s', (condition, wanted) => {
    const source = `here: .set set, 4\n${condition}\nnop\n.else\ntrap\n.endif\nlater: nop`;
    expect(texts(source, { constants: { CONST: 1 } })[0]).toBe(wanted ? 'nop' : 'trap');
  });

  it('takes the first true branch, and none inside a dead one', () => {
    const source =
      '.if 0\n.if 1\ntrap\n.elseif 1\n.else\ntrap\n.endif\n.elseif 1\nnop\n.elseif 1\ntrap\n.else\ntrap\n.endif';
    expect(texts(source)).toEqual(['nop']);
  });

  it('does not look at statements in a dead branch', () => {
    expect(texts('.if 0\nbogus \\x\nx: \n.set\n.else\nx: nop\n.endif')).toEqual(['nop']);
  });
});

describe('repetition', () => {
  it('.rept with a counter, nested', () => {
    const p = program('.set i, 0\n.rept 2\n.rept 2\n.byte i\n.set i, i + 1\n.endr\n.endr');
    expect(p.data.flatMap((d) => [...d.bytes])).toEqual([0, 1, 2, 3]);
  });

  it('gives each operand the value a symbol had when it was named', () => {
    const source = '.set i, 5\n.irpc n, 012\nmov r\\n, #i\n.set i, i + 1\n.endr\ntrap';
    const { machine: m } = machine(source);
    m.pc = BASE;
    m.run();
    expect(['r0', 'r1', 'r2'].map((r) => m.read(r))).toEqual([5n, 6n, 7n]);
  });

  it('.irp and .irpc', () => {
    expect(texts('.irp r, r1, r2\nmov \\r, #1\n.endr\n.irpc n, 34\nmov r\\n, #1\n.endr')).toEqual(
      ['r1', 'r2', 'r3', 'r4'].map((r) => `mov ${r}, #1`),
    );
  });

  it('takes macro arguments inside repetition inside macros', () => {
    expect(texts('.macro m r\n.irp v, 1, 2\nmov \\r, #\\v\n.endr\n.endm\nm r5')).toEqual([
      'mov r5, #1',
      'mov r5, #2',
    ]);
  });
});
