// SPDX-License-Identifier: MIT
/** The rows that the unwinder goes by, made from text as objtool makes them. */
import { describe, expect, it } from 'vitest';
import { followed } from '../../../harness/backend/orc.js';
import { assemble } from '../../../harness/machine/asm/program.js';
import { graph } from '../graph.js';
import { instructions } from '../instructions.js';

const HINTS = `
	.macro hint type, offset=0
.Lhint_\\@:
	.pushsection .discard.unwind_hints, "", @progbits
	.quad .Lhint_\\@, \\type, \\offset
	.popsection
	.endm
	.macro intra
.Lintra_\\@:
	.pushsection .discard.intra_function_calls, "", @progbits
	.quad .Lintra_\\@
	.popsection
	.endm
	.type f, @function
`;

/** Rows in order of the instructions, as \`sp+8\`; those of no row are left out. */
function rows(text: string) {
  const program = assemble({
    sources: [{ file: 'test.S', text: HINTS + text }],
    instructions,
    defines: {},
    constants: {},
    externals: new Map([['c', 0x9000n]]),
    base: 0x1000n,
    byteOrder: 'little',
  });
  const { rows: made, warnings } = followed(graph.orc, program);
  const found = program.code.map(({ address, text: line }) => {
    const row = made.get(address);
    return `${line}: ${row === undefined || row === 'end' ? row : `${row.base}+${row.above}${row.fp === undefined ? '' : ` fp at ${row.fp}`}`}`;
  });
  return { found, warnings };
}

describe('rows', () => {
  it('follow what each instruction does to the stack', () => {
    expect(rows('f: pushfq\n sub $160, %rsp\n call c\n lea 160(%rsp), %rsp\n popfq\n ret\n').found).toEqual([
      'pushfq: sp+8',
      'sub $160, %rsp: sp+16',
      'call c: sp+176',
      'lea 160(%rsp), %rsp: sp+176',
      'popfq: sp+16',
      'ret: sp+8',
    ]);
  });

  it('go by the frame pointer once there is a frame', () => {
    expect(rows('f: push %rbp\n mov %rsp, %rbp\n push %rdi\n leave\n ret\n').found).toEqual([
      'push %rbp: sp+8',
      'mov %rsp, %rbp: sp+16 fp at -16',
      'push %rdi: fp+16 fp at -16',
      'leave: fp+16 fp at -16',
      'ret: sp+8',
    ]);
  });

  it('follow both ways of a branch, and no further than the function', () => {
    expect(rows('f: push %rax\n jnz 1f\n pop %rax\n ret\n1: add $8, %rsp\n jmp c\n nop\n').found).toEqual([
      'push %rax: sp+8',
      'jnz 1f: sp+16',
      'pop %rax: sp+16',
      'ret: sp+8',
      'add $8, %rsp: sp+16',
      'jmp c: sp+8',
      'nop: undefined',
    ]);
  });

  it('are as a hint says, and the call within a function stays on the stack', () => {
    expect(
      rows('f: push %rax\n hint 5\n intra\n call 1f\n int3\n1: add $8, %rsp\n hint 2, 24\n ret\n').found,
    ).toEqual(['push %rax: sp+8', 'call 1f: sp+8', 'int3: undefined', 'add $8, %rsp: sp+16', 'ret: sp+24']);
  });

  it('of code that is no function are what hints say', () => {
    expect(rows('g: nop\n hint 0\n nop\n hint 5\n push %rax\n ret\n').found).toEqual([
      'nop: undefined',
      'nop: end',
      'push %rax: sp+8',
      'ret: sp+16',
    ]);
  });

  it('of a place reached with two stacks are those of the first, with a warning', () => {
    const { warnings } = rows('f: jnz 1f\n push %rax\n1: ret\n');
    expect(warnings).toEqual([expect.stringMatching(/^test\.S:\d+ ret: stack state mismatch$/)]);
  });
});
