// SPDX-License-Identifier: MIT
/**
 * The s390x ELF ABI in the kernel's dialect (-mpacked-stack -mbackchain -msoft-float): who passes what where, who
 * preserves what. Sources: ELF Application Binary Interface s390x Supplement, "Parameter Passing"; what clang 19 and
 * GCC 12 emit with those options; linux 7.2 arch/s390/include/asm/stacktrace.h for the frame.
 */
import type { Abi, ArgumentPlace, Location, Placement } from '../../harness/backend/contract.js';
import type { Signature, ValueType } from '../../harness/ctype/types.js';

const argumentRegisters = ['r2', 'r3', 'r4', 'r5', 'r6'];

/** Bytes from S to the first stack argument; below lies the area that belongs to the callee. */
const STACK_ARGUMENTS = 160;

/** Scalars up to 8 bytes and structs of a power of two up to 8 are passed by value, all else by reference. */
function byValue(type: ValueType): boolean {
  return type.kind === 'struct' ? [1, 2, 4, 8].includes(type.size) : type.size <= 8;
}

/** Every argument is one word: the value, right-justified, or the address of a copy. */
function place({ parameters, result }: Signature): Placement {
  const inMemory = result.kind === 'struct' || result.size > 8;
  const first = inMemory ? 1 : 0;
  const word = (index: number, size: number): Location => {
    const register = argumentRegisters[index];
    if (register !== undefined) return { in: 'register', register, offset: 0, size };
    const at = STACK_ARGUMENTS + 8 * (index - argumentRegisters.length);
    return { in: 'stack', at, offset: 0, size };
  };
  return {
    parameters: parameters.map(({ type }, index): ArgumentPlace => {
      const byReference = !byValue(type);
      return { pieces: [word(first + index, byReference ? 8 : type.size)], byReference };
    }),
    result:
      inMemory || result.kind === 'void'
        ? []
        : [{ in: 'register', register: 'r2', offset: 0, size: result.size }],
    /** Its address is the first argument. GCC gives it back in r2, though the ABI does not ask for it. */
    hidden: inMemory ? { register: 'r2', returned: 'r2' } : null,
    stackBytes: 8 * Math.max(0, first + parameters.length - argumentRegisters.length),
  };
}

export const abi = {
  byteOrder: 'big',
  stackPointer: 'r15',
  /** There is no frame pointer: frames are found by back chain, and the accessor gives the stack pointer. */
  framePointer: 'r15',
  linkRegister: 'r14',
  argumentRegisters,
  returnRegisters: ['r2'],
  /** r6 is an argument that C gives back. */
  calleeSaved: ['r6', 'r7', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13'],
  callerSaved: ['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r14', 'cc'],
  /** Interrupt masks, address space, addressing mode. */
  reserved: ['psw'],
  stackArguments: STACK_ARGUMENTS,
  stackAlignment: { modulus: 8, remainder: 0 },
  /** The caller widens to 64 bits by the sign of the type, in stack slots too; the callee relies on it. */
  narrowArgument: { to: 64, rest: 'sign' },
  narrowResult: { to: 64, rest: 'sign' },
  /**
   * The smallest frame: 24 bytes, so that the 160 of the next callee overlap the caller's. r14 goes to S+136, into
   * the area given by the caller; the back chain to S+128, which is 152 above the new stack pointer.
   */
  frame: {
    size: 24,
    saves: [
      { what: 'returnAddress', at: 160 },
      { what: 'entrySp', at: 152 },
    ],
    framePointer: null,
  },
  /** As a kernel without KASLR: text, C and data within the ±4 GiB of relative instructions. */
  memory: {
    text: 0x3ff_e010_0000n,
    c: 0x3ff_e020_0000n,
    data: 0x3ff_e110_0000n,
    stack: 0x3800_0001_0000n,
    threadSize: 16384,
  },
  /** None: the program check and interrupt handlers take their frame below r15 (arch/s390/kernel/entry.S). */
  redZone: 0,
  place,
  entryRegister: null,
  /** PSW_KERNEL_BITS with interrupts on: DAT, I/O, external, machine check; home space; 64-bit addressing. */
  fixedRegisters: { psw: 0x0704_c001_8000_0000n },
  returnInstruction: 'br %r14',
} as const satisfies Abi;
