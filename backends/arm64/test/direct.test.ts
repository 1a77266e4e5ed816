// SPDX-License-Identifier: MIT
/**
 * Direct calls, executed. The contract of a direct trampoline: x9 = P, x30 = the body after the BL, SP = S,
 * x0 to x8 and x18 to x29 live, x10 to x17 scratch. Three ways lead there: (a) the site's BL, (b) the early exit of
 * ftrace_caller through ops->direct_call, (c) the direct_tramp field beside other ops.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Rig } from '../../../harness/backend/smoke/rig.js';
import { accessors } from '../accessors.js';
import { layouts } from '../layout.js';
import { rig } from './support.js';

const LIVE = [
  ...Array.from({ length: 9 }, (_, n) => `x${n}`),
  ...Array.from({ length: 12 }, (_, n) => `x${18 + n}`),
];

let at: Rig;
let before: Map<string, bigint>;
const was = (name: string) => before.get(name) as bigint;
const stubs = () => layouts.stubs(at.config);

/** Enters the function; the site calls `target`. */
function enter(target: string): void {
  at.enable(at.symbol(target));
  at.enter();
  before = at.snapshot();
}

/** Registers that differ from the entry, `except` left out. */
const differing = (names: readonly string[]) => names.filter((name) => at.read(name) !== was(name));

/** A direct trampoline that stops at its first instruction. */
const watched = (name: string) => at.machine.setCallout(at.symbol(name));

describe.each(['6.12', '7.2'] as const)('at %s', (revision) => {
  beforeEach(() => {
    at = rig({}, revision);
  });

  describe('handing over', () => {
    const handedOver = () => {
      expect(at.machine.pc).toBe(at.symbol('direct_tramp_1'));
      expect(at.read('x9')).toBe(at.parent);
      expect(at.read('x30')).toBe(at.resume);
      expect(at.read('sp')).toBe(at.s);
      expect(differing(LIVE)).toEqual([]);
    };

    test('(a) one user in range: no code of ftrace runs', () => {
      watched('direct_tramp_1');
      enter('direct_tramp_1');
      at.machine.run();
      handedOver();
      const all = [...before.keys()].filter((name) => !['x9', 'x30'].includes(name));
      expect(differing(all)).toEqual([]);
    });

    test('(b) out of range: the early exit saves nothing, x11 = ops, x17 = the trampoline', () => {
      watched('direct_tramp_1');
      at.direct(at.symbol('direct_tramp_1'));
      enter('ftrace_caller');
      at.machine.run();
      handedOver();
      expect(at.read('x11')).toBe(at.ops);
      expect(at.read('x17')).toBe(at.symbol('direct_tramp_1'));
      const all = [...before.keys()].filter((name) => !['x9', 'x11', 'x17', 'x30'].includes(name));
      expect(differing(all)).toEqual([]);
    });

    test('(c) beside other ops: through the direct_tramp field', () => {
      watched('direct_tramp_1');
      enter('ftrace_caller');
      expect(at.run()).toBe('callback');
      accessors.setDirectCaller(at.fregs(at.read('x3')), at.symbol('direct_tramp_1'));
      at.returnFromC();
      at.machine.run();
      handedOver();
      expect(at.read('x17')).toBe(at.symbol('direct_tramp_1'));
    });

    test('(c) with the lr and pc that other callbacks changed', () => {
      watched('direct_tramp_1');
      enter('ftrace_caller');
      at.run();
      const fregs = at.read('x3');
      accessors.setDirectCaller(at.fregs(fregs), at.symbol('direct_tramp_1'));
      accessors.setInstructionPointer(at.fregs(fregs), at.symbol('ftrace_stub'));
      at.machine.storeWord(fregs + 88n, 8, at.symbol('return_to_handler'));
      at.returnFromC();
      at.machine.run();
      expect(at.read('x9')).toBe(at.symbol('return_to_handler'));
      expect(at.read('x30')).toBe(at.symbol('ftrace_stub'));
      expect(at.read('sp')).toBe(at.s);
    });
  });

  test('ftrace_stub_direct_tramp resumes the body with x30 = P and leaves it in x10', () => {
    enter('ftrace_stub_direct_tramp');
    expect(at.run()).toBe('body');
    expect(at.read('x30')).toBe(at.parent);
    expect(at.read('x10')).toBe(at.resume);
    expect(differing([...LIVE, 'sp'])).toEqual([]);
  });

  describe.each([0, 1, 2, 3])('direct_tramp_%i', (n) => {
    test('calls its function with the arguments still in place, then resumes the body', () => {
      enter(`direct_tramp_${n}`);
      expect(at.run()).toBe(`direct_func_${n}`);
      expect(differing(LIVE.filter((name) => name !== 'x29'))).toEqual([]);
      expect(at.read('sp') % 16n).toBe(0n);
      expect([at.word(at.read('x29')), at.word(at.read('x29') + 8n)]).toEqual([at.fp, at.parent]);
      expect(at.word(at.read('sp') + BigInt(stubs().direct.selfIp))).toBe(at.resume);
      at.returnFromC();
      expect(at.run()).toBe('body');
      expect(differing([...LIVE, 'sp'])).toEqual([]);
      expect(at.read('x30')).toBe(at.parent);
    });

    test('a changed resume address is followed', () => {
      enter(`direct_tramp_${n}`);
      at.run();
      at.machine.storeWord(at.read('sp') + BigInt(stubs().direct.selfIp), 8, at.symbol('ftrace_stub'));
      at.returnFromC();
      expect(at.run()).toBe('parent');
    });
  });

  describe.each([0, 1, 2, 3])('BPF trampolines %i', (n) => {
    /** Word of the context, counted in bytes. */
    const context = (offset: number) => at.word(at.read('x0') + BigInt(offset));

    test('the context: eight registers, then four stack arguments, in ascending order', () => {
      enter(`bpf_fentry_${n}`);
      expect(at.run()).toBe(`bpf_entry_func_${n}`);
      const first = stubs().bpf.arguments;
      for (let word = 0; word < 8; word++) expect(context(first + 8 * word)).toBe(was(`x${word}`));
      for (let word = 0; word < 4; word++) {
        expect(context(first + 64 + 8 * word)).toBe(at.word(at.s + BigInt(8 * word)));
      }
      expect(context(stubs().bpf.result)).toBe(0n);
    });

    test('from x29: self ip at +8, parent at +24, stack arguments from +32', () => {
      enter(`bpf_fentry_${n}`);
      at.run();
      const fp = at.read('x29');
      expect(at.word(fp + 8n)).toBe(at.resume);
      expect(at.word(fp)).toBe(fp + 16n);
      expect(at.word(fp + 16n)).toBe(at.fp);
      expect(at.word(fp + 24n)).toBe(at.parent);
      expect(fp + 32n).toBe(at.s);
      expect(at.read('sp') % 16n).toBe(0n);
    });

    test('fentry alone: everything live is restored, the body runs as called', () => {
      enter(`bpf_fentry_${n}`);
      at.run();
      at.returnFromC();
      expect(at.run()).toBe('body');
      expect(differing([...LIVE, 'sp'])).toEqual([]);
      expect(at.read('x30')).toBe(at.parent);
    });

    test('fexit: the body is called after its BL, returns into the trampoline, only x0 survives', () => {
      enter(`bpf_fexit_${n}`);
      expect(at.run()).toBe(`bpf_entry_func_${n}`);
      expect(context(stubs().bpf.selfIp)).toBe(at.resume);
      expect(context(stubs().bpf.arguments + 8)).toBe(was('x1'));
      at.returnFromC();
      expect(at.run()).toBe('body');
      expect(differing(LIVE.filter((name) => !['x19', 'x20', 'x29'].includes(name)))).toEqual([]);
      expect(at.read('x30')).toBe(at.symbol(`bpf_fexit_${n}_called`));
      const sp = at.read('sp');
      for (const slot of [0n, 8n, 16n, 24n]) expect(at.word(sp + slot)).toBe(at.word(at.s + slot));

      at.machine.write('x0', 0x111n);
      at.machine.write('x1', 0x222n);
      at.returnFromBody();
      expect(at.run()).toBe(`bpf_exit_func_${n}`);
      expect(context(stubs().bpf.result)).toBe(0x111n);
      at.returnFromC();
      expect(at.run()).toBe('parent');
      expect(at.read('x0')).toBe(0x111n);
      expect(at.read('x1')).not.toBe(0x222n);
      expect(at.read('sp')).toBe(at.s);
      expect(at.read('x30')).toBe(at.parent);
      for (let r = 18; r <= 29; r++) expect(at.read(`x${r}`)).toBe(was(`x${r}`));
    });
  });
});
