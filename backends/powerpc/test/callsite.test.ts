// SPDX-License-Identifier: MIT
/**
 * The call site, word by word, with the TOC set-up in front. Words: nop 60000000, mflr r0 7c0802a6, mtlr r0 7c0803a6, std
 * r0,16(r1) f8010010, bl 48000001 and b 48000000 with 24 bits of offset.
 */
import { describe, expect, test } from 'vitest';
import type { Patch } from '../../../harness/backend/contract.js';
import type { Rig } from '../../../harness/backend/smoke/rig.js';
import { callsite } from '../callsite.js';
import { wordBytes } from '../encoding.js';
import { ALL, type Form, IN_LINE, rig, word } from './support.js';

const NOP = 0x60000000;
const MFLR = 0x7c0802a6;
const MTLR = 0x7c0803a6;
const STD = 0xf8010010;
const EINVAL = -22;
const EFAULT = -14;

const branch = (link: number, from: bigint, to: bigint) =>
  (0x48000000 | (Number(to - from) & 0x03fffffc) | link) >>> 0;
const bl = (from: bigint, to: bigint) => branch(1, from, to);
const b = (from: bigint, to: bigint) => branch(0, from, to);

/** Words from F + 8 to the body. */
const site = (at: Rig) =>
  Array.from({ length: Number(at.resume - at.f) / 4 - 2 }, (_, n) =>
    word(at.machine, at.f + BigInt(8 + 4 * n)),
  );
/** The stub: ops, then its four words. */
function stub(at: Rig): readonly [bigint, ...number[]] {
  const base = at.site().stub;
  return [at.word(base), ...[8n, 12n, 16n, 20n].map((offset) => word(at.machine, base + offset))];
}
const init = (at: Rig) => at.apply(callsite.initNop(at.site(at.nopOps)));
const symbolOf = (at: Rig) => (name: string) => at.symbol(name);
const refused = (patch: Patch) => ('error' in patch ? patch.error : 0);

describe.each([
  // table entry, rec->ip, body
  ['6.1-A', 12, 12, 16],
  ['6.12-A', 12, 12, 16],
  ['6.12-B', 8, 12, 16],
  ['7.2-A', 12, 12, 16],
  ['7.2-C', 8, 8, 12],
] as const)('%s', (form, table, ip, resume) => {
  const at = rig(form);

  test(`table entry F+${table}, ip F+${ip}, body F+${resume}`, () => {
    expect(callsite.shape(at.config)).toMatchObject({ before: 0, table, ip, resume });
  });

  test('ftrace_call_adjust makes rec->ip of the table entry', () => {
    expect(callsite.callAdjust(at.machine, at.f + BigInt(table), at.config, symbolOf(at))).toBe(
      at.f + BigInt(ip),
    );
  });

  test('the linked TOC set-up gives r2 from r12', () => {
    const first = word(at.machine, at.f);
    expect(first >>> 16).toBe(0x3c4c);
    expect(word(at.machine, at.f + 4n) >>> 16).toBe(0x3842);
    at.enter();
    at.machine.write('r2', 0n);
    expect(at.run()).toBe('body');
    expect(at.read('r2')).toBe(at.symbol('kernel_toc_base'));
  });

  test('no helper finds the symbol', () => {
    expect(callsite.symbolAddress()).toBe(0n);
  });

  test('no private trampolines', () => expect(callsite.opsTrampoline).toBeNull());
});

describe.each(IN_LINE)('%s: in line', (form) => {
  const compiled = (at: Rig) => (form === '6.12-B' ? [NOP, NOP] : [MFLR, bl(at.ip, at.symbol('_mcount'))]);

  test('compiled; initialised = disabled; enabled; modified; disabled', () => {
    const at = rig(form);
    const [caller, regs] = [at.symbol('ftrace_caller'), at.symbol('ftrace_regs_caller')];
    expect(site(at)).toEqual(compiled(at));
    init(at);
    expect(site(at)).toEqual([MFLR, NOP]);
    at.apply(callsite.makeCall(at.site(), caller));
    expect(site(at)).toEqual([MFLR, bl(at.ip, caller)]);
    expect(callsite.describe(at.machine, at.ip, at.config)).toEqual({ state: 'call', target: caller });
    at.apply(callsite.modifyCall(at.site(), caller, regs));
    expect(site(at)).toEqual([MFLR, bl(at.ip, regs)]);
    at.apply(callsite.makeNop(at.site(at.nopOps), regs));
    expect(site(at)).toEqual([MFLR, NOP]);
    expect(callsite.describe(at.machine, at.ip, at.config)).toEqual({ state: 'nop', target: null });
  });

  test('each word is checked before it is replaced', () => {
    const at = rig(form);
    const [caller, regs] = [at.symbol('ftrace_caller'), at.symbol('ftrace_regs_caller')];
    init(at);
    expect(refused(callsite.makeNop(at.site(), caller))).toBe(EINVAL);
    expect(refused(callsite.modifyCall(at.site(), caller, regs))).toBe(EINVAL);
    at.apply(callsite.makeCall(at.site(), caller));
    expect(refused(callsite.makeCall(at.site(), caller))).toBe(EINVAL);
    expect(refused(callsite.makeNop(at.site(), regs))).toBe(EINVAL);
  });

  test('a site that is not mapped', () => {
    const at = rig(form);
    const gone = { ...at.site(), ip: 0xc000_0000_0010_f000n };
    expect(refused(callsite.makeCall(gone, at.symbol('ftrace_caller')))).toBe(EFAULT);
    expect(refused(callsite.initNop(gone))).toBe(EFAULT);
  });

  test('other words than the compiler makes', () => {
    const at = rig(form);
    at.machine.storeWord(at.ip, 4, 0x38600000n);
    expect(refused(callsite.initNop(at.site()))).toBe(EINVAL);
  });

  test('the callback is patched into both trampolines', () => {
    const at = rig(form);
    at.enableCallback();
    for (const slot of ['ftrace_call', 'ftrace_regs_call']) {
      const here = at.symbol(slot);
      expect(word(at.machine, here)).toBe(bl(here, at.symbol('callback')));
    }
  });
});

describe('-mprofile-kernel of GCC 5, with a STD before the call', () => {
  test.each([
    ['6.1-A', STD],
    ['6.12-A', STD],
    ['7.2-A', NOP],
  ] as const)('%s: it becomes %i', (form, kept) => {
    const at = rig(form);
    const ip = at.ip + 4n;
    at.machine.storeWord(ip - 4n, 4, BigInt(STD));
    at.machine.storeWord(ip, 4, BigInt(bl(ip, at.symbol('_mcount'))));
    at.apply(callsite.initNop({ ...at.site(), ip }));
    expect([ip - 8n, ip - 4n, ip].map((address) => word(at.machine, address))).toEqual([MFLR, kept, NOP]);
  });

  test('without an MFLR before it', () => {
    const at = rig('6.12-A');
    at.machine.storeWord(at.ip - 4n, 4, BigInt(STD));
    expect(refused(callsite.initNop(at.site()))).toBe(EINVAL);
  });

  test('with a call of something else', () => {
    const at = rig('6.12-A');
    at.machine.storeWord(at.ip, 4, BigInt(bl(at.ip, at.symbol('ftrace_caller'))));
    expect(refused(callsite.initNop(at.site()))).toBe(EINVAL);
  });
});

test('_mcount only returns into the function, with LR as at its entry', () => {
  for (const form of ['6.1-A', '6.12-A', '7.2-A'] as const) {
    const at = rig(form);
    at.enter();
    expect(at.run()).toBe('body');
    expect(at.read('lr')).toBe(at.parent);
    expect(at.read('r12')).toBe(at.resume);
  }
});

describe('7.2-C: out of line', () => {
  const form: Form = '7.2-C';

  test('compiled: one NOP; initialised: the stub calls ftrace_caller with the nop ops', () => {
    const at = rig(form);
    const { stub: base } = at.site();
    expect(site(at)).toEqual([NOP]);
    init(at);
    expect(site(at)).toEqual([NOP]);
    expect(stub(at)).toEqual([
      at.nopOps,
      MFLR,
      bl(base + 12n, at.symbol('ftrace_caller')),
      MTLR,
      b(base + 20n, at.ip + 4n),
    ]);
  });

  test('enabled: ops, call, and a branch at the site; disabled again', () => {
    const at = rig(form);
    const regs = at.symbol('ftrace_regs_caller');
    const { stub: base } = at.site();
    init(at);
    const idle = stub(at);
    at.apply(callsite.makeCall(at.site(), regs));
    expect(site(at)).toEqual([b(at.ip, base + 8n)]);
    expect(stub(at)).toEqual([at.ops, MFLR, bl(base + 12n, regs), MTLR, b(base + 20n, at.ip + 4n)]);
    expect(callsite.describe(at.machine, at.ip, at.config)).toEqual({ state: 'call', target: regs });
    at.apply(callsite.makeNop(at.site(at.nopOps), regs));
    expect(site(at)).toEqual([NOP]);
    expect(stub(at)).toEqual(idle);
    expect(callsite.describe(at.machine, at.ip, at.config)).toEqual({ state: 'nop', target: null });
  });

  const order = (at: Rig, patch: Patch) =>
    (patch.stores ?? []).map(({ address }) => {
      const { stub: base } = at.site();
      return address === at.ip ? 'site' : address === base ? 'ops' : address === base + 12n ? 'call' : '?';
    });

  test('order of the stores', () => {
    const at = rig(form);
    const [caller, regs] = [at.symbol('ftrace_caller'), at.symbol('ftrace_regs_caller')];
    init(at);
    const call = callsite.makeCall(at.site(), regs);
    expect(order(at, call)).toEqual(['ops', 'call', 'site']);
    at.apply(call);
    expect(order(at, callsite.modifyCall(at.site(), regs, caller))).toEqual(['ops', 'call']);
    expect(order(at, callsite.makeNop(at.site(at.nopOps), regs))).toEqual(['ops', 'call', 'site']);
  });

  test('a foreign word at the site is found last: ops and call have been stored', () => {
    const at = rig(form);
    init(at);
    at.machine.storeWord(at.ip, 4, 0x38600000n);
    const patch = callsite.makeCall(at.site(), at.symbol('ftrace_regs_caller'));
    expect(refused(patch)).toBe(EINVAL);
    expect(order(at, patch)).toEqual(['ops', 'call']);
  });

  test('a foreign word in the stub: only the ops was stored', () => {
    const at = rig(form);
    init(at);
    at.machine.storeWord(at.site().stub + 12n, 4, 0x38600000n);
    const patch = callsite.makeCall(at.site(), at.symbol('ftrace_regs_caller'));
    expect(refused(patch)).toBe(EINVAL);
    expect(order(at, patch)).toEqual(['ops']);
  });

  test('a change does not look at the site', () => {
    const at = rig(form);
    const [caller, regs] = [at.symbol('ftrace_caller'), at.symbol('ftrace_regs_caller')];
    init(at);
    at.apply(callsite.makeCall(at.site(), caller));
    at.machine.storeWord(at.ip, 4, 0x38600000n);
    expect(refused(callsite.modifyCall(at.site(), caller, regs))).toBe(0);
  });

  test('a stub out of reach', () => {
    const at = rig(form);
    const site = { ...at.site(), stub: at.site().stub + 0x2000000n };
    expect(refused(callsite.initNop(site))).toBe(EINVAL);
  });

  test('the callee is in the stub, not in the trampolines', () => {
    const at = rig(form);
    expect(callsite.updateFtraceFunc(at.site(), at.symbol('callback'))).toEqual({ stores: [] });
  });

  test('clang records the global entry: moved behind the TOC set-up', () => {
    const at = rig(form, { CC_IS_CLANG: true });
    expect(callsite.shape(at.config)).toMatchObject({ table: 0, ip: 8 });
    expect(callsite.callAdjust(at.machine, at.f, at.config, symbolOf(at))).toBe(at.f + 8n);
    expect(callsite.callAdjust(at.machine, at.f + 8n, at.config, symbolOf(at))).toBe(at.f + 8n);
  });

  test('also where a module loads the TOC pointer from below its entry', () => {
    const at = rig(form, { CC_IS_CLANG: true });
    at.machine.store(at.f, wordBytes(0xe84cfff8, 0x7c426214));
    expect(callsite.callAdjust(at.machine, at.f, at.config, symbolOf(at))).toBe(at.f + 8n);
    at.machine.store(at.f + 4n, wordBytes(0x60000000));
    expect(callsite.callAdjust(at.machine, at.f, at.config, symbolOf(at))).toBe(at.f);
  });
});

describe('exit text', () => {
  const adjusted = (form: Form, from: bigint, to: bigint) => {
    const at = rig(form);
    const symbol = (name: string) =>
      name === '__exittext_begin' ? at.f + from : name === '__exittext_end' ? at.f + to : at.symbol(name);
    const { table, ip } = callsite.shape(at.config);
    const entry = at.f + BigInt(table);
    const found = callsite.callAdjust(at.machine, entry, at.config, symbol);
    return found === at.f + BigInt(ip) ? 'ip' : found;
  };

  test.each(ALL)('%s: no record from 6.12 on', (form) => {
    const { table } = callsite.shape(rig(form).config);
    const dropped = form.startsWith('6.1-') ? 'ip' : 0n;
    expect(adjusted(form, BigInt(table), BigInt(table) + 1n)).toBe(dropped);
    expect(adjusted(form, BigInt(table) - 4n, BigInt(table))).toBe('ip');
    expect(adjusted(form, BigInt(table) + 1n, BigInt(table) + 4n)).toBe('ip');
  });

  test.each(ALL)('%s: the trampolines are none', (form) => {
    const at = rig(form);
    expect(at.symbol('__exittext_end')).toBe(at.symbol('__exittext_begin'));
  });
});

test.each(ALL)('%s: a disabled function runs no trampoline', (form) => {
  const at = rig(form);
  at.enableCallback();
  init(at);
  at.enter();
  expect(at.run()).toBe('body');
  expect(at.read('lr')).toBe(at.parent);
});
