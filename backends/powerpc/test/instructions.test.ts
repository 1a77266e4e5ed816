// SPDX-License-Identifier: MIT
/** What each instruction does, executed, and which operands are refused. Effects are typed from the Power ISA. */
import { describe, expect, test } from 'vitest';
import { assemble } from '../../../harness/machine/asm/program.js';
import { createInterpreter, type Interpreter } from '../../../harness/machine/interpreter.js';
import { backend } from '../index.js';

const TEXT = 0xc000_0000_0010_0000n;
const STACK = 0xc000_0000_1001_0000n;
const R1 = STACK + 0x800n;
const { instructions, registers } = backend;

/** Assembles lines at TEXT; `end` is a label after them. */
function machineOf(...lines: readonly string[]): Interpreter {
  const text = `\t.text\nstart:\n${lines.map((line) => `${line.endsWith(':') ? '' : '\t'}${line}\n`).join('')}end:\n\tnop\n`;
  const program = assemble({
    sources: [{ file: 'test.S', text }],
    instructions,
    defines: {},
    constants: { MAGIC: 0x57ac6e9d },
    externals: new Map([
      ['far_away', TEXT + 0x1fffff0n],
      ['too_far', TEXT + 0x2000010n],
      ['kernel_toc_base', STACK],
      ['cell', STACK + 0x9128n],
    ]),
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
      { name: 'stack', kind: 'stack', start: STACK, size: 0xa000 },
    ],
  });
  machine.pc = TEXT;
  machine.setCallout(program.symbols.get('end') as bigint);
  for (let n = 0; n < 32; n++) machine.write(`r${n}`, BigInt(1000 + n));
  machine.write('r1', R1);
  machine.write('xer', 0n);
  return machine;
}

/** Runs the lines to their end. */
function run(lines: readonly string[], prepare: (machine: Interpreter) => void = () => {}): Interpreter {
  const machine = machineOf(...lines);
  prepare(machine);
  expect(machine.run()).toMatchObject({ kind: 'callout' });
  return machine;
}
const low64 = (value: bigint) => BigInt.asUintN(64, value);

describe('loads and stores', () => {
  test('std and ld: eight bytes, little-endian', () => {
    const machine = run(['std r3, 16(r1)', 'ld r4, 16(r1)', 'lwz r5, 16(r1)', 'lbz r6, 17(r1)'], (m) =>
      m.write('r3', 0x1122334455667788n),
    );
    expect(machine.loadWord(R1 + 16n, 8)).toBe(0x1122334455667788n);
    expect([machine.read('r4'), machine.read('r5'), machine.read('r6')]).toEqual([
      0x1122334455667788n,
      0x55667788n,
      0x77n,
    ]);
  });

  test('stdu stores, then moves the base to where it stored', () => {
    const machine = run(['stdu r1, -432(r1)']);
    expect(machine.read('r1')).toBe(R1 - 432n);
    expect(machine.loadWord(R1 - 432n, 8)).toBe(R1);
  });

  test('r0 as a base is 0', () => {
    const machine = machineOf('ld r3, 16(r0)');
    expect(machine.run()).toMatchObject({ kind: 'fault', why: expect.stringContaining('0x10') });
  });

  test.each(['ld r3, 2(r1)', 'std r3, 32768(r1)', 'ld r3, -32772(r1)', 'lwz r3, 40000(r1)', 'ld cr1, 0(r1)'])(
    '%s is refused',
    (line) => expect(() => machineOf(line)).toThrow(/no operand|accepted/),
  );

  test('registers may be written with a percent sign', () => {
    expect(run(['std %r3, 8(%r1)', 'ld r4, 8(r1)']).read('r4')).toBe(1003n);
  });
});

describe('arithmetic', () => {
  test.each([
    ['addi r3, r4, 32767', 1004n + 32767n],
    ['addi r3, r4, -32768', low64(1004n - 32768n)],
    ['addi r3, r0, 5', 5n],
    ['subi r3, r4, 4', 1000n],
    ['li r3, -1', low64(-1n)],
    ['addis r3, r4, 2', 1004n + 0x20000n],
    ['addis r3, r4, -1', low64(1004n - 0x10000n)],
    ['addis r3, r4, 0xffff', low64(1004n - 0x10000n)],
    ['addis r3, r0, 1', 0x10000n],
    ['lis r3, 0x57ac', 0x57ac0000n],
    ['lis r3, 0x8000', low64(-0x80000000n)],
    ['lis r3, MAGIC@h', 0x57ac0000n],
    ['ori r3, r4, MAGIC@l', 1004n | 0x6e9dn],
    ['ori r3, r0, 1', 1001n],
    ['add r3, r4, r5', 2009n],
    ['mr r3, r0', 1000n],
  ])('%s', (line, expected) => {
    expect(run([line]).read('r3')).toBe(expected);
  });

  test('the two halves of an address relative to the TOC base', () => {
    const lines = ['addis r3, r2, cell@toc@ha', 'addi r3, r3, cell@toc@l'];
    expect(run(lines, (m) => m.write('r2', STACK)).read('r3')).toBe(STACK + 0x9128n);
    const load = run(['addis r4, r2, cell@toc@ha', 'ld r3, cell@toc@l(r4)'], (m) => {
      m.write('r2', STACK);
      m.storeWord(STACK + 0x9128n, 8, 77n);
    });
    expect(load.read('r3')).toBe(77n);
  });

  test.each([
    // in, slwi by 6
    [0x48000010n, 0x400n],
    [0x4bfffff0n, 0xfffffc00n],
    [0xffffffff_00000001n, 0x40n],
  ])('slwi of %i: the high word is 0', (from, to) => {
    expect(run(['slwi r3, r4, 6'], (m) => m.write('r4', from)).read('r3')).toBe(to);
  });

  test.each([
    // in, srawi by 6, CA
    [0x400n, 0x10n, 0n],
    [0xfffffc00n, low64(-16n), 0n],
    [0xfffffc01n, low64(-16n), 0x20040000n],
    [0x7fffffffn, 0x1ffffffn, 0n],
    [0x1_80000000n, low64(-0x2000000n), 0n],
  ])('srawi of %i: sign-extended, CA if ones are lost of a negative word', (from, to, carry) => {
    const machine = run(['srawi r3, r4, 6'], (m) => {
      m.write('r4', from);
      m.write('xer', 0x20040000n);
    });
    expect(machine.read('r3')).toBe(to);
    expect(machine.read('xer')).toBe(carry);
  });

  test('a branch word gives its offset, forwards and backwards', () => {
    for (const [word, offset] of [
      [0x48000010n, 16n],
      [0x4bfffff0n, -16n],
      [0x49fffffcn, 0x1fffffcn],
      [0x4a000000n, -0x2000000n],
    ] as const) {
      const machine = run(['slwi r8, r8, 6', 'srawi r8, r8, 6'], (m) => m.write('r8', word));
      expect(BigInt.asIntN(64, machine.read('r8'))).toBe(offset);
    }
  });
});

describe('comparison', () => {
  test.each([
    ['cmpd r3, r4', 'cr0'],
    ['cmpd cr1, r3, r4', 'cr1'],
  ])('%s compares signed doublewords', (line, field) => {
    for (const [a, b, bits] of [
      [1n, 2n, 8n],
      [2n, 1n, 4n],
      [2n, 2n, 2n],
      [low64(-1n), 0n, 8n],
    ] as const) {
      const machine = run([line], (m) => {
        m.write('r3', a);
        m.write('r4', b);
      });
      expect(machine.read(field) & 0xfn).toBe(bits);
    }
  });

  test('cmpdi', () => {
    const machine = run(['cmpdi r3, -1', 'cmpdi cr1, r4, 1004']);
    expect([machine.read('cr0'), machine.read('cr1')]).toEqual([4n, 2n]);
  });

  test('SO is copied from XER', () => {
    const machine = run(['cmpdi r3, 0'], (m) => m.write('xer', 0x80000000n));
    expect(machine.read('cr0') & 0xfn).toBe(5n);
  });

  test('mfcr puts CR0 into the highest four bits, mtcr takes them back', () => {
    const machine = run(['mfcr r3', 'lis r4, 0x1234', 'ori r4, r4, 0x5678', 'mtcr r4'], (m) => {
      for (let n = 0; n < 8; n++) m.write(`cr${n}`, 0xf0n + BigInt(n));
    });
    expect(machine.read('r3')).toBe(0x01234567n);
    for (let n = 0; n < 8; n++) expect(machine.read(`cr${n}`)).toBe(0xf0n + BigInt(n + 1));
  });
});

describe('branches', () => {
  const taken = (line: string, prepare: (machine: Interpreter) => void) =>
    run([line, 'li r3, 1', 'b end', 'there:', 'li r3, 2'], prepare).read('r3') === 2n;

  test.each([
    ['beq there', 'cr0', 2n, true],
    ['beq there', 'cr0', 4n, false],
    ['bne there', 'cr0', 4n, true],
    ['bne- there', 'cr0', 8n, true],
    ['bne+ there', 'cr0', 2n, false],
    ['beq cr1, there', 'cr1', 2n, true],
    ['bne cr1, there', 'cr1', 3n, false],
  ] as const)('%s with %s = %i: %s', (line, field, bits, expected) => {
    expect(
      taken(line, (m) => {
        for (const name of ['cr0', 'cr1']) m.write(name, bits === 2n ? 4n : 2n);
        m.write(field, bits);
      }),
    ).toBe(expected);
  });

  test('bl and bctrl link, blr and bctr do not', () => {
    expect(run(['bl end']).read('lr')).toBe(TEXT + 4n);
    const through = (line: string) =>
      run([line, 'nop'], (m) => {
        m.write('ctr', TEXT + 8n);
        m.write('lr', TEXT + 8n);
      });
    expect(through('bctrl').read('lr')).toBe(TEXT + 4n);
    expect(through('bctr').read('lr')).toBe(TEXT + 8n);
    expect(through('blr').read('lr')).toBe(TEXT + 8n);
  });

  test('the low two bits of LR and CTR are not part of the address', () => {
    expect(run(['blr', 'nop'], (m) => m.write('lr', TEXT + 11n)).pc).toBe(TEXT + 8n);
  });

  test('bnectr goes to CTR unless the field says equal', () => {
    const at = (bits: bigint) =>
      run(['bnectr cr1', 'li r3, 1', 'b end', 'there:', 'li r3, 2'], (m) => {
        m.write('ctr', TEXT + 12n);
        m.write('cr1', bits);
      }).read('r3');
    expect(at(4n)).toBe(2n);
    expect(at(2n)).toBe(1n);
  });

  test('reach of b: 32 MiB; of conditional branches: 32 KiB', () => {
    expect(() => machineOf('b far_away')).not.toThrow();
    expect(() => machineOf('b too_far')).toThrow();
    expect(() => machineOf('beq far_away')).toThrow();
  });
});

describe('special registers', () => {
  test.each(['lr', 'ctr', 'xer'])('%s', (name) => {
    const machine = run([`mt${name} r3`, `mf${name} r4`]);
    expect(machine.read(name)).toBe(1003n);
    expect(machine.read('r4')).toBe(1003n);
  });

  test('mfmsr', () => {
    expect(run(['mfmsr r3'], (m) => m.write('msr', 0x9033n)).read('r3')).toBe(0x9033n);
  });

  test('rfid takes the address from SRR0 and MSR from SRR1', () => {
    const machine = run(['mtsrr0 r3', 'mtsrr1 r4', 'rfid', 'nop'], (m) => m.write('r3', TEXT + 16n));
    expect(machine.read('msr')).toBe(1004n);
    expect(machine.pc).toBe(TEXT + 16n);
  });
});

describe('traps', () => {
  test('trap', () => expect(machineOf('trap').run()).toMatchObject({ kind: 'trap', why: 'TRAP' }));
  test('tdne traps on difference only', () => {
    expect(machineOf('tdne r3, r4').run()).toMatchObject({ kind: 'trap', why: 'TDNE' });
    run(['tdne r3, r3']);
  });
});

test('nop does nothing', () => {
  const machine = machineOf('nop');
  const before = registers.names.map((name) => machine.read(name));
  machine.run();
  expect(registers.names.map((name) => machine.read(name))).toEqual(before);
});

test('every row of the table is 4 bytes and aligned to 4', () => {
  expect(instructions.alignment).toBe(4);
  expect(instructions.table.every((row) => row.length([]) === 4)).toBe(true);
});
