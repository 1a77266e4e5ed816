// SPDX-License-Identifier: MIT
/** Each row of the instruction table executed, against the RISC-V Unprivileged ISA manual. */
import { describe, expect, test } from 'vitest';
import { assemble } from '../../../harness/machine/asm/program.js';
import { createInterpreter } from '../../../harness/machine/interpreter.js';
import { encodeAuipc, encodeJalr, wordBytes } from '../encoding.js';
import { instructions } from '../instructions.js';
import { registers } from '../registers.js';

const BASE = 0xffff_ffff_8000_0000n;
const END = BASE + 0x1000n;
const DATA = 0xffff_ffff_8100_0000n;

const externals = new Map([
  ['there', BASE + 0x800n],
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
  machine.setCallout(END);
  machine.setCallout(BASE + 0x800n);
  machine.setCallout(program.end);
  for (const [name, value] of Object.entries(initial)) machine.write(name, value);
  machine.pc = BASE;
  const stop = machine.run();
  return { machine, stop, size: Number(program.end - BASE), read: (name: string) => machine.read(name) };
}

describe('arithmetic', () => {
  test('sext.w copies bit 31 upwards', () => {
    expect(run('sext.w a0, a1', { a1: 0x1_8000_0000n }).read('a0')).toBe(0xffff_ffff_8000_0000n);
    expect(run('sext.w a0, a0', { a0: 0xffff_ffff_7fff_ffffn }).read('a0')).toBe(0x7fff_ffffn);
  });

  test('addiw adds to the low half and sign-extends', () => {
    expect(run('addiw a0, a1, 0', { a1: 0x1_8000_0000n }).read('a0')).toBe(0xffff_ffff_8000_0000n);
    expect(run('addiw a0, a1, -1', { a1: 0x5_0000_0000n }).read('a0')).toBe(0xffff_ffff_ffff_ffffn);
  });

  test('addi adds a sign-extended 12-bit immediate, modulo 2^64', () => {
    expect(run('addi a0, a1, -2048', { a1: 0x1000n }).read('a0')).toBe(0x800n);
    expect(run('addi a0, a1, 2047', { a1: 0xffff_ffff_ffff_ffffn }).read('a0')).toBe(2046n);
    expect(run('addi sp, sp, -112', { sp: 0n }).read('sp')).toBe(0xffff_ffff_ffff_ff90n);
  });

  test('mv copies, li sets, nop does nothing', () => {
    expect(run('mv a0, t6', { t6: 5n }).read('a0')).toBe(5n);
    expect(run('li a0, -1').read('a0')).toBe(0xffff_ffff_ffff_ffffn);
    const { stop, size } = run('nop');
    expect(stop).toMatchObject({ kind: 'callout', pc: BASE + 4n });
    expect(size).toBe(4);
  });

  test('auipc adds a sign-extended upper immediate to its own address', () => {
    expect(run('nop\nauipc t0, 0x121').read('t0')).toBe(BASE + 4n + 0x121000n);
    expect(run('auipc t0, 0xffffe').read('t0')).toBe(BASE - 0x2000n);
  });

  test('la gives the address of a symbol in 8 bytes', () => {
    const { read, size } = run('la a2, variable');
    expect(read('a2')).toBe(DATA + 8n);
    expect(size).toBe(8);
  });
});

describe('memory', () => {
  test('sd and ld move 8 little-endian bytes at base + offset', () => {
    const { machine, read } = run('sd a0, -8(a1)\nld a2, -8(a1)', {
      a0: 0x0102_0304_0506_0708n,
      a1: DATA + 16n,
    });
    expect([...machine.load(DATA + 8n, 8)]).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    expect(read('a2')).toBe(0x0102_0304_0506_0708n);
  });

  test('an offset may be an expression, or nothing', () => {
    expect(run('sd a0, (8 + 16)(a1)', { a0: 7n, a1: DATA }).machine.loadWord(DATA + 24n, 8)).toBe(7n);
    expect(run('sd a0, (a1)', { a0: 7n, a1: DATA }).machine.loadWord(DATA, 8)).toBe(7n);
  });

  test('sd zero stores 0', () => {
    const { machine } = run('sd a0, (a1)\nsd zero, (a1)', { a0: 7n, a1: DATA });
    expect(machine.loadWord(DATA, 8)).toBe(0n);
  });

  test('ld with a symbol loads from it in 8 bytes', () => {
    const { read, size } = run('la a1, variable\nsd a0, (a1)\nld ra, variable', { a0: 9n });
    expect(read('ra')).toBe(9n);
    expect(size).toBe(8 + 4 + 8);
  });

  test('a base that is the destination is read first', () => {
    expect(run('sd a1, (a1)\nld a1, 0(a1)', { a1: DATA }).read('a1')).toBe(DATA);
  });

  test('an unmapped address is a fault', () => {
    expect(run('ld a0, (a1)', { a1: 16n }).stop.kind).toBe('fault');
  });
});

describe('control transfer', () => {
  test.each([
    ['bnez t1, there', 1n, true],
    ['bnez t1, there', 0n, false],
    ['bne t1, zero, there', 1n << 63n, true],
    ['bne t1, zero, there', 0n, false],
    ['beqz t1, there', 0n, true],
    ['beqz t1, there', 1n, false],
  ])('%s with t1 = %s: %s', (text, t1, taken) => {
    expect(run(text, { t1 }).stop.pc).toBe(taken ? BASE + 0x800n : BASE + 4n);
  });

  test.each(['jr t1', 'jalr zero, 0(t1)'])('%s links nothing', (text) => {
    const { stop, read } = run(text, { t1: END, ra: 3n });
    expect(stop.pc).toBe(END);
    expect(read('ra')).toBe(3n);
  });

  test('jalr rs links ra; jalr t0 links t0, its base read first', () => {
    const one = run('jalr a2', { a2: END });
    expect(one.stop.pc).toBe(END);
    expect(one.read('ra')).toBe(BASE + 4n);
    const two = run('jalr t0, -16(t0)', { t0: END + 16n });
    expect(two.stop.pc).toBe(END);
    expect(two.read('t0')).toBe(BASE + 4n);
  });

  test('bit 0 of the target of a jalr is cleared', () => {
    expect(run('jr t1', { t1: END + 1n }).stop.pc).toBe(END);
  });

  test('ret jumps to ra', () => {
    expect(run('ret', { ra: END }).stop.pc).toBe(END);
  });

  test('call links ra behind its 8 bytes', () => {
    const { stop, read } = run('call there');
    expect(stop.pc).toBe(BASE + 0x800n);
    expect(read('ra')).toBe(BASE + 8n);
  });

  test('ebreak is a trap', () => {
    expect(run('ebreak').stop).toMatchObject({ kind: 'trap', pc: BASE });
  });
});

describe('compressed', () => {
  test('c.nop is 2 bytes', () => {
    expect(run('c.nop').stop.pc).toBe(BASE + 2n);
  });

  test('c.ebreak is a trap', () => {
    expect(run('c.nop\nc.ebreak').stop).toMatchObject({ kind: 'trap', pc: BASE + 2n });
  });
});

describe('operands', () => {
  test.each([
    ['addi a0, a0, 2048'],
    ['addi a0, a0, -2049'],
    ['addi zero, a0, 1'],
    ['ld a0, 2048(sp)'],
    ['ld a0, 0(zero)'],
    ['sd a0, 8[sp]'],
    ['auipc t0, 0x100000'],
    ['mv a0, x32'],
    ['jr'],
    ['fence'],
  ])('%s is refused', (text) => {
    expect(() => run(text)).toThrow(/is no operand|does not take|unknown instruction/);
  });

  test('registers have two spellings each, and s0 a third', () => {
    for (const name of ['s0', 'fp', 'x8', 'S0'])
      expect(run(`mv a0, ${name}`, { s0: 7n }).read('a0')).toBe(7n);
  });
});

test('a pair written at run time calls its target with t0 = F+8', () => {
  const { machine } = run('nop');
  const site = BASE + 0x1100n;
  for (const offset of [0x7fcn, 0x800n, -0x804n]) {
    machine.store(site, wordBytes(encodeAuipc(offset), encodeJalr(offset)));
    machine.setCallout(site + offset);
    machine.pc = site;
    expect(machine.run()).toMatchObject({ kind: 'callout', pc: site + offset });
    expect(machine.read('t0')).toBe(site + 8n);
  }
});
