// SPDX-License-Identifier: MIT
/**
 * The ftrace_regs API of 6.12 and 7.2 on structures in memory; 6.1 is below. Offsets are typed from
 * arch/arm64/include/asm/ftrace.h and ptrace.h: ftrace_regs x0 0 … x7 56, x8 64, direct_tramp 72, fp 80, lr 88, sp 96, pc 104.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Fregs } from '../../../harness/backend/contract.js';
import type { Rig } from '../../../harness/backend/smoke/rig.js';
import { isPoison } from '../../../harness/machine/poison.js';
import { accessors } from '../accessors.js';
import { rig } from './support.js';

/** The word of ftrace_regs at `offset` is this plus the offset. */
const MARK = 0x1000_0000_0000n;
const STACK = 0xffff_8000_8200_0000n;

let machine: Rig;
let fregs: Fregs;
/** A zeroed buffer. */
let regs: bigint;

const at = (offset: number) => machine.word(fregs.address + BigInt(offset));
const ptRegs = (offset: number) => machine.word(regs + BigInt(offset));

describe.each(['6.12', '7.2'] as const)('at %s', (revision) => {
  beforeEach(() => {
    machine = rig({}, revision);
    fregs = machine.fregs(STACK + 0x2000n);
    regs = machine.symbol('function_trace_op') + 0x3000n;
    for (let offset = 0; offset < 112; offset += 8) {
      machine.machine.storeWord(fregs.address + BigInt(offset), 8, MARK + BigInt(offset));
    }
  });

  describe('reading', () => {
    test('arch_ftrace_get_regs is always NULL', () => {
      expect(accessors.getRegs(fregs)).toBe(0n);
    });

    test('instruction pointer: pc at 104', () => {
      expect(accessors.getInstructionPointer(fregs)).toBe(MARK + 104n);
    });

    test.each([0, 1, 2, 3, 4, 5, 6, 7])('argument %i: regs[n]', (n) => {
      expect(accessors.getArgument(fregs, n)).toBe(MARK + BigInt(8 * n));
    });

    test.each([8, 9, 100])('argument %i: 0, not from the stack', (n) => {
      expect(accessors.getArgument(fregs, n)).toBe(0n);
    });

    test('stack pointer: sp at 96', () => {
      expect(accessors.getStackPointer(fregs)).toBe(MARK + 96n);
    });

    test('frame pointer: fp at 80', () => {
      expect(accessors.getFramePointer(fregs)).toBe(MARK + 80n);
    });

    test('return value: regs[0]', () => {
      expect(accessors.getReturnValue(fregs)).toBe(MARK);
    });

    test('return address: lr at 88', () => {
      expect(accessors.getReturnAddress(fregs)).toBe(MARK + 88n);
    });

    test('the argument registers, in order', () => {
      expect(accessors.argumentFields).toEqual(['x0', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7']);
    });

    test('tracers print six arguments although there are eight registers', () => {
      expect(accessors.maxArgs).toBe(6);
    });
  });

  describe('writing', () => {
    /** Offsets whose word changed. */
    const changed = () =>
      Array.from({ length: 14 }, (_, n) => 8 * n).filter((offset) => at(offset) !== MARK + BigInt(offset));

    test('instruction pointer: stores pc, nothing else', () => {
      accessors.setInstructionPointer(fregs, 0x1234n);
      expect(at(104)).toBe(0x1234n);
      expect(changed()).toEqual([104]);
    });

    test('return value: regs[0], nothing else', () => {
      accessors.setReturnValue(fregs, 0xffff_ffff_ffff_fffen);
      expect(at(0)).toBe(0xffff_ffff_ffff_fffen);
      expect(changed()).toEqual([0]);
    });

    test('override with return: pc = lr, just_return_func is not used', () => {
      accessors.overrideWithReturn(fregs);
      expect(at(104)).toBe(MARK + 88n);
      expect(changed()).toEqual([104]);
    });

    test('direct caller: direct_tramp at 72', () => {
      accessors.setDirectCaller(fregs, 0x4321n);
      expect(at(72)).toBe(0x4321n);
      expect(changed()).toEqual([72]);
    });
  });

  describe('ftrace_regs_get_kernel_stack_nth', () => {
    const sp = STACK + 0x3000n;

    test.each([0, 1, 5])('word %i above sp', (n) => {
      machine.machine.storeWord(fregs.address + 96n, 8, sp);
      machine.machine.storeWord(sp + BigInt(8 * n), 8, 77n);
      expect(accessors.getKernelStackNth(fregs, n)).toBe(77n);
    });

    test('the last word of the THREAD_SIZE block, and 0 beyond it', () => {
      const last = STACK + 16384n - 8n;
      machine.machine.storeWord(fregs.address + 96n, 8, last);
      machine.machine.storeWord(last, 8, 78n);
      expect(accessors.getKernelStackNth(fregs, 0)).toBe(78n);
      expect(accessors.getKernelStackNth(fregs, 1)).toBe(0n);
    });
  });

  describe('ftrace_regs_query_register_offset', () => {
    test.each([
      ['x0', 0],
      ['x1', 8],
      ['x2', 16],
      ['x3', 24],
      ['x4', 32],
      ['x5', 40],
      ['x6', 48],
      ['x7', 56],
      ['x8', 64],
      ['x29', 80],
      ['x30', 88],
      ['lr', 88],
      ['sp', 96],
      ['pc', 104],
    ])('%s at %i', (name, offset) => {
      expect(accessors.queryRegisterOffset(fregs, name)).toBe(offset);
    });

    test.each(['x9', 'x18', 'x19', 'x28', 'fp', 'pstate', 'direct_tramp', 'toString', ''])(
      '%s: -EINVAL',
      (name) => {
        expect(accessors.queryRegisterOffset(fregs, name)).toBe(-22);
      },
    );
  });

  describe('ftrace_partial_regs', () => {
    test('copies x0 to x8, sp, pc, x29, x30; pstate is EL1h, 0x5', () => {
      expect(accessors.partialRegs(fregs, regs)).toBe(regs);
      for (let n = 0; n <= 8; n++) expect(ptRegs(8 * n)).toBe(MARK + BigInt(8 * n));
      expect(ptRegs(29 * 8)).toBe(MARK + 80n);
      expect(ptRegs(30 * 8)).toBe(MARK + 88n);
      expect(ptRegs(248)).toBe(MARK + 96n);
      expect(ptRegs(256)).toBe(MARK + 104n);
      expect(ptRegs(264)).toBe(5n);
    });

    test('touches nothing else of the 320 or 336 bytes', () => {
      accessors.partialRegs(fregs, regs);
      const untouched = [
        ...Array.from({ length: 20 }, (_, n) => 8 * (9 + n)),
        272,
        280,
        288,
        296,
        304,
        312,
        320,
        328,
      ];
      for (const offset of untouched) expect(ptRegs(offset)).toBe(0n);
    });

    test('x9 to x28 of a buffer keep what they held', () => {
      machine.machine.storeWord(regs + 9n * 8n, 8, 99n);
      accessors.partialRegs(fregs, regs);
      expect(ptRegs(9 * 8)).toBe(99n);
    });

    test('the update writes back pc and x0 only', () => {
      accessors.partialRegs(fregs, regs);
      for (let offset = 0; offset < 320; offset += 8) machine.machine.storeWord(regs + BigInt(offset), 8, 7n);
      accessors.partialRegsUpdate(fregs, regs);
      expect(at(0)).toBe(7n);
      expect(at(104)).toBe(7n);
      for (let offset = 8; offset < 104; offset += 8) expect(at(offset)).toBe(MARK + BigInt(offset));
    });

    test('is kernel mode', () => {
      accessors.partialRegs(fregs, regs);
      expect(accessors.userMode({ ...fregs, address: regs })).toBe(false);
    });
  });

  describe('arch_ftrace_fill_perf_regs', () => {
    test('pc, x29, sp and pstate 0x5, nothing else', () => {
      accessors.fillPerfRegs(fregs, regs);
      const expected = new Map([
        [29 * 8, MARK + 80n],
        [248, MARK + 96n],
        [256, MARK + 104n],
        [264, 5n],
      ]);
      for (let offset = 0; offset < 336; offset += 8) expect(ptRegs(offset)).toBe(expected.get(offset) ?? 0n);
    });
  });

  describe('pt_regs', () => {
    test.each([
      [0x0n, true],
      [0x80000000n, true],
      [0x5n, false],
      [0x3c5n, false],
      [0x9n, false],
    ])('user_mode with pstate %s: %s', (pstate, user) => {
      machine.machine.storeWord(regs + 264n, 8, pstate);
      expect(accessors.userMode({ ...fregs, address: regs })).toBe(user);
    });

    test.each([
      ['x0', 0],
      ['x9', 72],
      ['x18', 144],
      ['x29', 232],
      ['x30', 240],
      ['lr', 240],
      ['sp', 248],
      ['pc', 256],
      ['pstate', 264],
    ])('regs_query_register_offset of %s: %i', (name, offset) => {
      expect(accessors.ptRegsOffset(machine.config, name)).toBe(offset);
    });

    test.each(['x31', 'x', 'fp', 'orig_x0', 'syscallno', 'stackframe.fp', ''])('%s: -EINVAL', (name) => {
      expect(accessors.ptRegsOffset(machine.config, name)).toBe(-22);
    });
  });

  test('what nobody wrote is recognised as poison through an accessor', () => {
    const blank = machine.fregs(STACK + 0x1000n);
    expect(isPoison(accessors.getReturnAddress(blank))).toBe(true);
  });
});

describe('at 6.1, on the one pt_regs', () => {
  beforeEach(() => {
    machine = rig({}, '6.1');
    fregs = machine.fregs(STACK + 0x2000n);
    regs = machine.symbol('function_trace_op') + 0x3000n;
    for (let offset = 0; offset < 336; offset += 8) {
      machine.machine.storeWord(fregs.address + BigInt(offset), 8, MARK + BigInt(offset));
    }
  });
  /** Offsets whose word changed. */
  const changed = () =>
    Array.from({ length: 42 }, (_, n) => 8 * n).filter((offset) => at(offset) !== MARK + BigInt(offset));

  test('arch_ftrace_get_regs is never NULL: the address itself', () => {
    expect(accessors.getRegs(fregs)).toBe(fregs.address);
  });

  test('there is no partial copy: the regs themselves', () => {
    expect(accessors.partialRegs(fregs, regs)).toBe(fregs.address);
    expect(changed()).toEqual([]);
  });

  test('instruction_pointer is pc at 256', () => {
    expect(accessors.getInstructionPointer(fregs)).toBe(MARK + 256n);
    accessors.setInstructionPointer(fregs, 0x1234n);
    expect(at(256)).toBe(0x1234n);
    expect(changed()).toEqual([256]);
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 7])('regs_get_kernel_argument(%i)', (n) => {
    expect(accessors.getArgument(fregs, n)).toBe(MARK + BigInt(8 * n));
  });

  test.each([8, 9, 100])('regs_get_kernel_argument(%i) is 0', (n) => {
    expect(accessors.getArgument(fregs, n)).toBe(0n);
  });

  test('sp at 248, x29 at 232, x30 at 240', () => {
    expect(accessors.getStackPointer(fregs)).toBe(MARK + 248n);
    expect(accessors.getFramePointer(fregs)).toBe(MARK + 232n);
    expect(accessors.getReturnAddress(fregs)).toBe(MARK + 240n);
  });

  test('return value: regs[0]', () => {
    expect(accessors.getReturnValue(fregs)).toBe(MARK);
    accessors.setReturnValue(fregs, 5n);
    expect(changed()).toEqual([0]);
  });

  test('override with return: pc = regs[30]', () => {
    accessors.overrideWithReturn(fregs);
    expect(at(256)).toBe(MARK + 240n);
    expect(changed()).toEqual([256]);
  });

  test.each([
    ['x0', 0],
    ['x9', 72],
    ['x28', 224],
    ['x29', 232],
    ['x30', 240],
    ['lr', 240],
    ['sp', 248],
    ['pc', 256],
    ['pstate', 264],
    ['x31', -22],
    ['fp', -22],
    ['direct_tramp', -22],
  ])('the query knows pt_regs names: %s gives %i', (name, offset) => {
    expect(accessors.queryRegisterOffset(fregs, name)).toBe(offset);
    expect(accessors.ptRegsOffset(machine.config, name)).toBe(offset);
  });

  test('regs_get_kernel_stack_nth: words from sp on', () => {
    machine.machine.storeWord(fregs.address + 248n, 8, STACK + 0x3000n);
    machine.machine.storeWord(STACK + 0x3008n, 8, 77n);
    expect(accessors.getKernelStackNth(fregs, 1)).toBe(77n);
    machine.machine.storeWord(fregs.address + 248n, 8, STACK + 16384n - 8n);
    expect(accessors.getKernelStackNth(fregs, 1)).toBe(0n);
  });

  test.each([
    [0x0n, true],
    [0x5n, false],
  ])('user_mode with pstate %s: %s', (pstate, user) => {
    machine.machine.storeWord(fregs.address + 264n, 8, pstate);
    expect(accessors.userMode(fregs)).toBe(user);
  });
});
