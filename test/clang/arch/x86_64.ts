// SPDX-License-Identifier: MIT
/** Intel 64 and IA-32 Architectures Software Developer's Manual, vol. 2, in AT&T syntax. */
import {
  CALL,
  ENDBR64,
  encodeRel32,
  endbrPoison,
  INT3,
  JMP,
  NOP2,
  NOP5,
  RET,
} from '../../../backends/x86_64/encoding.js';
import type { Revision } from '../../../harness/backend/contract.js';
import { type Assembly, word } from '../assembly.js';

const poison = (revision: Revision) => endbrPoison({ revision, has: () => true });

export const x86_64 = {
  options: [],
  /** An assembler leaves a displacement of 0 out, as long as nothing asks for one of a byte. */
  spelling: (text) => text.replace(/^nopl 0x0\b/, '{disp8} $&'),
  snippets: [
    'pushq %r12',
    'pushq 8(%rsp)',
    'pushq $-129',
    'popq %r12',
    'pushf',
    'popf',
    'leaveq',
    'movq %r12, %rax',
    'movq %r12, -8(%rbp)',
    'movq 128(%r13), %rax',
    'movq $-1, %r8',
    'movq $0x123456789a, %rax',
    'movabs $5, %rax',
    'movabsq $-1, %r9',
    'leaq -128(%rsp), %rax',
    'addq $128, %rax',
    'addq $8, %r12',
    'subq $-128, %rsp',
    'andq $~1, %r11',
    'testq %r12, %rax',
    'test $1, %al',
    'callq elsewhere',
    'callq *%r11',
    'jmp *%rax',
    'jmpq *%r11',
    '1: je 1b',
    '1: jne 1b',
    'retq',
    'nop',
    'nopl -0x2a(%rax)',
    'nopw (%rax)',
  ],
  encodings: (at) => [
    word(encodeRel32(CALL, at, at + 0x7000_0000n), 'call .+0x70000000'),
    word(encodeRel32(CALL, at, at + 5n - 0x8000_0000n), 'call .-0x7ffffffb'),
    word(encodeRel32(JMP, at, at - 0x1234_5678n), 'jmp .-0x12345678'),
    word(NOP5, 'nopl 0x0(%rax,%rax,1)'),
    word(NOP2, 'xchg %ax,%ax'),
    word(ENDBR64, 'endbr64'),
    word(poison('6.1'), 'nopw (%rax)'),
    word(poison('7.2'), 'nopl -0x2a(%rax)'),
    word(Uint8Array.of(0x90), 'nop'),
    word(Uint8Array.of(INT3), 'int3'),
    word(Uint8Array.of(RET), 'ret'),
  ],
} as const satisfies Assembly;
