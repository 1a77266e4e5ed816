// SPDX-License-Identifier: MIT
/** The ftrace_regs API on a block whose fields hold their own offset. Statements: linux 6.1, 6.12, 7.2 headers. */
import { beforeEach, describe, expect, test } from 'vitest';
import { accessors } from '../accessors.js';
import { boot } from './kernel.js';
import { builds } from './support.js';

const STACK = 0xffff_c900_0001_0000n;
const BLOCK = STACK + 0x1000n;
/** What the sp field holds: the traced function's SP at entry. */
const SP = STACK + 0x2000n;
describe.each(builds)('at $revision', ({ revision, orc }) => {
  const { machine, fregs: at } = boot(orc);
  const fregs = at(BLOCK);

  const word = (offset: number) => machine.loadWord(BLOCK + BigInt(offset), 8);
  const put = (offset: number, value: bigint) => machine.storeWord(BLOCK + BigInt(offset), 8, value);
  const image = () => machine.load(BLOCK, 168);

  beforeEach(() => {
    for (let offset = 0; offset < 168; offset += 8) put(offset, 0x7700n + BigInt(offset));
    put(0x98, SP);
    for (let n = 0n; n < 8n; n++) machine.storeWord(SP + 8n * n, 8, 0x5500n + n);
  });

  describe('reading', () => {
    test('instruction pointer: ip', () => expect(accessors.getInstructionPointer(fregs)).toBe(0x7780n));
    test('stack pointer: sp', () => expect(accessors.getStackPointer(fregs)).toBe(SP));
    test('return value: ax', () => expect(accessors.getReturnValue(fregs)).toBe(0x7750n));
    test('frame pointer: bp', () => expect(accessors.getFramePointer(fregs)).toBe(0x7720n));
    test('return address: the word at sp', () => expect(accessors.getReturnAddress(fregs)).toBe(0x5500n));

    test.each([
      [0, 'di', 0x7770n],
      [1, 'si', 0x7768n],
      [2, 'dx', 0x7760n],
      [3, 'cx', 0x7758n],
      [4, 'r8', 0x7748n],
      [5, 'r9', 0x7740n],
    ])('argument %i: %s, raw', (n, name, value) => {
      expect(accessors.getArgument(fregs, n)).toBe(value);
      expect(accessors.argumentFields[n]).toBe(name);
    });

    test.each([
      [6, 0x5501n],
      [7, 0x5502n],
      [12, 0x5507n],
    ])('argument %i: the word at sp + 8*(n-5)', (n, value) => {
      expect(accessors.getArgument(fregs, n)).toBe(value);
    });

    test('kernel stack nth: the word at sp + 8*n', () => {
      expect(accessors.getKernelStackNth(fregs, 0)).toBe(0x5500n);
      expect(accessors.getKernelStackNth(fregs, 3)).toBe(0x5503n);
    });

    test('0 outside the THREAD_SIZE-aligned stack of sp', () => {
      put(0x98, STACK + 0x3ff8n);
      expect(accessors.getKernelStackNth(fregs, 1)).toBe(0n);
      expect(accessors.getArgument(fregs, 6)).toBe(0n);
      machine.storeWord(STACK + 0x3ff8n, 8, 0x99n);
      expect(accessors.getKernelStackNth(fregs, 0)).toBe(0x99n);
    });

    test('FTRACE_REGS_MAX_ARGS is 6', () => expect(accessors.maxArgs).toBe(6));
  });

  describe('writing touches one field', () => {
    test.each([
      ['setInstructionPointer', 0x80, () => accessors.setInstructionPointer(fregs, 0xabcdn)],
      ['setReturnValue', 0x50, () => accessors.setReturnValue(fregs, 0xabcdn)],
      ['overrideWithReturn, with just_return_func', 0x80, () => accessors.overrideWithReturn(fregs, 0xabcdn)],
      ['arch_ftrace_set_direct_caller', 0x78, () => accessors.setDirectCaller(fregs, 0xabcdn)],
    ])('%s: +0x%x', (_name, offset, act) => {
      const before = image();
      act();
      expect(word(offset)).toBe(0xabcdn);
      put(offset, 0x7700n + BigInt(offset));
      expect(image()).toEqual(before);
    });
  });

  describe('ftrace_get_regs', () => {
    test('NULL when cs is 0', () => {
      put(0x88, 0n);
      expect(accessors.getRegs(fregs)).toBe(0n);
    });

    test(revision === '6.1' ? 'tests all 64 bits of cs' : 'tests the low 16 bits of cs', () => {
      put(0x88, 0xffff_ffff_ffff_0000n);
      expect(accessors.getRegs(fregs)).toBe(revision === '6.1' ? BLOCK : 0n);
      put(0x88, 0x10n);
      expect(accessors.getRegs(fregs)).toBe(BLOCK);
    });
  });

  describe('register offsets', () => {
    test.each([
      ...[
        ['r15', 0],
        ['r14', 8],
        ['r13', 16],
        ['r12', 24],
        ['bp', 32],
        ['bx', 40],
        ['r11', 48],
        ['r10', 56],
      ],
      ...[
        ['r9', 64],
        ['r8', 72],
        ['ax', 80],
        ['cx', 88],
        ['dx', 96],
        ['si', 104],
        ['di', 112],
        ['orig_ax', 120],
      ],
      ...[
        ['ip', 128],
        ['cs', 136],
        ['flags', 144],
        ['sp', 152],
        ['ss', 160],
      ],
    ] as [string, number][])('%s is at %i', (name, offset) => {
      expect(accessors.queryRegisterOffset(fregs, name)).toBe(offset);
      expect(accessors.ptRegsOffset(orc, name)).toBe(offset);
    });

    test.each(['r2', 'rax', 'AX', 'pc', 'lr', ''])('"%s" is -EINVAL', (name) => {
      expect(accessors.queryRegisterOffset(fregs, name)).toBe(-22);
      expect(accessors.ptRegsOffset(orc, name)).toBe(-22);
    });
  });

  describe('conversions', () => {
    const BUFFER = 0xffff_ffff_8200_0400n;
    const accessAll = accessors as import('../../../harness/backend/contract.js').Accessors;

    test('partial_regs modifies the live block: flags |= 2, cs (16 bits) = 0x10; returns its address', () => {
      put(0x88, 0xaaaa_bbbb_cccc_0000n);
      put(0x90, 0x7700_0000n);
      const before = image();
      expect(accessAll.partialRegs(fregs, BUFFER)).toBe(BLOCK);
      expect(word(0x90)).toBe(0x7700_0002n);
      // Defined at 6.1, but no kernel of that revision has a caller compiled.
      expect(word(0x88)).toBe(revision === '6.1' ? 0x10n : 0xaaaa_bbbb_cccc_0010n);
      expect(machine.load(BUFFER, 168).every((byte) => byte === 0)).toBe(true);
      put(0x88, 0xaaaa_bbbb_cccc_0000n);
      put(0x90, 0x7700_0000n);
      expect(image()).toEqual(before);
    });

    test('once a callback used it, every later one gets a non-NULL ftrace_get_regs()', () => {
      put(0x88, 0n);
      expect(accessors.getRegs(fregs)).toBe(0n);
      accessAll.partialRegs(fregs, BUFFER);
      expect(accessors.getRegs(fregs)).toBe(BLOCK);
    });

    test('partial_regs_update is empty', () => {
      const before = image();
      accessAll.partialRegsUpdate(fregs, BUFFER);
      expect(image()).toEqual(before);
    });

    test('fill_perf_regs copies ip and sp; cs = 0x10; flags = 0; nothing else', () => {
      accessors.fillPerfRegs(fregs, BUFFER);
      const filled = new Map<number, bigint>([
        [0x80, 0x7780n],
        [0x88, 0x10n],
        [0x98, SP],
      ]);
      for (let offset = 0; offset < 168; offset += 8) {
        expect(machine.loadWord(BUFFER + BigInt(offset), 8)).toBe(filled.get(offset) ?? 0n);
      }
    });

    test('user_mode = (cs & 3) != 0', () => {
      for (const [cs, user] of [
        [0x10n, false],
        [0x33n, true],
        [0n, false],
        [0x1_0000n, false],
      ] as const) {
        put(0x88, cs);
        expect(accessors.userMode(fregs)).toBe(user);
      }
    });
  });
});
