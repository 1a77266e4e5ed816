// SPDX-License-Identifier: MIT
/** Steps of an interpreter against a log that a test has written. */
import { expect, test } from 'vitest';
import { compareSteps, type Rules, type Step } from './compare.js';
import type { LogRecord } from './log-format.js';
import { mismatchText } from './mismatch.js';

const RULES: Rules = {
  registers: { names: ['a', 'b', 'flags'], aliases: { accumulator: 'a' } },
  nameOf: (address) => `f+${address - 0x10n}`,
  masks: [2n ** 64n - 1n, 2n ** 64n - 1n, 0xfn],
  twice: ['again'],
};

/** `a` counts up by one from 1 at 0x10. */
const step = (index: number, parts: Partial<Step> = {}): Step => ({
  pc: 0x10n + 4n * BigInt(index),
  text: `inc accumulator, ${index}`,
  where: `file.S:${index + 1}`,
  manual: 'Manual, INC',
  length: 4,
  mnemonic: 'inc',
  row: 0,
  changes: [[0, 2n + BigInt(index)]],
  stores: [],
  ...parts,
});
const steps = (count: number) => Array.from({ length: count }, (_, index) => step(index));
const record = (index: number, values: (bigint | null)[] = [1n + BigInt(index), 7n, 5n]): LogRecord => ({
  pc: 0x10n + 4n * BigInt(index),
  values,
});
const compare = (list: readonly Step[], records: readonly LogRecord[], rules = RULES) =>
  compareSteps(rules, BigUint64Array.of(1n, 7n, 0xff5n), list, records[Symbol.iterator]());

test('equal is what is equal in the bits that user mode has', () => {
  expect(
    compare(
      steps(3),
      [0, 1, 2].map((index) => record(index)),
    ),
  ).toEqual({ mismatch: null, steps: 3, untold: 0 });
});

test('a mismatch names register, values, instruction, operands, manual and what came before', () => {
  const records = [record(0), record(1), record(2), record(3, [9n, 7n, 5n])];
  const { mismatch, steps: reached } = compare(steps(5), records);
  expect(reached).toBe(3);
  expect(mismatch && mismatchText(mismatch)).toEqual([
    'register a: interpreter 0x4, QEMU 0x9',
    'after  file.S:3  inc accumulator, 2  (f+8)',
    'manual: Manual, INC',
    'before it: a=0x3',
    'before:',
    '  file.S:1  inc accumulator, 0  (f+0)',
    '  file.S:2  inc accumulator, 1  (f+4)',
  ]);
});

test('so does one before the first instruction', () => {
  const { mismatch } = compare(steps(1), [record(0, [1n, 8n, 5n])]);
  expect(mismatch).toMatchObject({ what: 'register b', model: '0x7', qemu: '0x8', instruction: null });
});

test('other ways are mismatches: elsewhere, shorter, longer', () => {
  expect(compare(steps(2), [record(0), record(2)]).mismatch).toMatchObject({
    what: 'program counter',
    model: '0x14',
    qemu: '0x18',
  });
  expect(compare(steps(2), [record(0)]).mismatch).toMatchObject({ model: '0x14', qemu: 'stopped' });
  expect(compare(steps(1), [record(0), record(1)]).mismatch).toMatchObject({
    model: 'stopped',
    qemu: '0x14',
  });
});

test('what the log does not tell is counted, and compared when it is told', () => {
  const records = [record(0, [1n, 7n, null]), record(1, [2n, 7n, 6n])];
  const { mismatch, untold } = compare(steps(2), records);
  expect([untold, mismatch?.what]).toEqual([1, 'register flags']);
});

test('one instruction may be several of the machine’s, or be logged twice', () => {
  const inside = { pc: 0x12n, values: [99n, 7n, 5n] };
  expect(compare(steps(2), [record(0), inside, record(1)]).mismatch).toBeNull();
  const again = step(0, { mnemonic: 'again' });
  expect(compare([again, step(1)], [record(0), record(0), record(1)]).mismatch).toBeNull();
  expect(compare(steps(2), [record(0), record(0), record(1)]).mismatch).not.toBeNull();
});

test('an instruction that jumps to itself has a record each time', () => {
  const loop = [step(0, { changes: [] }), step(0, { changes: [] })];
  expect(compare(loop, [record(0), record(0)]).mismatch).toBeNull();
  expect(compare(loop, [record(0)]).mismatch).not.toBeNull();
});
