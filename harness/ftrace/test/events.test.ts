// SPDX-License-Identifier: MIT
/** Parts of dynamic events that no case reaches: numbers, texts and arrays in memory. Facts: linux 7.2 lib/kstrtox.c, kernel/trace/trace_probe_tmpl.h. */
import { describe, expect, it } from 'vitest';
import { type Machine, MachineFault } from '../../machine/types.js';
import type { Argument } from '../events/argument.js';
import { parseArgument } from '../events/argument.js';
import { ProbeLog } from '../events/errors.js';
import { parseSigned, parseUnsigned, scanUnsigned } from '../events/numbers.js';
import type { EventKernel, Place } from '../events/place.js';
import { type FetchSource, fetchValue } from '../events/run.js';

describe('numbers', () => {
  it.each([
    ['10', 10n],
    ['0x10', 16n],
    ['010', 8n],
    ['0', 0n],
    ['+5', 5n],
    ['18446744073709551615', (1n << 64n) - 1n],
    ['18446744073709551616', null],
    ['10a', null],
    ['08', null],
    ['', null],
    ['0x', null],
    ['-1', null],
    [' 1', null],
  ])('%j is %s without sign', (text, value) => {
    expect(parseUnsigned(text, 0)).toBe(value);
  });

  it.each([
    ['-10', -10n],
    ['-0x10', -16n],
    ['9223372036854775807', (1n << 63n) - 1n],
    ['9223372036854775808', null],
    ['-9223372036854775808', -(1n << 63n)],
    ['-9223372036854775809', null],
    ['--1', null],
    ['-+1', null],
    ['+-1', null],
  ])('%j is %s with sign', (text, value) => {
    expect(parseSigned(text)).toBe(value);
  });

  it('are read as far as they go', () => {
    expect(scanUnsigned('4@8/16', 0)).toEqual({ value: 4n, length: 1 });
    expect(scanUnsigned('0x1g', 0)).toEqual({ value: 1n, length: 3 });
    expect(scanUnsigned('@', 0)).toEqual({ value: 0n, length: 0 });
  });
});

/** Little-endian memory at 0x1000; everything else faults. */
function memory(bytes: readonly number[]): Machine {
  const load = (address: bigint, length: number): Uint8Array => {
    const at = Number(address) - 0x1000;
    if (at < 0 || at + length > bytes.length) throw new MachineFault('fault', 'not mapped');
    return Uint8Array.from(bytes.slice(at, at + length));
  };
  const loadWord = (address: bigint, width: number) =>
    load(address, width).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  return { load, loadWord } as unknown as Machine;
}

const kernel: EventKernel = {
  revision: '7.2',
  has: () => true,
  symbols: () => 1,
  prototype: () => null,
  struct: () => null,
  registerOffset: () => 0,
  traceable: () => ['f'],
  address: () => null,
};

function parsed(word: string): Argument {
  const log = new ProbeLog(['f', 'f', word], '7.2');
  const place: Place = { kernel, log, at: 'entry', by: 'fprobe', function: 'f', saved: [] };
  return parseArgument(place, word, 0, []);
}

const source: FetchSource = {
  stackPointer: () => 0x1000n,
  stackNth: () => 0n,
  argument: (index) => [0x1000n, 0xffff_ffff_ffff_ff81n][index] ?? 0n,
  returnValue: () => 0n,
  register: () => 0n,
  entryData: () => 0n,
  symbol: () => 0x1008n,
  comm: 'task',
};

const text = [...'test\0'].map((character) => character.charCodeAt(0));
// A pointer to the text, a pointer to nowhere, then the text.
const machine = memory([0x10, 0x10, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, ...text]);

describe('a fetched value', () => {
  it.each([
    ['+16($arg1):string', [{ text: 'test' }]],
    ['+0(+0($arg1)):string', [{ text: 'test' }]],
    ['+0($arg1):string[2]', [{ text: 'test' }, { text: '(fault)' }]],
    ['+16($arg1):char[4]', [{ word: 116n }, { word: 101n }, { word: 115n }, { word: 116n }]],
    ['+64($arg1):string', [{ text: '(fault)' }]],
    ['+64($arg1):u8', ['fault']],
    ['+0(+64($arg1)):u8', ['fault']],
    ['\\"own"', [{ text: 'own' }]],
    ['$comm', [{ text: 'task' }]],
    ['@data+0:u8', [{ word: 1n }]],
    ['$arg2:u8', [{ word: 0x81n }]],
    ['$arg2:b4@4/8', [{ word: 8n }]],
    ['$arg2:b1@0/64', [{ word: 1n }]],
    ['-8(\\4104):u16', [{ word: 0x1010n }]],
  ])('of %s is what memory holds', (word, values) => {
    expect(fetchValue(machine, source, parsed(word))).toEqual(values);
  });
});
