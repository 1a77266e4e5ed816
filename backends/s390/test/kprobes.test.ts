// SPDX-License-Identifier: MIT
/** Where kprobes are and what they see. Typed from linux 7.2 arch/s390/kernel/ftrace.c, linux 6.12 arch/s390/kernel/kprobes.c. */
import { expect, test } from 'vitest';
import { flatMachine } from '../../../harness/backend/test/flat-machine.js';
import { kprobes } from '../kprobes.js';
import { config } from './support.js';

const F = 0x1000000n;
const machine = flatMachine('big');

test('on a call site: the site, then behind its six bytes whatever was wanted, and so it stays', () => {
  expect(kprobes.ftrace.pre(F + 6n, F)).toBe(F);
  expect(kprobes.ftrace.post(0x1234n, F)).toBe(F + 6n);
  expect(kprobes.ftrace.resume(F + 100n, F + 6n)).toBe(F + 6n);
});

test('the address is symbol and offset', () => {
  const at = (offset: number) =>
    kprobes.address({ machine, config: config('7.2'), symbol: F, offset, ip: F });
  expect(at(0)).toEqual({ at: F, entry: true });
  expect(at(2)).toEqual({ at: F + 2n, entry: false });
});

test('odd, or within the site: -EINVAL', () => {
  for (const offset of [1n, 2n, 3n, 4n, 5n, 7n]) expect(kprobes.prepare(machine, F + offset, F)).toBe(-22);
  expect(() => kprobes.prepare(machine, F + 6n, F)).toThrow(RangeError);
});

test('no breakpoint is ever delivered', () => expect(kprobes.exception).toBeNull());
