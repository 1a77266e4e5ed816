// SPDX-License-Identifier: MIT
/**
 * What each instruction does, executed, and which operands are refused. Effects and ranges are typed from the Arm
 * Architecture Reference Manual (DDI 0487), C6.2.
 */
import { describe, expect, test } from 'vitest';
import { assemble } from '../../../harness/machine/asm/program.js';
import { createInterpreter, type Interpreter } from '../../../harness/machine/interpreter.js';
import { backend } from '../index.js';

const TEXT = 0xffff_8000_8000_0000n;
const STACK = 0xffff_8000_8200_0000n;
const SP = STACK + 0x800n;
const { instructions, registers } = backend;

/** Assembles lines at TEXT; `end` is a label after them, `far_away` lies 100 MiB ahead. */
function machineOf(...lines: readonly string[]): Interpreter {
  return build(lines, false);
}

function build(lines: readonly string[], landingPads: boolean): Interpreter {
  const text = `\t.text\nstart:\n${lines.map((line) => `${line.endsWith(':') ? '' : '\t'}${line}\n`).join('')}end:\n\tnop\n`;
  const program = assemble({
    sources: [{ file: 'test.S', text }],
    instructions,
    defines: {},
    constants: {},
    externals: new Map([
      ['far_away', TEXT + (100n << 20n)],
      ['too_far', TEXT + (128n << 20n)],
      ['cell', STACK + 0x128n],
    ]),
    base: TEXT,
    byteOrder: 'little',
  });
  const machine = createInterpreter({
    program,
    instructions,
    registers,
    byteOrder: 'little',
    landingPads,
    regions: [
      { name: 'text', kind: 'text', start: TEXT, size: 0x1000 },
      { name: 'stack', kind: 'stack', start: STACK, size: 0x1000 },
    ],
  });
  machine.pc = TEXT;
  machine.setCallout(program.symbols.get('end') as bigint);
  machine.write('sp', SP);
  for (let n = 0; n < 31; n++) machine.write(`x${n}`, BigInt(1000 + n));
  return machine;
}

/** Runs the lines to their end. */
function run(lines: readonly string[], prepare: (machine: Interpreter) => void = () => {}): Interpreter {
  const machine = machineOf(...lines);
  prepare(machine);
  expect(machine.run()).toMatchObject({ kind: 'callout' });
  return machine;
}

const word = (machine: Interpreter, address: bigint) => machine.loadWord(address, 8);

describe('no effect', () => {
  test.each(['nop', 'bti c', 'bti j', 'bti jc'])('%s', (text) => {
    const machine = run([text]);
    for (let n = 0; n < 31; n++) expect(machine.read(`x${n}`)).toBe(BigInt(1000 + n));
    expect(machine.read('sp')).toBe(SP);
  });
});

describe('moves and arithmetic', () => {
  test.each([
    ['mov x1, x2', 'x1', 1002n],
    ['mov x10, sp', 'x10', SP],
    ['mov x10, #1', 'x10', 1n],
    ['add x1, x2, #4095', 'x1', 1002n + 4095n],
    ['add x1, sp, #16', 'x1', SP + 16n],
    ['sub x0, x30, #4', 'x0', 1026n],
    ['sub x0, x0, #1001', 'x0', 2n ** 64n - 1n],
    ['bic x11, x30, #7', 'x11', 1024n],
    ['bic x1, x2, #0xff00', 'x1', 1002n & ~0xff00n],
    ['and x1, x2, #0xf0', 'x1', 1002n & 0xf0n],
    ['and x0, x30, #0xf0000000', 'x0', 0n],
    ['orr x1, x2, x3', 'x1', 1002n | 1003n],
    ['adr x1, end', 'x1', TEXT + 4n],
    ['adrp x1, cell', 'x1', STACK],
    ['adrp x1, end', 'x1', TEXT],
  ])('%s', (text, register, value) => {
    expect(run([text]).read(register)).toBe(value);
  });

  test('mov sp, x29 and sub sp', () => {
    const machine = run(['mov sp, x29', 'sub sp, sp, #32', 'add sp, sp, #16'], (m) =>
      m.write('x29', SP - 64n),
    );
    expect(machine.read('sp')).toBe(SP - 80n);
  });

  test('fp and lr are x29 and x30', () => {
    expect(run(['mov fp, lr']).read('x29')).toBe(1030n);
  });
});

describe('memory', () => {
  test('str and ldr, scaled offset', () => {
    const machine = run(['str x3, [sp, #24]', 'ldr x4, [sp, #24]']);
    expect(word(machine, SP + 24n)).toBe(1003n);
    expect(machine.read('x4')).toBe(1003n);
  });

  test('ldr with a negative, unscaled offset', () => {
    const machine = run(['ldr x11, [x11, #-16]'], (m) => {
      m.write('x11', SP);
      m.storeWord(SP - 16n, 8, 42n);
    });
    expect(machine.read('x11')).toBe(42n);
  });

  test('str xzr', () => {
    expect(word(run(['str xzr, [sp, #72]']), SP + 72n)).toBe(0n);
  });

  test('stp and ldp: the first register at the lower address', () => {
    const machine = run(['stp x1, x2, [sp, #16]', 'ldp x4, x3, [sp, #16]']);
    expect([word(machine, SP + 16n), word(machine, SP + 24n)]).toEqual([1001n, 1002n]);
    expect([machine.read('x4'), machine.read('x3')]).toEqual([1001n, 1002n]);
    expect(machine.read('sp')).toBe(SP);
  });

  test('pre-index: SP moves, then the store', () => {
    const machine = run(['stp x29, x9, [sp, #-16]!']);
    expect(machine.read('sp')).toBe(SP - 16n);
    expect(word(machine, SP - 16n)).toBe(1029n);
    expect(word(machine, SP - 8n)).toBe(1009n);
  });

  test('post-index: the load, then SP moves', () => {
    const machine = run(['ldp x29, x30, [sp], #32'], (m) => {
      m.storeWord(SP, 8, 1n);
      m.storeWord(SP + 8n, 8, 2n);
    });
    expect([machine.read('x29'), machine.read('x30'), machine.read('sp')]).toEqual([1n, 2n, SP + 32n]);
  });

  test('ldp into its own base', () => {
    const machine = run(['ldp x0, x1, [x1]'], (m) => {
      m.write('x1', SP);
      m.storeWord(SP, 8, 7n);
      m.storeWord(SP + 8n, 8, 8n);
    });
    expect([machine.read('x0'), machine.read('x1')]).toEqual([7n, 8n]);
  });

  test('adrp and :lo12: load a global', () => {
    const machine = run(['adrp x2, cell', 'ldr x2, [x2, #:lo12:cell]'], (m) =>
      m.storeWord(STACK + 0x128n, 8, 99n),
    );
    expect(machine.read('x2')).toBe(99n);
  });

  test.each(['str x0, [sp]', 'ldr x0, [sp, #8]', 'stp x0, x1, [sp, #16]', 'ldp x0, x1, [sp], #16'])(
    'a misaligned SP faults: %s',
    (text) => {
      const machine = machineOf(text);
      machine.write('sp', SP + 8n);
      expect(machine.run()).toEqual({
        kind: 'fault',
        pc: TEXT,
        why: `SP 0x${(SP + 8n).toString(16)} is not 16-byte aligned at a memory access`,
      });
    },
  );

  test('any other base may be misaligned', () => {
    const machine = run(['str x0, [x1]'], (m) => m.write('x1', SP + 1n));
    expect(machine.loadWord(SP + 1n, 8)).toBe(1000n);
  });
});

describe('branches', () => {
  test.each([
    ['cbz', 0n, 1000n],
    ['cbz', 1n, 1001n],
    ['cbnz', 0n, 1001n],
    ['cbnz', 1n, 1000n],
  ])('%s with %s', (mnemonic, value, result) => {
    const machine = run([`${mnemonic} x17, end`, 'mov x0, x1'], (m) => m.write('x17', value));
    expect(machine.read('x0')).toBe(result);
  });

  test('b leaves x30 alone', () => {
    const machine = run(['b end', 'mov x0, x1']);
    expect([machine.read('x0'), machine.read('x30')]).toEqual([1000n, 1030n]);
  });

  test('bl and blr link to the next instruction', () => {
    expect(run(['bl end', 'nop']).read('x30')).toBe(TEXT + 4n);
    expect(run(['adr x4, end', 'blr x4', 'nop']).read('x30')).toBe(TEXT + 8n);
  });

  test('blr x30 goes to the old x30', () => {
    expect(run(['adr x30, end', 'blr x30', 'nop']).read('x30')).toBe(TEXT + 8n);
  });

  test.each(['br x17', 'ret x17'])('%s', (text) => {
    const machine = run(['adr x17, end', text, 'mov x0, x1']);
    expect([machine.read('x0'), machine.read('x30')]).toEqual([1000n, 1030n]);
  });

  test('ret goes to x30', () => {
    expect(run(['adr x30, end', 'ret', 'mov x0, x1']).read('x0')).toBe(1000n);
  });

  // PSTATE.BTYPE and what BTI accepts: DDI 0487, C6.2 BTI.
  test.each([
    ['blr x4', ['bti c', 'bti jc'], ['bti j', 'nop']],
    ['br x4', ['bti j', 'bti jc'], ['bti c', 'nop']],
    ['br x16', ['bti c', 'bti j', 'bti jc'], ['nop']],
    ['br x17', ['bti c', 'bti j', 'bti jc'], ['nop']],
    ['ret x4', ['bti c', 'nop'], []],
  ])('%s where landing pads are checked', (branch, meets, misses) => {
    const register = branch.replace(/.* /, '');
    const arrive = (pad: string) =>
      build([`adr ${register}, there`, branch, 'brk #1', 'there:', pad], true).run();
    for (const pad of meets) expect(arrive(pad), pad).toMatchObject({ kind: 'callout' });
    for (const pad of misses) {
      expect(arrive(pad), pad).toMatchObject({
        kind: 'fault',
        why: expect.stringContaining('no landing pad'),
      });
    }
  });

  test('an indirect call meets the landing pad of a C function, and none elsewhere in C code', () => {
    const call = (entry: boolean) => {
      const machine = build(['adr x4, end', 'blr x4', 'nop'], true);
      machine.setCallout(TEXT + 12n, entry);
      return machine.run();
    };
    expect(call(true)).toMatchObject({ kind: 'callout' });
    expect(call(false)).toMatchObject({ kind: 'fault' });
  });

  test('brk traps', () => {
    expect(machineOf('brk #7').run()).toMatchObject({ kind: 'trap', pc: TEXT });
  });
});

describe('refused', () => {
  test.each([
    'add x0, x1, #4096',
    'add x0, x1, #-1',
    'sub x0, nzcv, #1',
    'mov x0, nzcv',
    'mov w0, #1',
    'ldr x0, [sp, #32768]',
    'ldr x0, [sp, #-257]',
    'ldr x0, [sp, #260]',
    'ldr sp, [x0]',
    'ldr w0, [sp]',
    'stp x0, x1, [sp, #512]',
    'stp x0, x1, [sp, #-520]',
    'stp x0, x1, [sp, #4]',
    'stp x0, x1, [sp, #504',
    'ldp x0, x1, [sp, #8], #16',
    'bic x0, x1, #0x5',
    'bic x0, x1, #0',
    'bl too_far',
    'b start + 2',
    'cbz x0, far_away',
    'adr x0, far_away',
    'ret sp',
    'bti d',
    'brk #65536',
    'fmov d0, x0',
  ])('%s', (text) => {
    expect(() => machineOf(text)).toThrow(expect.objectContaining({ name: 'AsmError', line: 3 }));
  });

  test('far_away is within reach of BL', () => {
    expect(() => machineOf('bl far_away')).not.toThrow();
  });
});

describe('system registers', () => {
  test.each([
    // The kernel runs at EL1 on SP_EL1, and nothing is masked.
    ['mrs x1, daif', 0n],
    ['mrs x1, CurrentEL', 4n],
    ['mrs x1, SPSel', 1n],
  ])('%s', (text, value) => {
    expect(run([text]).read('x1')).toBe(value);
  });

  test('NZCV is bits 31 to 28, both ways', () => {
    const read = run(['mrs x1, nzcv'], (machine) => machine.write('nzcv', 0xffff_ffff_a123_4567n));
    expect(read.read('x1')).toBe(0xa000_0000n);
    const written = run(['msr nzcv, x1'], (machine) => machine.write('x1', 0xffff_ffff_7123_4567n));
    expect(written.read('nzcv')).toBe(0x7000_0000n);
  });

  test('stp xzr, x1 stores 0 and x1', () => {
    const machine = run(['stp xzr, x1, [sp, #256]']);
    expect(word(machine, SP + 256n)).toBe(0n);
    expect(word(machine, SP + 264n)).toBe(1001n);
  });

  test.each(['mrs x1, ttbr0_el1', 'msr daif, x1', 'and x1, x2, #5', 'orr x1, x2, #1'])(
    '%s is refused',
    (text) => {
      expect(() => machineOf(text)).toThrow();
    },
  );
});
