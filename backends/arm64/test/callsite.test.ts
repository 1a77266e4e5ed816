// SPDX-License-Identifier: MIT
/**
 * The call site, byte by byte. Layouts A to D as clang 19 and GCC emit them:
 *
 *   A  -fpatchable-function-entry=2            C  -fpatchable-function-entry=4,2
 *   B  the same, behind a BTI landing pad      D  the same, behind a BTI landing pad
 *
 * Words: NOP d503201f, MOV X9,X30 aa1e03e9, BTI C d503245f, BL 94000000 + imm26.
 */
import { describe, expect, test } from 'vitest';
import type { Patch } from '../../../harness/backend/contract.js';
import type { Rig } from '../../../harness/backend/smoke/rig.js';
import { callsite } from '../callsite.js';
import { NO_CALL_OPS, rig, word } from './support.js';

const BTI = { ARM64_BTI_KERNEL: true } as const;
const LAYOUTS = {
  A: NO_CALL_OPS,
  B: { ...NO_CALL_OPS, ...BTI },
  C: {},
  D: BTI,
} as const;
type Name = keyof typeof LAYOUTS;

const NOP = 0xd503201f;
const MOV = 0xaa1e03e9;
const PAD = 0xd503245f;
const EINVAL = -22;

/** Words of the site from F - before to the body. */
function words(at: Rig): number[] {
  const { before, resume } = callsite.shape(at.config);
  return Array.from({ length: (before + resume) / 4 }, (_, n) =>
    word(at.machine, at.f + BigInt(4 * n - before)),
  );
}

/** Addresses relative to F, and bytes as words. */
function stores(at: Rig, patch: Patch): (readonly [offset: number, ...words: number[]])[] {
  if ('error' in patch) throw new Error(`refused with ${patch.error}`);
  return patch.stores.map(({ address, bytes }) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const list = Array.from({ length: bytes.length / 4 }, (_, n) => view.getUint32(4 * n, true));
    return [Number(address - at.f), ...list];
  });
}

const low = (value: bigint) => Number(BigInt.asUintN(32, value));
const high = (value: bigint) => Number(value >> 32n);

describe.each([
  // layout, revision, table entry, rec->ip, fregs pc (return into the body), words as compiled
  ['A', '6.1', 0, 4, 8, [NOP, NOP]],
  ['A', '6.12', 0, 4, 8, [NOP, NOP]],
  ['A', '7.2', 0, 4, 8, [NOP, NOP]],
  ['B', '6.1', 4, 8, 12, [PAD, NOP, NOP]],
  ['B', '6.12', 4, 8, 12, [PAD, NOP, NOP]],
  ['B', '7.2', 4, 8, 12, [PAD, NOP, NOP]],
  ['C', '6.12', -8, 4, 8, [NOP, NOP, NOP, NOP]],
  ['C', '7.2', -8, 4, 8, [NOP, NOP, NOP, NOP]],
  ['D', '6.12', -8, 8, 12, [NOP, NOP, PAD, NOP, NOP]],
  ['D', '7.2', -8, 8, 12, [NOP, NOP, PAD, NOP, NOP]],
] as const)('layout %s at %s', (name: Name, revision, table, ip, resume, compiled) => {
  const at = rig(LAYOUTS[name], revision);

  test(`table entry F${table < 0 ? '' : '+'}${table}, ip F+${ip}, body F+${resume}`, () => {
    expect(callsite.shape(at.config)).toMatchObject({ table, ip, resume });
  });

  test('words as compiled', () => {
    expect(words(at)).toEqual(compiled);
  });

  test('ftrace_call_adjust makes rec->ip of the table entry', () => {
    expect(callsite.callAdjust(at.machine, at.f + BigInt(table), at.config)).toBe(at.f + BigInt(ip));
  });

  test('initialised, the MOV slot is MOV X9, X30', () => {
    const fresh = rig(LAYOUTS[name], revision);
    fresh.apply(callsite.initNop(fresh.site(fresh.nopOps)));
    expect(word(fresh.machine, fresh.ip - 4n)).toBe(MOV);
    expect(word(fresh.machine, fresh.ip)).toBe(NOP);
    expect(callsite.describe(fresh.machine, fresh.ip)).toEqual({ state: 'nop', target: null });
  });
});

describe('without a landing pad in a kernel with BTI', () => {
  test('C and D live side by side: the word at F decides', () => {
    const at = rig(LAYOUTS.D);
    at.machine.storeWord(at.f, 4, BigInt(NOP));
    expect(callsite.callAdjust(at.machine, at.f - 8n, at.config)).toBe(at.f + 4n);
    expect(callsite.symbolAddress(at.machine, at.f + 4n, at.config)).toBe(at.f);
  });

  test.each([
    ['BTI C', 0xd503245f],
    ['BTI J', 0xd503249f],
    ['BTI JC', 0xd50324df],
  ])('%s is a landing pad', (_name, pad) => {
    const at = rig(LAYOUTS.D);
    at.machine.storeWord(at.f, 4, BigInt(pad));
    expect(callsite.callAdjust(at.machine, at.f - 8n, at.config)).toBe(at.f + 8n);
    expect(callsite.symbolAddress(at.machine, at.f + 8n, at.config)).toBe(at.f);
  });

  test('PACIASP is none', () => {
    const at = rig(LAYOUTS.D);
    at.machine.storeWord(at.f, 4, 0xd503233fn);
    expect(callsite.callAdjust(at.machine, at.f - 8n, at.config)).toBe(at.f + 4n);
  });
});

test('with CALL_OPS a table entry that is not 8-aligned gives 0', () => {
  const at = rig();
  expect(callsite.callAdjust(at.machine, at.f - 4n, at.config)).toBe(0n);
});

describe('arch_ftrace_get_symaddr', () => {
  test.each([
    ['A', 4, 0],
    ['C', 4, 0],
    ['D', 8, 0],
    // CFI builds: the landing pad is not looked for, so the symbol is missed by 4.
    ['B', 8, 4],
  ] as const)('layout %s: ip F+%i gives F+%i', (name, ip, symbol) => {
    const at = rig(LAYOUTS[name]);
    expect(callsite.symbolAddress(at.machine, at.f + BigInt(ip), at.config)).toBe(at.f + BigInt(symbol));
  });
});

describe('with CALL_OPS, the states of a site', () => {
  /** An initialised site and its machine. */
  function initialised(): Rig {
    const at = rig();
    at.apply(callsite.initNop(at.site(at.nopOps)));
    return at;
  }
  const bl = (at: Rig, to: bigint) => low(0x94000000n | BigInt.asUintN(26, (to - at.ip) / 4n));

  test('compiled: two NOPs before F, two from F', () => {
    expect(words(rig())).toEqual([NOP, NOP, NOP, NOP]);
  });

  test('init: the literal names the nop ops, then the MOV', () => {
    const at = rig();
    expect(stores(at, callsite.initNop(at.site(at.nopOps)))).toEqual([
      [-8, low(at.nopOps), high(at.nopOps)],
      [0, MOV],
    ]);
  });

  test('make_call: literal first, then the BL', () => {
    const at = initialised();
    const caller = at.symbol('ftrace_caller');
    expect(stores(at, callsite.makeCall(at.site(), caller))).toEqual([
      [-8, low(at.ops), high(at.ops)],
      [4, bl(at, caller)],
    ]);
  });

  test('make_nop: literal to the nop ops first, then the NOP', () => {
    const at = initialised();
    const caller = at.symbol('ftrace_caller');
    at.apply(callsite.makeCall(at.site(), caller));
    expect(stores(at, callsite.makeNop(at.site(at.nopOps), caller))).toEqual([
      [-8, low(at.nopOps), high(at.nopOps)],
      [4, NOP],
    ]);
  });

  test('modify_call: literal, then the other BL', () => {
    const at = initialised();
    const [from, to] = [at.symbol('ftrace_caller'), at.symbol('direct_tramp_0')];
    at.apply(callsite.makeCall(at.site(), from));
    at.apply(callsite.modifyCall(at.site(), from, to));
    expect(words(at)).toEqual([low(at.ops), high(at.ops), MOV, bl(at, to)]);
    expect(callsite.describe(at.machine, at.ip)).toEqual({ state: 'call', target: to });
  });

  test('disabled again: MOV, NOP, the nop ops', () => {
    const at = initialised();
    const caller = at.symbol('ftrace_caller');
    at.apply(callsite.makeCall(at.site(), caller));
    at.apply(callsite.makeNop(at.site(at.nopOps), caller));
    expect(words(at)).toEqual([low(at.nopOps), high(at.nopOps), MOV, NOP]);
  });

  test('the literal of a site behind a landing pad is at F-8 as well', () => {
    const at = rig(LAYOUTS.D);
    expect(stores(at, callsite.initNop(at.site(at.nopOps)))).toEqual([
      [-8, low(at.nopOps), high(at.nopOps)],
      [4, MOV],
    ]);
  });
});

test('without CALL_OPS there is no literal: one store each', () => {
  const at = rig(LAYOUTS.A);
  const caller = at.symbol('ftrace_caller');
  expect(stores(at, callsite.initNop(at.site(at.nopOps)))).toEqual([[0, MOV]]);
  at.apply(callsite.initNop(at.site(at.nopOps)));
  expect(stores(at, callsite.makeCall(at.site(), caller)).map(([offset]) => offset)).toEqual([4]);
});

describe('old text is validated: -EINVAL', () => {
  const caller = (at: Rig) => at.symbol('ftrace_caller');
  const fresh = () => {
    const at = rig();
    at.apply(callsite.initNop(at.site(at.nopOps)));
    return at;
  };

  test('init wants a NOP in the MOV slot', () => {
    const at = fresh();
    expect(callsite.initNop(at.site(at.nopOps))).toMatchObject({ error: EINVAL });
  });

  test('make_call wants a NOP in the BL slot', () => {
    const at = fresh();
    at.apply(callsite.makeCall(at.site(), caller(at)));
    expect(callsite.makeCall(at.site(), caller(at))).toMatchObject({
      error: EINVAL,
      stores: [{ address: at.f - 8n }],
    });
  });

  test('make_nop wants exactly the BL it would have made', () => {
    const at = fresh();
    expect(callsite.makeNop(at.site(), caller(at))).toMatchObject({
      error: EINVAL,
      stores: [{ address: at.f - 8n }],
    });
    at.apply(callsite.makeCall(at.site(), caller(at)));
    expect(callsite.makeNop(at.site(), at.symbol('ftrace_stub'))).toMatchObject({
      error: EINVAL,
      stores: [{ address: at.f - 8n }],
    });
  });

  test('modify_call wants the BL to the old target', () => {
    const at = fresh();
    at.apply(callsite.makeCall(at.site(), caller(at)));
    const stub = at.symbol('ftrace_stub');
    expect(callsite.modifyCall(at.site(), stub, caller(at))).toMatchObject({
      error: EINVAL,
      stores: [{ address: at.f - 8n }],
    });
  });

  test('a corrupted site', () => {
    const at = fresh();
    at.machine.storeWord(at.ip, 4, 0xd4200080n);
    expect(callsite.makeCall(at.site(), caller(at))).toMatchObject({
      error: EINVAL,
      stores: [{ address: at.f - 8n }],
    });
    expect(callsite.describe(at.machine, at.ip)).toEqual({ state: 'unknown', target: null });
  });
});

describe('range', () => {
  test('a direct trampoline out of reach: the site calls ftrace_caller', () => {
    const at = rig();
    at.apply(callsite.initNop(at.site(at.nopOps)));
    const far = at.ip + 0x800_0000n;
    at.apply(callsite.makeCall(at.site(), far));
    expect(callsite.describe(at.machine, at.ip).target).toBe(at.symbol('ftrace_caller'));
    at.apply(callsite.makeNop(at.site(at.nopOps), far));
    expect(word(at.machine, at.ip)).toBe(NOP);
  });

  test('the last address in reach is called directly', () => {
    const at = rig();
    at.apply(callsite.initNop(at.site(at.nopOps)));
    at.apply(callsite.makeCall(at.site(), at.ip + 0x7ff_fffcn));
    expect(word(at.machine, at.ip)).toBe(0x95ffffff);
  });

  test('without direct calls an unreachable target is -EINVAL', () => {
    const at = rig(LAYOUTS.A);
    at.apply(callsite.initNop(at.site(at.nopOps)));
    expect(callsite.makeCall(at.site(), at.ip + 0x800_0000n)).toEqual({ error: EINVAL });
  });
});

describe('ftrace_update_ftrace_func', () => {
  test('with CALL_OPS does nothing', () => {
    const at = rig();
    expect(callsite.updateFtraceFunc(at.site(), at.symbol('callback'))).toEqual({ stores: [] });
  });

  test('without CALL_OPS patches the BL at ftrace_call, initially to ftrace_stub', () => {
    const at = rig(LAYOUTS.A);
    const slot = at.symbol('ftrace_call');
    expect(at.program.at(slot)?.text).toBe('bl ftrace_stub');
    at.apply(callsite.updateFtraceFunc(at.site(), at.symbol('callback')));
    expect(callsite.describe(at.machine, slot)).toEqual({ state: 'call', target: at.symbol('callback') });
  });
});

test('without CALL_OPS a callback out of reach becomes BRK #0x100: nothing is validated', () => {
  const at = rig(LAYOUTS.A);
  const slot = at.symbol('ftrace_call');
  at.apply(callsite.updateFtraceFunc(at.site(), slot + 0x800_0000n));
  expect(word(at.machine, slot)).toBe(0xd4202000);
});

describe('the configuration that each revision is built with', () => {
  test.each([
    // revision, layout
    ['6.1', 'A'],
    ['6.12', 'C'],
    ['7.2', 'C'],
  ] as const)('%s: layout %s', (revision, name) => {
    expect(callsite.shape(rig({}, revision).config)).toEqual(callsite.shape(rig(LAYOUTS[name]).config));
  });

  test('6.1: states without a literal, and a modify that validates', () => {
    const at = rig({}, '6.1');
    const [plain, regs] = [at.symbol('ftrace_caller'), at.symbol('ftrace_regs_caller')];
    const bl = (to: bigint) => low(0x94000000n | BigInt.asUintN(26, (to - at.ip) / 4n));
    expect(stores(at, callsite.initNop(at.site(at.nopOps)))).toEqual([[0, MOV]]);
    at.apply(callsite.initNop(at.site(at.nopOps)));
    expect(stores(at, callsite.makeCall(at.site(), plain))).toEqual([[4, bl(plain)]]);
    at.apply(callsite.makeCall(at.site(), plain));
    // A second user with SAVE_REGS.
    expect(stores(at, callsite.modifyCall(at.site(), plain, regs))).toEqual([[4, bl(regs)]]);
    expect(callsite.modifyCall(at.site(), regs, plain)).toMatchObject({ error: EINVAL });
    at.apply(callsite.modifyCall(at.site(), plain, regs));
    expect(stores(at, callsite.makeNop(at.site(at.nopOps), regs))).toEqual([[4, NOP]]);
    expect(callsite.makeNop(at.site(), plain)).toMatchObject({ error: EINVAL });
  });

  test('6.1: nothing stands in for a target out of reach', () => {
    const at = rig({}, '6.1');
    at.apply(callsite.initNop(at.site(at.nopOps)));
    expect(callsite.makeCall(at.site(), at.ip + 0x800_0000n)).toEqual({ error: EINVAL });
  });
});
