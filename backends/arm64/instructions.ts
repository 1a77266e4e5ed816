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
} from '../../harness/machine/instruction-set.js';
import {
  address as anyAddress,
  type BaseOffset,
  bracketMemory,
  either,
  immediate,
  mapped,
  modified,
  register,
  signed,
  unsigned,
  word,
} from '../../harness/machine/operands.js';
import { MachineFault } from '../../harness/machine/types.js';
import { decode } from './encoding.js';
import { registers } from './registers.js';

const SP = registers.names.indexOf('sp');

// ------------------------------------------------------------------------------------------- operands

const X = register('Xn', registers.names.slice(0, SP));
const XSP = register('Xn|SP', registers.names.slice(0, SP + 1));
const XZR = word('xzr');
const NZCV = registers.names.indexOf('nzcv');
/** N, Z, C, V in the bits of PSTATE. */
const FLAGS = 0xf000_0000n;

const hash = { prefix: '#', optional: true } as const;
const uimm12 = immediate({ ...hash, ...unsigned(12) });
const uimm16 = immediate({ ...hash, ...unsigned(16) });
const simm9 = immediate({ ...hash, ...signed(9) });
const simm7x8 = immediate({ ...hash, min: -512n, max: 504n, multiple: 8n });
const uimm12x8 = immediate({ ...hash, min: 0n, max: 32760n, multiple: 8n });
const zero = immediate({ ...hash, min: 0n, max: 0n });
/** The low twelve bits of an address, scaled by 8 in the encoding of a 64-bit access. */
const lo12 = mapped(':lo12:symbol', modified(':lo12:'), (value) =>
  value % 8n === 0n ? value & 0xfffn : undefined,
);
/** An immediate whose complement is a bitmask immediate. */
const inverted = mapped('#~bitmask', immediate({ ...hash, ...unsigned(64) }), (value) =>
  isBitmask(BigInt.asUintN(64, ~value)) ? value : undefined,
);

/** A 64-bit bitmask immediate. */
const bitmask = mapped('#bitmask', immediate({ ...hash, ...unsigned(64) }), (value) =>
  isBitmask(value) ? value : undefined,
);

/** Copies of a rotated run of ones, the copies 2 to 64 bits wide (shared pseudocode DecodeBitMasks). */
function isBitmask(value: bigint): boolean {
  return [2, 4, 8, 16, 32, 64].some((width) => {
    const part = BigInt.asUintN(width, value);
    for (let at = width; at < 64; at += width) {
      if (BigInt.asUintN(width, value >> BigInt(at)) !== part) return false;
    }
    // A rotated run has exactly two places where neighbouring bits differ.
    const rotated = BigInt.asUintN(width, (part >> 1n) | (part << BigInt(width - 1)));
    return (part ^ rotated).toString(2).replaceAll('0', '').length === 2;
  });
}

const reach = (bytes: bigint, step: bigint) => anyAddress({ min: -bytes, max: bytes - step });
const branchTo = (bytes: bigint) =>
  mapped(`label within ${bytes >> 20n} MiB`, reach(bytes, 4n), (target, { here }) =>
    (target - here) % 4n === 0n ? target : undefined,
  );
const near = branchTo(1n << 20n);
const far = branchTo(128n << 20n);
const nearByte = reach(1n << 20n, 1n);
const page = reach(1n << 32n, 1n);

/** Scaled unsigned offset, or the unscaled signed form (LDUR, STUR). */
const single = bracketMemory(XSP, either(either(uimm12x8, simm9), lo12));
const pair = bracketMemory(XSP, simm7x8);
const pairPre = bracketMemory(XSP, simm7x8, true);
const base = bracketMemory(XSP, zero);

/** Address of an access; checks SP alignment when SP is the base. */
function address(x: BigUint64Array, { base: index, offset }: BaseOffset): bigint {
  const value = x[index] as bigint;
  if (index === SP && (value & 15n) !== 0n) {
    throw new MachineFault('fault', `SP 0x${value.toString(16)} is not 16-byte aligned at a memory access`);
  }
  return BigInt.asUintN(64, value + offset);
}

// ---------------------------------------------------------------------------------------------- table

const nothing: Op = () => {};

function branch(target: bigint): Op {
  return (cpu) => cpu.jump(target);
}

/** MRS of a system register that has one value wherever our sources read it. */
function constant(name: string, value: bigint): Instruction {
  return instruction('mrs', [X, word(name)], `C6.2 MRS, C5.2 ${name}`, 4, ([d]) => (cpu) => {
    cpu.x[d] = value;
  });
}

/** What an indirect call, a jump by x16 or x17 (as veneers do), and any other jump may meet (C6.2 BTI). */
const CALL_PADS = ['bti c', 'bti jc'];
const VENEER_PADS = ['bti c', 'bti j', 'bti jc'];
const JUMP_PADS = ['bti j', 'bti jc'];

const table: readonly Instruction[] = [
  instruction('nop', [], 'C6.2 NOP', 4, () => nothing),
  instruction('bti', [word('c')], 'C6.2 BTI', 4, () => nothing),
  instruction('bti', [word('j')], 'C6.2 BTI', 4, () => nothing),
  instruction('bti', [word('jc')], 'C6.2 BTI', 4, () => nothing),

  instruction('mov', [X, uimm12], 'C6.2 MOV (wide immediate)', 4, ([d, imm]) => (cpu) => {
    cpu.x[d] = imm;
  }),
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
  instruction('bic', [X, X, inverted], 'C6.2 AND (immediate)', 4, ([d, n, imm]) => {
    const mask = BigInt.asUintN(64, ~imm);
    return (cpu) => {
      cpu.x[d] = (cpu.x[n] as bigint) & mask;
    };
  }),
  instruction('and', [X, X, bitmask], 'C6.2 AND (immediate)', 4, ([d, n, mask]) => (cpu) => {
    cpu.x[d] = (cpu.x[n] as bigint) & mask;
  }),
  instruction('orr', [X, X, X], 'C6.2 ORR (shifted register)', 4, ([d, n, m]) => (cpu) => {
    cpu.x[d] = (cpu.x[n] as bigint) | (cpu.x[m] as bigint);
  }),
  instruction('mrs', [X, word('nzcv')], 'C6.2 MRS, C5.2 NZCV', 4, ([d]) => (cpu) => {
    cpu.x[d] = (cpu.x[NZCV] as bigint) & FLAGS;
  }),
  instruction('msr', [word('nzcv'), X], 'C6.2 MSR (register), C5.2 NZCV', 4, ([, n]) => (cpu) => {
    cpu.x[NZCV] = (cpu.x[n] as bigint) & FLAGS;
  }),
  // The kernel at EL1 on its own stack pointer, nothing masked.
  constant('daif', 0n),
  constant('CurrentEL', 4n),
  constant('SPSel', 1n),
  instruction('adrp', [X, page], 'C6.2 ADRP', 4, ([d, target]) => {
    const value = BigInt.asUintN(64, target & ~0xfffn);
    return (cpu) => {
      cpu.x[d] = value;
    };
  }),
  instruction('adr', [X, nearByte], 'C6.2 ADR', 4, ([d, target]) => (cpu) => {
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
  instruction('ldp', [X, X, base, simm7x8], 'C6.2 LDP', 4, ([a, b, at, step]) => (cpu) => {
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
  instruction('stp', [XZR, X, pair], 'C6.2 STP', 4, ([, b, at]) => (cpu) => {
    const to = address(cpu.x, at);
    cpu.store(to, 8, 0n);
    cpu.store(to + 8n, 8, cpu.x[b] as bigint);
  }),
  instruction('stp', [X, X, pairPre], 'C6.2 STP', 4, ([a, b, at]) => (cpu) => {
    const to = address(cpu.x, at);
    cpu.store(to, 8, cpu.x[a] as bigint);
    cpu.store(to + 8n, 8, cpu.x[b] as bigint);
    cpu.x[at.base] = to;
  }),

  instruction('cbz', [X, near], 'C6.2 CBZ', 4, ([t, target]) => (cpu) => {
    if (cpu.x[t] === 0n) cpu.jump(target);
  }),
  instruction('cbnz', [X, near], 'C6.2 CBNZ', 4, ([t, target]) => (cpu) => {
    if (cpu.x[t] !== 0n) cpu.jump(target);
  }),
  instruction('b', [far], 'C6.2 B', 4, ([target]) => branch(target)),
  instruction('bl', [far], 'C6.2 BL', 4, ([target], here) => {
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
      cpu.land(target, CALL_PADS);
    };
  }),
  instruction(
    'br',
    [X],
    'C6.2 BR',
    4,
    ([n]) =>
      (cpu) =>
        cpu.land(cpu.x[n] as bigint, n === 16 || n === 17 ? VENEER_PADS : JUMP_PADS),
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
  landingPads: 'ARM64_BTI_KERNEL',
} as const satisfies InstructionSet;
