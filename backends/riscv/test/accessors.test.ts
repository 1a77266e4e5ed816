// SPDX-License-Identifier: MIT
/** The ftrace_regs API, typed from linux 6.1, 6.12, 7.2 arch/riscv/include/asm/ftrace.h and asm/ptrace.h. */
import { describe, expect, test } from 'vitest';
import type { Config } from '../../../harness/backend/contract.js';
import { accessors } from '../accessors.js';
import { boot, F, type Kernel, P, S, STACK_ARGUMENTS, valueIn } from './kernel.js';
import { cfi, clang, gcc, v61, v612 } from './support.js';

/** Offsets of pt_regs fields, in bytes. */
const PT_REGS = {
  ...{ epc: 0, ra: 8, sp: 16, gp: 24, tp: 32, t0: 40, t1: 48, t2: 56, s0: 64, s1: 72, a0: 80, a1: 88 },
  ...{ a2: 96, a3: 104, a4: 112, a5: 120, a6: 128, a7: 136, s2: 144, s3: 152, s4: 160, s5: 168, s6: 176 },
  ...{ s7: 184, s8: 192, s9: 200, s10: 208, s11: 216, t3: 224, t4: 232, t5: 240, t6: 248, status: 256 },
  ...{ badaddr: 264, cause: 272, orig_a0: 280 },
} as const;

/** A structure at S-256 whose word n holds 0xf000 + n, with sp = S. */
function structure(config: Config) {
  const kernel = boot(config);
  kernel.enter();
  const address = S - 256n;
  const at = (offset: number) => address + BigInt(offset);
  for (let n = 0; n < 20; n++) kernel.machine.storeWord(at(8 * n), 8, 0xf000n + BigInt(n));
  kernel.machine.storeWord(at(16), 8, S);
  const word = (offset: number) => kernel.machine.loadWord(at(offset), 8);
  return { ...kernel, fregs: { machine: kernel.machine, config, address }, word, at };
}

describe.each([
  // configuration, offset of a0
  ['6.12', v612, 40],
  ['GCC', gcc, 48],
  ['clang', clang, 48],
  ['clang with CFI', cfi, 40],
])('%s: reading and writing', (_name, config, a0) => {
  const { fregs, word } = structure(config);

  test('arch_ftrace_get_regs is always NULL', () => {
    expect(accessors.getRegs(fregs)).toBe(0n);
  });

  test('the instruction pointer is epc', () => {
    expect(accessors.getInstructionPointer(fregs)).toBe(0xf000n);
    accessors.setInstructionPointer(fregs, 0x1234n);
    expect(word(0)).toBe(0x1234n);
  });

  test('the argument registers are in the fields of their names', () => {
    expect(accessors.argumentFields).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7']);
  });

  test('arguments 0 to 7 are args[n], those beyond are 0', () => {
    for (let n = 0; n < 8; n++) expect(accessors.getArgument(fregs, n)).toBe(word(a0 + 8 * n));
    for (const n of [8, 9, 12]) expect(accessors.getArgument(fregs, n)).toBe(0n);
  });

  test('stack pointer, frame pointer, return address', () => {
    expect(accessors.getStackPointer(fregs)).toBe(S);
    expect(accessors.getFramePointer(fregs)).toBe(0xf003n);
    expect(accessors.getReturnAddress(fregs)).toBe(0xf001n);
  });

  test('the return value is a0', () => {
    expect(accessors.getReturnValue(fregs)).toBe(word(a0));
    accessors.setReturnValue(fregs, 0x4321n);
    expect(word(a0)).toBe(0x4321n);
  });

  test('set_direct_caller stores to t1', () => {
    accessors.setDirectCaller(fregs, 0x9999n);
    expect(word(32)).toBe(0x9999n);
  });

  test('override_function_with_return: epc = ra', () => {
    accessors.overrideWithReturn(fregs);
    expect(word(0)).toBe(0xf001n);
    expect(word(8)).toBe(0xf001n);
  });
});

test('query_register_offset is declared but not defined', () => {
  expect(accessors.queryRegisterOffset).toBeNull();
});

test('tracers record a0 to a5 only', () => {
  expect(accessors.maxArgs).toBe(6);
});

describe('get_kernel_stack_nth', () => {
  const { fregs, machine, at } = structure(gcc);

  test('is the word at sp + 8n', () => {
    for (const [n, value] of STACK_ARGUMENTS.entries()) {
      expect(accessors.getKernelStackNth(fregs, n)).toBe(value);
    }
  });

  test('is 0 outside the THREAD_SIZE block of sp', () => {
    // S is 0x2000 above the bottom of 0x4000 bytes: word 1023 is the last one inside.
    machine.storeWord(S + 8n * 1023n, 8, 0x77n);
    expect(accessors.getKernelStackNth(fregs, 1023)).toBe(0x77n);
    expect(accessors.getKernelStackNth(fregs, 1024)).toBe(0n);
    machine.storeWord(at(16), 8, S - 0x1ff8n);
    expect(accessors.getKernelStackNth(fregs, -2)).toBe(0n);
  });
});

/** All 36 words of the pt_regs in the test kernel's buffer, by name; only those that are not 0. */
function ptRegs({ machine, symbol }: Kernel): Record<string, bigint> {
  const words = Object.entries(PT_REGS).map(
    ([name, offset]) => [name, machine.loadWord(symbol('buffer') + BigInt(offset), 8)] as const,
  );
  return Object.fromEntries(words.filter(([, value]) => value !== 0n));
}

describe('ftrace_partial_regs', () => {
  const converted = (config: Config) => {
    const kernel = structure(config);
    const returned = accessors.partialRegs(kernel.fregs, kernel.symbol('buffer'));
    return { ...kernel, returned };
  };

  test.each([
    ['6.12', v612, 5n],
    ['GCC', gcc, 6n],
    ['clang', clang, 6n],
    ['clang with CFI', cfi, 5n],
  ])('%s: copies a0 to a7, epc, ra, sp, s0 and t1, and nothing else', (_name, config, a0) => {
    const kernel = converted(config);
    const a = (n: bigint) => 0xf000n + a0 + n;
    expect(ptRegs(kernel)).toEqual({
      ...{ epc: 0xf000n, ra: 0xf001n, sp: S, s0: 0xf003n, t1: 0xf004n },
      ...{ a0: a(0n), a1: a(1n), a2: a(2n), a3: a(3n), a4: a(4n), a5: a(5n), a6: a(6n), a7: a(7n) },
    });
    expect(kernel.returned).toBe(kernel.symbol('buffer'));
  });

  test.each([
    ['6.12', v612],
    ['7.2', gcc],
  ])('%s: leaves status 0, so that user_mode() is true', (_revision, config) => {
    const kernel = converted(config);
    const regs = { ...kernel.fregs, address: kernel.returned };
    expect(accessors.userMode(regs)).toBe(true);
  });

  test('update writes back epc and a0, and nothing else', () => {
    const kernel = converted(gcc);
    const buffer = kernel.symbol('buffer');
    for (const offset of Object.values(PT_REGS)) {
      kernel.machine.storeWord(buffer + BigInt(offset), 8, 0xabc0_0000n + BigInt(offset));
    }
    const before = Array.from({ length: 14 }, (_, n) => kernel.word(8 * n));
    accessors.partialRegsUpdate(kernel.fregs, buffer);
    const after = Array.from({ length: 14 }, (_, n) => kernel.word(8 * n));
    expect(after).toEqual([0xabc0_0000n, ...before.slice(1, 6), 0xabc0_0050n, ...before.slice(7)]);
  });
});

test('arch_ftrace_fill_perf_regs does nothing', () => {
  const kernel = structure(gcc);
  accessors.fillPerfRegs();
  expect(ptRegs(kernel)).toEqual({});
});

test.each([
  [0x100n, false],
  [0x120n, false],
  [0x0n, true],
  [0x20n, true],
  [~0x100n & 0xffffn, true],
])('user_mode() with status %s is %s: (status & 0x100) == 0', (status, user) => {
  const { machine, config, symbol } = boot(gcc);
  machine.storeWord(symbol('buffer') + 256n, 8, status);
  expect(accessors.userMode({ machine, config, address: symbol('buffer') })).toBe(user);
});

describe('regs_query_register_offset', () => {
  test.each(Object.entries(PT_REGS))('%s is at %i', (name, offset) => {
    for (const of of [v61, v612, gcc]) expect(accessors.ptRegsOffset(of, name)).toBe(offset);
  });

  test.each(['x10', 'fp', 'zero', 'pc', ''])('`%s` is no name: -EINVAL', (name) => {
    for (const of of [v61, v612, gcc]) expect(accessors.ptRegsOffset(of, name)).toBe(-22);
  });
});

test('in a callback the accessors show the traced function', () => {
  const { machine, config, ...kernel } = boot(gcc);
  kernel.trace();
  kernel.enter();
  kernel.reach();
  const fregs = { machine, config, address: machine.read('a3') };
  expect(accessors.getInstructionPointer(fregs)).toBe(F + 8n);
  expect(accessors.getArgument(fregs, 7)).toBe(valueIn('a7'));
  expect(accessors.getStackPointer(fregs)).toBe(S);
  expect(accessors.getFramePointer(fregs)).toBe(valueIn('s0'));
  expect(accessors.getReturnAddress(fregs)).toBe(P);
  expect(accessors.getKernelStackNth(fregs, 2)).toBe(STACK_ARGUMENTS[2]);
});

describe('6.1: through the pt_regs', () => {
  /** A pt_regs at S - 288 whose word n holds 0xf000 + n. */
  const ofRegs = () => {
    const kernel = boot(v61);
    kernel.enter();
    const address = S - 288n;
    for (let n = 0; n < 36; n++) kernel.machine.storeWord(address + BigInt(8 * n), 8, 0xf000n + BigInt(n));
    const word = (offset: number) => kernel.machine.loadWord(address + BigInt(offset), 8);
    return { ...kernel, fregs: { machine: kernel.machine, config: v61, address }, word };
  };

  test('ftrace_get_regs is never NULL: the same address', () => {
    const { fregs } = ofRegs();
    expect(accessors.getRegs(fregs)).toBe(S - 288n);
    expect(accessors.partialRegs(fregs, 0n)).toBe(S - 288n);
  });

  test('epc, ra, sp, s0 and a0 to a7', () => {
    const { fregs } = ofRegs();
    expect(accessors.getInstructionPointer(fregs)).toBe(0xf000n);
    expect(accessors.getReturnAddress(fregs)).toBe(0xf001n);
    expect(accessors.getStackPointer(fregs)).toBe(0xf002n);
    expect(accessors.getFramePointer(fregs)).toBe(0xf008n);
    expect(accessors.getReturnValue(fregs)).toBe(0xf00an);
    for (let n = 0; n < 8; n++) expect(accessors.getArgument(fregs, n)).toBe(0xf00an + BigInt(n));
    expect(accessors.getArgument(fregs, 8)).toBe(0n);
  });

  test('writing epc, a0; override: epc = ra', () => {
    const { fregs, word } = ofRegs();
    accessors.setInstructionPointer(fregs, 1n);
    accessors.setReturnValue(fregs, 2n);
    expect([word(0), word(80)]).toEqual([1n, 2n]);
    accessors.overrideWithReturn(fregs);
    expect([word(0), word(8)]).toEqual([0xf001n, 0xf001n]);
  });

  test.each([
    [0x100n, false],
    [0x0n, true],
  ])('user_mode() with status %s is %s', (status, user) => {
    const { fregs, machine } = ofRegs();
    machine.storeWord(fregs.address + 256n, 8, status);
    expect(accessors.userMode(fregs)).toBe(user);
  });
});
