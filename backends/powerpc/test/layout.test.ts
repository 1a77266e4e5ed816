// SPDX-License-Identifier: MIT
/**
 * Structures and frames in numbers: linux 6.1, 6.12, 7.2 arch/powerpc/include/asm/ptrace.h, and what the trampolines of
 * arch/powerpc/kernel/trace/ store. One row per field: offset; ftrace_caller of A (6.1, 6.12, 7.2) and of 7.2-C;
 * ftrace_regs_caller; return_to_handler of 7.2. `r` real, `f` made up, `-` never written.
 */
import { describe, expect, test } from 'vitest';
import type { Field } from '../../../harness/backend/contract.js';
import { layouts } from '../layout.js';
import { ALL, config, type Form, NO_LIVEPATCH } from './support.js';

const GPRS: readonly (readonly [string, number, string, string, string, string])[] = [
  ['gpr0', 0, 'r', 'r', 'r', '-'],
  ['gpr1', 8, 'r', 'r', 'r', 'r'],
  ['gpr2', 16, '-', '-', 'r', '-'],
  ...([3, 4] as const).map((n) => [`gpr${n}`, 8 * n, 'r', 'r', 'r', 'r'] as const),
  ...([5, 6, 7, 8, 9, 10] as const).map((n) => [`gpr${n}`, 8 * n, 'r', 'r', 'r', '-'] as const),
  ['gpr11', 88, '-', '-', 'r', '-'],
  ['gpr12', 96, '-', '-', 'r', '-'],
  ['gpr13', 104, '-', '-', 'r', '-'],
  ['gpr14', 112, 'r', 'r', 'r', '-'],
  ['gpr15', 120, '-', 'r', 'r', '-'],
  ...Array.from({ length: 16 }, (_, n) => [`gpr${16 + n}`, 128 + 8 * n, '-', '-', 'r', '-'] as const),
];

const ROWS: readonly (readonly [string, number, string, string, string, string])[] = [
  ...GPRS,
  ['nip', 256, 'r', 'r', 'r', 'r'],
  ['msr', 264, 'f', 'f', 'r', '-'],
  ['orig_gpr3', 272, '-', 'f', '-', '-'],
  ['ctr', 280, '-', '-', 'r', '-'],
  ['link', 288, 'r', 'r', 'r', '-'],
  ['xer', 296, '-', '-', 'r', '-'],
  ['ccr', 304, '-', '-', 'r', '-'],
  ['softe', 312, '-', '-', '-', '-'],
  ['trap', 320, '-', '-', '-', '-'],
  ['dar', 328, '-', '-', '-', '-'],
  ['dsisr', 336, '-', '-', '-', '-'],
  ['result', 344, '-', '-', '-', '-'],
  ['ppr', 352, '-', '-', '-', '-'],
  ['exit_result', 360, '-', '-', '-', '-'],
  ['kuap', 368, '-', '-', '-', '-'],
  ['iamr', 376, '-', '-', '-', '-'],
];

const LETTERS = { r: 'real', f: 'faked', '-': 'stale' } as const;
const field = (form: Form, name: string, turned = {}): Field =>
  layouts.ftraceRegs(config(form, turned)).fields.find((candidate) => candidate.name === name) as Field;

describe.each(ALL)('%s', (form) => {
  const outOfLine = form === '7.2-C';
  const rows = ROWS.map(([name, offset, a, c, regs, exit]) => ({
    ...{ name, offset },
    plain: LETTERS[(outOfLine ? c : a) as keyof typeof LETTERS],
    // The direct-call mailbox is cleared wherever there are direct calls.
    regs: name === 'orig_gpr3' && outOfLine ? 'faked' : LETTERS[regs as keyof typeof LETTERS],
    exit: form.startsWith('7.2') ? LETTERS[exit as keyof typeof LETTERS] : 'stale',
  }));

  test('ftrace_regs are 384 bytes of these fields', () => {
    const { size, fields } = layouts.ftraceRegs(config(form));
    expect(size).toBe(384);
    expect(fields.map(({ size: _size, ...rest }) => rest)).toEqual(rows);
    expect(fields.every((one) => one.size === 8)).toBe(true);
  });

  test('pt_regs has the same fields at the same places', () => {
    const { size, fields } = layouts.ptRegs(config(form));
    expect(size).toBe(384);
    expect(fields.map(({ name, offset }) => [name, offset])).toEqual(
      ROWS.map(([name, offset]) => [name, offset]),
    );
  });

  const old = form === '6.1-A';
  test.each([
    ['fake frame for the traced function', 'STACK_FRAME_MIN_SIZE', 32],
    ['trampoline frame', 'SWITCH_FRAME_SIZE', old ? 496 : 432],
    ['pt_regs at r1 +', 'STACK_INT_FRAME_REGS', old ? 112 : 48],
    ['own TOC slot', 'STK_GOT', 24],
  ])('%s: %s %i', (_what, name, value) => {
    const offsets: Readonly<Record<string, number | bigint>> = layouts.asmOffsets(config(form));
    expect(offsets[name]).toBe(value);
  });

  test('pt_regs lie 416 below entry r1 at every revision', () => {
    const { STACK_FRAME_MIN_SIZE, SWITCH_FRAME_SIZE, STACK_INT_FRAME_REGS } = layouts.asmOffsets(
      config(form),
    );
    expect(STACK_INT_FRAME_REGS - (STACK_FRAME_MIN_SIZE + SWITCH_FRAME_SIZE)).toBe(-416);
    expect(STACK_FRAME_MIN_SIZE + SWITCH_FRAME_SIZE).toBe(old ? 528 : 464);
    const { LRSAVE } = layouts.asmOffsets(config(form));
    expect(SWITCH_FRAME_SIZE + LRSAVE).toBe(old ? 512 : 448);
    expect(SWITCH_FRAME_SIZE + STACK_FRAME_MIN_SIZE + LRSAVE).toBe(old ? 544 : 480);
  });
});

describe('gpr[14] of ftrace_caller without LIVEPATCH_64', () => {
  test.each([
    ['6.1-A', 'stale'],
    ['6.12-A', 'stale'],
    ['6.12-B', 'stale'],
    ['7.2-A', 'stale'],
    ['7.2-C', 'real'],
  ] as const)('%s: %s', (form, state) => {
    expect(field(form, 'gpr14', NO_LIVEPATCH).plain).toBe(state);
  });
});

describe('32-bit', () => {
  const { size, fields } = layouts.ptRegs(config('7.2-C', { PPC32: true }));

  test.each([
    ...Array.from({ length: 32 }, (_, n) => [`gpr${n}`, 4 * n] as const),
    ...([
      ['nip', 128],
      ['msr', 132],
      ['orig_gpr3', 136],
      ['ctr', 140],
      ['link', 144],
      ['xer', 148],
    ] as const),
    ...([
      ['ccr', 152],
      ['mq', 156],
      ['trap', 160],
      ['dar', 164],
      ['dsisr', 168],
      ['result', 172],
    ] as const),
  ])('%s at %i', (name, offset) => {
    expect(fields.find((one) => one.name === name)).toEqual({ name, offset, size: 4 });
  });

  test('176 bytes', () => expect(size).toBe(176));
});

test('ftrace_ops: func at 0, direct_call at 192', () => {
  expect(layouts.ftraceOps(config('7.2-C'))).toMatchObject({ func: 0, directCall: 192 });
});

test('the side stack begins behind the magic word at the end of the stack', () => {
  const cells = layouts.dataCells(config('7.2-C'));
  expect(Object.values(cells.thread_info.words)).toEqual([{ stack: 8n }]);
  expect(layouts.asmOffsets(config('7.2-C')).STACK_END_MAGIC).toBe(0x57ac6e9d);
});

test('a BPF trampoline takes 27 programs and 12 argument words', () => {
  expect(layouts.stubs(config('7.2-C')).bpf).toMatchObject({ maxLinks: 27, words: 12 });
});
