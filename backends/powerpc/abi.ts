// SPDX-License-Identifier: MIT
/**
 * 64-bit ELFv2 as the kernel is built (soft float, no vectors): who passes what where, who preserves what.
 * Sources: OpenPOWER 64-bit ELF V2 ABI, 2.2 and 2.3; what GCC and clang emit for ppc64le.
 */
import type { Abi, Location, Placement } from '../../harness/backend/contract.js';
import type { ReturnType, Signature, ValueType } from '../../harness/ctype/types.js';

const argumentRegisters = ['r3', 'r4', 'r5', 'r6', 'r7', 'r8', 'r9', 'r10'];
const returnRegisters = ['r3', 'r4'];

const WORD = 8;
/** Back chain, CR save, LR save, TOC save: what a callee may use above its S. */
const HEADER = 32;
/** From S to the doubleword of argument word 8; those of words 0 to 7 lie below it, behind the header. */
const STACK_ARGUMENTS = HEADER + 8 * WORD;

/** The `n`-th doubleword of the parameter list: a register, or its place in the parameter save area. */
function wordPlace(n: number, offset: number, size: number): Location {
  const register = argumentRegisters[n];
  return register === undefined
    ? { in: 'stack', at: HEADER + WORD * n, offset, size }
    : { in: 'register', register, offset, size };
}

/** Offsets of the doublewords of a value, with the bytes of the value in each. */
function doublewords(size: number): { readonly offset: number; readonly bytes: number }[] {
  return Array.from({ length: Math.ceil(size / WORD) }, (_, index) => ({
    offset: WORD * index,
    bytes: Math.min(WORD, size - WORD * index),
  }));
}

const inMemory = (result: ReturnType) => result.size > 2 * WORD;

/**
 * Arguments of any size lie in consecutive doublewords, half in registers and half on the stack if need be; only a
 * structure aligned to 16 skips to an even doubleword, a 128-bit integer does not.
 */
function place({ parameters, result }: Signature): Placement {
  let next = inMemory(result) ? 1 : 0;
  const parameter = (type: ValueType) => {
    if (type.kind === 'struct' && type.align === 16) next += next % 2;
    const first = next;
    const parts = doublewords(type.size);
    next += parts.length;
    const pieces = parts.map(({ offset, bytes }, index) => wordPlace(first + index, offset, bytes));
    return { pieces, byReference: false };
  };
  const places = parameters.map(({ type }) => parameter(type));
  return {
    parameters: places,
    result: inMemory(result)
      ? []
      : doublewords(result.size).map(({ offset, bytes }, index) => ({
          in: 'register',
          register: returnRegisters[index] as string,
          offset,
          size: bytes,
        })),
    hidden: inMemory(result) ? { register: 'r3', returned: null } : null,
    stackBytes: WORD * Math.max(0, next - argumentRegisters.length),
  };
}

export const abi = {
  byteOrder: 'little',
  stackPointer: 'r1',
  /** There is none: frames are found by the back chain. */
  framePointer: 'r1',
  linkRegister: 'lr',
  argumentRegisters,
  returnRegisters,
  calleeSaved: [
    ...['r14', 'r15', 'r16', 'r17', 'r18', 'r19', 'r20', 'r21', 'r22', 'r23', 'r24', 'r25', 'r26', 'r27'],
    ...['r28', 'r29', 'r30', 'r31', 'cr2', 'cr3', 'cr4'],
  ],
  callerSaved: [
    ...['r0', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8', 'r9', 'r10', 'r11', 'r12', 'lr', 'ctr', 'xer'],
    ...['cr0', 'cr1', 'cr5', 'cr6', 'cr7', 'srr0', 'srr1'],
  ],
  /** TOC base, PACA (the per-CPU area), machine state. */
  reserved: ['r2', 'r13', 'msr'],
  stackArguments: STACK_ARGUMENTS,
  /** No parameter save area for a callee whose arguments are all in registers. */
  callerArea: HEADER,
  stackAlignment: { modulus: 16, remainder: 0 },
  /** The producer extends to 64 bits by the sign of the type: u32 by zeros, s32 by its sign. */
  narrowArgument: { to: 64, rest: 'sign' },
  narrowResult: { to: 64, rest: 'sign' },
  /** The return address goes into the caller's frame; STDU links the frame to it. */
  frame: {
    size: HEADER,
    saves: [
      { what: 'returnAddress', at: HEADER + 16 },
      { what: 'entrySp', at: 0 },
    ],
    framePointer: null,
  },
  /** Text and C within the ±32 MiB of a branch. The pointers of fprobe headers have 0xc as their top nibble. */
  memory: {
    text: 0xc000_0000_0010_0000n,
    c: 0xc000_0000_0018_0000n,
    data: 0xc000_0000_0110_0000n,
    stack: 0xc000_0000_1001_0000n,
    threadSize: 16384,
    /** Beyond the 32 MiB of a branch from the beginning, and within them of each other. */
    large: { end: 0xc000_0000_0290_0000n, initText: 0xc000_0000_02a0_0000n },
  },
  /** KERNEL_REDZONE_SIZE (arch/powerpc/include/asm/ptrace.h). */
  redZone: 288,
  place,
  /** At a global entry r12 is the function's address, from which it computes its TOC. */
  entryRegister: 'r12',
  /** MSR of kernel code: 64-bit, interrupts, machine checks and translation on, little-endian. */
  fixedRegisters: { r2: 'kernel_toc_base', r13: 'paca', msr: 0x8000_0000_0000_9033n },
  returnInstruction: 'blr',
} as const satisfies Abi;
