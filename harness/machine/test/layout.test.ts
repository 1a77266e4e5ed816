// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { BASE, C, DATA, type Extras, machine, program, type Toy } from './toy.js';

const bytes = (text: string, extras: Extras = {}): number[] => {
  const p = program(text, { alignment: 1, ...extras });
  const all = new Array<number>(Number(p.end - p.base)).fill(0);
  for (const d of p.data) all.splice(Number(d.address - p.base), d.length, ...d.bytes);
  return all;
};

const run = (text: string, extras: Extras = {}): Toy => {
  const toy = machine(`${text}\ntrap\n`, extras);
  toy.machine.pc = BASE;
  expect(toy.machine.run().kind).toBe('trap');
  return toy;
};

describe('data', () => {
  it.each([
    [".byte 'a, 'b', '\\n, '\\\\", [97, 98, 10, 92]],
    ['.byte 1, -1, 255', [1, 255, 255]],
    ['.short 0x102', [2, 1]],
    ['.2byte 0x102', [2, 1]],
    ['.hword -2', [254, 255]],
    ['.long 0x1020304', [4, 3, 2, 1]],
    ['.4byte 5', [5, 0, 0, 0]],
    ['.int 6', [6, 0, 0, 0]],
    ['.quad 0x0102030405060708', [8, 7, 6, 5, 4, 3, 2, 1]],
    ['.8byte -1', Array(8).fill(255)],
    ['.skip 3', [0, 0, 0]],
    ['.space 2, 7', [7, 7]],
    ['.zero 1', [0]],
    ['.byte 1\n.balign 4\n.byte 2', [1, 0, 0, 0, 2]],
    ['.byte 1\n.p2align 1, 9\n.byte 2', [1, 9, 2]],
    ['.byte 1\n.balign 8, , 3\n.byte 2', [1, 2]],
    ['.byte 1\n.org base + 3\n.byte 2', [1, 0, 0, 2]],
    ['x: .byte y - x\ny:', [1]],
    ['.byte . - base, 1\n.byte . - base', [0, 1, 2]],
    ['.set size, end - base\n.byte size, 0\nend:', [2, 0]],
  ])('%s', (text, wanted) => {
    expect(bytes(`base: ${text}`)).toEqual(wanted);
  });

  it('pads instructions with no-operations and data with zeros', () => {
    const p = program('b out\n.balign 16\nout: .byte 1\n.balign 4\n.byte 2');
    expect(p.code.map((c) => c.address - BASE)).toEqual([0n, 4n, 8n, 12n]);
    expect(bytes('.byte 1\n.balign 4\n.byte 2', { alignment: 4 })).toEqual([1, 0, 0, 0, 2]);
    run('mov r0, #1\n.balign 32');
  });

  it('follows the byte order', () => {
    expect(bytes('.long 0x1020304\n.short 0x506', { byteOrder: 'big' })).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('can be loaded by the program', () => {
    const { machine: m } = run('adr r1, word\n ld r0, [r1, #0]\n b over\n.balign 8\nword: .quad over\nover:');
    expect(m.read('r0')).toBe(BASE + 24n);
  });
});

describe('symbols', () => {
  it('finds local numeric labels backwards and forwards', () => {
    const { machine: m } = run(
      'mov r0, #0\n b 1f\n1: add r0, r0, #1\n b 1f\n trap\n1: adr r1, 1b\n b 2f\n1:\n2:',
    );
    expect(m.read('r0')).toBe(1n);
    expect(m.read('r1')).toBe(BASE + 20n);
  });

  it('resolves constants, externals, forward assignments and addresses', () => {
    const source =
      'mov r0, #S_LR + later\n adr r1, c_fn + 4\n adr r2, alias\n.set later, 2\n.equ alias, tail\ntail:';
    const { machine: m } = run(source, { constants: { S_LR: 240 }, externals: { c_fn: C } });
    expect([m.read('r0'), m.read('r1'), m.read('r2')]).toEqual([242n, C + 4n, BASE + 12n]);
  });

  it('takes the latest assignment before the use', () => {
    const { machine: m } = run('x = 1\n mov r0, #x\n x = x + 1\n mov r1, #x\n y == 9\n mov r2, #y');
    expect([m.read('r0'), m.read('r1'), m.read('r2')]).toEqual([1n, 2n, 9n]);
  });

  it('lists text symbols without local ones, and knows their extents', () => {
    const p = program(
      'first: nop\n.Lhidden: nop\n1: nop\ninner:\nalias: nop\n.size first, . - first\nnop\nlast: nop\n.size last, 2',
    );
    expect([...p.symbols.keys()]).toEqual(['first', 'inner', 'alias', 'last']);
    expect(p.symbolOf(BASE)).toEqual({ name: 'first', offset: 0 });
    expect(p.symbolOf(BASE + 11n)).toEqual({ name: 'first', offset: 11 });
    expect(p.symbolOf(BASE + 12n)).toEqual({ name: 'inner', offset: 0 });
    expect(p.symbolOf(BASE + 16n)).toEqual({ name: 'inner', offset: 4 });
    expect(p.symbolOf(BASE + 20n + 2n)).toBeUndefined();
    expect(p.symbolOf(BASE - 1n)).toBeUndefined();
    expect(p.symbolOf(p.end)).toBeUndefined();
  });

  it('places instructions with text and source line', () => {
    const p = program('\nlab:  mov   r0,\t#1 // why\n nop');
    expect(p.code.map(({ address, length, text, where }) => ({ address, length, text, where }))).toEqual([
      { address: BASE, length: 4, text: 'mov r0, #1', where: 'toy.S:2' },
      { address: BASE + 4n, length: 4, text: 'nop', where: 'toy.S:3' },
    ]);
    expect(p.at(BASE + 4n)?.text).toBe('nop');
    expect(p.at(BASE + 2n)).toBeUndefined();
  });
});

describe('lengths', () => {
  it('settles lengths that depend on distances', () => {
    const far = 'nop\n'.repeat(40);
    const p = program(`start: jmp end\n jmp start\n${far}end: jmp start\n jmp end`, { alignment: 4 });
    expect(p.code.filter((c) => c.text.startsWith('jmp')).map((c) => c.length)).toEqual([8, 4, 8, 4]);
    expect(p.symbols.get('end')).toBe(BASE + 8n + 4n + 160n);
  });

  it('grows one jump because another grew', () => {
    const p = program(`a: jmp c\nb: jmp d\n${'nop\n'.repeat(29)}c: nop\nnop\nd: nop`);
    expect(p.code.slice(0, 2).map((c) => c.length)).toEqual([8, 8]);
  });
});

describe('sections', () => {
  it('lays out text sections only', () => {
    const source = `
 nop
 .section .rodata
table: .quad 1
 .set inside, 3
 .text
 mov r0, #inside
 .pushsection .note, "a"
 .long 5
 .popsection
 .section .entry.text, "ax"
 mov r1, #1
 .data
 .byte 1
 .previous
 mov r2, #2
 .section "odd", "ax"
 nop
`;
    expect(program(source).code.map((c) => c.text)).toEqual([
      'nop',
      'mov r0, #inside',
      'mov r1, #1',
      'mov r2, #2',
      'nop',
    ]);
    expect(program(source).data).toEqual([]);
  });

  it('accepts directives about linkage, unwinding and modes', () => {
    const source = `
 .globl f
 .type f, %function
 .cfi_startproc
 .option norvc
 .machine "z13"
 .arch armv8-a
f: nop
 .cfi_endproc
 .size f, .-f
 .hidden f
`;
    expect(program(source).symbols.get('f')).toBe(BASE);
  });
});

it('serves several machines without their disturbing each other', () => {
  const first = run('mov r0, #1\n adr r1, word\n b out\n.balign 8\nword: .quad 0\nout:', {
    externals: { d: DATA },
  });
  const second = run('mov r0, #1\n adr r1, word\n b out\n.balign 8\nword: .quad 0\nout:', {
    externals: { d: DATA },
  });
  first.machine.write('r0', 77n);
  expect(second.machine.read('r0')).toBe(1n);
});
