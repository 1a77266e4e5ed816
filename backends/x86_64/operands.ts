// SPDX-License-Identifier: MIT
/**
 * Operands in AT&T spelling, and what they add to the length of an encoding: REX prefix, ModRM, SIB and
 * displacement (SDM vol. 2, "Instruction Format"). `$` before immediates, `%` before registers.
 */
import type { OperandContext, OperandKind } from '../../harness/machine/instruction-set.js';
import { registers } from './registers.js';

export const RAX = registers.names.indexOf('rax');
export const RSP = registers.names.indexOf('rsp');
export const RBP = registers.names.indexOf('rbp');
const R15 = registers.names.indexOf('r15');

/** 1 for registers that need a REX prefix to be named: r8 to r15. */
export const extended = (register: number | null): 0 | 1 => (register !== null && register >= 8 ? 1 : 0);

function registerOf(text: string, context: OperandContext): number | undefined {
  const index = text.startsWith('%') ? context.register(text.slice(1)) : undefined;
  return index !== undefined && index <= R15 ? index : undefined;
}

export const R64: OperandKind<number> = { name: '%r64', parse: registerOf };

/** An operand that is always spelled the same way. */
export const word = (spelling: string): OperandKind<string> => ({
  name: spelling,
  parse: (text) => (text.toLowerCase().replace(/\s/g, '') === spelling ? spelling : undefined),
});
export const AL = word('%al');

/** `*%r64` of an indirect branch. */
export const indirect: OperandKind<number> = {
  name: '*%r64',
  parse: (text, context) => (text.startsWith('*') ? registerOf(text.slice(1).trim(), context) : undefined),
};

/** Target of a direct branch. */
export const label: OperandKind<bigint> = {
  name: 'label',
  parse: (text, context) => (/^[$%*]/.test(text) ? undefined : context.expression(text)),
};

export const isImm8 = (value: bigint) => value === BigInt.asIntN(8, value);
export const isImm32 = (value: bigint) => value === BigInt.asIntN(32, value);

/** Immediates as 64-bit signed values: 0xffffffffffffffff is -1. */
const immediate = (name: string, fits: (value: bigint) => boolean): OperandKind<bigint> => ({
  name,
  parse: (text, context) => {
    const value = text.startsWith('$') ? context.expression(text.slice(1)) : undefined;
    if (value === undefined || value >= 1n << 64n || value < -(1n << 63n)) return undefined;
    const signed = BigInt.asIntN(64, value);
    return fits(signed) ? signed : undefined;
  },
});
export const imm8 = immediate('$imm8', (value) => value >= -128n && value <= 255n);
export const imm32 = immediate('$imm32', isImm32);
export const imm64 = immediate('$imm64', () => true);

export interface Memory {
  /** `null`: relative to RIP. */
  readonly base: number | null;
  /** Displacement from the base; the address itself when relative to RIP. */
  readonly offset: bigint;
}

/** `disp(%base)`, `(%base)`, `symbol(%rip)`. */
export const memory: OperandKind<Memory> = {
  name: 'disp(%r64)|symbol(%rip)',
  parse: (text, context) => {
    const match = /^(.*)\(\s*(%\w+)\s*\)$/.exec(text);
    if (!match || /^[$%*]/.test(text)) return undefined;
    const displacement = (match[1] as string).trim();
    if ((match[2] as string).toLowerCase() === '%rip') {
      const target = context.expression(displacement);
      return target === undefined ? undefined : { base: null, offset: BigInt.asUintN(64, target) };
    }
    const base = registerOf(match[2] as string, context);
    const offset = displacement === '' ? 0n : context.expression(displacement);
    if (base === undefined || offset === undefined || !isImm32(offset)) return undefined;
    return { base, offset };
  },
};

/** Bytes of ModRM, SIB and displacement. RSP and R12 as base need a SIB, RBP and R13 a displacement. */
export function memoryLength({ base, offset }: Memory): number {
  if (base === null) return 1 + 4;
  const sib = base % 8 === RSP ? 1 : 0;
  const displacement = offset === 0n && base % 8 !== RBP ? 0 : isImm8(offset) ? 1 : 4;
  return 1 + sib + displacement;
}

/** Effective address. */
export function address(x: BigUint64Array, { base, offset }: Memory): bigint {
  return base === null ? offset : BigInt.asUintN(64, (x[base] as bigint) + offset);
}
