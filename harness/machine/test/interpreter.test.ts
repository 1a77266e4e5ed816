// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { memoryPoison, registerPoison } from '../poison.js';
import type { TraceStep } from '../types.js';
import { BASE, C, DATA, machine, STACK, STACK_SIZE } from './toy.js';

const CALL_C = `
start:
  mov r1, #5
1: add r0, r0, #2
  add r1, r1, #-1
  bnz r1, 1b
  bl c_function
  ret
`;

describe('running', () => {
  it('runs a loop to a callout and goes on after it', () => {
    const { machine: m, at } = machine(CALL_C, { externals: { c_function: C + 0x20n } });
    m.setCallout(C + 0x20n);
    m.setCallout(C);
    m.write('r0', 0n);
    m.pc = at('start');
    expect(m.run()).toEqual({ kind: 'callout', pc: C + 0x20n, why: '' });
    expect(m.read('r0')).toBe(10n);
    expect(m.steps).toBe(1 + 3 * 5 + 1);
    expect(m.run()).toEqual({ kind: 'callout', pc: C + 0x20n, why: '' });
    m.pc = m.read('link');
    m.write('lr', C);
    expect(m.run().pc).toBe(C);
  });

  it('wraps register arithmetic at 64 bits', () => {
    const { machine: m, at } = machine('start: add r0, r1, #1\n trap\n');
    m.write('r1', (1n << 64n) - 1n);
    m.pc = at('start');
    expect(m.run()).toEqual({ kind: 'trap', pc: BASE + 4n, why: 'trap instruction' });
    expect(m.read('r0')).toBe(0n);
  });

  it('saves and restores every register', () => {
    const { machine: m } = machine('nop');
    m.write('r3', 7n);
    const saved = m.save();
    m.write('r3', 8n);
    m.write('lr', 9n);
    const lr = registerPoison(0, 0);
    m.restore(saved);
    expect(m.read('r3')).toBe(7n);
    expect(m.read('lr')).not.toBe(9n);
    expect(saved).toContain(lr);
  });

  it('refuses unknown registers', () => {
    const { machine: m } = machine('nop');
    expect(() => m.read('r99')).toThrow(RangeError);
    expect(() => m.write('', 0n)).toThrow(RangeError);
  });

  it('lets errors of the harness itself through', () => {
    const { machine: m, at } = machine('start: nop\n');
    m.store(at('start'), Uint8Array.of(0xb8, 77, 0, 0));
    m.pc = at('start');
    expect(() => m.run()).toThrow('`r77` is no operand 1');
  });
});

describe('stops', () => {
  it('ends after as many instructions as were asked for', () => {
    const { machine: m, at } = machine(CALL_C, { externals: { c_function: C } });
    m.setCallout(C);
    m.write('r0', 0n);
    m.pc = at('start');
    expect(m.run(1)).toEqual({ kind: 'limit', pc: BASE + 4n, why: '' });
    expect(m.run(2)).toMatchObject({ kind: 'limit', pc: BASE + 12n });
    expect([m.read('r0'), m.steps]).toEqual([2n, 3]);
    // The last one reaches a callout: that comes first.
    expect(m.run(1 + 3 * 4 + 1)).toEqual({ kind: 'callout', pc: C, why: '' });
    expect(m.run(1)).toEqual({ kind: 'callout', pc: C, why: '' });
    expect(m.steps).toBe(1 + 3 * 5 + 1);
  });

  it('spends its budget first', () => {
    const { machine: m, at } = machine('start: b start', { budget: { run: 1000, total: 5 } });
    m.pc = at('start');
    expect(m.run(4).kind).toBe('limit');
    expect(m.run(4)).toMatchObject({ kind: 'budget', why: 'step budget of 5 spent' });
  });

  it('ends a runaway loop on the budget of one run and of all runs', () => {
    const { machine: m, at } = machine('start: b start', { budget: { run: 1000, total: 1500 } });
    m.pc = at('start');
    expect(m.run()).toEqual({ kind: 'budget', pc: BASE, why: 'step budget of 1000 spent' });
    expect(m.run().why).toBe('step budget of 1500 spent');
    expect(m.run().why).toBe('step budget of 1500 spent');
    expect(m.steps).toBe(1500);
    m.reset();
    expect(m.steps).toBe(0);
  });

  it('prefers a callout to a budget that ends just there', () => {
    const { machine: m, at } = machine('start: b 0xffff800000100000', { budget: { run: 1 } });
    m.setCallout(C);
    m.pc = at('start');
    expect(m.run().kind).toBe('callout');
  });

  it.each([
    ['unmapped', 0x10n, 'jump to unmapped 0x10'],
    ['misaligned', BASE + 2n, `jump to 0x${(BASE + 2n).toString(16)}, which is no multiple of 4`],
    ['not executable', DATA, `jump to 0x${DATA.toString(16)} in data, which is not executable`],
  ])('faults on a jump to a %s address, with pc there', (_, target, why) => {
    const { machine: m, at } = machine('start: br r1');
    m.write('r1', target);
    m.pc = at('start');
    expect(m.run()).toEqual({ kind: 'fault', pc: target, why });
    expect(m.pc).toBe(target);
    expect(m.run()).toEqual({ kind: 'fault', pc: target, why });
  });

  it('faults where the text ends', () => {
    const { machine: m } = machine('nop');
    m.store(C + 0xfcn, Uint8Array.of(0x90, 0, 0, 0));
    m.pc = C + 0xfcn;
    expect(m.run()).toMatchObject({
      kind: 'fault',
      pc: C + 0x100n,
      why: expect.stringContaining('ran past the end of text'),
    });
  });

  it('is illegal on bytes that are no instruction', () => {
    const { machine: m } = machine('nop');
    m.pc = BASE;
    expect(m.run()).toMatchObject({ kind: 'illegal', pc: BASE + 4n });
  });

  it.each([
    ['ld r0, [r1, #0]', 0x10n, 'load of 8 bytes from unmapped 0x10'],
    ['st r0, [r1, #0]', STACK - 8n, `store of 8 bytes to unmapped 0x${(STACK - 8n).toString(16)}`],
    ['stb r0, [r1, #0]', STACK - 1n, `store of 1 byte to unmapped 0x${(STACK - 1n).toString(16)}`],
    ['st r0, [r1, #0]', STACK + BigInt(STACK_SIZE) - 4n, /^store of 8 bytes to unmapped/],
    ['st r0, [r1, #0]', BASE, `store of 8 bytes to read-only text 0x${BASE.toString(16)}`],
  ])('%s outside what is allowed faults at that instruction', (text, address, why) => {
    const { machine: m } = machine(`nop\n${text}\n`);
    m.write('r1', address as bigint);
    m.pc = BASE;
    const stop = m.run();
    expect(stop.kind).toBe('fault');
    expect(stop.pc).toBe(BASE + 4n);
    expect(stop.why).toMatch(why);
  });
});

describe('patched text', () => {
  const SITE = 'start:\nsite: nop\n ret\n';

  it('decodes stored bytes, and decodes again when they change', () => {
    const { machine: m, at } = machine(SITE);
    m.setCallout(C);
    const go = (): bigint => {
      m.write('lr', C);
      m.pc = at('start');
      expect(m.run().kind).toBe('callout');
      return m.read('r3');
    };
    m.store(at('site'), Uint8Array.of(0xb8, 3, 7, 0));
    expect(go()).toBe(7n);
    m.store(at('site'), Uint8Array.of(0xb8, 3, 8, 0));
    expect(go()).toBe(8n);
    m.storeWord(at('site'), 4, 0x0009_03b8n);
    expect(go()).toBe(9n);
    m.store(at('site'), Uint8Array.of(0xff));
    m.pc = at('start');
    expect(m.run()).toMatchObject({ kind: 'illegal', pc: at('site') });
  });

  it('calls relative to the patched place', () => {
    const { machine: m, at } = machine(SITE);
    m.setCallout(BASE + 0x100n);
    m.store(at('site'), Uint8Array.of(0xe8, 0, 0, 1));
    m.pc = at('start');
    expect(m.run()).toEqual({ kind: 'callout', pc: BASE + 0x100n, why: '' });
    expect(m.read('lr')).toBe(at('site') + 4n);
  });

  it('forgets an instruction of which only a later byte was stored', () => {
    const { machine: m, at } = machine(SITE);
    m.store(at('site') + 3n, Uint8Array.of(1));
    m.pc = at('start');
    expect(m.run().kind).toBe('illegal');
  });

  it('keeps a callout whatever is stored there', () => {
    const { machine: m, at } = machine(SITE);
    m.setCallout(at('site'));
    m.store(at('site'), Uint8Array.of(0x90, 0, 0, 0));
    m.pc = at('start');
    expect(m.run().kind).toBe('callout');
  });
});

describe('byte-granular text', () => {
  const SITE = BASE + 0x101n;

  it('runs patched instructions of any length at any address', () => {
    const { machine: m } = machine('nop', { alignment: 1 });
    m.store(SITE, Uint8Array.of(1, 1, 1, 1, 1, 0xcc));
    const end = (): bigint => {
      m.pc = SITE;
      const stop = m.run();
      expect(stop.kind).toBe('trap');
      return stop.pc;
    };
    expect(end()).toBe(SITE + 5n);
    expect(m.steps).toBe(6);
    m.store(SITE, Uint8Array.of(0xe9, 3, 0, 0, 0, 0xcc, 1, 1, 0xcc));
    expect(end()).toBe(SITE + 8n);
    m.store(SITE, Uint8Array.of(0xcc));
    expect(end()).toBe(SITE);
    m.store(SITE + 1n, Uint8Array.of(1));
    m.store(SITE, Uint8Array.of(0xe9));
    expect(end()).toBe(SITE + 8n);
    m.store(SITE + 1n, Uint8Array.of(0));
    expect(end()).toBe(SITE + 5n);
  });

  it('decodes at the very end of the text', () => {
    const { machine: m } = machine('nop', { alignment: 1 });
    m.store(C + 0xffn, Uint8Array.of(0xcc));
    m.pc = C + 0xffn;
    expect(m.run()).toMatchObject({ kind: 'trap', pc: C + 0xffn });
  });
});

describe('reset', () => {
  it('returns registers, memory, text and callouts to the state after construction', () => {
    const { machine: m, at } = machine('start: st r0, [sp, #0]\n st r0, [r1, #0]\n trap\n');
    const sp = STACK + 0x100n;
    m.write('sp', sp);
    m.write('r1', DATA + 8n);
    m.store(at('start') + 8n, Uint8Array.of(0x90, 0, 0, 0));
    m.setCallout(C);
    m.pc = at('start');
    expect(m.run().kind).toBe('illegal');
    m.reset();
    expect(m.loadWord(sp, 8)).toBe(memoryPoison(sp));
    expect(m.loadWord(DATA + 8n, 8)).toBe(0n);
    expect(m.read('r0')).toBe(registerPoison(0, 0));
    expect(m.read('sp')).toBe(registerPoison(9, 0));
    m.pc = C;
    expect(m.run().kind).toBe('illegal');
    m.write('sp', sp);
    m.write('r1', DATA);
    m.pc = at('start');
    expect(m.run().kind).toBe('trap');
  });

  it('returns to what was sealed, but the stack to poison', () => {
    const { machine: m, at } = machine('start: nop\n trap\n');
    m.store(at('start'), Uint8Array.of(0xb8, 3, 7, 0));
    m.storeWord(DATA, 8, 42n);
    m.storeWord(STACK, 8, 42n);
    m.setCallout(C);
    m.seal();
    m.storeWord(DATA, 8, 43n);
    m.store(at('start'), Uint8Array.of(0xb8, 3, 8, 0));
    m.setCallout(C + 4n);
    m.reset();
    expect(m.loadWord(DATA, 8)).toBe(42n);
    expect(m.loadWord(STACK, 8)).toBe(memoryPoison(STACK));
    m.pc = at('start');
    expect(m.run().kind).toBe('trap');
    expect(m.read('r3')).toBe(7n);
    m.pc = C;
    expect(m.run().kind).toBe('callout');
    m.pc = C + 4n;
    expect(m.run().kind).toBe('illegal');
  });

  it('poisons ranges, unaligned ends included', () => {
    const { machine: m } = machine('nop');
    for (let i = 0n; i < 32n; i++) m.storeWord(STACK + i, 1, 0n);
    m.poison(STACK + 4n, STACK + 18n);
    expect(m.loadWord(STACK, 4)).toBe(0n);
    expect(m.loadWord(STACK + 4n, 4)).toBe(memoryPoison(STACK) >> 32n);
    expect(m.loadWord(STACK + 8n, 8)).toBe(memoryPoison(STACK + 8n));
    expect(m.loadWord(STACK + 16n, 2)).toBe(memoryPoison(STACK + 16n) & 0xffffn);
    expect(m.loadWord(STACK + 18n, 8)).toBe(0n);
  });
});

describe('trace', () => {
  it('reports text, place, changed registers and stores', () => {
    const source =
      '.macro put reg, at=#16\n st \\reg, [sp, \\at]\n.endm\nstart: mov r1, #-2\n put r1\n trap\n';
    const { machine: m, at } = machine(source);
    const steps: TraceStep[] = [];
    m.trace((step) => steps.push(step));
    m.write('sp', STACK);
    m.pc = at('start');
    expect(m.run().kind).toBe('trap');
    const minusTwo = (1n << 64n) - 2n;
    expect(steps).toEqual([
      { pc: BASE, text: 'mov r1, #-2', where: 'toy.S:4', registers: [['r1', minusTwo]], stores: [] },
      {
        pc: BASE + 4n,
        text: 'st r1, [sp, #16]',
        where: 'toy.S:2',
        registers: [],
        stores: [[STACK + 16n, 8, minusTwo]],
      },
      { pc: BASE + 8n, text: 'trap', where: 'toy.S:6', registers: [], stores: [] },
    ]);
    m.trace(null);
    m.pc = at('start');
    m.run();
    expect(steps).toHaveLength(3);
  });
});

describe('copyText', () => {
  const SOURCE = `
tramp:
  mov r1, #3
loop:
  add r1, r1, #-1
  bnz r1, loop
  adr r2, tramp_end
  adr r3, outside
  adr r4, function_trace_op
site: bl handler
  b outside
tramp_end:
  ret
outside: trap
`;
  const externals = { handler: C, function_trace_op: DATA };
  const AT = BASE + 0x400n;

  it('moves internal labels along and leaves outside ones', () => {
    const { machine: m, at } = machine(SOURCE, { externals });
    m.setCallout(C);
    const size = m.copyText(at('tramp'), at('tramp_end'), AT, new Map([['function_trace_op', DATA + 64n]]));
    expect(size).toBe(32);
    m.pc = AT;
    expect(m.run()).toEqual({ kind: 'callout', pc: C, why: '' });
    expect(m.read('r1')).toBe(0n);
    expect(m.read('r2')).toBe(AT + 32n);
    expect(m.read('r3')).toBe(at('outside'));
    expect(m.read('r4')).toBe(DATA + 64n);
    expect(m.read('lr')).toBe(AT + 28n);
    expect(m.steps).toBe(11);
  });

  it('copies patched bytes as they are, and is undone by reset', () => {
    const { machine: m, at } = machine(SOURCE, { externals });
    m.store(at('site'), Uint8Array.of(0xb8, 5, 1, 0));
    m.copyText(at('tramp'), at('tramp_end'), AT, new Map());
    m.pc = AT;
    expect(m.run()).toMatchObject({ kind: 'trap', pc: at('outside') });
    expect(m.read('r5')).toBe(1n);
    m.reset();
    m.pc = AT;
    expect(m.run().kind).toBe('illegal');
  });

  it('refuses ranges that cut an instruction', () => {
    const { machine: m, at } = machine(SOURCE, { externals });
    expect(() => m.copyText(at('tramp') + 2n, at('tramp_end'), AT, new Map())).toThrow(RangeError);
  });
});
