// SPDX-License-Identifier: MIT
/** Each row of the instruction table executed, against the LoongArch Reference Manual, Volume 1. */
import { describe, expect, test } from 'vitest';
import { assemble } from '../../../harness/machine/asm/program.js';
import { createInterpreter } from '../../../harness/machine/interpreter.js';
import { encodeBl, encodePlt, GENERATION_FAILURE, wordBytes } from '../encoding.js';
import { instructions } from '../instructions.js';
import { registers } from '../registers.js';

const BASE = 0x9000_0000_0020_0000n;
const END = BASE + 0x1000n;
const THERE = BASE + 0x800n;
const DATA = 0x9000_0000_0120_0000n;

const externals = new Map([
  ['there', THERE],
  ['variable', DATA + 8n],
]);

/** Assembles `text`, runs it to its end, to END or to the symbol `there`, and gives the machine back. */
function run(text: string, initial: Readonly<Record<string, bigint>> = {}) {
  const source = { file: 'test.S', text };
  const program = assemble({
    ...{ sources: [source], instructions, defines: {}, constants: {}, externals },
    ...{ base: BASE, byteOrder: 'little' },
  });
  const machine = createInterpreter({
    ...{ program, instructions, registers, byteOrder: 'little' },
    regions: [
      { name: 'text', kind: 'text', start: BASE, size: 0x2000 },
      { name: 'data', kind: 'data', start: DATA, size: 0x100 },
    ],
  });
  for (const address of [END, THERE, program.end]) machine.setCallout(address);
  for (const [name, value] of Object.entries(initial)) machine.write(name, value);
  machine.pc = BASE;
  const stop = machine.run();
  return { machine, stop, size: Number(program.end - BASE), read: (name: string) => machine.read(name) };
}

describe('arithmetic', () => {
  test('addi.w adds, and copies bit 31 upwards', () => {
    expect(run('addi.w $a0, $a1, 0', { a1: 0x1_8000_0000n }).read('a0')).toBe(0xffff_ffff_8000_0000n);
    expect(run('addi.w $a0, $a0, -1', { a0: 0x8000_0000n }).read('a0')).toBe(0x7fff_ffffn);
  });

  test('addi.d adds a sign-extended 12-bit immediate, modulo 2^64', () => {
    expect(run('addi.d $a0, $a1, -2048', { a1: 0x1000n }).read('a0')).toBe(0x800n);
    expect(run('addi.d $a0, $a1, 2047', { a1: 0xffff_ffff_ffff_ffffn }).read('a0')).toBe(2046n);
    expect(run('addi.d $sp, $sp, -320', { sp: 0n }).read('sp')).toBe(0xffff_ffff_ffff_fec0n);
  });

  test('or, and move, which is or with zero', () => {
    expect(run('or $a0, $a1, $a2', { a1: 0xf0n, a2: 0x0fn }).read('a0')).toBe(0xffn);
    expect(run('or $t0, $ra, $zero', { ra: 5n }).read('t0')).toBe(5n);
    expect(run('move $t0, $ra', { ra: 5n }).read('t0')).toBe(5n);
    expect(run('move $t1, $zero', { t1: 5n }).read('t1')).toBe(0n);
  });

  test('andi and ori zero-extend; li.d sets; nop is andi zero, zero, 0', () => {
    expect(run('andi $t0, $t0, 0x7', { t0: 0xffff_ffff_ffff_fffdn }).read('t0')).toBe(5n);
    expect(run('ori $t0, $t1, 0xfff', { t1: 0x1000n }).read('t0')).toBe(0x1fffn);
    expect(run('li.d $t1, 7').read('t1')).toBe(7n);
    expect(run('nop').stop).toMatchObject({ kind: 'callout', pc: BASE + 4n });
    expect(run('andi $zero, $zero, 0').stop).toMatchObject({ kind: 'callout', pc: BASE + 4n });
  });

  test('lu12i.w sign-extends to 64 bits; lu32i.d and lu52i.d replace what is above', () => {
    expect(run('lu12i.w $t1, -0x80000').read('t1')).toBe(0xffff_ffff_8000_0000n);
    expect(run('lu32i.d $t1, 0x12345', { t1: 0xaaaa_aaaa_8765_4321n }).read('t1')).toBe(0x1_2345_8765_4321n);
    expect(run('lu32i.d $t1, -1', { t1: 1n }).read('t1')).toBe(0xffff_ffff_0000_0001n);
    expect(run('lu52i.d $t1, $t2, -0x700', { t2: 0xfff1_2345_6789_abcdn }).read('t1')).toBe(
      0x9001_2345_6789_abcdn,
    );
  });

  test('pcalau12i adds pages to the page of its address', () => {
    expect(run('nop\npcalau12i $t1, 0x1').read('t1')).toBe(BASE + 0x1000n);
    expect(run('pcalau12i $t1, -1').read('t1')).toBe(BASE - 0x1000n);
  });

  test('la.pcrel gives the address of a symbol in 8 bytes', () => {
    const { read, size } = run('la.pcrel $t1, variable');
    expect(read('t1')).toBe(DATA + 8n);
    expect(size).toBe(8);
  });
});

describe('memory', () => {
  test('st.d and ld.d move 8 little-endian bytes at base + offset', () => {
    const { machine, read } = run('st.d $a0, $a1, -8\nld.d $a2, $a1, -8', {
      a0: 0x0102_0304_0506_0708n,
      a1: DATA + 16n,
    });
    expect([...machine.load(DATA + 8n, 8)]).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    expect(read('a2')).toBe(0x0102_0304_0506_0708n);
  });

  test('an offset may be an expression', () => {
    expect(run('st.d $a0, $a1, 8 + 16', { a0: 7n, a1: DATA }).machine.loadWord(DATA + 24n, 8)).toBe(7n);
  });

  test('st.d zero stores 0', () => {
    const { machine } = run('st.d $a0, $a1, 0\nst.d $zero, $a1, 0', { a0: 7n, a1: DATA });
    expect(machine.loadWord(DATA, 8)).toBe(0n);
  });

  test('a base that is the destination is read first', () => {
    expect(run('st.d $a1, $a1, 0\nld.d $a1, $a1, 0', { a1: DATA }).read('a1')).toBe(DATA);
  });

  test('an unmapped address is a fault', () => {
    expect(run('ld.d $a0, $a1, 0', { a1: 16n }).stop.kind).toBe('fault');
  });
});

describe('control transfer', () => {
  test.each([
    [1n, true],
    [1n << 63n, true],
    [0n, false],
  ])('bnez with %s: taken %s, beqz the other way round', (t1, taken) => {
    expect(run('bnez $t1, there', { t1 }).stop.pc).toBe(taken ? THERE : BASE + 4n);
    expect(run('beqz $t1, there', { t1 }).stop.pc).toBe(taken ? BASE + 4n : THERE);
  });

  test('b links nothing, bl writes ra = pc + 4', () => {
    const plain = run('b there', { ra: 3n });
    expect(plain.stop.pc).toBe(THERE);
    expect(plain.read('ra')).toBe(3n);
    const linked = run('nop\nbl there', { ra: 3n });
    expect(linked.stop.pc).toBe(THERE);
    expect(linked.read('ra')).toBe(BASE + 8n);
  });

  test.each(['jr $t0', 'jirl $zero, $t0, 0', 'jirl $r0, $t0, 0'])('%s writes no register', (text) => {
    const { stop, read } = run(text, { t0: END, ra: 3n });
    expect(stop.pc).toBe(END);
    expect(read('ra')).toBe(3n);
  });

  test('jirl writes pc + 4, its base read first', () => {
    const { stop, read } = run('jirl $ra, $ra, -16', { ra: END + 16n });
    expect(stop.pc).toBe(END);
    expect(read('ra')).toBe(BASE + 4n);
  });

  test('ret jumps to ra', () => {
    expect(run('ret', { ra: END }).stop.pc).toBe(END);
  });

  test('break is a trap', () => {
    expect(run('break 0').stop).toMatchObject({ kind: 'trap', pc: BASE });
  });
});

describe('CRMD', () => {
  test('csrrd reads it', () => {
    expect(run('csrrd $t0, 0', { crmd: 0xb4n }).read('t0')).toBe(0xb4n);
  });

  test('csrxchg writes the bits of the mask and gives back the old value', () => {
    const { read } = run('csrxchg $t0, $t1, 0', { crmd: 0xb0n, t0: 0xffn, t1: 0x7n });
    expect(read('crmd')).toBe(0xb7n);
    expect(read('t0')).toBe(0xb0n);
  });
});

describe('operands', () => {
  test.each([
    ['addi.d $a0, $a0, 2048'],
    ['addi.d $a0, $a0, -2049'],
    ['addi.d a0, $a0, 1'],
    ['addi.d $zero, $a0, 1'],
    ['move $crmd, $a0'],
    ['ld.d $a0, $sp, 2048'],
    ['ld.d $a0, $zero, 0'],
    ['jirl $zero, $t0, 2'],
    ['li.d $t0, 4096'],
    ['csrrd $t0, 1'],
    ['b there + 0x8000000'],
    ['bnez $t0, there + 0x400000'],
    ['move $a0, $r32'],
    ['dbar 0'],
  ])('%s is refused', (text) => {
    expect(() => run(text)).toThrow(/is no operand|does not take|unknown instruction/);
  });

  test('registers have numbers too, and fp is also s9', () => {
    for (const name of ['$fp', '$s9', '$r22', '$FP']) {
      expect(run(`move $a0, ${name}`, { fp: 7n }).read('a0')).toBe(7n);
    }
    expect(run('move $a0, $r21', { u0: 7n }).read('a0')).toBe(7n);
  });
});

describe('words written at run time', () => {
  test('a BL calls its target', () => {
    const { machine } = run('nop');
    const site = BASE + 0x1100n;
    machine.store(site, wordBytes(encodeBl(site, THERE)));
    machine.pc = site;
    expect(machine.run()).toMatchObject({ kind: 'callout', pc: THERE });
    expect(machine.read('ra')).toBe(site + 4n);
  });

  test('a module PLT entry reaches any address and clobbers t1 only', () => {
    const { machine } = run('nop');
    const entry = BASE + 0x1200n;
    machine.store(entry, wordBytes(...encodePlt(THERE)));
    const before = registers.names.map((name) => machine.read(name));
    machine.pc = entry;
    expect(machine.run()).toMatchObject({ kind: 'callout', pc: THERE });
    const changed = registers.names.filter((name, index) => machine.read(name) !== before[index]);
    expect(changed).toEqual(['t1']);
  });

  test('the word for a branch out of range stops a CPU that meets it', () => {
    const { machine } = run('nop');
    machine.store(BASE + 0x1300n, wordBytes(GENERATION_FAILURE));
    machine.pc = BASE + 0x1300n;
    expect(machine.run().kind).toBe('trap');
  });
});
