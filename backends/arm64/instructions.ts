// SPDX-License-Identifier: MIT
/**
 * The A64 instructions that trampolines, call sites and their stubs use, with their section in the Arm
 * Architecture Reference Manual (DDI 0487). Every instruction is 4 bytes. A memory access with SP as base
 * faults unless SP is 16-byte aligned (D1.3.8.2, SCTLR_EL1.SA, which Linux sets).
 */
import {
  type Instruction,
  type InstructionSet,
  instruction,
  type Op,
  type OperandContext,
  type OperandKind,
} from '../../harness/machine/instruction-set.js';
import { MachineFault } from '../../harness/machine/types.js';
import { decode } from './encoding.js';
import { registers } from './registers.js';

const SP = registers.names.indexOf('sp');

// ------------------------------------------------------------------------------------------- operands

const X: OperandKind<number> = {
  name: 'Xn',
  parse: (text, context) => {
    const index = context.register(text);
    return index !== undefined && index < SP ? index : undefined;
  },
};
const XSP: OperandKind<number> = {
  name: 'Xn|SP',
  parse: (text, context) => {
    const index = context.register(text);
    return index !== undefined && index <= SP ? index : undefined;
  },
};
const word = (spelling: string): OperandKind<string> => ({
  name: spelling,
  parse: (text) => (text.toLowerCase() === spelling ? spelling : undefined),
});
const XZR = word('xzr');

const immediate = (name: string, fits: (value: bigint) => boolean): OperandKind<bigint> => ({
  name,
  parse: (text, context) => {
    const value = context.expression(text.replace(/^#/, ''));
    return value !== undefined && fits(value) ? value : undefined;
  },
});
const uimm12 = immediate('#uimm12', (value) => value >= 0n && value < 4096n);
const uimm16 = immediate('#uimm16', (value) => value >= 0n && value < 65536n);
const anyImmediate = immediate('#imm', () => true);
const label: OperandKind<bigint> = { name: 'label', parse: (text, context) => context.expression(text) };

interface Memory {
  readonly base: number;
  readonly offset: bigint;
}

/** `[Xn|SP]`, `[Xn|SP, #imm]`; with `writeback`, `[Xn|SP, #imm]!`. */
function memory(name: string, writeback: boolean, fits: (offset: bigint) => boolean): OperandKind<Memory> {
  return {
    name,
    parse: (text, context) => {
      const match = /^\[\s*(\w+)\s*(?:,\s*(.+?))?\s*\](!?)$/.exec(text);
      if (!match || (match[3] === '!') !== writeback) return undefined;
      const base = XSP.parse(match[1] as string, context);
      const offset = memoryOffset(match[2], context);
      if (base === undefined || offset === undefined || !fits(offset)) return undefined;
      return { base, offset };
    },
  };
}

/** `#imm`, `imm` or `:lo12:symbol`; nothing is 0. */
function memoryOffset(text: string | undefined, context: OperandContext): bigint | undefined {
  if (text === undefined) return 0n;
  const low = /^#?:lo12:(.+)$/.exec(text);
  if (!low) return context.expression(text.replace(/^#/, ''));
  const value = context.expression(low[1] as string);
  return value === undefined ? undefined : value & 0xfffn;
}

/** Scaled unsigned offset, or the unscaled signed form (LDUR, STUR). */
const single = memory(
  '[Xn|SP, #imm]',
  false,
  (o) => (o >= 0n && o <= 32760n && o % 8n === 0n) || (o >= -256n && o < 256n),
);
const fitsPair = (o: bigint) => o >= -512n && o <= 504n && o % 8n === 0n;
const pair = memory('[Xn|SP, #simm7*8]', false, fitsPair);
const pairPre = memory('[Xn|SP, #simm7*8]!', true, fitsPair);
const base = memory('[Xn|SP]', false, (o) => o === 0n);
const postIndex = immediate('#simm7*8', fitsPair);

/** Address of an access; checks SP alignment when SP is the base. */
function address(x: BigUint64Array, { base: register, offset }: Memory): bigint {
  const value = x[register] as bigint;
  if (register === SP && (value & 15n) !== 0n) {
    throw new MachineFault('fault', `SP 0x${value.toString(16)} is not 16-byte aligned at a memory access`);
  }
  return BigInt.asUintN(64, value + offset);
}

// ---------------------------------------------------------------------------------------------- table

const nothing: Op = () => {};

function branch(target: bigint): Op {
  return (cpu) => cpu.jump(target);
}

const table: readonly Instruction[] = [
  instruction('nop', [], 'C6.2 NOP', 4, () => nothing),
  instruction('bti', [word('c')], 'C6.2 BTI', 4, () => nothing),
  instruction('bti', [word('j')], 'C6.2 BTI', 4, () => nothing),
  instruction('bti', [word('jc')], 'C6.2 BTI', 4, () => nothing),

  instruction('mov', [X, X], 'C6.2 MOV (register)', 4, ([d, m]) => (cpu) => {
    cpu.x[d] = cpu.x[m] as bigint;
  }),
  // Moves from and to SP are ADD with immediate 0.
  instruction('mov', [XSP, XSP], 'C6.2 MOV (to/from SP)', 4, ([d, n]) => (cpu) => {
    cpu.x[d] = cpu.x[n] as bigint;
  }),
  instruction('add', [XSP, XSP, uimm12], 'C6.2 ADD (immediate)', 4, ([d, n, imm]) => (cpu) => {
    cpu.x[d] = (cpu.x[n] as bigint) + imm;
  }),
  instruction('sub', [XSP, XSP, uimm12], 'C6.2 SUB (immediate)', 4, ([d, n, imm]) => (cpu) => {
    cpu.x[d] = (cpu.x[n] as bigint) - imm;
  }),
  // BIC with immediate is an alias of AND with the inverted bitmask.
  instruction('bic', [X, X, anyImmediate], 'C6.2 AND (immediate)', 4, ([d, n, imm]) => {
    const mask = BigInt.asUintN(64, ~imm);
    return (cpu) => {
      cpu.x[d] = (cpu.x[n] as bigint) & mask;
    };
  }),
  instruction('adrp', [X, label], 'C6.2 ADRP', 4, ([d, target]) => {
    const page = BigInt.asUintN(64, target & ~0xfffn);
    return (cpu) => {
      cpu.x[d] = page;
    };
  }),
  instruction('adr', [X, label], 'C6.2 ADR', 4, ([d, target]) => (cpu) => {
    cpu.x[d] = target;
  }),

  instruction('ldr', [X, single], 'C6.2 LDR (immediate), LDUR', 4, ([t, at]) => (cpu) => {
    cpu.x[t] = cpu.load(address(cpu.x, at), 8);
  }),
  instruction('str', [X, single], 'C6.2 STR (immediate), STUR', 4, ([t, at]) => (cpu) => {
    cpu.store(address(cpu.x, at), 8, cpu.x[t] as bigint);
  }),
  instruction('str', [XZR, single], 'C6.2 STR (immediate), STUR', 4, ([, at]) => (cpu) => {
    cpu.store(address(cpu.x, at), 8, 0n);
  }),
  instruction('ldp', [X, X, pair], 'C6.2 LDP', 4, ([a, b, at]) => (cpu) => {
    const from = address(cpu.x, at);
    const first = cpu.load(from, 8);
    cpu.x[b] = cpu.load(from + 8n, 8);
    cpu.x[a] = first;
  }),
  instruction('ldp', [X, X, base, postIndex], 'C6.2 LDP', 4, ([a, b, at, step]) => (cpu) => {
    const from = address(cpu.x, at);
    const first = cpu.load(from, 8);
    cpu.x[b] = cpu.load(from + 8n, 8);
    cpu.x[a] = first;
    cpu.x[at.base] = from + step;
  }),
  instruction('stp', [X, X, pair], 'C6.2 STP', 4, ([a, b, at]) => (cpu) => {
    const to = address(cpu.x, at);
    cpu.store(to, 8, cpu.x[a] as bigint);
    cpu.store(to + 8n, 8, cpu.x[b] as bigint);
  }),
  instruction('stp', [X, X, pairPre], 'C6.2 STP', 4, ([a, b, at]) => (cpu) => {
    const to = address(cpu.x, at);
    cpu.store(to, 8, cpu.x[a] as bigint);
    cpu.store(to + 8n, 8, cpu.x[b] as bigint);
    cpu.x[at.base] = to;
  }),

  instruction('cbz', [X, label], 'C6.2 CBZ', 4, ([t, target]) => (cpu) => {
    if (cpu.x[t] === 0n) cpu.jump(target);
  }),
  instruction('cbnz', [X, label], 'C6.2 CBNZ', 4, ([t, target]) => (cpu) => {
    if (cpu.x[t] !== 0n) cpu.jump(target);
  }),
  instruction('b', [label], 'C6.2 B', 4, ([target]) => branch(target)),
  instruction('bl', [label], 'C6.2 BL', 4, ([target], here) => {
    const link = here + 4n;
    return (cpu) => {
      cpu.x[30] = link;
      cpu.jump(target);
    };
  }),
  instruction('blr', [X], 'C6.2 BLR', 4, ([n], here) => {
    const link = here + 4n;
    return (cpu) => {
      const target = cpu.x[n] as bigint;
      cpu.x[30] = link;
      cpu.jump(target);
    };
  }),
  instruction(
    'br',
    [X],
    'C6.2 BR',
    4,
    ([n]) =>
      (cpu) =>
        cpu.jump(cpu.x[n] as bigint),
  ),
  instruction(
    'ret',
    [X],
    'C6.2 RET',
    4,
    ([n]) =>
      (cpu) =>
        cpu.jump(cpu.x[n] as bigint),
  ),
  instruction('ret', [], 'C6.2 RET', 4, () => (cpu) => cpu.jump(cpu.x[30] as bigint)),
  instruction('brk', [uimm16], 'C6.2 BRK', 4, ([code]) => () => {
    throw new MachineFault('trap', `BRK #0x${code.toString(16)}`);
  }),
];

export const instructions = {
  registers,
  table,
  comment: '',
  alignment: 4,
  decode,
  stackPointer: SP,
} as const satisfies InstructionSet;
