// SPDX-License-Identifier: MIT
/**
 * A made-up architecture for tests of the machine: four-byte or byte-granular instructions, a link
 * register, memory operands `[base, #offset]`. No real machine is meant.
 */
import { assemble, type Program } from '../asm/program.js';
import { type InstructionSet, instruction, type RegisterTable } from '../instruction-set.js';
import { createInterpreter, type Interpreter, type InterpreterOptions } from '../interpreter.js';
import { address, bracketMemory, immediate, register, signed } from '../operands.js';
import { type ByteOrder, MachineFault } from '../types.js';

export const registers: RegisterTable = {
  names: ['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'lr', 'sp'],
  aliases: { link: 'lr' },
};
const LR = 8;
const SP = 9;

const reg = register('register');
const imm = immediate({ prefix: '#', ...signed(16) });
const mem = bracketMemory(reg, immediate({ prefix: '#', ...signed(12) }, 'offset'));
const label = address();
const near = address({ min: -128n, max: 127n });

const M = 'toy manual';
const table = [
  instruction('nop', [], M, 4, () => () => {}),
  instruction('mov', [reg, imm], M, 4, ([d, v]) => (cpu) => {
    cpu.x[d] = v;
  }),
  instruction('mov', [reg, reg], M, 4, ([d, s]) => (cpu) => {
    cpu.x[d] = cpu.x[s] as bigint;
  }),
  instruction('add', [reg, reg, imm], M, 4, ([d, s, v]) => (cpu) => {
    cpu.x[d] = (cpu.x[s] as bigint) + v;
  }),
  instruction('add', [reg, reg, reg], M, 4, ([d, a, b]) => (cpu) => {
    cpu.x[d] = (cpu.x[a] as bigint) + (cpu.x[b] as bigint);
  }),
  instruction('adr', [reg, label], M, 4, ([d, a]) => (cpu) => {
    cpu.x[d] = a;
  }),
  instruction('ld', [reg, mem], M, 4, ([d, { base, offset }]) => (cpu) => {
    cpu.x[d] = cpu.load((cpu.x[base] as bigint) + offset, 8);
  }),
  instruction('st', [reg, mem], M, 4, ([s, { base, offset }]) => (cpu) => {
    cpu.store((cpu.x[base] as bigint) + offset, 8, cpu.x[s] as bigint);
  }),
  instruction('stb', [reg, mem], M, 4, ([s, { base, offset }]) => (cpu) => {
    cpu.store((cpu.x[base] as bigint) + offset, 1, cpu.x[s] as bigint);
  }),
  instruction(
    'b',
    [label],
    M,
    4,
    ([to]) =>
      (cpu) =>
        cpu.jump(to),
  ),
  instruction(
    'br',
    [reg],
    M,
    4,
    ([r]) =>
      (cpu) =>
        cpu.jump(cpu.x[r] as bigint),
  ),
  instruction('bnz', [reg, label], M, 4, ([r, to]) => (cpu) => {
    if (cpu.x[r] !== 0n) cpu.jump(to);
  }),
  instruction('bl', [label], M, 4, ([to], here) => (cpu) => {
    cpu.x[LR] = here + 4n;
    cpu.jump(to);
  }),
  instruction('ret', [], M, 4, () => (cpu) => cpu.jump(cpu.x[LR] as bigint)),
  instruction('trap', [], M, 4, () => () => {
    throw new MachineFault('trap', 'trap instruction');
  }),
  // Short when the target is near: for layout that must settle.
  instruction(
    'jmp',
    [near],
    M,
    4,
    ([to]) =>
      (cpu) =>
        cpu.jump(to),
  ),
  instruction(
    'jmp',
    [label],
    M,
    8,
    ([to]) =>
      (cpu) =>
        cpu.jump(to),
  ),
];

/** Bytes: opcode, register, 16-bit little-endian immediate; `e8` is a call to here + immediate.
 * For byte-granular machines: `01` nop, `cc` trap, `e9 nn` with three more bytes a jump past itself. */
function decode(bytes: Uint8Array, here: bigint): { text: string; length: number } | undefined {
  const value = (((bytes[2] ?? 0) | ((bytes[3] ?? 0) << 8)) << 16) >> 16;
  switch (bytes[0]) {
    case 0x90:
      return { text: 'nop', length: 4 };
    case 0xb8:
      return { text: `mov r${bytes[1]}, #${value}`, length: 4 };
    case 0xe8:
      return { text: `bl 0x${(here + BigInt(value)).toString(16)}`, length: 4 };
    case 0x01:
      return { text: 'nop', length: 1 };
    case 0xcc:
      return { text: 'trap', length: 1 };
    case 0xe9:
      return { text: `b ${here + 5n + BigInt(bytes[1] ?? 0)}`, length: 5 };
    default:
      return undefined;
  }
}

export const toy: InstructionSet = {
  registers,
  table,
  comment: '',
  alignment: 4,
  decode,
  stackPointer: SP,
};

export const BASE = 0xffff_8000_0001_0000n;
export const C = 0xffff_8000_0010_0000n;
export const DATA = 0xffff_8000_0020_0000n;
export const STACK = 0xffff_8000_0030_0000n;
export const STACK_SIZE = 0x4000;

export interface Extras {
  readonly comment?: string;
  readonly alignment?: 1 | 4;
  readonly defines?: Record<string, string | number | bigint>;
  readonly constants?: Record<string, number | bigint>;
  readonly externals?: Record<string, bigint>;
  readonly byteOrder?: ByteOrder;
  readonly budget?: InterpreterOptions['budget'];
}

export function program(text: string, extras: Extras = {}): Program {
  return assemble({
    sources: [{ file: 'toy.S', text }],
    instructions: { ...toy, comment: extras.comment ?? '', alignment: extras.alignment ?? 4 },
    defines: extras.defines ?? {},
    constants: extras.constants ?? {},
    externals: new Map(Object.entries(extras.externals ?? {})),
    base: BASE,
    byteOrder: extras.byteOrder ?? 'little',
  });
}

export interface Toy {
  readonly machine: Interpreter;
  readonly program: Program;
  /** Address of a label. */
  at(label: string): bigint;
}

export function machine(text: string, extras: Extras = {}): Toy {
  const assembled = program(text, extras);
  const built = createInterpreter({
    program: assembled,
    instructions: { ...toy, alignment: extras.alignment ?? 4 },
    registers,
    byteOrder: extras.byteOrder ?? 'little',
    regions: [
      { name: 'text', kind: 'text', start: BASE, size: 0x2000 },
      { name: 'c', kind: 'text', start: C, size: 0x100 },
      { name: 'data', kind: 'data', start: DATA, size: 0x1000 },
      { name: 'stack', kind: 'stack', start: STACK, size: STACK_SIZE },
    ],
    ...(extras.budget ? { budget: extras.budget } : {}),
  });
  const at = (label: string): bigint => {
    const value = assembled.symbols.get(label);
    if (value === undefined) throw new Error(`no label ${label}`);
    return value;
  };
  return { machine: built, program: assembled, at };
}
