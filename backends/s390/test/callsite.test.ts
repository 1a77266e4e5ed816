// SPDX-License-Identifier: MIT
/**
 * The states of a call site in both patch modes, typed from linux 6.1, 6.12, 7.2 arch/s390/kernel/ftrace.c and
 * ftrace.h: bytes in memory order, displacements in halfwords.
 */
import { describe, expect, test } from 'vitest';
import type { Patch } from '../../../harness/backend/contract.js';
import type { Rig } from '../../../harness/backend/smoke/rig.js';
import { callsite } from '../callsite.js';
import { config, dump, EXPOLINE, REVISIONS, rig, SEQUENTIAL } from './support.js';

const EINVAL = { error: -22 };
const site = (at: Rig) => dump(at.machine.load(at.f, 6));
const stub = (at: Rig) => at.site().stub;

/** A signed displacement of 4 bytes, as bytes. */
function disp(from: bigint, to: bigint): string {
  const value = BigInt.asUintN(32, (to - from) / 2n);
  return dump(Uint8Array.from([24n, 16n, 8n, 0n], (shift) => Number((value >> shift) & 0xffn)));
}

const HOTPATCH = REVISIONS.map((revision) => [revision, {}] as const);
/** 6.1 does not ask for the facility. */
const MODES = [...HOTPATCH, ['6.1', SEQUENTIAL]] as const;

test.each(REVISIONS)('%s: six bytes at F, recorded by the compiler', (revision) => {
  expect(callsite.shape(config(revision))).toEqual({
    before: 0,
    ip: 0,
    resume: 6,
    table: 0,
    compiled: Uint8Array.of(0xc0, 0x04, 0, 0, 0, 0),
  });
  const { machine, f } = rig(revision);
  expect(callsite.callAdjust(machine, f, config(revision))).toBe(f);
  expect(callsite.symbolAddress(machine, f, config(revision))).toBe(f);
});

describe.each(MODES)('hotpatch trampolines: %s, %o', (revision, turned) => {
  const ready = () => {
    const at = rig(revision, turned);
    at.apply(callsite.initNop(at.site()));
    return at;
  };
  const interceptor = (at: Rig) => at.word(stub(at) + 16n);

  test('at boot: still a NOP, with the displacement of the trampoline', () => {
    const at = ready();
    expect(site(at)).toBe(`c0 04 ${disp(at.f, stub(at))}`);
    expect(callsite.describe(at.machine, at.ip, at.config)).toEqual({ state: 'nop', target: null });
  });

  test('the trampoline: BRASL %r1 to the shared stub, padding, ip + 6, ftrace_caller', () => {
    const at = ready();
    const shared = at.symbol('ftrace_shared_hotpatch_trampoline_br');
    expect(dump(at.machine.load(stub(at), 8))).toBe(`c0 15 ${disp(stub(at), shared)} 00 00`);
    expect(at.word(stub(at) + 8n)).toBe(at.ip + 6n);
    expect(interceptor(at)).toBe(at.symbol('ftrace_caller'));
    expect(at.word(stub(at) + 24n)).toBe(0n);
  });

  test('the shared stub: LMG %r0,%r1,2(%r1); BR %r1', () => {
    const at = ready();
    const start = at.symbol('ftrace_shared_hotpatch_trampoline_br');
    expect(at.symbol('ftrace_shared_hotpatch_trampoline_br_end') - start).toBe(8n);
    expect(at.program.at(start)?.text).toBe('lmg %r0, %r1, 2(%r1)');
    expect(at.program.at(start + 6n)?.text).toBe('br %r1');
  });

  test('enabling: the target, then one byte at ip + 1, 04 to f4; disabling: the byte', () => {
    const at = ready();
    const target = at.symbol('ftrace_regs_caller');
    const patch = callsite.makeCall(at.site(), target);
    expect(patch).toEqual({
      stores: [
        { address: stub(at) + 16n, bytes: expect.anything() },
        { address: at.ip + 1n, bytes: Uint8Array.of(0xf4) },
      ],
    });
    at.apply(patch);
    expect(site(at)).toBe(`c0 f4 ${disp(at.f, stub(at))}`);
    expect(interceptor(at)).toBe(target);
    expect(callsite.describe(at.machine, at.ip, at.config)).toEqual({ state: 'call', target });

    const nop = callsite.makeNop(at.site(), target);
    expect(nop).toEqual({ stores: [{ address: at.ip + 1n, bytes: Uint8Array.of(0x04) }] });
    at.apply(nop);
    expect(site(at)).toBe(`c0 04 ${disp(at.f, stub(at))}`);
  });

  test('another target is written to the trampoline only, if the old one is there', () => {
    const at = ready();
    const [from, to] = [at.symbol('ftrace_caller'), at.symbol('ftrace_regs_caller')];
    at.apply(callsite.makeCall(at.site(), from));
    expect(callsite.modifyCall(at.site(), to, from)).toEqual(EINVAL);
    const patch = callsite.modifyCall(at.site(), from, to);
    expect(patch).toEqual({ stores: [{ address: stub(at) + 16n, bytes: expect.anything() }] });
    at.apply(patch);
    expect(interceptor(at)).toBe(to);
    expect(callsite.describe(at.machine, at.ip, at.config)).toEqual({ state: 'call', target: to });
  });

  test('only the first two bytes are compared', () => {
    const at = ready();
    at.apply(callsite.makeCall(at.site(), at.symbol('ftrace_caller')));
    at.machine.store(at.ip + 2n, Uint8Array.of(0, 0, 0, 9));
    expect(callsite.makeNop(at.site(), 0n)).toHaveProperty('stores');
    at.machine.store(at.ip, Uint8Array.of(0xc0, 0x05));
    expect(callsite.makeNop(at.site(), 0n)).toEqual(EINVAL);
  });

  test('initialising asks for all six bytes as compiled', () => {
    const at = rig(revision, turned);
    at.machine.store(at.ip + 5n, Uint8Array.of(1));
    expect(callsite.initNop(at.site())).toEqual(EINVAL);
  });

  test('a displacement that leads to no trampoline is -EINVAL, to nowhere -EFAULT', () => {
    const at = ready();
    const target = at.symbol('ftrace_caller');
    at.machine.store(at.ip + 2n, Uint8Array.of(0, 0, 0, 8));
    expect(callsite.makeCall(at.site(), target)).toEqual(EINVAL);
    expect(callsite.modifyCall(at.site(), target, target)).toEqual(EINVAL);
    at.machine.store(at.ip + 2n, Uint8Array.of(0x7f, 0xff, 0xff, 0xff));
    expect(callsite.makeCall(at.site(), target)).toEqual({ error: -14 });
    expect(callsite.modifyCall(at.site(), target, target)).toEqual({ error: -14 });
  });

  test('a site that is no NOP gets its target and is then refused', () => {
    const at = ready();
    at.machine.store(at.ip + 1n, Uint8Array.of(0x74));
    const patch: Patch = callsite.makeCall(at.site(), at.symbol('ftrace_stub'));
    expect(patch).toMatchObject({ error: -22, stores: [{ address: stub(at) + 16n }] });
    expect(callsite.describe(at.machine, at.ip, at.config)).toEqual({ state: 'unknown', target: null });
  });
});

test('an expoline kernel has another shared stub: LMG; EXRL of a BR %r1; a branch to itself', () => {
  const at = rig('7.2', EXPOLINE);
  at.apply(callsite.initNop(at.site()));
  const shared = at.symbol('ftrace_shared_hotpatch_trampoline_exrl');
  expect(dump(at.machine.load(stub(at), 6))).toBe(`c0 15 ${disp(stub(at), shared)}`);
  expect([0n, 6n, 12n, 16n].map((offset) => at.program.at(shared + offset)?.text)).toEqual([
    'lmg %r0, %r1, 2(%r1)',
    'exrl %r0, 0f',
    'j .',
    'br %r1',
  ]);
});

describe.each(['6.12', '7.2'] as const)('one instruction: %s', (revision) => {
  const fresh = () => rig(revision, SEQUENTIAL);

  test('nothing is done at boot, and no trampoline is made', () => {
    expect(callsite.initNop(fresh().site())).toEqual({ stores: [] });
  });

  test('enabled: BRASL %r0,target; six bytes at once, there and back', () => {
    const at = fresh();
    const [one, two] = [at.symbol('ftrace_caller'), at.symbol('ftrace_regs_caller')];
    at.apply(callsite.makeCall(at.site(), one));
    expect(site(at)).toBe(`c0 05 ${disp(at.ip, one)}`);
    expect(callsite.describe(at.machine, at.ip, at.config)).toEqual({ state: 'call', target: one });
    const patch = callsite.modifyCall(at.site(), one, two);
    expect(patch).toMatchObject({ stores: [{ address: at.ip }] });
    at.apply(patch);
    expect(site(at)).toBe(`c0 05 ${disp(at.ip, two)}`);
    at.apply(callsite.makeNop(at.site(), two));
    expect(site(at)).toBe('c0 04 00 00 00 00');
  });

  test('all six bytes are compared', () => {
    const at = fresh();
    const target = at.symbol('ftrace_caller');
    expect(callsite.makeNop(at.site(), target)).toEqual(EINVAL);
    expect(callsite.modifyCall(at.site(), target, target)).toEqual(EINVAL);
    at.machine.store(at.ip + 5n, Uint8Array.of(1));
    expect(callsite.makeCall(at.site(), target)).toEqual(EINVAL);
  });

  test('a site that is not aligned to 8 is refused', () => {
    const at = fresh();
    at.machine.store(at.ip + 2n, Uint8Array.of(0xc0, 0x04, 0, 0, 0, 0));
    const odd = { ...at.site(), ip: at.ip + 2n };
    expect(callsite.makeCall(odd, at.symbol('ftrace_caller'))).toEqual(EINVAL);
  });
});

test.each(REVISIONS)('%s: ftrace_update_ftrace_func writes a variable', (revision) => {
  const at = rig(revision);
  const patch = callsite.updateFtraceFunc(at.site(), 0x3ffe0201234n);
  expect(patch).toEqual({
    stores: [
      { address: at.symbol('ftrace_func'), bytes: Uint8Array.of(0, 0, 3, 0xff, 0xe0, 0x20, 0x12, 0x34) },
    ],
  });
  expect(callsite.opsTrampoline).toBeNull();
});

test('a module of 6.1 uses a copy of the shared stub', () => {
  const at = rig('6.1');
  at.enableCallback();
  at.apply(callsite.initNop(at.site()));
  at.apply(callsite.makeCall(at.site(), at.symbol('ftrace_caller')));
  const [start, end] = ['', '_end'].map((suffix) =>
    at.symbol(`ftrace_shared_hotpatch_trampoline_br${suffix}`),
  );
  const page = (at.f + 2048n) & ~15n;
  at.machine.copyText(start as bigint, end as bigint, page, new Map());
  at.machine.storeWord(stub(at) + 2n, 4, BigInt.asUintN(32, (page - stub(at)) / 2n));
  at.enter();
  expect(at.run()).toBe('callback');
  expect(at.read('r2')).toBe(at.ip);
});
