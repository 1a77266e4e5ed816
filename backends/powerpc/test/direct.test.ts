// SPDX-License-Identifier: MIT
/**
 * Direct calls of 7.2-C, executed. The contract of a direct trampoline: r0 = parent, LR = the stub's MTLR, r1 = S, r3 to
 * r10 and r14 to r31 live; it leaves with BLR, r0 and LR as it found them. linux 7.2
 * arch/powerpc/kernel/trace/ftrace_entry.S, samples/ftrace/, arch/powerpc/net/bpf_jit_comp.c.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Rig } from '../../../harness/backend/smoke/rig.js';
import { accessors } from '../accessors.js';
import { layouts } from '../layout.js';
import { gprs, rig } from './support.js';

const LIVE = [...gprs(1, 10), ...gprs(13, 31), 'cr2', 'cr3', 'cr4'];
const OTHER_TOC = 0xc008000000048000n;

let at: Rig;
let before: Map<string, bigint>;
const was = (name: string) => before.get(name) as bigint;
const differing = (names: readonly string[]) => names.filter((name) => at.read(name) !== was(name));
const stubs = () => layouts.stubs(at.config);
/** The stub's MTLR. */
const behind = () => at.site().stub + 16n;
const watched = (name: string) => at.machine.setCallout(at.symbol(name));

function enter(target: string): void {
  at.enable(at.symbol(target));
  at.enter(at.f + 8n);
  at.machine.write('r2', OTHER_TOC);
  before = at.snapshot();
}

beforeEach(() => {
  at = rig('7.2-C');
});

describe('handing over', () => {
  const handedOver = () => {
    expect(at.machine.pc).toBe(at.symbol('direct_tramp_1'));
    expect(at.read('r0')).toBe(at.parent);
    expect(at.read('lr')).toBe(behind());
    expect(at.read('r1')).toBe(at.s);
    expect(differing(LIVE)).toEqual([]);
  };

  test('(a) the stub calls it: no code of ftrace runs', () => {
    watched('direct_tramp_1');
    enter('direct_tramp_1');
    at.machine.run();
    handedOver();
    expect(differing(['r11', 'r12', 'ctr', 'xer', 'cr0', 'cr1'])).toEqual([]);
  });

  test.each([
    ['ftrace_caller', ['r11', 'r12']],
    ['ftrace_regs_caller', []],
  ] as const)('(b) early, through ops->direct_call of %s', (caller, lost) => {
    watched('direct_tramp_1');
    at.direct(at.symbol('direct_tramp_1'));
    enter(caller);
    at.machine.run();
    handedOver();
    expect(differing(['r11', 'r12'])).toEqual(lost);
  });

  test('(b) also where the PACA forbids tracing', () => {
    watched('direct_tramp_1');
    at.direct(at.symbol('direct_tramp_1'));
    enter('ftrace_caller');
    at.machine.storeWord(at.symbol('paca') + 24n, 1, 0n);
    at.machine.run();
    handedOver();
  });

  test.each(['ftrace_caller', 'ftrace_regs_caller'])(
    '(c) beside other ops, through orig_gpr3 of %s',
    (caller) => {
      watched('direct_tramp_1');
      enter(caller);
      expect(at.run()).toBe('callback');
      accessors.setDirectCaller(at.fregs(at.read('r6')), at.symbol('direct_tramp_1'));
      at.returnFromC();
      at.machine.run();
      handedOver();
    },
  );

  test('(c) with the link that another callback changed', () => {
    watched('direct_tramp_1');
    enter('ftrace_regs_caller');
    at.run();
    const regs = at.read('r6');
    accessors.setDirectCaller(at.fregs(regs), at.symbol('direct_tramp_1'));
    at.machine.storeWord(regs + 288n, 8, at.symbol('return_to_handler'));
    at.returnFromC();
    at.machine.run();
    expect(at.read('r0')).toBe(at.symbol('return_to_handler'));
    expect(at.read('lr')).toBe(behind());
  });
});

test('ftrace_stub_direct_tramp is a bare BLR into the stub', () => {
  enter('ftrace_stub_direct_tramp');
  expect(at.run()).toBe('body');
  expect(at.read('lr')).toBe(at.parent);
  expect(differing([...LIVE, 'r11', 'r12', 'ctr'])).toEqual([]);
});

describe.each([0, 1, 2, 3])('direct_tramp_%i', (n) => {
  test('calls its function with the arguments in place, then goes back into the stub', () => {
    enter(`direct_tramp_${n}`);
    expect(at.run()).toBe(`direct_func_${n}`);
    expect(differing(gprs(3, 10))).toEqual([]);
    expect(at.read('r2')).toBe(at.symbol('kernel_toc_base'));
    expect(at.word(at.read('r1') + BigInt(stubs().direct.selfIp))).toBe(at.resume);
    at.returnFromC();
    expect(at.run()).toBe('body');
    expect(differing(LIVE)).toEqual([]);
    expect(at.read('lr')).toBe(at.parent);
  });

  test('gives a function of a module its own TOC back', () => {
    enter(`direct_tramp_${n}`);
    at.machine.write('r2', 0xc008000000048000n);
    expect(at.run()).toBe(`direct_func_${n}`);
    at.returnFromC();
    expect(at.run()).toBe('body');
    expect(at.read('r2')).toBe(0xc008000000048000n);
  });

  test('frames: its own, one for the traced function that holds LR, the caller with the parent', () => {
    enter(`direct_tramp_${n}`);
    at.run();
    const frame = at.word(at.read('r1'));
    expect(at.word(frame + 16n)).toBe(behind());
    expect(at.word(frame)).toBe(at.s);
    expect(at.word(at.s + 16n)).toBe(at.parent);
  });
});

describe.each([0, 1, 2, 3])('BPF trampolines %i', (n) => {
  const context = (offset: number) => at.word(at.read('r3') + BigInt(offset));

  test('the context: eight registers, then the words from S + 32 + 8i on', () => {
    enter(`bpf_fentry_${n}`);
    expect(at.run()).toBe(`bpf_entry_func_${n}`);
    const { arguments: first, selfIp } = stubs().bpf;
    for (let word = 0; word < 8; word++) expect(context(first + 8 * word)).toBe(was(`r${3 + word}`));
    for (let word = 8; word < 12; word++) {
      expect(context(first + 8 * word)).toBe(at.word(at.s + BigInt(32 + 8 * word)));
    }
    expect(context(selfIp)).toBe(at.resume);
    expect(context(stubs().bpf.result)).toBe(0n);
  });

  test('one frame; the parent in the caller’s LR slot; the kernel TOC', () => {
    enter(`bpf_fentry_${n}`);
    at.run();
    expect(at.word(at.read('r1'))).toBe(at.s);
    expect(at.word(at.s + 16n)).toBe(at.parent);
    expect(at.read('r2')).toBe(at.symbol('kernel_toc_base'));
    expect(at.word(at.read('r1') + 24n)).toBe(OTHER_TOC);
  });

  test('fentry alone: everything live is restored, the body runs as called', () => {
    enter(`bpf_fentry_${n}`);
    at.run();
    at.returnFromC();
    expect(at.run()).toBe('body');
    expect(differing(LIVE)).toEqual([]);
    expect(at.read('lr')).toBe(at.parent);
  });

  test('fexit: the body is called with a parameter area of its own, and returns here', () => {
    enter(`bpf_fexit_${n}`);
    at.run();
    for (let word = 0; word < 8; word++) expect(context(8 * word)).toBe(was(`r${3 + word}`));
    at.returnFromC();
    expect(at.run()).toBe('body');
    expect(differing(gprs(2, 10))).toEqual([]);
    expect(at.read('lr')).toBe(at.symbol(`bpf_fexit_${n}_called`));
    expect(at.s - at.read('r1')).toBeGreaterThanOrEqual(96n);
    for (let word = 8; word < 12; word++) {
      const place = BigInt(32 + 8 * word);
      expect(at.word(at.read('r1') + place)).toBe(at.word(at.s + place));
    }
  });

  test('a body may write the places of its register arguments, up to S + 95', () => {
    enter(`bpf_fexit_${n}`);
    at.run();
    at.returnFromC();
    at.run();
    for (let offset = 32n; offset < 96n; offset += 8n) at.machine.storeWord(at.read('r1') + offset, 8, 0n);
    at.machine.storeWord(at.read('r1') + 16n, 8, at.read('lr'));
    at.returnFromBody();
    expect(at.run()).toBe(`bpf_exit_func_${n}`);
    expect(at.read('r2')).toBe(at.symbol('kernel_toc_base'));
    for (let word = 0; word < 8; word++) expect(context(8 * word)).toBe(was(`r${3 + word}`));
    at.returnFromC();
    expect(at.run()).toBe('parent');
    expect(differing([...gprs(1, 2), ...gprs(13, 31)])).toEqual([]);
  });

  test('only r3 survives as result', () => {
    enter(`bpf_fexit_${n}`);
    at.run();
    at.returnFromC();
    at.run();
    at.machine.write('r3', 0x111n);
    at.machine.write('r4', 0x222n);
    at.returnFromBody();
    expect(at.run()).toBe(`bpf_exit_func_${n}`);
    expect(context(stubs().bpf.result)).toBe(0x111n);
    at.returnFromC();
    expect(at.run()).toBe('parent');
    expect(at.read('r3')).toBe(0x111n);
    expect(at.read('r4')).not.toBe(0x222n);
  });
});
