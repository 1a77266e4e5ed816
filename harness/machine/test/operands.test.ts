// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import type { OperandContext, OperandKind } from '../instruction-set.js';
import * as operands from '../operands.js';

const names = ['r0', 'r1', 'r2', 'pc'];
const symbols: Record<string, bigint> = { sym: 0xffff_8000_0000_1000n, N: 8n };
const context: OperandContext = {
  registers: { names, aliases: {} },
  register: (text) => {
    const index = names.indexOf(text.toLowerCase());
    return index < 0 ? undefined : index;
  },
  expression: (text) => (/^-?\d+$/.test(text) ? BigInt(text) : symbols[text]),
  here: 0xffff_8000_0000_0ff0n,
};

const { register, immediate, address, signed, unsigned } = operands;
const reg = register('register');
const small = immediate({ prefix: '#', min: -8n, max: 8n, multiple: 2n });

const cases: [OperandKind<unknown>, string, unknown][] = [
  [reg, 'R1', 1],
  [reg, 'r9', undefined],
  [register('low', ['r0', 'r1']), 'r2', undefined],
  [register('low', ['r0', 'r1']), 'r1', 1],
  [register('percent', undefined, '%'), '%r2', 2],
  [register('percent', undefined, '%'), 'r2', undefined],
  [small, '#8', 8n],
  [small, '# -8', -8n],
  [small, '#N', 8n],
  [small, '#7', undefined],
  [small, '#10', undefined],
  [small, '8', undefined],
  [immediate({ prefix: '#', optional: true, ...unsigned(4) }), '15', 15n],
  [immediate({ ...unsigned(4) }), '16', undefined],
  [immediate({ ...signed(4) }), '-8', -8n],
  [immediate({ ...signed(4) }), '-9', undefined],
  [immediate({ ...signed(4) }), 'r0', undefined],
  [address(), 'sym', symbols.sym],
  [address(), '-1', (1n << 64n) - 1n],
  [address({ min: -16n, max: 16n }), 'sym', symbols.sym],
  [address({ min: -16n, max: 15n }), 'sym', undefined],
  [address(undefined, ['@PLT']), 'sym@plt', symbols.sym],
  [address(), 'r0', undefined],
  [operands.modified(':lo12:'), ':lo12:sym', symbols.sym],
  [operands.modified(':lo12:'), '#:lo12:sym', symbols.sym],
  [operands.modified(':lo12:'), 'sym', undefined],
  [operands.modified('%hi'), '%hi(sym)', symbols.sym],
  [operands.modified('%hi'), '%hi sym', undefined],
  [operands.suffixed('@ha'), 'sym@ha', symbols.sym],
  [operands.suffixed('@ha'), 'sym@l', undefined],
  [operands.bracketMemory(reg, small), '[r1]', { base: 1, offset: 0n }],
  [operands.bracketMemory(reg, small), '[r1, #4]', { base: 1, offset: 4n }],
  [operands.bracketMemory(reg, small), '[r1, #4]!', undefined],
  [operands.bracketMemory(reg, small), '[r1, #4, #4]', undefined],
  [operands.bracketMemory(reg, small, true), '[r1, #-4]!', { base: 1, offset: -4n }],
  [operands.bracketMemory(reg, small, true), '[r1]!', undefined],
  [operands.displacedMemory(reg, immediate(signed(12))), '-8(r2)', { base: 2, offset: -8n }],
  [operands.displacedMemory(reg, immediate(signed(12))), '(r2)', { base: 2, offset: 0n }],
  [operands.displacedMemory(reg, immediate(signed(12))), '8(r2, r1)', undefined],
  [operands.displacedMemory(reg, immediate(signed(12))), '8', undefined],
  [operands.relative('%pc'), 'sym(%pc)', symbols.sym],
  [operands.relative('%pc'), 'sym(r1)', undefined],
  [operands.indirect(reg), '*r1', 1],
  [operands.indirect(reg), 'r1', undefined],
  [operands.word('lsl'), 'LSL', 'lsl'],
  [operands.word('lsl'), 'lsr', undefined],
  [operands.either(reg, small), '#2', 2n],
  [operands.either(reg, small), 'r0', 0],
  [operands.mapped('odd', reg, (r) => (r % 2 === 1 ? r : undefined)), 'r1', 1],
  [operands.mapped('odd', reg, (r) => (r % 2 === 1 ? r : undefined)), 'r2', undefined],
];

describe('operand kinds', () => {
  it.each(cases.map(([kind, text, wanted]) => [kind.name, text, wanted, kind] as const))(
    '%s: %s',
    (_, text, wanted, kind) => {
      expect(kind.parse(text, context)).toEqual(wanted);
    },
  );
});

describe('taking memory operands apart', () => {
  it.each([
    ['[a, b, lsl #3]', { parts: ['a', 'b', 'lsl #3'], after: '' }],
    ['[a] !', { parts: ['a'], after: '!' }],
    ['a', undefined],
  ])('brackets %s', (text, wanted) => {
    expect(operands.bracketed(text)).toEqual(wanted);
  });

  it.each([
    ['8(%a, %b, 4)', { displacement: '8', parts: ['%a', '%b', '4'] }],
    ['(8 + 4)(%a)', { displacement: '(8 + 4)', parts: ['%a'] }],
    ['%gs:8(%a)', { displacement: '%gs:8', parts: ['%a'] }],
    ['8', undefined],
  ])('displacement %s', (text, wanted) => {
    expect(operands.displaced(text)).toEqual(wanted);
  });
});
