// SPDX-License-Identifier: MIT
/** Bytes and lengths. The encodings are typed from GNU as listings and from the states of a call site. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CALL,
  decode,
  ENDBR64,
  encodeRel32,
  endbrPoison,
  inRel32Range,
  isEndbr,
  JMP,
  NOP2,
  NOP5,
} from '../encoding.js';
import { instructions } from '../instructions.js';
import { link } from './kernel.js';
import { orc } from './support.js';

const bytes = (hex: string) => Uint8Array.from(hex.split(' ').map((byte) => Number.parseInt(byte, 16)));
const hex = (list: Uint8Array) => [...list].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

describe('instruction lengths', () => {
  const program = link(orc);
  const here = program.base;

  test.each([
    ['55', 'push %rbp'],
    ['41 54', 'push %r12'],
    ['ff 74 24 10', 'pushq 16(%rsp)'],
    ['41 ff 74 24 10', 'pushq 16(%r12)'],
    ['6a 18', 'push $0x18'],
    ['68 45 23 01 00', 'push $0x12345'],
    ['58', 'pop %rax'],
    ['41 5f', 'pop %r15'],
    ['9c', 'pushfq'],
    ['9d', 'popfq'],
    ['c9', 'leave'],
    ['48 89 e7', 'mov %rsp, %rdi'],
    ['48 89 44 24 50', 'mov %rax, 80(%rsp)'],
    ['4c 89 3c 24', 'mov %r15, 0(%rsp)'],
    ['48 89 3c 24', 'mov %rdi, (%rsp)'],
    ['48 89 bc 24 80 00 00 00', 'mov %rdi, 128(%rsp)'],
    ['48 8b bc 24 a8 00 00 00', 'mov 168(%rsp), %rdi'],
    ['48 8b 45 08', 'mov 8(%rbp), %rax'],
    ['48 8b 45 00', 'mov (%rbp), %rax'],
    ['49 8b 04 24', 'mov (%r12), %rax'],
    ['49 8b 45 00', 'mov (%r13), %rax'],
    ['48 8b 00', 'mov (%rax), %rax'],
    ['48 8b 40 80', 'mov -128(%rax), %rax'],
    ['48 8b 80 7f ff ff ff', 'mov -129(%rax), %rax'],
    ['48 c7 44 24 78 00 00 00 00', 'movq $0, 120(%rsp)'],
    ['48 c7 84 24 88 00 00 00 00 00 00 00', 'movq $0, 136(%rsp)'],
    ['48 c7 c1 18 00 00 00', 'mov $0x18, %rcx'],
    ['48 c7 c1 ff ff ff ff', 'mov $-1, %rcx'],
    ['48 b9 f0 de bc 9a 78 56 34 12', 'movabs $0x123456789abcdef0, %rcx'],
    ['48 8b 15 00 00 00 00', 'mov function_trace_op(%rip), %rdx'],
    ['48 8d 0c 24', 'lea (%rsp), %rcx'],
    ['48 8d 8c 24 b0 00 00 00', 'lea 176(%rsp), %rcx'],
    ['48 8d 6c 24 01', 'lea 1(%rsp), %rbp'],
    ['48 8d 05 00 00 00 00', 'lea ftrace_stub(%rip), %rax'],
    ['48 83 c4 08', 'add $8, %rsp'],
    ['48 81 c4 a8 00 00 00', 'add $168, %rsp'],
    ['48 81 ec a8 00 00 00', 'sub $168, %rsp'],
    ['48 83 ef 05', 'sub $5, %rdi'],
    ['48 05 80 00 00 00', 'add $128, %rax'],
    ['48 83 e0 fe', 'and $~1, %rax'],
    ['48 85 c0', 'test %rax, %rax'],
    ['a8 01', 'testb $1, %al'],
    ['e8 00 00 00 00', 'call ftrace_stub'],
    ['ff d0', 'call *%rax'],
    ['41 ff d2', 'call *%r10'],
    ['ff e0', 'jmp *%rax'],
    ['41 ff e3', 'jmp *%r11'],
    ['e9 00 00 00 00', 'jmp ftrace_stub'],
    ['75 00', 'jnz ftrace_stub'],
    ['74 00', 'jz ftrace_stub'],
    ['c3', 'ret'],
    ['cc', 'int3'],
    ['90', 'nop'],
    ['66 90', 'xchg %ax, %ax'],
    ['f3 0f 1e fa', 'endbr64'],
  ])('%s is %s', (encoding, text) => {
    expect(program.parse(text, here).length).toBe(bytes(encoding).length);
  });

  test.each([
    'mov 8(%rsp), 16(%rsp)',
    'movq $0x123456789, 8(%rsp)',
    'mov $0, 8(%rsp)',
    'add $0x80000000, %rsp',
    'push $0x80000000',
    'pop %flags',
    'mov rax, %rbx',
    'mov %eax, %ebx',
    'call %rax',
    'call $ftrace_stub',
    'testb $1, %rax',
    'mov 8(%rsp,%rax,2), %rax',
    'fninit',
  ])('%s is refused', (text) => {
    expect(() => program.parse(text, here)).toThrow();
  });
});

describe('bytes of ftrace', () => {
  test('NOPL 0(%rax,%rax,1) is 0f 1f 44 00 00, the 2-byte nop 66 90', () => {
    expect(hex(NOP5)).toBe('0f 1f 44 00 00');
    expect(hex(NOP2)).toBe('66 90');
  });

  test('rel32 = target - (ip + 5)', () => {
    expect(hex(encodeRel32(CALL, 0x1000n, 0x2000n))).toBe('e8 fb 0f 00 00');
    expect(hex(encodeRel32(CALL, 0x1000n, 0x1005n))).toBe('e8 00 00 00 00');
    expect(hex(encodeRel32(JMP, 0xffff_ffff_8100_0000n, 0xffff_ffff_80ff_fff0n))).toBe('e9 eb ff ff ff');
  });

  test('reach: 2 GiB either way from the end of the instruction', () => {
    const from = 0xffff_ffff_8100_0000n;
    expect(inRel32Range(from, from + 5n + 0x7fff_ffffn)).toBe(true);
    expect(inRel32Range(from, from + 5n + 0x8000_0000n)).toBe(false);
    expect(inRel32Range(from, from + 5n - 0x8000_0000n)).toBe(true);
    expect(inRel32Range(from, from + 4n - 0x8000_0000n)).toBe(false);
    expect(() => encodeRel32(CALL, from, from + 0x1_0000_0000n)).toThrow(RangeError);
  });

  test('is_endbr accepts ENDBR64, ENDBR32 and the poison, which is 0f 1f 40 d6', () => {
    expect(hex(ENDBR64)).toBe('f3 0f 1e fa');
    expect(hex(endbrPoison(orc))).toBe('0f 1f 40 d6');
    for (const form of ['f3 0f 1e fa', 'f3 0f 1e fb', '0f 1f 40 d6'])
      expect(isEndbr(bytes(form), orc)).toBe(true);
    for (const form of ['0f 1f 40 00', '66 0f 1f 00', '90 90 90 90'])
      expect(isEndbr(bytes(form), orc)).toBe(false);
  });

  test('until 6.12 the poison was 66 0f 1f 00', () => {
    for (const revision of ['6.1', '6.12'] as const) {
      expect(hex(endbrPoison({ ...orc, revision }))).toBe('66 0f 1f 00');
    }
  });
});

describe('decode', () => {
  const program = link(orc);
  const here = program.base;

  test.each([
    ['0f 1f 44 00 00', 5],
    ['0f 1f 40 d6', 4],
    ['66 0f 1f 00', 4],
    ['f3 0f 1e fa', 4],
    ['66 90', 2],
    ['90', 1],
    ['c3', 1],
    ['cc', 1],
    ['e8 fb 0f 00 00', 5],
    ['e9 fb 0f 00 00', 5],
  ])('%s has %i bytes, and so has its text assembled', (encoding, length) => {
    const found = decode(Uint8Array.of(...bytes(encoding), 0xff, 0xff, 0xff, 0xff), here);
    expect(found?.length).toBe(length);
    expect(program.parse(found?.text ?? '', here).length).toBe(length);
  });

  test.each(['00', '0f 1f 44 00', 'e8 00 00 00', '0f 0b', 'ff d0', ''])(
    '%s is nothing ftrace writes',
    (encoding) => {
      expect(decode(encoding === '' ? new Uint8Array(0) : bytes(encoding), here)).toBeUndefined();
    },
  );

  test('gives back the target of what encodeRel32 made', () => {
    const offset = fc.bigInt({ min: -0x8000_0000n, max: 0x7fff_ffffn });
    const at = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(at, offset, fc.constantFrom(CALL, JMP), (from, distance, opcode) => {
        const to = BigInt.asUintN(64, from + 5n + distance);
        const text = `${opcode === CALL ? 'call' : 'jmp'} 0x${to.toString(16)}`;
        expect(decode(encodeRel32(opcode, from, to), from)).toEqual({ text, length: 5 });
      }),
    );
  });
});

test('every row names the manual', () => {
  for (const row of instructions.table) expect(row.manual).toMatch(/^SDM vol\. 2 [A-Z]/);
});
