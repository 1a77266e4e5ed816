// SPDX-License-Identifier: MIT
/** Where kprobes are and what they see. Typed from linux 6.1, 6.12, 7.2 arch/x86/kernel/kprobes/core.c, ftrace.c. */
import { describe, expect, test } from 'vitest';
import { flatMachine } from '../../../harness/backend/test/flat-machine.js';
import { CALL_UNRELOCATED, ENDBR64, NOP5 } from '../encoding.js';
import { kprobes } from '../kprobes.js';
import { ibt, orc } from './support.js';

const F = 0xffffffff81000000n;

test('on a call site: ip + 1, then behind the five bytes, then what ftrace had put there', () => {
  expect(kprobes.ftrace.pre(F + 5n, F)).toBe(F + 1n);
  expect(kprobes.ftrace.post(0n, F)).toBe(F + 5n);
  expect(kprobes.ftrace.resume(F + 5n)).toBe(F + 5n);
});

describe('the address', () => {
  const machine = flatMachine('little');
  const at = (offset: number, config = orc) => kprobes.address({ machine, config, symbol: F, offset, ip: F });

  test('is symbol and offset', () => {
    machine.store(F, NOP5);
    expect(at(0)).toEqual({ at: F, entry: true });
    expect(at(4)).toEqual({ at: F + 4n, entry: false });
  });

  test('is behind an ENDBR for either offset that is the entry', () => {
    machine.store(F, ENDBR64);
    expect(at(0, ibt)).toEqual({ at: F + 4n, entry: true });
    expect(at(4, ibt)).toEqual({ at: F + 4n, entry: true });
    expect(at(9, ibt)).toEqual({ at: F + 9n, entry: false });
  });
});

test.each([NOP5, CALL_UNRELOCATED])('within the five bytes of the site: -EILSEQ', (site) => {
  const machine = flatMachine('little');
  machine.store(F, site);
  for (const offset of [1n, 2n, 3n, 4n]) expect(kprobes.prepare(machine, F + offset, F)).toBe(-84);
  expect(() => kprobes.prepare(machine, F, F)).toThrow(RangeError);
});

test('no breakpoint is ever delivered', () => expect(kprobes.exception).toBeNull());
