// SPDX-License-Identifier: MIT
/**
 * Meaning of single instructions; results and condition codes typed from the Principles of Operation. Lengths by
 * encodings as GNU as makes them.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assemble } from '../../../harness/machine/asm/program.js';
import { createInterpreter } from '../../../harness/machine/interpreter.js';
import { instructions } from '../instructions.js';
import { registers } from '../registers.js';
import { PSW, withCc } from './support.js';

const TEXT = 0x3ff_e010_0000n;
const DATA = 0x3ff_e110_0000n;
const SP = 0x3800_0001_0800n;
const ALL = 2n ** 64n - 1n;

/** Runs one piece of text up to the callout behind it. */
function run(text: string, set: Readonly<Record<string, bigint>> = {}) {
  const program = assemble({
    sources: [{ file: 'test.S', text: `start: ${text}\nend: br %r14\n` }],
    instructions,
    defines: {},
    constants: {},
    externals: new Map([['cell', DATA]]),
    base: TEXT,
    byteOrder: 'big',
  });
  const machine = createInterpreter({
    program,
    instructions,
    registers,
    byteOrder: 'big',
    regions: [
      { name: 'text', kind: 'text', start: TEXT, size: 0x1000 },
      { name: 'data', kind: 'data', start: DATA, size: 0x100 },
      { name: 'stack', kind: 'stack', start: SP - 0x800n, size: 0x1000 },
    ],
  });
  machine.setCallout(program.symbol('end') as bigint);
  machine.storeWord(DATA, 8, 0x1122_3344_5566_7788n);
  for (const [name, value] of Object.entries({ r15: SP, cc: 3n, psw: PSW, ...set }))
    machine.write(name, value);
  machine.pc = TEXT;
  const stop = machine.run();
  return {
    machine,
    stop,
    program,
    read: (name: string) => machine.read(name),
    word: (at: bigint) => machine.loadWord(at, 8),
  };
}

/** The rows of the table, each with the bytes of an encoding. */
test.each([
  ['stg %r14,136(%r15)', 'e3 e0 f0 88 00 24'],
  ['lg %r14,136(%r1)', 'e3 e0 10 88 00 04'],
  ['stmg %r2,%r14,200(%r15)', 'eb 2e f0 c8 00 24'],
  ['lmg %r2,%r15,200(%r15)', 'eb 2f f0 c8 00 04'],
  ['lgr %r1,%r15', 'b9 04 00 1f'],
  ['la %r5,160(%r15)', '41 50 f0 a0'],
  ['lay %r15,-360(%r15)', 'e3 f0 fe 98 ff 71'],
  ['aghi %r15,-24', 'a7 fb ff e8'],
  ['aghik %r2,%r0,-6', 'ec 20 ff fa 00 d9'],
  ['xc 312(8,%r15),312(%r15)', 'd7 07 f1 38 f1 38'],
  ['mvc 0(16,%r7),168(%r15)', 'd2 0f 70 00 f0 a8'],
  ['mvghi 336(%r15),16', 'e5 48 f1 50 00 10'],
  ['epsw %r1,%r14', 'b9 8d 00 1e'],
  ['risbg %r14,%r1,0,31,32', 'ec e1 00 1f 20 55'],
  ['larl %r1,cell', 'c0 10 00 80 00 00'],
  ['lgrl %r4,cell', 'c4 48 00 80 00 00'],
  ['ltg %r1,312(%r15)', 'e3 10 f1 38 00 02'],
  ['ltgr %r1,%r1', 'b9 02 00 11'],
  ['locgr %r1,%r0,8', 'b9 e2 80 10'],
  ['j end', 'a7 f4 00 02'],
  ['jne end', 'a7 74 00 02'],
  ['brc 0,end', 'a7 04 00 02'],
  ['brcl 15,end', 'c0 f4 00 00 00 03'],
  ['jg end', 'c0 f4 00 00 00 03'],
  ['brasl %r14,end', 'c0 e5 00 00 00 03'],
  ['basr %r14,%r1', '0d e1'],
  ['br %r1', '07 f1'],
  ['exrl %r0,end', 'c6 00 00 00 00 03'],
  ['lpswe 0(%r15)', 'b2 b2 f0 00'],
])('%s has as many bytes as %s', (text, encoding) => {
  const { program } = run(text, { r1: TEXT, r7: SP });
  expect((program.symbol('end') as bigint) - TEXT).toBe(BigInt(encoding.split(' ').length));
});

describe('storage', () => {
  test('LG and STG move eight bytes, big-endian', () => {
    const { machine, read } = run('stg %r2,8(%r15)\nlg %r3,8(%r15)', { r2: 0x0102_0304_0506_0708n });
    expect(machine.load(SP + 8n, 8)).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    expect(read('r3')).toBe(0x0102_0304_0506_0708n);
  });

  test('register 0 as base means none', () => {
    expect(run('la %r2,16(%r0)', { r0: 0x1000n }).read('r2')).toBe(16n);
    expect(run('lg %r2,0(%r0)', { r0: SP }).stop).toMatchObject({ kind: 'fault' });
  });

  test('STMG and LMG go up the registers and around', () => {
    const set = { r14: 14n, r0: 100n, r1: 101n };
    const { word, read } = run('stmg %r14,%r1,0(%r15)\nlmg %r2,%r3,16(%r15)', set);
    expect([0n, 8n, 16n, 24n].map((at) => word(SP + at))).toEqual([14n, SP, 100n, 101n]);
    expect([read('r2'), read('r3')]).toEqual([100n, 101n]);
  });

  test('LMG may load its own base', () => {
    const { read } = run('stmg %r2,%r3,0(%r15)\nlmg %r14,%r15,0(%r15)', { r2: 5n, r3: 6n });
    expect([read('r14'), read('r15')]).toEqual([5n, 6n]);
  });

  test('MVGHI extends its immediate to 64 bits', () => {
    expect(run('mvghi 0(%r15),16').word(SP)).toBe(16n);
    expect(run('mvghi 0(%r15),-2').word(SP)).toBe(ALL - 1n);
  });

  test('MVC copies from left to right, so that an overlap by one fills', () => {
    const { machine } = run('stg %r2,0(%r15)\nmvc 1(7,%r15),0(%r15)', { r2: 0x2020_2020_2020_2001n });
    expect(machine.load(SP, 8)).toEqual(new Uint8Array(8).fill(0x20));
    const { word } = run('stmg %r2,%r3,0(%r15)\nmvc 16(16,%r15),0(%r15)', { r2: 7n, r3: 8n });
    expect([word(SP + 16n), word(SP + 24n)]).toEqual([7n, 8n]);
  });

  test('XC with itself clears; condition code 0 if all is zero, else 1', () => {
    const cleared = run('stg %r2,0(%r15)\nxc 0(8,%r15),0(%r15)', { r2: ALL });
    expect([cleared.word(SP), cleared.read('cc')]).toEqual([0n, 0n]);
    const other = run('stmg %r2,%r3,0(%r15)\nxc 0(8,%r15),8(%r15)', { r2: 0xff0n, r3: 0x0ffn });
    expect([other.word(SP), other.read('cc')]).toEqual([0xf0fn, 1n]);
    expect(run('stg %r2,0(%r15)\nxc 1(3,%r15),1(%r15)', { r2: ALL }).word(SP)).toBe(0xff00_0000_ffff_ffffn);
  });

  test('LGRL loads from an aligned place, LARL gives the address', () => {
    expect(run('lgrl %r1,cell').read('r1')).toBe(0x1122_3344_5566_7788n);
    expect(run('larl %r1,cell').read('r1')).toBe(DATA);
    expect(run('lgrl %r1,cell+4').stop).toMatchObject({ kind: 'fault', why: /not aligned to 8/ });
  });
});

describe('condition codes', () => {
  test.each([
    ['aghi %r2,0', 0n, 0n, 0n],
    ['aghi %r2,-1', 0n, ALL, 1n],
    ['aghi %r2,1', 1n, 2n, 2n],
    ['aghi %r2,1', 2n ** 63n - 1n, 2n ** 63n, 3n],
    ['aghi %r2,-1', 2n ** 63n, 2n ** 63n - 1n, 3n],
    ['aghik %r2,%r2,-6', 6n, 0n, 0n],
    ['ltgr %r2,%r2', 0n, 0n, 0n],
    ['ltgr %r2,%r2', ALL, ALL, 1n],
    ['ltgr %r2,%r2', 5n, 5n, 2n],
  ])('%s of 0x%x: 0x%x, %i', (text, value, result, cc) => {
    const { read } = run(text, { r2: value });
    expect([read('r2'), read('cc')]).toEqual([result, cc]);
  });

  test('LTG tests what it loads', () => {
    expect(run('stg %r2,0(%r15)\nltg %r3,0(%r15)', { r2: 0n }).read('cc')).toBe(0n);
    expect(run('stg %r2,0(%r15)\nltg %r3,0(%r15)', { r2: 2n ** 63n }).read('cc')).toBe(1n);
  });

  test.each(['lgr %r2,%r3', 'la %r2,0(%r3)', 'lay %r2,0(%r3)', 'stg %r2,0(%r15)', 'mvghi 0(%r15),0'])(
    '%s leaves it alone',
    (text) => expect(run(text, { r3: 0n, cc: 1n }).read('cc')).toBe(1n),
  );

  test.each([
    [0n, 8],
    [1n, 4],
    [2n, 2],
    [3n, 1],
  ])('%i is selected by mask bit %i alone', (cc, bit) => {
    for (let mask = 0; mask < 16; mask++) {
      const { read } = run(`brc ${mask},end\nlgr %r2,%r3`, { cc, r2: 1n, r3: 2n });
      expect([mask, read('r2')]).toEqual([mask, (mask & bit) !== 0 ? 1n : 2n]);
      expect(run(`locgr %r2,%r3,${mask}`, { cc, r2: 1n, r3: 2n }).read('r2')).toBe(
        (mask & bit) !== 0 ? 2n : 1n,
      );
    }
  });

  test.each([
    ['jne', '123'],
    ['jnz', '123'],
    ['je', '0'],
    ['jz', '0'],
    ['j', '0123'],
    ['jgne', '123'],
  ])('%s branches on %s', (mnemonic, taken) => {
    for (const cc of [0n, 1n, 2n, 3n]) {
      const { read } = run(`${mnemonic} end\nlgr %r2,%r3`, { cc, r2: 1n, r3: 2n });
      expect([cc, read('r2')]).toEqual([cc, taken.includes(String(cc)) ? 1n : 2n]);
    }
  });
});

describe('rotating and the PSW', () => {
  test('RISBG 0,31,32 puts a low half into the high half', () => {
    const { read } = run('risbg %r14,%r1,0,31,32', {
      r14: 0x1111_1111_8000_0000n,
      r1: 0xffff_ffff_0704_c001n,
    });
    expect(read('r14')).toBe(0x0704_c001_8000_0000n);
    expect(read('cc')).toBe(2n);
  });

  test('RISBG with the zero bit clears what is not selected', () => {
    expect(run('risbg %r2,%r3,48,191,0', { r2: ALL, r3: 0x1234_5678n }).read('r2')).toBe(0x5678n);
  });

  test('RISBG by nothing copies the selected bits', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, ALL), fc.bigInt(0n, ALL), (to, from) => {
        const expected = (to & 0xffff_0000_0000_ffffn) | (from & 0x0000_ffff_ffff_0000n);
        expect(run('risbg %r2,%r3,16,47,0', { r2: to, r3: from }).read('r2')).toBe(expected);
      }),
      { numRuns: 20 },
    );
  });

  test('EPSW gives both halves, with the condition code in bits 18 and 19', () => {
    const { read } = run('epsw %r1,%r14', { r1: ALL, r14: ALL, cc: 2n });
    expect(read('r1')).toBe(0xffff_ffff_0704_e001n);
    expect(read('r14')).toBe(0xffff_ffff_8000_0000n);
  });

  test('EPSW with register 0 gives the first half only', () => {
    expect(run('epsw %r1,%r0', { r0: 5n, r1: 0n, cc: 0n }).read('r0')).toBe(5n);
  });

  test('LPSWE loads mask, condition code and address', () => {
    const set = { r2: withCc(1n) & ~(1n << 56n), r3: TEXT + 10n, r4: 1n };
    const { read } = run('stmg %r2,%r3,0(%r15)\nlpswe 0(%r15)\nlgr %r4,%r5', {
      ...set,
      r3: TEXT + 14n,
      r5: 2n,
    });
    expect([read('cc'), read('psw'), read('r4')]).toEqual([1n, PSW & ~(1n << 56n), 1n]);
    expect(run('lpswe 4(%r15)').stop).toMatchObject({ kind: 'fault', why: /not aligned/ });
  });

  // z/Architecture Principles of Operation: Early Exception Recognition. PSW bit 0 is 2^63.
  test.each([
    [1n << 63n, /reserved/],
    [1n << 61n, /reserved/],
    [1n << 59n, /reserved/],
    [1n << 51n, /reserved/],
    [1n << 39n, /reserved/],
    [1n << 33n, /reserved/],
    [1n << 30n, /reserved/],
    [1n, /reserved/],
  ])('LPSWE refuses bit 0x%x of the mask', (bit, why) => {
    const { stop } = run('stmg %r2,%r3,0(%r15)\nlpswe 0(%r15)', { r2: PSW | bit, r3: TEXT + 10n });
    expect(stop).toMatchObject({ kind: 'fault', why });
  });

  test.each([
    [1n << 32n, TEXT + 10n, /without basic/],
    [1n << 31n, TEXT + 10n, /more than 31 bits/],
    [0n, 0x100_0000n, /more than 24 bits/],
  ])('LPSWE refuses addressing mode 0x%x with 0x%x', (mode, address, why) => {
    const mask = (PSW & ~(3n << 31n)) | mode;
    const { stop } = run('stmg %r2,%r3,0(%r15)\nlpswe 0(%r15)', { r2: mask, r3: address });
    expect(stop).toMatchObject({ kind: 'fault', why });
  });

  test.each([1n << 62n, 1n << 57n, 1n << 56n, 1n << 47n, 1n << 40n])('LPSWE takes bit 0x%x', (bit) => {
    const { stop } = run('stmg %r2,%r3,0(%r15)\nlpswe 0(%r15)', { r2: PSW | bit, r3: TEXT + 10n });
    expect(stop.kind).toBe('callout');
  });
});

describe('branches', () => {
  test('BRASL and BASR link behind themselves', () => {
    expect(run('brasl %r14,end').read('r14')).toBe(TEXT + 6n);
    expect(run('larl %r1,end\nbasr %r14,%r1').read('r14')).toBe(TEXT + 8n);
    expect(run('larl %r1,end\nbasr %r1,%r1').read('r1')).toBe(TEXT + 8n);
  });

  test('register 0 is no target', () => {
    expect(run('br %r0', { r0: 0x1234n }).stop.kind).toBe('callout');
    expect(run('basr %r14,%r0', { r0: 0x1234n }).read('r14')).toBe(TEXT + 2n);
  });

  test('EXRL of a branch goes where the branch goes', () => {
    const { stop, read } = run('larl %r1,end\nexrl %r0,0f\nlgr %r2,%r3\n0: br %r1', { r2: 1n, r3: 2n });
    expect([stop.kind, read('r2')]).toEqual(['callout', 1n]);
  });

  test('EXRL of anything else goes on behind itself', () => {
    const { stop, read } = run('exrl %r0,0f\nlgr %r4,%r2\nj end\n0: lgr %r2,%r3\nlgr %r4,%r3', {
      r2: 1n,
      r3: 2n,
      r4: 3n,
    });
    expect([stop.kind, read('r2'), read('r4')]).toEqual(['callout', 2n, 2n]);
    expect(run('exrl %r0,0f\nlgr %r2,%r2\nj end\n0: lgr %r2,%r3', { r2: 1n, r3: 2n }).read('r2')).toBe(2n);
  });

  test('EXRL of an EXRL, and of C code, stops', () => {
    expect(run('0: exrl %r0,0b').stop).toMatchObject({ kind: 'illegal', why: /execute exception/ });
    expect(run('exrl %r0,end').stop).toMatchObject({ kind: 'illegal', why: /no single instruction/ });
  });

  test('an odd target cannot be jumped to', () => {
    expect(run('br %r1', { r1: TEXT + 1n }).stop).toMatchObject({ kind: 'fault', why: /multiple of 2/ });
  });
});

describe('operands that are refused', () => {
  test.each([
    'lg %r16,0(%r15)',
    'lg r1,0(%r15)',
    'la %r1,4096(%r15)',
    'la %r1,-1(%r15)',
    'lg %r1,524288(%r15)',
    'xc 0(257,%r15),0(%r15)',
    'xc 0(0,%r15),0(%r15)',
    'aghi %r1,32768',
    'brc 16,end',
    'j start+1',
    'exrl %r1,end',
    'lgr %cc,%r1',
  ])('%s', (text) => {
    expect(() => run(text)).toThrow();
  });
});
