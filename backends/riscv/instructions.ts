// SPDX-License-Identifier: MIT
/**
 * The RV64 instructions that trampolines, call sites and their stubs use (RISC-V Unprivileged ISA, RV32I,
 * RV64I and C), and the pseudo-instructions by which they are written (RISC-V Assembly Programmer's Manual).
 * A pseudo-instruction of two machine instructions is one row of 8 bytes: nothing can be seen between them.
 * Sources are assembled without compression and relaxation; compressed forms exist only as patched bytes.
 */
import {
  type Instruction,
  type InstructionSet,
  instruction,
  type Op,
  type OperandKind,
} from '../../harness/machine/instruction-set.js';
import { MachineFault } from '../../harness/machine/types.js';
import { decode } from './encoding.js';
import { registers } from './registers.js';

const RA = registers.names.indexOf('ra');

// ------------------------------------------------------------------------------------------- operands

const X: OperandKind<number> = { name: 'register', parse: (text, context) => context.register(text) };

/** x0: reads as 0, and what is written is lost. */
const ZERO: OperandKind<null> = {
  name: 'zero',
  parse: (text) => (/^(zero|x0)$/i.test(text) ? null : undefined),
};

function immediate(name: string, fits: (value: bigint) => boolean): OperandKind<bigint> {
  return {
    name,
    parse: (text, context) => {
      const value = context.expression(text);
      return value !== undefined && fits(value) ? value : undefined;
    },
  };
}
const fitsSigned12 = (value: bigint) => value >= -2048n && value < 2048n;
const simm12 = immediate('simm12', fitsSigned12);
const uimm20 = immediate('uimm20', (value) => value >= 0n && value < 0x100000n);

interface Memory {
  readonly base: number;
  readonly offset: bigint;
}

/** `imm(base)`, `(base)`. */
const memory: OperandKind<Memory> = {
  name: 'simm12(register)',
  parse: (text, context) => {
    const match = /^(.*)\(\s*(\w+)\s*\)$/.exec(text);
    if (!match) return undefined;
    const base = context.register(match[2] as string);
    const before = (match[1] as string).trim();
    const offset = before === '' ? 0n : context.expression(before);
    if (base === undefined || offset === undefined || !fitsSigned12(offset)) return undefined;
    return { base, offset };
  },
};

const label: OperandKind<bigint> = {
  name: 'label',
  parse: (text, context) => {
    const value = context.expression(text);
    return value === undefined ? undefined : BigInt.asUintN(64, value);
  },
};

// ---------------------------------------------------------------------------------------------- table

const ISA = (name: string) => `RISC-V Unprivileged ISA: ${name}`;
const PSEUDO = (name: string, expansion: string) =>
  `RISC-V Assembly Programmer's Manual: ${name} (${expansion})`;

const nothing: Op = () => {};

const effective = (x: BigUint64Array, { base, offset }: Memory) =>
  BigInt.asUintN(64, (x[base] as bigint) + offset);

/** Where a JALR goes: bit 0 of the sum is cleared. */
const target = (x: BigUint64Array, at: Memory) => effective(x, at) & ~1n;

/** JALR with a link: the base is read before the link is written. */
function jumpAndLink(link: number, at: Memory, here: bigint): Op {
  const next = here + 4n;
  return (cpu) => {
    const to = target(cpu.x, at);
    cpu.x[link] = next;
    cpu.jump(to);
  };
}

const jump =
  (at: Memory): Op =>
  (cpu) =>
    cpu.jump(target(cpu.x, at));

const breakpoint = (name: string): Op => {
  return () => {
    throw new MachineFault('trap', name);
  };
};

const branchIf =
  (taken: (value: bigint) => boolean) =>
  (register: number, to: bigint): Op =>
  (cpu) => {
    if (taken(cpu.x[register] as bigint)) cpu.jump(to);
  };
const ifZero = branchIf((value) => value === 0n);
const ifNotZero = branchIf((value) => value !== 0n);

const set =
  (register: number, value: bigint): Op =>
  (cpu) => {
    cpu.x[register] = value;
  };

const table: readonly Instruction[] = [
  instruction('nop', [], ISA('ADDI'), 4, () => nothing),
  instruction('addi', [X, X, simm12], ISA('ADDI'), 4, ([d, s, imm]) => (cpu) => {
    cpu.x[d] = (cpu.x[s] as bigint) + imm;
  }),
  instruction('addiw', [X, X, simm12], ISA('ADDIW'), 4, ([d, s, imm]) => (cpu) => {
    cpu.x[d] = BigInt.asUintN(64, BigInt.asIntN(32, (cpu.x[s] as bigint) + imm));
  }),
  instruction('mv', [X, X], PSEUDO('mv', 'ADDI'), 4, ([d, s]) => (cpu) => {
    cpu.x[d] = cpu.x[s] as bigint;
  }),
  instruction('sext.w', [X, X], PSEUDO('sext.w', 'ADDIW'), 4, ([d, s]) => (cpu) => {
    cpu.x[d] = BigInt.asIntN(32, cpu.x[s] as bigint);
  }),
  instruction('li', [X, simm12], PSEUDO('li', 'ADDI'), 4, ([d, imm]) => set(d, imm)),
  instruction('auipc', [X, uimm20], ISA('AUIPC'), 4, ([d, high], here) =>
    set(d, here + BigInt.asIntN(32, high << 12n)),
  ),
  instruction('la', [X, label], PSEUDO('la', 'AUIPC, ADDI'), 8, ([d, to]) => set(d, to)),

  instruction('ld', [X, memory], ISA('LD'), 4, ([d, at]) => (cpu) => {
    cpu.x[d] = cpu.load(effective(cpu.x, at), 8);
  }),
  instruction('ld', [X, label], PSEUDO('ld rd, symbol', 'AUIPC, LD'), 8, ([d, from]) => (cpu) => {
    cpu.x[d] = cpu.load(from, 8);
  }),
  instruction('sd', [X, memory], ISA('SD'), 4, ([s, at]) => (cpu) => {
    cpu.store(effective(cpu.x, at), 8, cpu.x[s] as bigint);
  }),
  instruction('sd', [ZERO, memory], ISA('SD'), 4, ([, at]) => (cpu) => {
    cpu.store(effective(cpu.x, at), 8, 0n);
  }),

  instruction('bne', [X, ZERO, label], ISA('BNE'), 4, ([s, , to]) => ifNotZero(s, to)),
  instruction('bnez', [X, label], PSEUDO('bnez', 'BNE'), 4, ([s, to]) => ifNotZero(s, to)),
  instruction('beqz', [X, label], PSEUDO('beqz', 'BEQ'), 4, ([s, to]) => ifZero(s, to)),

  instruction('jalr', [X, memory], ISA('JALR'), 4, ([d, at], here) => jumpAndLink(d, at, here)),
  instruction('jalr', [ZERO, memory], ISA('JALR'), 4, ([, at]) => jump(at)),
  instruction('jalr', [X], PSEUDO('jalr rs', 'JALR'), 4, ([base], here) =>
    jumpAndLink(RA, { base, offset: 0n }, here),
  ),
  instruction('jr', [X], PSEUDO('jr', 'JALR'), 4, ([base]) => jump({ base, offset: 0n })),
  instruction('ret', [], PSEUDO('ret', 'JALR'), 4, () => jump({ base: RA, offset: 0n })),
  instruction('call', [label], PSEUDO('call', 'AUIPC, JALR'), 8, ([to], here) => {
    const next = here + 8n;
    return (cpu) => {
      cpu.x[RA] = next;
      cpu.jump(to);
    };
  }),

  instruction('ebreak', [], ISA('EBREAK'), 4, () => breakpoint('EBREAK')),
  instruction('c.nop', [], ISA('C.NOP'), 2, () => nothing),
  instruction('c.ebreak', [], ISA('C.EBREAK'), 2, () => breakpoint('C.EBREAK')),
];

export const instructions = {
  registers,
  table,
  comment: '#',
  alignment: 2,
  decode,
  stackPointer: registers.names.indexOf('sp'),
} as const satisfies InstructionSet;
