// SPDX-License-Identifier: MIT
/** Meaning of single instructions; expected flags typed from the SDM's rules for the status flags. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assemble } from '../../../harness/machine/asm/program.js';
import { createInterpreter } from '../../../harness/machine/interpreter.js';
import { instructions } from '../instructions.js';
import { registers } from '../registers.js';

const TEXT = 0xffff_ffff_8100_0000n;
const SP = 0xffff_c900_0001_0800n;

/** Runs one piece of text up to the callout behind it. */
function run(text: string, set: Readonly<Record<string, bigint>> = {}) {
  const program = assemble({
    sources: [{ file: 'test.S', text: `${text}\nend: nop\n` }],
    instructions,
    defines: {},
    constants: {},
    externals: new Map(),
    base: TEXT,
    byteOrder: 'little',
  });
  const machine = createInterpreter({
    program,
    instructions,
    registers,
    byteOrder: 'little',
    regions: [
      { name: 'text', kind: 'text', start: TEXT, size: 0x1000 },
      { name: 'stack', kind: 'stack', start: SP - 0x800n, size: 0x1000 },
    ],
  });
  machine.setCallout(program.symbol('end') as bigint);
  for (const [name, value] of Object.entries({ rsp: SP, flags: 0n, ...set })) machine.write(name, value);
  machine.pc = TEXT;
  const stop = machine.run();
  return { machine, stop, word: (at: bigint) => machine.loadWord(at, 8) };
}

describe('stack', () => {
  test('PUSH of a memory operand relative to RSP uses the old RSP', () => {
    const { machine, word } = run('mov %rax, 16(%rsp)\npush 16(%rsp)', { rax: 7n });
    expect(machine.read('rsp')).toBe(SP - 8n);
    expect(word(SP - 8n)).toBe(7n);
  });

  test('PUSH RSP stores the old value; POP RSP loads it', () => {
    expect(run('push %rsp').word(SP - 8n)).toBe(SP);
    expect(run('push %rsp\npop %rsp').machine.read('rsp')).toBe(SP);
  });

  test('PUSH of an immediate is sign-extended', () => {
    expect(run('push $-2').word(SP - 8n)).toBe(2n ** 64n - 2n);
    expect(run('push $0x18').word(SP - 8n)).toBe(0x18n);
  });

  test('PUSHF and POPF move the whole word', () => {
    const { machine } = run('pushfq\nsub $1, %rax\npopfq', { flags: 0x1234_5678_9abc_def0n, rax: 0n });
    expect(machine.read('flags')).toBe(0x1234_5678_9abc_def0n);
  });

  test('LEAVE: RSP := RBP, then POP RBP', () => {
    const { machine } = run('push %rbp\nmov %rsp, %rbp\nsub $64, %rsp\nleave', { rbp: 42n });
    expect([machine.read('rsp'), machine.read('rbp')]).toEqual([SP, 42n]);
  });

  test('LEAVE that faults has changed nothing', () => {
    const { machine, stop } = run('leave', { rbp: 0x10n });
    expect(stop.kind).toBe('fault');
    expect([machine.read('rsp'), machine.read('rbp')]).toEqual([SP, 0x10n]);
  });
});

describe('moves', () => {
  test('a 32-bit immediate is sign-extended, in a register and in memory', () => {
    expect(run('mov $-1, %rcx').machine.read('rcx')).toBe(2n ** 64n - 1n);
    expect(run('movq $-1, 8(%rsp)').word(SP + 8n)).toBe(2n ** 64n - 1n);
    expect(run('movabs $0xfedcba9876543210, %rcx').machine.read('rcx')).toBe(0xfedc_ba98_7654_3210n);
  });

  test('LEA leaves the flags alone', () => {
    const { machine } = run('lea -8(%rsp), %rcx\nlea end(%rip), %rdx', { flags: 0x8d5n });
    expect(machine.read('rcx')).toBe(SP - 8n);
    expect(machine.read('rdx')).toBe(TEXT + 12n);
    expect(machine.read('flags')).toBe(0x8d5n);
  });
});

/** CF 1, PF 4, AF 0x10, ZF 0x40, SF 0x80, OF 0x800. */
describe('flags', () => {
  test.each([
    ['add $1, %rax', 2n ** 64n - 1n, 0n, 0x1 | 0x4 | 0x10 | 0x40],
    ['add $1, %rax', 2n ** 63n - 1n, 2n ** 63n, 0x4 | 0x10 | 0x80 | 0x800],
    ['add $8, %rax', 8n, 16n, 0x10],
    ['add $-1, %rax', 2n ** 63n, 2n ** 63n - 1n, 0x1 | 0x4 | 0x800],
    ['sub $1, %rax', 0n, 2n ** 64n - 1n, 0x1 | 0x4 | 0x10 | 0x80],
    ['sub $5, %rax', 5n, 0n, 0x4 | 0x40],
    ['sub $1, %rax', 2n ** 63n, 2n ** 63n - 1n, 0x4 | 0x10 | 0x800],
    ['sub $0, %rax', 7n, 7n, 0],
    ['and $~1, %rax', 1n, 0n, 0x4 | 0x40],
    ['and $-1, %rax', (2n ** 63n) | 1n, (2n ** 63n) | 1n, 0x80],
    ['test %rax, %rax', 0n, 0n, 0x4 | 0x40],
    ['test %rax, %rax', 3n, 3n, 0x4],
    ['testb $1, %al', 0x100n, 0x100n, 0x4 | 0x40],
    ['testb $1, %al', 0x101n, 0x101n, 0],
    ['testb $0x80, %al', 0x80n, 0x80n, 0x80],
  ])('%s of 0x%x', (text, before, after, flags) => {
    const { machine } = run(text, { rax: before, flags: 0x8d5n });
    expect(machine.read('rax')).toBe(after);
    expect(machine.read('flags')).toBe(BigInt(flags));
  });

  test.each([
    [0n, 0x4 | 0x40],
    [3n, 0x4],
    [2n ** 63n, 0x4 | 0x80],
  ])('cmpq $0 with 0x%x in memory', (value, flags) => {
    const { machine, word } = run('mov %rax, (%rsp)\ncmpq $0, (%rsp)', { rax: value, flags: 0x8d5n });
    expect(machine.read('flags')).toBe(BigInt(flags));
    expect(word(SP)).toBe(value);
  });

  test('other bits of the word stay', () => {
    expect(run('sub $5, %rax', { rax: 5n, flags: 0xdead_0000_0000_0202n }).machine.read('flags')).toBe(
      0xdead_0000_0000_0246n,
    );
  });

  test('ADD then SUB of the same is the same register; CF tells the wrap', () => {
    const immediate = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), immediate, (rax, value) => {
        const operand = BigInt.asUintN(64, BigInt(value));
        const added = run(`add $${value}, %rax`, { rax });
        expect((added.machine.read('flags') & 1n) === 1n).toBe(rax + operand >= 2n ** 64n);
        expect(run(`add $${value}, %rax\nsub $${value}, %rax`, { rax }).machine.read('rax')).toBe(rax);
      }),
      { numRuns: 30 },
    );
  });
});

describe('control', () => {
  test('CALL pushes the address of the next instruction', () => {
    const direct = run('call 1f\n1:');
    expect(direct.word(SP - 8n)).toBe(TEXT + 5n);
    const { machine, word } = run('lea 1f(%rip), %r10\ncall *%r10\nint3\n1:');
    expect(word(SP - 8n)).toBe(TEXT + 10n);
    expect(machine.read('rsp')).toBe(SP - 8n);
  });

  test('RET pops where to go', () => {
    const { machine, stop } = run('lea end(%rip), %rax\npush %rax\nret\nint3');
    expect(stop.kind).toBe('callout');
    expect(machine.read('rsp')).toBe(SP);
  });

  test.each([
    ['jz', 0x40n, true],
    ['jz', 0n, false],
    ['jnz', 0x40n, false],
    ['jne', 0n, true],
    ['je', 0x40n, true],
  ])('%s with flags 0x%x', (mnemonic, flags, taken) => {
    const { machine } = run(`${mnemonic} end\nmov $1, %rcx`, { flags, rcx: 0n });
    expect(machine.read('rcx')).toBe(taken ? 0n : 1n);
  });

  test('JMP, direct and indirect', () => {
    expect(run('jmp end\nint3').stop.kind).toBe('callout');
    expect(run('lea end(%rip), %r11\njmp *%r11\nint3').stop.kind).toBe('callout');
  });

  test('INT3 is a trap', () => expect(run('int3').stop).toMatchObject({ kind: 'trap', pc: TEXT }));

  test('NOPs and ENDBR64 do nothing', () => {
    const { machine } = run('nop\nxchg %ax, %ax\nnopl 0x0(%rax,%rax,1)\nendbr64', { rax: 1n, flags: 0x8d5n });
    expect([machine.read('rax'), machine.read('flags')]).toEqual([1n, 0x8d5n]);
  });
});
