// SPDX-License-Identifier: MIT
/**
 * return_to_handler and the rethook trampoline, executed. Numbers as in linux 6.1, 6.12, 7.2 arch/s390/kernel/mcount.S:
 * exit fregs at S-200 with r15 = S-360; at 6.1 no structure and r15 = S-160.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Rig } from '../../../harness/backend/smoke/rig.js';
import { accessors } from '../accessors.js';
import { graph } from '../graph.js';
import { rethook } from '../rethook.js';
import { config, EXPOLINE, PSW, REVISIONS, rig, untouched, withCc } from './support.js';

let at: Rig;
let before: Map<string, bigint>;
const was = (name: string) => before.get(name) as bigint;

/** The traced function has returned: every register distinct, SP = S. */
function toHandler(revision: (typeof REVISIONS)[number], turned = {}): void {
  at = rig(revision, turned);
  at.enterReturnHook();
  before = at.snapshot();
  expect(at.run()).toBe('ftrace_return_to_handler');
}

const expected = (names: readonly string[]) => {
  for (const name of names) expect([name, at.read(name)]).toEqual([name, was(name)]);
};
const SAVED = ['r6', 'r7', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r15'];

describe.each([
  ...REVISIONS.map((revision) => [revision, {}] as const),
  ['6.1', EXPOLINE],
  ['7.2', EXPOLINE],
] as const)('return_to_handler of %s, %o', (revision, turned) => {
  beforeEach(() => toHandler(revision, turned));

  test('r2 to r5 are kept in S+32 to S+63, the back chain leads to S', () => {
    for (let n = 2; n <= 5; n++) expect(at.word(at.s + BigInt(16 + 8 * n))).toBe(was(`r${n}`));
    expect(at.word(at.read('r15') + 152n)).toBe(at.s);
    for (let offset = 64n; offset < 160n; offset += 8n) expect(untouched(at, at.s + offset)).toBe(true);
  });

  test('afterwards r2 to r5, r6 to r13 and SP are as the function left them, r14 is the return address', () => {
    at.returnFromC(at.parent);
    expect(at.run()).toBe('parent');
    expected(['r2', 'r3', 'r4', 'r5', ...SAVED]);
    expect(at.read('r14')).toBe(at.parent);
  });

  if (revision === '6.1') {
    test('no argument is set up: r2 still is the result; r15 = S-160', () => {
      expect(graph.returnArgument(at.config)).toBe('framePointer');
      expect(at.read('r2')).toBe(was('r2'));
      expect(at.s - at.read('r15')).toBe(160n);
    });
    return;
  }

  test('fregs at S-200, r15 = S-360; gprs 2 and 15 are all that is in it', () => {
    expect(graph.returnArgument(at.config)).toBe('fregs');
    const fregs = at.read('r2');
    expect(at.s - fregs).toBe(200n);
    expect(at.s - at.read('r15')).toBe(360n);
    expect(at.word(fregs + 40n)).toBe(was('r2'));
    expect(at.word(fregs + 144n)).toBe(at.s);
    for (let offset = 0n; offset < 200n; offset += 8n) {
      if (offset !== 40n && offset !== 144n) expect(untouched(at, fregs + offset)).toBe(true);
    }
  });

  test('a return value that a handler sets has no effect', () => {
    const fregs = at.fregs(at.read('r2'));
    accessors.setReturnValue(fregs, 0x55n);
    expect(accessors.getReturnValue(fregs)).toBe(0x55n);
    at.returnFromC(at.parent);
    expect(at.run()).toBe('parent');
    expect(at.read('r2')).toBe(was('r2'));
  });

  test('the stack pointer is S as at entry, whatever a handler writes', () => {
    const fregs = at.fregs(at.read('r2'));
    expect(accessors.getStackPointer(fregs)).toBe(at.s);
    at.machine.storeWord(fregs.address + 144n, 8, 8n);
    at.returnFromC(at.parent);
    expect(at.run()).toBe('parent');
    expect(at.read('r15')).toBe(at.s);
  });
});

describe.each(REVISIONS)('the rethook trampoline of %s', (revision) => {
  let regs: bigint;
  const field = (offset: number) => at.word(regs + BigInt(offset));
  const set = (offset: number, value: bigint) => at.machine.storeWord(regs + BigInt(offset), 8, value);

  /** The function returns to it with condition code 2; up to the handler. */
  beforeEach(() => {
    at = rig(revision);
    at.enter(at.symbol(rethook.trampoline(at.config)));
    at.machine.write('psw', PSW);
    at.machine.write('cc', 2n);
    before = at.snapshot();
    expect(at.run()).toBe('rethook_handler');
    regs = at.read('r2');
  });

  test('is called after its time', () => {
    expect(rethook.trampoline(config(revision))).toBe(
      revision === '6.1' ? '__kretprobe_trampoline' : 'arch_rethook_trampoline',
    );
  });

  test('pt_regs at S-200, r15 = S-360, r7 and the back chain S, r14 at S+136', () => {
    expect(at.s - regs).toBe(200n);
    expect(at.s - at.read('r15')).toBe(360n);
    expect(at.read('r7')).toBe(at.s);
    expect(at.word(at.read('r15') + 152n)).toBe(at.s);
    expect(at.word(at.s + 136n)).toBe(was('r14'));
  });

  test('gprs 0 to 14 real, 15 is S; the mask with its condition code; psw.addr the trampoline', () => {
    for (let n = 0; n <= 14; n++) expect([n, field(24 + 8 * n)]).toEqual([n, was(`r${n}`)]);
    expect(field(144)).toBe(at.s);
    expect(field(8)).toBe(withCc(2n));
    expect(field(16)).toBe(at.symbol(rethook.trampoline(at.config)));
  });

  test('args, orig_gpr2, the words of the interruption, flags and the end are garbage', () => {
    for (const offset of [0, 152, 160, 168, 176, 184, 192]) {
      expect([offset, untouched(at, regs + BigInt(offset))]).toEqual([offset, true]);
    }
  });

  /** What the core does around the handlers. */
  function finish(): void {
    at.returnFromC(rethook.finish(at.fregs(regs), at.parent));
  }

  test('goes to psw.addr with every register and the condition code as they were; r14 is corrected', () => {
    accessors.setInstructionPointer(at.fregs(regs), at.parent);
    finish();
    expect(at.run()).toBe('parent');
    expected(['r0', 'r1', 'r2', 'r3', 'r4', 'r5', ...SAVED, 'cc', 'psw']);
    expect(at.read('r14')).toBe(at.parent);
    expect([at.word(at.s), at.word(at.s + 8n)]).toEqual([withCc(2n), at.parent]);
  });

  test.each(['r0', 'r1', 'r2', 'r6', 'r13'])('a changed %s is taken', (name) => {
    accessors.setInstructionPointer(at.fregs(regs), at.parent);
    set(24 + 8 * Number(name.slice(1)), 0x55n);
    finish();
    expect(at.run()).toBe('parent');
    expect(at.read(name)).toBe(0x55n);
  });

  test('a psw.addr that a handler changed is where it goes', () => {
    accessors.setInstructionPointer(at.fregs(regs), at.symbol('direct_func_0'));
    finish();
    expect(at.run()).toBe('direct_func_0');
  });

  test('a changed mask is loaded, its condition code too', () => {
    accessors.setInstructionPointer(at.fregs(regs), at.parent);
    set(8, withCc(3n) & ~(1n << 58n));
    finish();
    expect(at.run()).toBe('parent');
    expect(at.read('cc')).toBe(3n);
    expect(at.read('psw')).toBe(PSW & ~(1n << 58n));
  });

  test('a changed r15 makes it read the PSW from there', () => {
    accessors.setInstructionPointer(at.fregs(regs), at.parent);
    const elsewhere = at.s - 1024n;
    set(144, elsewhere);
    finish();
    at.machine.storeWord(elsewhere, 8, withCc(1n));
    at.machine.storeWord(elsewhere + 8n, 8, at.symbol('direct_func_0'));
    expect(at.run()).toBe('direct_func_0');
    expect(at.read('cc')).toBe(1n);
  });

  test('what the stack held there is no PSW', () => {
    set(144, at.s - 1024n);
    finish();
    expect(() => at.run()).toThrow(/LPSWE: specification exception/);
  });

  test('hooks r14 at a function’s entry, and the frame is S', () => {
    const fregs = at.fregs(regs);
    expect(rethook.prepare(fregs, true)).toEqual({ slot: regs + 136n, frame: at.s });
    expect(rethook.prepare(fregs, false)).toEqual(rethook.prepare(fregs, true));
    expect(rethook.frame(fregs)).toBe(at.s);
  });
});
