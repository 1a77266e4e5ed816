// SPDX-License-Identifier: MIT
/**
 * The instructions that trampolines, call sites and their stubs use, in AT&T form, with their names in the
 * Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2; status flags as in volume 1, "Status
 * Flags". Lengths are those of the encodings GNU as and clang choose: shortest displacement and immediate;
 * branches as kernel text needs them, Jcc rel8 and everything else rel32.
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
import { MachineFault } from '../../harness/machine/types.js';
import { decode } from './encoding.js';
import { registers } from './registers.js';

const RAX = registers.names.indexOf('rax');
const RSP = registers.names.indexOf('rsp');
const RBP = registers.names.indexOf('rbp');
const R15 = registers.names.indexOf('r15');
const FLAGS = registers.names.indexOf('flags');

// -------------------------------------------------------------------------------------------- operands

// What operands add to the length of an encoding: REX prefix, ModRM, SIB and displacement (SDM vol. 2, "Instruction
// Format"). `$` stands before immediates, `%` before registers.

/** 1 for registers that need a REX prefix to be named: r8 to r15. */
const extended = (register: number | null): 0 | 1 => (register !== null && register >= 8 ? 1 : 0);

function registerOf(text: string, context: OperandContext): number | undefined {
  const index = text.startsWith('%') ? context.register(text.slice(1)) : undefined;
  return index !== undefined && index <= R15 ? index : undefined;
}

const R64: OperandKind<number> = { name: '%r64', parse: registerOf };

/** An operand that is always spelled the same way. */
const word = (spelling: string): OperandKind<string> => ({
  name: spelling,
  parse: (text) => (text.toLowerCase().replace(/\s/g, '') === spelling ? spelling : undefined),
});
const AL = word('%al');

/** `*%r64` of an indirect branch. */
const indirect: OperandKind<number> = {
  name: '*%r64',
  parse: (text, context) => (text.startsWith('*') ? registerOf(text.slice(1).trim(), context) : undefined),
};

/** Target of a direct branch. */
const label: OperandKind<bigint> = {
  name: 'label',
  parse: (text, context) => (/^[$%*]/.test(text) ? undefined : context.expression(text)),
};

const isImm8 = (value: bigint) => value === BigInt.asIntN(8, value);
const isImm32 = (value: bigint) => value === BigInt.asIntN(32, value);

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
const imm8 = immediate('$imm8', (value) => value >= -128n && value <= 255n);
const simm8 = immediate('$simm8', (value) => value >= -128n && value <= 127n);
const imm32 = immediate('$imm32', isImm32);
const imm64 = immediate('$imm64', () => true);

interface Memory {
  /** `null`: relative to RIP. */
  readonly base: number | null;
  /** Displacement from the base; the address itself when relative to RIP. */
  readonly offset: bigint;
}

/** `disp(%base)`, `(%base)`, `symbol(%rip)`. */
const memory: OperandKind<Memory> = {
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
function memoryLength({ base, offset }: Memory): number {
  if (base === null) return 1 + 4;
  const sib = base % 8 === RSP ? 1 : 0;
  const displacement = offset === 0n && base % 8 !== RBP ? 0 : isImm8(offset) ? 1 : 4;
  return 1 + sib + displacement;
}

/** Effective address. */
function address(x: BigUint64Array, { base, offset }: Memory): bigint {
  return base === null ? offset : BigInt.asUintN(64, (x[base] as bigint) + offset);
}

// ---------------------------------------------------------------------------------------- status flags

// Bits that are no status flags keep their value.

const CARRY = 1n << 0n;
const PARITY = 1n << 2n;
const ADJUST = 1n << 4n;
const ZERO = 1n << 6n;
const SIGN = 1n << 7n;
const OVERFLOW = 1n << 11n;
const OTHERS = BigInt.asUintN(64, ~(CARRY | PARITY | ADJUST | ZERO | SIGN | OVERFLOW));

/** PF: the low byte has an even number of ones. */
function evenParity(value: bigint): boolean {
  let byte = Number(value & 0xffn);
  byte ^= byte >> 4;
  byte ^= byte >> 2;
  byte ^= byte >> 1;
  return (byte & 1) === 0;
}

function resultFlags(value: bigint, bits: number): bigint {
  return (
    (value === 0n ? ZERO : 0n) |
    (value >> BigInt(bits - 1) === 1n ? SIGN : 0n) |
    (evenParity(value) ? PARITY : 0n)
  );
}

function setFlags(x: BigUint64Array, status: bigint): void {
  x[FLAGS] = ((x[FLAGS] as bigint) & OTHERS) | status;
}

/** Carry out of bit 63, carry or borrow between bits 3 and 4, signed overflow, and what the result says. */
function sumFlags(carry: boolean, adjust: bigint, overflow: bigint, result: bigint): bigint {
  return (
    resultFlags(result, 64) |
    (carry ? CARRY : 0n) |
    (adjust & ADJUST) |
    (overflow >> 63n === 1n ? OVERFLOW : 0n)
  );
}

/** After `result` = a + b. */
function addFlags(x: BigUint64Array, a: bigint, b: bigint, result: bigint): void {
  setFlags(x, sumFlags(result < a, a ^ b ^ result, (a ^ result) & (b ^ result), result));
}

/** After `result` = a - b. */
function subtractFlags(x: BigUint64Array, a: bigint, b: bigint, result: bigint): void {
  setFlags(x, sumFlags(a < b, a ^ b ^ result, (a ^ b) & (a ^ result), result));
}

/** After AND or TEST with a result of `bits` bits: carry and overflow clear; adjust, undefined, clear too. */
function logicFlags(x: BigUint64Array, result: bigint, bits: 8 | 64): void {
  setFlags(x, resultFlags(result, bits));
}

// ----------------------------------------------------------------------------------------------- table

/** The same row under several spellings of the mnemonic. */
function spelled(
  mnemonics: readonly string[],
  row: (mnemonic: string) => Instruction,
): readonly Instruction[] {
  return mnemonics.map(row);
}

const nothing: Op = () => {};

function push(cpu: Cpu, value: bigint): void {
  const to = BigInt.asUintN(64, (cpu.x[RSP] as bigint) - 8n);
  cpu.store(to, 8, value);
  cpu.x[RSP] = to;
}

function pop(cpu: Cpu): bigint {
  const from = cpu.x[RSP] as bigint;
  const value = cpu.load(from, 8);
  cpu.x[RSP] = from + 8n;
  return value;
}

/** ALU operation with an immediate: imm8 where it fits, one byte less for RAX with imm32. */
function immediateLength(value: bigint, register: number): number {
  return isImm8(value) ? 4 : register === RAX ? 6 : 7;
}

const stack: readonly Instruction[] = [
  ...spelled(['push', 'pushq'], (name) =>
    instruction(
      name,
      [R64],
      'SDM vol. 2 PUSH',
      (r) => 1 + extended(r),
      ([r]) =>
        (cpu) => {
          push(cpu, cpu.x[r] as bigint);
        },
    ),
  ),
  // The address is formed before RSP is decremented.
  ...spelled(['push', 'pushq'], (name) =>
    instruction(
      name,
      [memory],
      'SDM vol. 2 PUSH',
      (m) => 1 + extended(m.base) + memoryLength(m),
      ([m]) =>
        (cpu) => {
          push(cpu, cpu.load(address(cpu.x, m), 8));
        },
    ),
  ),
  ...spelled(['push', 'pushq'], (name) =>
    instruction(
      name,
      [imm32],
      'SDM vol. 2 PUSH',
      (value) => (isImm8(value) ? 2 : 5),
      ([value]) => {
        const pushed = BigInt.asUintN(64, value);
        return (cpu) => {
          push(cpu, pushed);
        };
      },
    ),
  ),
  ...spelled(['pop', 'popq'], (name) =>
    instruction(
      name,
      [R64],
      'SDM vol. 2 POP',
      (r) => 1 + extended(r),
      ([r]) =>
        (cpu) => {
          cpu.x[r] = pop(cpu);
        },
    ),
  ),
  // All 64 bits, so that a forgotten save shows: on hardware the reserved bits never change.
  ...spelled(['pushf', 'pushfq'], (name) =>
    instruction(name, [], 'SDM vol. 2 PUSHF/PUSHFD/PUSHFQ', 1, () => (cpu) => {
      push(cpu, cpu.x[FLAGS] as bigint);
    }),
  ),
  ...spelled(['popf', 'popfq'], (name) =>
    instruction(name, [], 'SDM vol. 2 POPF/POPFD/POPFQ', 1, () => (cpu) => {
      cpu.x[FLAGS] = pop(cpu);
    }),
  ),
  // One that faults has changed nothing.
  ...spelled(['leave', 'leaveq'], (name) =>
    instruction(name, [], 'SDM vol. 2 LEAVE', 1, () => (cpu) => {
      const from = cpu.x[RBP] as bigint;
      cpu.x[RBP] = cpu.load(from, 8);
      cpu.x[RSP] = from + 8n;
    }),
  ),
];

const moves: readonly Instruction[] = [
  ...spelled(['mov', 'movq'], (name) =>
    instruction(name, [R64, R64], 'SDM vol. 2 MOV', 3, ([s, d]) => (cpu) => {
      cpu.x[d] = cpu.x[s] as bigint;
    }),
  ),
  ...spelled(['mov', 'movq'], (name) =>
    instruction(
      name,
      [R64, memory],
      'SDM vol. 2 MOV',
      (_s, m) => 2 + memoryLength(m),
      ([s, m]) =>
        (cpu) => {
          cpu.store(address(cpu.x, m), 8, cpu.x[s] as bigint);
        },
    ),
  ),
  ...spelled(['mov', 'movq'], (name) =>
    instruction(
      name,
      [memory, R64],
      'SDM vol. 2 MOV',
      (m) => 2 + memoryLength(m),
      ([m, d]) =>
        (cpu) => {
          cpu.x[d] = cpu.load(address(cpu.x, m), 8);
        },
    ),
  ),
  // Only with the suffix: nothing else in the text says how wide the store is.
  instruction(
    'movq',
    [imm32, memory],
    'SDM vol. 2 MOV',
    (_value, m) => 2 + memoryLength(m) + 4,
    ([value, m]) => {
      const stored = BigInt.asUintN(64, value);
      return (cpu) => {
        cpu.store(address(cpu.x, m), 8, stored);
      };
    },
  ),
  ...spelled(['mov', 'movq', 'movabs', 'movabsq'], (name) =>
    instruction(
      name,
      [imm64, R64],
      'SDM vol. 2 MOV',
      (value) => (name.startsWith('movabs') || !isImm32(value) ? 10 : 7),
      ([value, d]) => {
        const loaded = BigInt.asUintN(64, value);
        return (cpu) => {
          cpu.x[d] = loaded;
        };
      },
    ),
  ),
  ...spelled(['lea', 'leaq'], (name) =>
    instruction(
      name,
      [memory, R64],
      'SDM vol. 2 LEA',
      (m) => 2 + memoryLength(m),
      ([m, d]) =>
        (cpu) => {
          cpu.x[d] = address(cpu.x, m);
        },
    ),
  ),
];

const arithmetic: readonly Instruction[] = [
  ...spelled(['add', 'addq'], (name) =>
    instruction(name, [imm32, R64], 'SDM vol. 2 ADD', immediateLength, ([value, d]) => {
      const operand = BigInt.asUintN(64, value);
      return (cpu) => {
        const before = cpu.x[d] as bigint;
        cpu.x[d] = before + operand;
        addFlags(cpu.x, before, operand, cpu.x[d] as bigint);
      };
    }),
  ),
  ...spelled(['sub', 'subq'], (name) =>
    instruction(name, [imm32, R64], 'SDM vol. 2 SUB', immediateLength, ([value, d]) => {
      const operand = BigInt.asUintN(64, value);
      return (cpu) => {
        const before = cpu.x[d] as bigint;
        cpu.x[d] = before - operand;
        subtractFlags(cpu.x, before, operand, cpu.x[d] as bigint);
      };
    }),
  ),
  ...spelled(['and', 'andq'], (name) =>
    instruction(name, [imm32, R64], 'SDM vol. 2 AND', immediateLength, ([value, d]) => {
      const mask = BigInt.asUintN(64, value);
      return (cpu) => {
        cpu.x[d] = (cpu.x[d] as bigint) & mask;
        logicFlags(cpu.x, cpu.x[d] as bigint, 64);
      };
    }),
  ),
  // Only with the suffix, as the store of a constant.
  instruction(
    'cmpq',
    [simm8, memory],
    'SDM vol. 2 CMP',
    (_value, m) => 2 + memoryLength(m) + 1,
    ([value, m]) => {
      const operand = BigInt.asUintN(64, value);
      return (cpu) => {
        const left = cpu.load(address(cpu.x, m), 8);
        subtractFlags(cpu.x, left, operand, BigInt.asUintN(64, left - operand));
      };
    },
  ),
  ...spelled(['test', 'testq'], (name) =>
    instruction(name, [R64, R64], 'SDM vol. 2 TEST', 3, ([a, b]) => (cpu) => {
      logicFlags(cpu.x, (cpu.x[a] as bigint) & (cpu.x[b] as bigint), 64);
    }),
  ),
  ...spelled(['test', 'testb'], (name) =>
    instruction(name, [imm8, AL], 'SDM vol. 2 TEST', 2, ([value]) => {
      const mask = BigInt.asUintN(8, value);
      return (cpu) => {
        logicFlags(cpu.x, (cpu.x[RAX] as bigint) & mask, 8);
      };
    }),
  ),
];

const control: readonly Instruction[] = [
  ...spelled(['call', 'callq'], (name) =>
    instruction(name, [label], 'SDM vol. 2 CALL', 5, ([target], here) => {
      const next = BigInt.asUintN(64, here + 5n);
      return (cpu) => {
        push(cpu, next);
        cpu.jump(target);
      };
    }),
  ),
  ...spelled(['call', 'callq'], (name) =>
    instruction(
      name,
      [indirect],
      'SDM vol. 2 CALL',
      (r) => 2 + extended(r),
      ([r], here) => {
        const next = BigInt.asUintN(64, here + BigInt(2 + extended(r)));
        return (cpu) => {
          const target = cpu.x[r] as bigint;
          push(cpu, next);
          cpu.jump(target);
        };
      },
    ),
  ),
  // No suffix here: LLVM knows `jmpq` with `*` only.
  instruction('jmp', [label], 'SDM vol. 2 JMP', 5, ([target]) => (cpu) => {
    cpu.jump(target);
  }),
  ...spelled(['jmp', 'jmpq'], (name) =>
    instruction(
      name,
      [indirect],
      'SDM vol. 2 JMP',
      (r) => 2 + extended(r),
      ([r]) =>
        (cpu) => {
          cpu.jump(cpu.x[r] as bigint);
        },
    ),
  ),
  // Short form: ftrace_regs_caller_jmp must be one, and no other branch of a trampoline goes farther.
  ...spelled(['jz', 'je'], (name) =>
    instruction(name, [label], 'SDM vol. 2 Jcc', 2, ([target]) => (cpu) => {
      if (((cpu.x[FLAGS] as bigint) & ZERO) !== 0n) cpu.jump(target);
    }),
  ),
  ...spelled(['jnz', 'jne'], (name) =>
    instruction(name, [label], 'SDM vol. 2 Jcc', 2, ([target]) => (cpu) => {
      if (((cpu.x[FLAGS] as bigint) & ZERO) === 0n) cpu.jump(target);
    }),
  ),
  ...spelled(['ret', 'retq'], (name) =>
    instruction(name, [], 'SDM vol. 2 RET', 1, () => (cpu) => {
      cpu.jump(pop(cpu));
    }),
  ),
  instruction('int3', [], 'SDM vol. 2 INT n/INTO/INT3/INT1', 1, () => () => {
    throw new MachineFault('trap', 'INT3');
  }),
  instruction('nop', [], 'SDM vol. 2 NOP', 1, () => nothing),
  instruction('xchg', [word('%ax'), word('%ax')], 'SDM vol. 2 NOP', 2, () => nothing),
  // The multi-byte forms are taken as written at run time: the 5-byte nop of a site, sealed ENDBRs.
  instruction('nopl', [word('0x0(%rax,%rax,1)')], 'SDM vol. 2 NOP', 5, () => nothing),
  instruction('nopl', [word('-0x2a(%rax)')], 'SDM vol. 2 NOP', 4, () => nothing),
  instruction('nopw', [word('(%rax)')], 'SDM vol. 2 NOP', 4, () => nothing),
  instruction('endbr64', [], 'SDM vol. 2 ENDBR64', 4, () => nothing),
];

export const instructions = {
  registers,
  table: [...stack, ...moves, ...arithmetic, ...control],
  comment: '#',
  alignment: 1,
  decode,
  stackPointer: RSP,
} as const satisfies InstructionSet;
