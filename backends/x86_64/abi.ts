// SPDX-License-Identifier: MIT
/**
 * The System V x86-64 ABI as the kernel is built (no vector registers, no red zone): who passes what where,
 * who preserves what. Sources: System V psABI for x86-64, "Function Calling Sequence"; what clang 19 and GCC
 * emit with -mno-sse -mno-red-zone -mpreferred-stack-boundary=3.
 */
import type { Abi } from '../../harness/backend/contract.js';
import { placeByRules } from '../../harness/backend/placement.js';

const argumentRegisters = ['rdi', 'rsi', 'rdx', 'rcx', 'r8', 'r9'];
const returnRegisters = ['rax', 'rdx'];

export const abi = {
  byteOrder: 'little',
  stackPointer: 'rsp',
  framePointer: 'rbp',
  /** CALL pushes the return address: at the first instruction it is the word at S. */
  linkRegister: null,
  argumentRegisters,
  returnRegisters,
  calleeSaved: ['rbx', 'rbp', 'r12', 'r13', 'r14', 'r15'],
  callerSaved: ['rax', 'rcx', 'rdx', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11', 'flags'],
  reserved: [],
  /** Above the return address. */
  stackArguments: 8,
  /** The psABI asks for 16; the kernel keeps 8. */
  stackAlignment: { modulus: 8, remainder: 0 },
  /** GCC and clang widen char and short to 32 bits in the caller; the upper half is anything. */
  narrowArgument: { to: 32, rest: 'garbage' },
  narrowResult: { to: 'type', rest: 'garbage' },
  /** An ORC build: no frame record, and no size that would keep SP a multiple of 16. */
  frame: { size: 24, saves: [], framePointer: null },
  /** All within the ±2 GiB of a rel32, in the window of kernel image and modules. */
  memory: {
    text: 0xffff_ffff_8100_0000n,
    c: 0xffff_ffff_8110_0000n,
    data: 0xffff_ffff_8200_0000n,
    stack: 0xffff_c900_0001_0000n,
    threadSize: 16384,
  },
  /** None: exceptions push where SP is, and the kernel is compiled with -mno-red-zone (arch/x86/Makefile). */
  redZone: 0,
  // Through the interrupt stack table: linux 7.2 arch/x86/entry/entry_64.S asm_exc_nmi.
  nmiStack: true,
  place: (signature) =>
    placeByRules(
      {
        argumentRegisters,
        returnRegisters,
        stackArguments: 8,
        evenPairs: false,
        split: false,
        /** A two-word value that does not fit leaves the last register to a later scalar. */
        backfill: true,
        largeStruct: 'stack',
        /** The address of the result is the first argument: declared arguments move by one. */
        hidden: { register: 'rdi', shifts: true, returned: 'rax' },
      },
      signature,
    ),
  entryRegister: null,
  fixedRegisters: {},
  returnInstruction: 'ret',
} as const satisfies Abi;
