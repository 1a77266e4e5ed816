// SPDX-License-Identifier: MIT
/**
 * The z/Architecture instructions that trampolines, call sites and their stubs use (z/Architecture Principles of
 * Operation, by the names given there). Values of general registers are 64 bits; the condition code is 0 to 3 in `cc`,
 * of which only the low two bits are looked at.
 */
import {
  type Cpu,
  type Instruction,
  type InstructionSet,
  instruction,
  type Op,
  type OperandKind,
} from '../../harness/machine/instruction-set.js';
import {
  address,
  displaced,
  immediate,
  kind,
  register,
  signed,
  unsigned,
} from '../../harness/machine/operands.js';
import { MachineFault } from '../../harness/machine/types.js';
import { decode } from './encoding.js';
import { registers } from './registers.js';

const GPRS = registers.names.slice(0, 16);
const CC = registers.names.indexOf('cc');
const PSW = registers.names.indexOf('psw');

// ------------------------------------------------------------------------------------------- operands

const R: OperandKind<number> = kind('%r0…%r15', (text, context) =>
  text.startsWith('%') ? register('', GPRS).parse(text.slice(1), context) : undefined,
);

interface Storage {
  /** `null`: no base, the displacement is the address. */
  readonly base: number | null;
  readonly displacement: bigint;
  /** Bytes of the operand, where the text gives them. */
  readonly length: number;
}

/** Register 0 as a base means that there is none. */
const baseOf = (index: number) => (index === 0 ? null : index);

/** `D(%rB)` with a displacement in these bounds. */
function storage(name: string, bounds: { readonly min: bigint; readonly max: bigint }): OperandKind<Storage> {
  return kind(name, (text, context) => {
    const found = displaced(text);
    if (found === undefined || found.parts.length !== 1) return undefined;
    const base = R.parse(found.parts[0] as string, context);
    const displacement = found.displacement === '' ? 0n : context.expression(found.displacement);
    if (base === undefined || displacement === undefined) return undefined;
    if (displacement < bounds.min || displacement > bounds.max) return undefined;
    return { base: baseOf(base), displacement, length: 0 };
  });
}
const D12 = storage('D12(%rB)', unsigned(12));
const D20 = storage('D20(%rB)', signed(20));

/** `D(L,%rB)`, L from 1 to 256. */
const D12L: OperandKind<Storage> = kind('D12(L,%rB)', (text, context) => {
  const found = displaced(text);
  if (found === undefined || found.parts.length !== 2) return undefined;
  const [length = '', base = ''] = found.parts;
  const at = D12.parse(`${found.displacement}(${base})`, context);
  const bytes = context.expression(length);
  if (at === undefined || bytes === undefined || bytes < 1n || bytes > 256n) return undefined;
  return { ...at, length: Number(bytes) };
});

const imm16 = immediate(signed(16));
const imm8 = immediate(unsigned(8));
const mask = immediate(unsigned(4), 'mask');

/** A relative operand: halfwords, so that odd addresses cannot be told. */
function relative(bits: 16 | 32): OperandKind<bigint> {
  const { min, max } = signed(bits);
  const inReach = address({ min: 2n * min, max: 2n * max });
  return kind(inReach.name, (text, context) => {
    const target = text.startsWith('%') ? undefined : inReach.parse(text, context);
    return target === undefined || (target - context.here) % 2n !== 0n ? undefined : target;
  });
}
const rel16 = relative(16);
const rel32 = relative(32);

/** R1 of EXRL: 0 executes the target as it is. */
const unmodified: OperandKind<null> = kind('%r0', (text) =>
  text.toLowerCase() === '%r0' ? null : undefined,
);

// -------------------------------------------------------------------------------------------- helpers

const POP = (name: string) => `z/Architecture Principles of Operation: ${name}`;

const effective = (x: BigUint64Array, { base, displacement }: Storage) =>
  BigInt.asUintN(64, (base === null ? 0n : (x[base] as bigint)) + displacement);

/** Registers from `first` to `last`, past r15 on to r0. */
function range(first: number, last: number): number[] {
  return Array.from({ length: ((last - first) & 15) + 1 }, (_, n) => (first + n) & 15);
}

/** Condition code of a signed value: 0 zero, 1 negative, 2 positive. */
const sign = (value: bigint) => (value === 0n ? 0n : BigInt.asIntN(64, value) < 0n ? 1n : 2n);

/** Bits 0, 2 to 4, 12, 24 to 30 and 33 to 63 of a PSW must be zero. */
const RESERVED = 0xb808_00fe_7fff_ffffn;
/** EA and BA, bits 31 and 32: 24, 31 or 64-bit addresses. */
const [EXTENDED, BASIC] = [1n << 32n, 1n << 31n];

/** What the machine objects to as soon as a PSW is loaded; `null`: nothing. */
function invalidPsw(mask: bigint, address: bigint): string | null {
  if ((mask & RESERVED) !== 0n) return 'a reserved bit of the mask is set';
  const [extended, basic] = [(mask & EXTENDED) !== 0n, (mask & BASIC) !== 0n];
  if (extended && !basic) return 'extended addressing without basic';
  const bits = extended ? 64n : basic ? 31n : 24n;
  return address >> bits === 0n ? null : `the address has more than ${bits} bits`;
}

function addSigned({ x }: Cpu, to: number, value: bigint, addend: bigint): void {
  const sum = BigInt.asIntN(64, value) + addend;
  x[to] = sum;
  x[CC] = sum === BigInt.asIntN(64, sum) ? sign(sum) : 3n;
}

/** Storage-to-storage, from left to right; overlaps closer than a word byte by byte. */
function eachPiece(cpu: Cpu, to: Storage, from: Storage, act: (a: bigint, b: bigint, width: 1 | 8) => void) {
  const first = effective(cpu.x, to);
  const second = effective(cpu.x, from);
  const distance = first - second;
  const wide = to.length % 8 === 0 && (distance === 0n || distance >= 8n || distance <= -8n);
  const width = wide ? 8 : 1;
  for (let at = 0n; at < BigInt(to.length); at += BigInt(width)) act(first + at, second + at, width);
}

/** Bits `first` to `last` counted from the left, around the end if need be. */
function selected(first: number, last: number): bigint {
  const ones = (from: number, to: number) => ((1n << BigInt(to - from + 1)) - 1n) << BigInt(63 - to);
  return first <= last ? ones(first, last) : ones(first, 63) | ones(0, last);
}

/** Whether a mask selects a condition code: its leftmost bit stands for 0. */
const selects = (bits: bigint, { x }: Cpu) => ((bits >> (3n - ((x[CC] as bigint) & 3n))) & 1n) === 1n;

/** Where bits 18 and 19 of the PSW lie. */
const CC_SHIFT = 44n;
const CC_BITS = 3n << CC_SHIFT;
const LOW = 0xffff_ffffn;

/** Operands that must lie on a multiple of their size: a specification exception elsewhere. */
function aligned(at: bigint): bigint {
  if (at % 8n !== 0n)
    throw new MachineFault('fault', `operand at 0x${at.toString(16)} not aligned to 8 bytes`);
  return at;
}

const branchOn = (bits: bigint, to: bigint): Op => {
  return (cpu) => {
    if (selects(bits, cpu)) cpu.jump(to);
  };
};

/** Extended mnemonics of BRC and BRCL. */
const CONDITIONS: Readonly<Record<string, bigint>> = { '': 15n, ne: 7n, nz: 7n, e: 8n, z: 8n };

// ---------------------------------------------------------------------------------------------- table

const loads: readonly Instruction[] = [
  instruction('lg', [R, D20], POP('LOAD'), 6, ([r, at]) => (cpu) => {
    cpu.x[r] = cpu.load(effective(cpu.x, at), 8);
  }),
  instruction('stg', [R, D20], POP('STORE'), 6, ([r, at]) => (cpu) => {
    cpu.store(effective(cpu.x, at), 8, cpu.x[r] as bigint);
  }),
  // The base may be among the registers loaded.
  instruction('lmg', [R, R, D20], POP('LOAD MULTIPLE'), 6, ([first, last, at]) => {
    const list = range(first, last);
    return (cpu) => {
      const from = effective(cpu.x, at);
      for (const [n, r] of list.entries()) cpu.x[r] = cpu.load(BigInt.asUintN(64, from + 8n * BigInt(n)), 8);
    };
  }),
  instruction('stmg', [R, R, D20], POP('STORE MULTIPLE'), 6, ([first, last, at]) => {
    const list = range(first, last);
    return (cpu) => {
      const to = effective(cpu.x, at);
      for (const [n, r] of list.entries()) {
        cpu.store(BigInt.asUintN(64, to + 8n * BigInt(n)), 8, cpu.x[r] as bigint);
      }
    };
  }),
  instruction('ltg', [R, D20], POP('LOAD AND TEST'), 6, ([r, at]) => (cpu) => {
    cpu.x[r] = cpu.load(effective(cpu.x, at), 8);
    cpu.x[CC] = sign(cpu.x[r] as bigint);
  }),
  instruction('lgrl', [R, rel32], POP('LOAD RELATIVE LONG'), 6, ([r, from]) => (cpu) => {
    cpu.x[r] = cpu.load(aligned(from), 8);
  }),
  instruction('mvghi', [D12, imm16], POP('MOVE'), 6, ([at, value]) => (cpu) => {
    cpu.store(effective(cpu.x, at), 8, BigInt.asUintN(64, value));
  }),
  instruction('mvc', [D12L, D12], POP('MOVE'), 6, ([to, from]) => (cpu) => {
    eachPiece(cpu, to, from, (a, b, width) => cpu.store(a, width, cpu.load(b, width)));
  }),
  instruction('xc', [D12L, D12], POP('EXCLUSIVE OR'), 6, ([to, from]) => (cpu) => {
    let all = 0n;
    eachPiece(cpu, to, from, (a, b, width) => {
      const result = cpu.load(a, width) ^ cpu.load(b, width);
      cpu.store(a, width, result);
      all |= result;
    });
    cpu.x[CC] = all === 0n ? 0n : 1n;
  }),
];

const moves: readonly Instruction[] = [
  instruction('lgr', [R, R], POP('LOAD'), 4, ([to, from]) => (cpu) => {
    cpu.x[to] = cpu.x[from] as bigint;
  }),
  instruction('ltgr', [R, R], POP('LOAD AND TEST'), 4, ([to, from]) => (cpu) => {
    cpu.x[to] = cpu.x[from] as bigint;
    cpu.x[CC] = sign(cpu.x[to] as bigint);
  }),
  instruction('locgr', [R, R, mask], POP('LOAD ON CONDITION'), 4, ([to, from, bits]) => (cpu) => {
    if (selects(bits, cpu)) cpu.x[to] = cpu.x[from] as bigint;
  }),
  instruction('la', [R, D12], POP('LOAD ADDRESS'), 4, ([r, at]) => (cpu) => {
    cpu.x[r] = effective(cpu.x, at);
  }),
  instruction('lay', [R, D20], POP('LOAD ADDRESS'), 6, ([r, at]) => (cpu) => {
    cpu.x[r] = effective(cpu.x, at);
  }),
  instruction('larl', [R, rel32], POP('LOAD ADDRESS RELATIVE LONG'), 6, ([r, to]) => (cpu) => {
    cpu.x[r] = to;
  }),
  instruction('aghi', [R, imm16], POP('ADD HALFWORD IMMEDIATE'), 4, ([r, value]) => (cpu) => {
    addSigned(cpu, r, cpu.x[r] as bigint, value);
  }),
  instruction('aghik', [R, R, imm16], POP('ADD IMMEDIATE'), 6, ([to, from, value]) => (cpu) => {
    addSigned(cpu, to, cpu.x[from] as bigint, value);
  }),
  // Bit 0 of the fourth operand clears the bits that are not selected.
  instruction(
    'risbg',
    [R, R, imm8, imm8, imm8],
    POP('ROTATE THEN INSERT SELECTED BITS'),
    6,
    ([to, from, first, last, rotation]) => {
      const bits = selected(Number(first & 63n), Number(last & 63n));
      const left = rotation & 63n;
      const kept = (last & 0x80n) !== 0n ? 0n : ~bits;
      return ({ x }) => {
        const value = x[from] as bigint;
        const rotated = BigInt.asUintN(64, (value << left) | (value >> (64n - left)));
        x[to] = ((x[to] as bigint) & kept) | (rotated & bits);
        x[CC] = sign(x[to] as bigint);
      };
    },
  ),
  // Low halves; register 0 as second operand means that there is none.
  instruction('epsw', [R, R], POP('EXTRACT PSW'), 4, ([high, low]) => ({ x }) => {
    const psw = ((x[PSW] as bigint) & ~CC_BITS) | (((x[CC] as bigint) & 3n) << CC_SHIFT);
    x[high] = ((x[high] as bigint) & ~LOW) | (psw >> 32n);
    if (low !== 0) x[low] = ((x[low] as bigint) & ~LOW) | (psw & LOW);
  }),
];

const control: readonly Instruction[] = [
  instruction('brc', [mask, rel16], POP('BRANCH RELATIVE ON CONDITION'), 4, ([bits, to]) =>
    branchOn(bits, to),
  ),
  instruction('brcl', [mask, rel32], POP('BRANCH RELATIVE ON CONDITION LONG'), 6, ([bits, to]) =>
    branchOn(bits, to),
  ),
  ...Object.entries(CONDITIONS).flatMap(([suffix, bits]) => [
    instruction(`j${suffix}`, [rel16], POP('BRANCH RELATIVE ON CONDITION'), 4, ([to]) => branchOn(bits, to)),
    instruction(`jg${suffix}`, [rel32], POP('BRANCH RELATIVE ON CONDITION LONG'), 6, ([to]) =>
      branchOn(bits, to),
    ),
  ]),
  instruction('brasl', [R, rel32], POP('BRANCH RELATIVE AND SAVE LONG'), 6, ([link, to], here) => (cpu) => {
    cpu.x[link] = here + 6n;
    cpu.jump(to);
  }),
  // The target is read before the link is written.
  instruction('basr', [R, R], POP('BRANCH AND SAVE'), 2, ([link, to], here) => (cpu) => {
    const target = cpu.x[to] as bigint;
    cpu.x[link] = here + 2n;
    if (to !== 0) cpu.jump(target);
  }),
  // BCR 15; register 0 never branches.
  instruction('br', [R], POP('BRANCH ON CONDITION'), 2, ([to]) => (cpu) => {
    if (to !== 0) cpu.jump(cpu.x[to] as bigint);
  }),
  // The target is executed in place of this, and goes on behind this unless it branches.
  instruction('exrl', [unmodified, rel32], POP('EXECUTE RELATIVE LONG'), 6, ([, target]) => (cpu) => {
    const { text, op } = cpu.instructionAt(target);
    if (/^exrl\b/i.test(text)) throw new MachineFault('illegal', 'EXRL of an EXRL: execute exception');
    op(cpu);
  }),
  instruction('lpswe', [D12], POP('LOAD PSW EXTENDED'), 4, ([at]) => (cpu) => {
    const from = aligned(effective(cpu.x, at));
    const loaded = cpu.load(from, 8);
    const to = cpu.load(BigInt.asUintN(64, from + 8n), 8);
    const why = invalidPsw(loaded, to);
    if (why !== null) throw new MachineFault('fault', `LPSWE: specification exception, ${why}`);
    cpu.x[PSW] = ((cpu.x[PSW] as bigint) & CC_BITS) | (loaded & ~CC_BITS);
    cpu.x[CC] = (loaded >> CC_SHIFT) & 3n;
    cpu.jump(to);
  }),
];

export const instructions = {
  registers,
  table: [...loads, ...moves, ...control],
  comment: '#',
  alignment: 2,
  decode,
  stackPointer: registers.names.indexOf('r15'),
} as const satisfies InstructionSet;
