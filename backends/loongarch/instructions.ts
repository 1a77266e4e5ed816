// SPDX-License-Identifier: MIT
/**
 * The LA64 instructions that trampolines, call sites, module PLTs and their stubs use (LoongArch Reference Manual,
 * Volume 1: Basic Architecture), and the assembler macros by which they are written (LoongArch assembly conventions,
 * "asm manual"). A macro of two machine instructions is one row of 8 bytes: nothing can be seen between them.
 */
import {
  type Instruction,
  type InstructionSet,
  instruction,
  type Op,
  type OperandKind,
} from '../../harness/machine/instruction-set.js';
import { address, immediate, kind, register, signed, unsigned } from '../../harness/machine/operands.js';
import { MachineFault } from '../../harness/machine/types.js';
import { decode } from './encoding.js';
import { registers } from './registers.js';

const RA = registers.names.indexOf('ra');
const CRMD = registers.names.indexOf('crmd');

// ------------------------------------------------------------------------------------------- operands

const general = registers.names.filter((name) => name !== 'crmd');
const anyRegister = register('$register', general, '$');

/** A general register. The `$` is part of its name in assembler text. */
const R: OperandKind<number> = kind('$register', (text, context) =>
  text.startsWith('$') ? anyRegister.parse(text, context) : undefined,
);

/** r0: reads as 0, and what is written is lost. */
const ZERO: OperandKind<null> = kind('$zero', (text) => (/^\$(zero|r0)$/i.test(text) ? null : undefined));

const si12 = immediate(signed(12), 'si12');
const ui12 = immediate(unsigned(12), 'ui12');
const si20 = immediate(signed(20), 'si20');
/** Byte offset of 16 bits in words. */
const offs16 = immediate({ min: -0x2_0000n, max: 0x1_fffcn, multiple: 4n }, 'offs16');
const code15 = immediate(unsigned(15), 'code15');
/** CRMD is the only control and status register here. */
const csr = immediate({ min: 0n, max: 0n }, 'csr');

const symbol = address();
const within = (bits: number) =>
  address({ min: -(1n << BigInt(bits - 1)), max: (1n << BigInt(bits - 1)) - 4n });
const label26 = within(28);
const label21 = within(23);

// ---------------------------------------------------------------------------------------------- table

const VOL1 = (name: string) => `LoongArch Reference Manual vol. 1: ${name}`;
const MACRO = (name: string, expansion: string) => `LoongArch assembler macro ${name} (${expansion})`;

const nothing: Op = () => {};

const set =
  (d: number, value: bigint): Op =>
  (cpu) => {
    cpu.x[d] = value;
  };

const copy =
  (d: number, s: number): Op =>
  (cpu) => {
    cpu.x[d] = cpu.x[s] as bigint;
  };

const load =
  (d: number, base: number, offset: bigint): Op =>
  (cpu) => {
    cpu.x[d] = cpu.load(BigInt.asUintN(64, (cpu.x[base] as bigint) + offset), 8);
  };

const jump =
  (base: number, offset: bigint): Op =>
  (cpu) =>
    cpu.jump(BigInt.asUintN(64, (cpu.x[base] as bigint) + offset));

/** The base is read before the link is written. */
function jumpAndLink(link: number, base: number, offset: bigint, here: bigint): Op {
  const next = here + 4n;
  return (cpu) => {
    const to = BigInt.asUintN(64, (cpu.x[base] as bigint) + offset);
    cpu.x[link] = next;
    cpu.jump(to);
  };
}

const LOW12 = 0xfffn;
const LOW32 = 0xffff_ffffn;
const LOW52 = 0xf_ffff_ffff_ffffn;

const table: readonly Instruction[] = [
  instruction('nop', [], VOL1('ANDI'), 4, () => nothing),
  instruction('addi.d', [R, R, si12], VOL1('ADDI.D'), 4, ([d, j, imm]) => (cpu) => {
    cpu.x[d] = (cpu.x[j] as bigint) + imm;
  }),
  instruction('addi.w', [R, R, si12], VOL1('ADDI.W'), 4, ([d, j, imm]) => (cpu) => {
    cpu.x[d] = BigInt.asIntN(32, (cpu.x[j] as bigint) + imm);
  }),
  instruction('or', [R, R, R], VOL1('OR'), 4, ([d, j, k]) => (cpu) => {
    cpu.x[d] = (cpu.x[j] as bigint) | (cpu.x[k] as bigint);
  }),
  instruction('or', [R, R, ZERO], VOL1('OR'), 4, ([d, j]) => copy(d, j)),
  instruction('move', [R, R], MACRO('move', 'OR'), 4, ([d, j]) => copy(d, j)),
  instruction('move', [R, ZERO], MACRO('move', 'OR'), 4, ([d]) => set(d, 0n)),
  instruction('andi', [R, R, ui12], VOL1('ANDI'), 4, ([d, j, imm]) => (cpu) => {
    cpu.x[d] = (cpu.x[j] as bigint) & imm;
  }),
  instruction('andi', [ZERO, ZERO, ui12], VOL1('ANDI'), 4, () => nothing),
  instruction('ori', [R, R, ui12], VOL1('ORI'), 4, ([d, j, imm]) => (cpu) => {
    cpu.x[d] = (cpu.x[j] as bigint) | imm;
  }),
  instruction('li.d', [R, ui12], MACRO('li.d', 'ORI'), 4, ([d, imm]) => set(d, imm)),

  instruction('lu12i.w', [R, si20], VOL1('LU12I.W'), 4, ([d, imm]) => set(d, imm << 12n)),
  instruction('lu32i.d', [R, si20], VOL1('LU32I.D'), 4, ([d, imm]) => (cpu) => {
    cpu.x[d] = (imm << 32n) | ((cpu.x[d] as bigint) & LOW32);
  }),
  instruction('lu52i.d', [R, R, si12], VOL1('LU52I.D'), 4, ([d, j, imm]) => (cpu) => {
    cpu.x[d] = (imm << 52n) | ((cpu.x[j] as bigint) & LOW52);
  }),
  instruction('pcalau12i', [R, si20], VOL1('PCALAU12I'), 4, ([d, imm], here) =>
    set(d, (here + (imm << 12n)) & ~LOW12),
  ),
  instruction('la.pcrel', [R, symbol], MACRO('la.pcrel', 'PCALAU12I, ADDI.D'), 8, ([d, to]) => set(d, to)),

  instruction('ld.d', [R, R, si12], VOL1('LD.D'), 4, ([d, j, offset]) => load(d, j, offset)),
  instruction('st.d', [R, R, si12], VOL1('ST.D'), 4, ([s, j, offset]) => (cpu) => {
    cpu.store(BigInt.asUintN(64, (cpu.x[j] as bigint) + offset), 8, cpu.x[s] as bigint);
  }),
  instruction('st.d', [ZERO, R, si12], VOL1('ST.D'), 4, ([, j, offset]) => (cpu) => {
    cpu.store(BigInt.asUintN(64, (cpu.x[j] as bigint) + offset), 8, 0n);
  }),

  instruction(
    'b',
    [label26],
    VOL1('B'),
    4,
    ([to]) =>
      (cpu) =>
        cpu.jump(to),
  ),
  instruction('bl', [label26], VOL1('BL'), 4, ([to], here) => {
    const next = here + 4n;
    return (cpu) => {
      cpu.x[RA] = next;
      cpu.jump(to);
    };
  }),
  instruction('bnez', [R, label21], VOL1('BNEZ'), 4, ([j, to]) => (cpu) => {
    if ((cpu.x[j] as bigint) !== 0n) cpu.jump(to);
  }),
  instruction('beqz', [R, label21], VOL1('BEQZ'), 4, ([j, to]) => (cpu) => {
    if ((cpu.x[j] as bigint) === 0n) cpu.jump(to);
  }),
  instruction('jirl', [R, R, offs16], VOL1('JIRL'), 4, ([d, j, offset], here) =>
    jumpAndLink(d, j, offset, here),
  ),
  instruction('jirl', [ZERO, R, offs16], VOL1('JIRL'), 4, ([, j, offset]) => jump(j, offset)),
  instruction('jr', [R], MACRO('jr', 'JIRL'), 4, ([j]) => jump(j, 0n)),
  instruction('ret', [], MACRO('ret', 'JIRL'), 4, () => jump(RA, 0n)),

  instruction('csrrd', [R, csr], VOL1('CSRRD'), 4, ([d]) => copy(d, CRMD)),
  instruction('csrxchg', [R, R, csr], VOL1('CSRXCHG'), 4, ([d, mask]) => (cpu) => {
    const bits = cpu.x[mask] as bigint;
    const old = cpu.x[CRMD] as bigint;
    cpu.x[CRMD] = (old & ~bits) | ((cpu.x[d] as bigint) & bits);
    cpu.x[d] = old;
  }),
  instruction('break', [code15], VOL1('BREAK'), 4, ([code]) => () => {
    throw new MachineFault('trap', `BREAK ${code}`);
  }),
];

export const instructions = {
  registers,
  table,
  comment: '#',
  alignment: 4,
  decode,
  stackPointer: registers.names.indexOf('sp'),
} as const satisfies InstructionSet;
