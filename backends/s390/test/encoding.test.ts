// SPDX-License-Identifier: MIT
/** Bytes written at run time, against encodings of the Principles of Operation written out by hand. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BRASL_R0,
  BRCL_ALWAYS,
  bigEndian,
  branch,
  branchTarget,
  decode,
  displacement,
  hotpatchTrampoline,
  sharedStub,
} from '../encoding.js';
import { instructions } from '../instructions.js';
import { config, dump, EXPOLINE } from './support.js';

const IP = 0x3ff_e010_0800n;
const bytes = (text: string) => Uint8Array.from(text.split(' '), (byte) => Number.parseInt(byte, 16));

describe('branches count halfwords from their own start', () => {
  test.each([
    [IP, 'c0 05 00 00 00 00'],
    [IP + 6n, 'c0 05 00 00 00 03'],
    [IP - 2n, 'c0 05 ff ff ff ff'],
    [IP + 0xffff_fffen, 'c0 05 7f ff ff ff'],
    [IP - 0x1_0000_0000n, 'c0 05 80 00 00 00'],
  ])('to 0x%x: %s', (target, expected) => {
    expect(dump(branch(BRASL_R0, IP, target))).toBe(expected);
    expect(branchTarget(bytes(expected), IP)).toBe(target);
  });

  test('beyond ±4 GiB they wrap: nobody checks', () => {
    expect(dump(displacement(IP, IP + 0x1_0000_0000n))).toBe('80 00 00 00');
  });

  test('and lead where they should within it', () => {
    const offset = fc.bigInt({ min: -(2n ** 31n), max: 2n ** 31n - 1n });
    fc.assert(
      fc.property(offset, (halfwords) => {
        const target = IP + 2n * halfwords;
        expect(branchTarget(branch(BRCL_ALWAYS, IP, target), IP)).toBe(target);
      }),
    );
  });
});

test('words are big-endian', () => {
  expect(dump(bigEndian(0x1234_5678_9abc_def0n, 8))).toBe('12 34 56 78 9a bc de f0');
  expect(dump(bigEndian(0x1234n, 4))).toBe('00 00 12 34');
  expect(dump(bigEndian(-1n, 2))).toBe('ff ff');
});

test('a hotpatch trampoline has 24 bytes', () => {
  const made = hotpatchTrampoline(0x1000n, 0x2000n, 0x3ff_e010_0806n, 0x3ff_e010_0100n);
  expect(dump(made)).toBe('c0 15 00 00 08 00 00 00 00 00 03 ff e0 10 08 06 00 00 03 ff e0 10 01 00');
});

describe('the shared stub', () => {
  test.each(['6.1', '6.12', '7.2'] as const)('of the kernel at %s depends on expolines', (revision) => {
    expect(sharedStub(config(revision), false)).toBe('ftrace_shared_hotpatch_trampoline_br');
    expect(sharedStub(config(revision, EXPOLINE), false)).toBe('ftrace_shared_hotpatch_trampoline_exrl');
  });

  test('of modules is a copy on a page of its own at 6.1, the kernel’s later', () => {
    expect(sharedStub(config('6.1'), true)).toBe('ftrace_plt');
    expect(sharedStub(config('6.12'), true)).toBe('ftrace_shared_hotpatch_trampoline_br');
    expect(sharedStub(config('7.2'), true)).toBe('ftrace_shared_hotpatch_trampoline_br');
  });
});

describe('decode', () => {
  test.each([
    ['c0 04 00 00 00 00', 'brcl 0,0x3ffe0100800', 6],
    ['c0 04 00 00 00 40', 'brcl 0,0x3ffe0100880', 6],
    ['c0 f4 00 00 00 40', 'brcl 15,0x3ffe0100880', 6],
    ['c0 05 ff ff ff 80', 'brasl %r0,0x3ffe0100700', 6],
    ['c0 15 ff ff ff 80', 'brasl %r1,0x3ffe0100700', 6],
    ['c0 e5 00 00 00 03', 'brasl %r14,0x3ffe0100806', 6],
    ['a7 f4 00 0e', 'brc 15,0x3ffe010081c', 4],
    ['a7 04 00 0e', 'brc 0,0x3ffe010081c', 4],
  ])('%s is %s', (encoded, text, length) => {
    expect(decode(bytes(encoded), IP)).toEqual({ text, length });
    const [mnemonic = ''] = text.split(' ');
    const row = instructions.table.find((candidate) => candidate.mnemonic === mnemonic);
    expect(row?.length([])).toBe(length);
  });

  test.each(['00 04 00 0e', 'eb 01 10 02 00 04', '07 f1', 'c0 04 00', 'a7 f4', 'c0', ''])(
    '%s is nothing ftrace writes',
    (encoded) => {
      expect(decode(encoded === '' ? new Uint8Array() : bytes(encoded), IP)).toBeUndefined();
    },
  );
});
