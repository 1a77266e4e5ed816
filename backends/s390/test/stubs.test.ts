// SPDX-License-Identifier: MIT
/**
 * Direct trampolines and the stubs of BPF programs, executed behind the common trampoline. Facts: linux 7.2
 * samples/ftrace (s390), arch/s390/net/bpf_jit_comp.c. The smoke suite tries all images; here is what is peculiar.
 */
import { describe, expect, test } from 'vitest';
import type { Rig } from '../../../harness/backend/smoke/rig.js';
import { accessors } from '../accessors.js';
import { EXPOLINE, REVISIONS, rig, Z10 } from './support.js';

const WAYS = [
  ...REVISIONS.map((revision) => [revision, {}] as const),
  ['7.2', EXPOLINE],
  ['7.2', Z10],
] as const;

/** Runs the function to a stub beside other ops, which may have redirected it. */
function toStub(at: Rig, symbol: string, redirect?: bigint): Map<string, bigint> {
  at.machine.storeWord(at.symbol('bpf_body_0'), 8, at.resume);
  at.enable(at.symbol('ftrace_regs_caller'));
  at.enter();
  const before = at.snapshot();
  expect(at.run()).toBe('callback');
  const fregs = at.fregs(at.read('r5'));
  accessors.setDirectCaller(fregs, at.symbol(symbol));
  if (redirect !== undefined) accessors.setInstructionPointer(fregs, redirect);
  at.returnFromC();
  return before;
}

const LIVE = ['r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15'];

describe.each(WAYS)('at %s, %o', (revision, turned) => {
  test('ftrace_stub_direct_tramp resumes at r0', () => {
    const at = rig(revision, turned);
    const before = toStub(at, 'ftrace_stub_direct_tramp');
    expect(at.run()).toBe('body');
    expect(at.read('r1')).toBe(at.resume);
    for (const name of LIVE) expect([name, at.read(name)]).toEqual([name, before.get(name)]);
  });

  test('direct_tramp_0 keeps r0 to r5 and r14, makes a frame with back chain, resumes at r0', () => {
    const at = rig(revision, turned);
    const before = toStub(at, 'direct_tramp_0');
    expect(at.run()).toBe('direct_func_0');
    expect(at.s - at.read('r15')).toBe(160n);
    expect(at.word(at.read('r15') + 152n)).toBe(at.s);
    expect(at.word(at.s + 136n)).toBe(at.parent);
    expect(at.word(at.read('r15') + 168n)).toBe(at.resume);
    at.returnFromC();
    expect(at.run()).toBe('body');
    for (const name of LIVE) expect([name, at.read(name)]).toEqual([name, before.get(name)]);
  });

  test('a redirect beside direct_tramp_0 is followed', () => {
    const at = rig(revision, turned);
    toStub(at, 'direct_tramp_0', at.symbol('ftrace_stub'));
    expect(at.run()).toBe('direct_func_0');
    at.returnFromC();
    expect(at.run()).toBe('parent');
  });

  test('a redirect beside bpf_fentry_0 is ignored: the body is a constant of the image', () => {
    const at = rig(revision, turned);
    const before = toStub(at, 'bpf_fentry_0', at.symbol('ftrace_stub'));
    expect(at.run()).toBe('bpf_entry_func_0');
    expect(at.word(at.read('r2') - 8n)).toBe(at.resume);
    expect(at.word(at.read('r2') + 96n)).toBe(0n);
    at.returnFromC();
    expect(at.run()).toBe('body');
    for (const name of LIVE) expect([name, at.read(name)]).toEqual([name, before.get(name)]);
  });

  test('bpf_fexit_0 calls the body, with seven stack words, and returns to the parent', () => {
    const at = rig(revision, turned);
    for (let n = 0; n < 7; n++) at.machine.storeWord(at.s + BigInt(160 + 8 * n), 8, BigInt(50 + n));
    const before = toStub(at, 'bpf_fexit_0');
    expect(at.run()).toBe('bpf_entry_func_0');
    const context = at.read('r2');
    expect(at.word(at.read('r15') + 152n)).toBe(at.s);
    at.returnFromC();
    expect(at.run()).toBe('body');
    for (let n = 0; n < 7; n++) expect(at.word(at.read('r15') + BigInt(160 + 8 * n))).toBe(BigInt(50 + n));
    expect(at.read('r14')).toBe(at.symbol('bpf_fexit_0_called'));
    at.machine.write('r2', 0x99n);
    at.returnFromBody();
    expect(at.run()).toBe('bpf_exit_func_0');
    expect(at.read('r2')).toBe(context);
    expect(at.word(context + 96n)).toBe(0x99n);
    at.returnFromC();
    expect(at.run()).toBe('parent');
    expect(at.read('r2')).toBe(0x99n);
    for (const name of LIVE.slice(4)) expect([name, at.read(name)]).toEqual([name, before.get(name)]);
  });

  test('beside a redirect bpf_fexit_0 calls the body all the same, bpf_fexit_0_stack what r0 says', () => {
    const at = rig(revision, turned);
    toStub(at, 'bpf_fexit_0', at.symbol('ftrace_stub'));
    expect(at.run()).toBe('bpf_entry_func_0');
    at.returnFromC();
    expect(at.run()).toBe('body');

    const other = rig(revision, turned);
    toStub(other, 'bpf_fexit_0_stack', other.symbol('ftrace_stub'));
    expect(other.run()).toBe('bpf_entry_func_0');
    other.returnFromC();
    expect(other.run()).toBe('bpf_exit_func_0');
  });

  test('bpf_fmod_0 marks the body as returned, but not where it passes over it', () => {
    for (const result of [0n, 7n]) {
      const at = rig(revision, turned);
      toStub(at, 'bpf_fmod_0');
      at.machine.storeWord(at.symbol('bpf_mod_links_0'), 8, 1n);
      expect(at.run()).toBe('bpf_entry_func_0');
      at.returnFromC();
      expect(at.run()).toBe('bpf_mod_func_0');
      at.returnFromC(result);
      if (result === 0n) {
        expect(at.run()).toBe('body');
        at.returnFromBody();
      }
      expect(at.run()).toBe('bpf_exit_func_0');
      expect(at.word(at.read('r2') + 120n)).toBe(result === 0n ? 1n : 0n);
    }
  });
});
