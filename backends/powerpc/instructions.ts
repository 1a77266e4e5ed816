// SPDX-License-Identifier: MIT
/**
 * The Power ISA instructions that trampolines, call sites, their stubs and the TOC set-up of functions use, with the
 * extended mnemonics by which they are written (Power ISA, Book I, chapters 2 and 3; Book III for what is privileged).
 * Every instruction is 4 bytes. r0 as base of an access, or as source of ADDI and ADDIS, stands for 0.
 */
import {
  type Cpu,
  type Instruction,
  type InstructionSet,
  instruction,
  type Op,
  type OperandContext,
  type OperandKind,
} from '../../harness/machine/instruction-set.js';
import {
  address,
  type BaseOffset,
  displacedMemory,
  either,
  immediate,
  kind,
  register,
  signed,
  suffixed,
  unsigned,
} from '../../harness/machine/operands.js';
import { MachineFault } from '../../harness/machine/types.js';
import { decode } from './encoding.js';
import { registers } from './registers.js';

const index = (name: string) => (registers.names as readonly string[]).indexOf(name);
const [LR, CTR, XER, MSR, SRR0, SRR1] = ['lr', 'ctr', 'xer', 'msr', 'srr0', 'srr1'].map(index) as [
  number,
  number,
  number,
  number,
  number,
  number,
];
const CR0 = index('cr0');

// ------------------------------------------------------------------------------------------- operands

/** `r3` or `%r3`. */
function spelled(name: string, of: readonly string[]): OperandKind<number> {
  const bare = register(name, of);
  return kind(name, (text, context) => bare.parse(text.replace(/^%/, ''), context));
}
const R = spelled('GPR', registers.names.slice(0, 32));
const CR = spelled('CR field', registers.names.slice(CR0, CR0 + 8));

const simm16 = immediate(signed(16));
const uimm16 = immediate(unsigned(16));
/** LIS and ADDIS take the same 16 bits written as signed or unsigned. */
const high16 = immediate({ min: -0x8000n, max: 0xffffn });
const simm16x4 = immediate({ ...signed(16), multiple: 4n });
const shift = immediate(unsigned(5));

/** A part of the distance of a symbol from the TOC base. */
function toc(suffix: string, part: (offset: bigint) => bigint | undefined): OperandKind<bigint> {
  const of = suffixed(suffix);
  return kind(of.name, (text: string, context: OperandContext) => {
    const [value, base] = [of.parse(text, context), context.expression('kernel_toc_base')];
    return value === undefined || base === undefined ? undefined : part(BigInt.asIntN(64, value - base));
  });
}
const tocHigh = toc('@toc@ha', (offset) => BigInt.asIntN(16, (offset + 0x8000n) >> 16n));
const tocLow = toc('@toc@l', (offset) => BigInt.asIntN(16, offset));
/** The same for an access whose offset must be a multiple of 4. */
const tocLow4 = toc('@toc@l', (offset) => (offset % 4n === 0n ? BigInt.asIntN(16, offset) : undefined));
const constantHigh = kind('constant@h', (text: string, context: OperandContext) => {
  const value = suffixed('@h').parse(text, context);
  return value === undefined ? undefined : BigInt.asUintN(16, value >> 16n);
});
const constantLow = kind('constant@l', (text: string, context: OperandContext) => {
  const value = suffixed('@l').parse(text, context);
  return value === undefined ? undefined : BigInt.asUintN(16, value);
});

/** D-form and DS-form accesses. */
const byteAt = displacedMemory(R, simm16);
const doubleAt = displacedMemory(R, either(tocLow4, simm16x4));

const near = address({ min: -0x8000n, max: 0x7ffcn });
const far = address({ min: -0x200_0000n, max: 0x1ff_fffcn });

// ---------------------------------------------------------------------------------------------- table

const BOOK = (name: string) => `Power ISA, Book I: ${name}`;
const PRIVILEGED = (name: string) => `Power ISA, Book III: ${name}`;
const EXTENDED = (name: string, base: string) => `Power ISA, Book I, extended mnemonics: ${name} (${base})`;

const [LT, GT, EQ, SO] = [8n, 4n, 2n, 1n];
/** Of XER: summary overflow; carry, and carry out of bit 32. */
const [XER_SO, XER_CA] = [0x8000_0000n, 0x2004_0000n];

const nothing: Op = () => {};
const value = (cpu: Cpu, at: number) => cpu.x[at] as bigint;
/** (RA|0) */
const orZero = (cpu: Cpu, at: number) => (at === 0 ? 0n : value(cpu, at));
const effective = (cpu: Cpu, { base, offset }: BaseOffset) => BigInt.asUintN(64, orZero(cpu, base) + offset);

const set = (to: number, from: (cpu: Cpu) => bigint): Op => {
  return (cpu) => {
    cpu.x[to] = from(cpu);
  };
};
const move = (to: number, from: number): Op => set(to, (cpu) => value(cpu, from));

function compare(field: number, left: number, right: (cpu: Cpu) => bigint): Op {
  return (cpu) => {
    const [a, b] = [BigInt.asIntN(64, value(cpu, left)), right(cpu)];
    const overflow = (value(cpu, XER) & XER_SO) !== 0n ? SO : 0n;
    cpu.x[field] = (a < b ? LT : a > b ? GT : EQ) | overflow;
  };
}
const signedValue = (at: number) => (cpu: Cpu) => BigInt.asIntN(64, value(cpu, at));

/** Jumps to LR or CTR; the low two bits are not part of it. */
const jumpTo = (at: number): Op => {
  return (cpu) => cpu.jump(value(cpu, at) & ~3n);
};
const jumpAndLink = (at: number, here: bigint): Op => {
  return (cpu) => {
    const to = value(cpu, at) & ~3n;
    cpu.x[LR] = here + 4n;
    cpu.jump(to);
  };
};
const when = (field: number, bit: bigint, due: boolean, act: Op): Op => {
  return (cpu) => {
    if (((value(cpu, field) & bit) !== 0n) === due) act(cpu);
  };
};
const branch = (to: bigint): Op => {
  return (cpu) => cpu.jump(to);
};

/** A conditional branch with and without CR field, and with each prediction hint. */
function conditional(name: string, bit: bigint, due: boolean): Instruction[] {
  return ['', '-', '+'].flatMap((hint) => [
    instruction(name + hint, [near], EXTENDED(name, 'bc'), 4, ([to]) => when(CR0, bit, due, branch(to))),
    instruction(name + hint, [CR, near], EXTENDED(name, 'bc'), 4, ([field, to]) =>
      when(field, bit, due, branch(to)),
    ),
  ]);
}

const trap =
  (why: string): Op =>
  () => {
    throw new MachineFault('trap', why);
  };

const table: readonly Instruction[] = [
  instruction('nop', [], EXTENDED('nop', 'ori'), 4, () => nothing),

  instruction('ld', [R, doubleAt], BOOK('ld'), 4, ([t, at]) =>
    set(t, (cpu) => cpu.load(effective(cpu, at), 8)),
  ),
  instruction('lwz', [R, byteAt], BOOK('lwz'), 4, ([t, at]) =>
    set(t, (cpu) => cpu.load(effective(cpu, at), 4)),
  ),
  instruction('lbz', [R, byteAt], BOOK('lbz'), 4, ([t, at]) =>
    set(t, (cpu) => cpu.load(effective(cpu, at), 1)),
  ),
  instruction('std', [R, doubleAt], BOOK('std'), 4, ([s, at]) => (cpu) => {
    cpu.store(effective(cpu, at), 8, value(cpu, s));
  }),
  instruction('stdu', [R, doubleAt], BOOK('stdu'), 4, ([s, at]) => (cpu) => {
    const to = effective(cpu, at);
    cpu.store(to, 8, value(cpu, s));
    cpu.x[at.base] = to;
  }),

  instruction('addi', [R, R, simm16], BOOK('addi'), 4, ([t, a, imm]) =>
    set(t, (cpu) => orZero(cpu, a) + imm),
  ),
  instruction('addi', [R, R, tocLow], BOOK('addi'), 4, ([t, a, imm]) =>
    set(t, (cpu) => orZero(cpu, a) + imm),
  ),
  instruction('subi', [R, R, simm16], EXTENDED('subi', 'addi'), 4, ([t, a, imm]) =>
    set(t, (cpu) => orZero(cpu, a) - imm),
  ),
  instruction('li', [R, simm16], EXTENDED('li', 'addi'), 4, ([t, imm]) => set(t, () => imm)),
  instruction('addis', [R, R, high16], BOOK('addis'), 4, ([t, a, imm]) =>
    set(t, (cpu) => orZero(cpu, a) + BigInt.asIntN(32, imm << 16n)),
  ),
  instruction('addis', [R, R, tocHigh], BOOK('addis'), 4, ([t, a, imm]) =>
    set(t, (cpu) => orZero(cpu, a) + (imm << 16n)),
  ),
  instruction('lis', [R, either(constantHigh, high16)], EXTENDED('lis', 'addis'), 4, ([t, imm]) =>
    set(t, () => BigInt.asIntN(32, imm << 16n)),
  ),
  instruction('ori', [R, R, either(constantLow, uimm16)], BOOK('ori'), 4, ([a, s, imm]) =>
    set(a, (cpu) => value(cpu, s) | imm),
  ),
  instruction('add', [R, R, R], BOOK('add'), 4, ([t, a, b]) =>
    set(t, (cpu) => value(cpu, a) + value(cpu, b)),
  ),
  instruction('mr', [R, R], EXTENDED('mr', 'or'), 4, ([a, s]) => move(a, s)),
  // The mask of RLWINM lies in the low word: the high word of the result is 0.
  instruction('slwi', [R, R, shift], EXTENDED('slwi', 'rlwinm'), 4, ([a, s, n]) =>
    set(a, (cpu) => BigInt.asUintN(32, BigInt.asUintN(32, value(cpu, s)) << n)),
  ),
  // CA: ones were shifted out of a negative word.
  instruction('srawi', [R, R, shift], BOOK('srawi'), 4, ([a, s, n]) => (cpu) => {
    const word = BigInt.asIntN(32, value(cpu, s));
    const carry = word < 0n && BigInt.asUintN(Number(n), word) !== 0n;
    cpu.x[XER] = (value(cpu, XER) & ~XER_CA) | (carry ? XER_CA : 0n);
    cpu.x[a] = word >> n;
  }),

  instruction('cmpd', [R, R], EXTENDED('cmpd', 'cmp'), 4, ([a, b]) => compare(CR0, a, signedValue(b))),
  instruction('cmpd', [CR, R, R], EXTENDED('cmpd', 'cmp'), 4, ([field, a, b]) =>
    compare(field, a, signedValue(b)),
  ),
  instruction('cmpdi', [R, simm16], EXTENDED('cmpdi', 'cmpi'), 4, ([a, imm]) => compare(CR0, a, () => imm)),
  instruction('cmpdi', [CR, R, simm16], EXTENDED('cmpdi', 'cmpi'), 4, ([field, a, imm]) =>
    compare(field, a, () => imm),
  ),

  instruction('b', [far], BOOK('b'), 4, ([to]) => branch(to)),
  instruction('bl', [far], BOOK('bl'), 4, ([to], here) => (cpu) => {
    cpu.x[LR] = here + 4n;
    cpu.jump(to);
  }),
  ...conditional('beq', EQ, true),
  ...conditional('bne', EQ, false),
  instruction('blr', [], EXTENDED('blr', 'bclr'), 4, () => jumpTo(LR)),
  instruction('bctr', [], EXTENDED('bctr', 'bcctr'), 4, () => jumpTo(CTR)),
  instruction('bctrl', [], EXTENDED('bctrl', 'bcctrl'), 4, (_none, here) => jumpAndLink(CTR, here)),
  instruction('bnectr', [CR], EXTENDED('bnectr', 'bcctr'), 4, ([field]) =>
    when(field, EQ, false, jumpTo(CTR)),
  ),

  instruction('mflr', [R], EXTENDED('mflr', 'mfspr'), 4, ([t]) => move(t, LR)),
  instruction('mtlr', [R], EXTENDED('mtlr', 'mtspr'), 4, ([s]) => move(LR, s)),
  instruction('mfctr', [R], EXTENDED('mfctr', 'mfspr'), 4, ([t]) => move(t, CTR)),
  instruction('mtctr', [R], EXTENDED('mtctr', 'mtspr'), 4, ([s]) => move(CTR, s)),
  instruction('mfxer', [R], EXTENDED('mfxer', 'mfspr'), 4, ([t]) => move(t, XER)),
  instruction('mtxer', [R], EXTENDED('mtxer', 'mtspr'), 4, ([s]) => move(XER, s)),
  instruction('mfcr', [R], BOOK('mfcr'), 4, ([t]) =>
    set(t, (cpu) => {
      let word = 0n;
      for (let field = 0; field < 8; field++) word = (word << 4n) | (value(cpu, CR0 + field) & 0xfn);
      return word;
    }),
  ),
  // A field is the low four bits of its register here; the poison that may lie above them is not part of it.
  instruction('mtcr', [R], EXTENDED('mtcr', 'mtcrf'), 4, ([s]) => (cpu) => {
    const word = value(cpu, s);
    for (let field = 0; field < 8; field++) {
      const bits = (word >> BigInt(28 - 4 * field)) & 0xfn;
      cpu.x[CR0 + field] = (value(cpu, CR0 + field) & ~0xfn) | bits;
    }
  }),

  instruction('mfmsr', [R], PRIVILEGED('mfmsr'), 4, ([t]) => move(t, MSR)),
  instruction('mfsrr0', [R], PRIVILEGED('mfspr SRR0'), 4, ([t]) => move(t, SRR0)),
  instruction('mfsrr1', [R], PRIVILEGED('mfspr SRR1'), 4, ([t]) => move(t, SRR1)),
  instruction('mtsrr0', [R], PRIVILEGED('mtspr SRR0'), 4, ([s]) => move(SRR0, s)),
  instruction('mtsrr1', [R], PRIVILEGED('mtspr SRR1'), 4, ([s]) => move(SRR1, s)),
  instruction('rfid', [], PRIVILEGED('rfid'), 4, () => (cpu) => {
    cpu.x[MSR] = value(cpu, SRR1);
    cpu.jump(value(cpu, SRR0) & ~3n);
  }),

  instruction('trap', [], EXTENDED('trap', 'tw'), 4, () => trap('TRAP')),
  instruction('tdne', [R, R], EXTENDED('tdne', 'td'), 4, ([a, b]) => (cpu) => {
    if (value(cpu, a) !== value(cpu, b)) throw new MachineFault('trap', 'TDNE');
  }),
];

export const instructions = {
  registers,
  table,
  comment: '#',
  alignment: 4,
  decode,
  stackPointer: index('r1'),
} as const satisfies InstructionSet;
