// SPDX-License-Identifier: MIT
/**
 * AAPCS64 as the kernel is built (general registers only): who passes what where, who preserves what.
 * Sources: Procedure Call Standard for the Arm 64-bit Architecture, 6.4 and 6.8; what clang 19 and GCC
 * emit for the cases where the standard leaves room.
 */
import type { Abi } from '../../harness/backend/contract.js';
import { placeByRules } from '../../harness/backend/placement.js';

const argumentRegisters = ['x0', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7'];
/** Two words are the C result; x2 to x7 return more only for firmware calls. */
const returnRegisters = ['x0', 'x1'];

export const abi = {
  byteOrder: 'little',
  stackPointer: 'sp',
  framePointer: 'x29',
  linkRegister: 'x30',
  argumentRegisters,
  returnRegisters,
  calleeSaved: ['x19', 'x20', 'x21', 'x22', 'x23', 'x24', 'x25', 'x26', 'x27', 'x28', 'x29'],
  callerSaved: [
    ...['x0', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7', 'x8', 'x9', 'x10', 'x11', 'x12', 'x13'],
    ...['x14', 'x15', 'x16', 'x17', 'x30', 'nzcv'],
  ],
  /** Shadow call stack pointer: the kernel is built with x18 fixed. */
  reserved: ['x18'],
  stackArguments: 0,
  stackAlignment: { modulus: 16, remainder: 0 },
  /** The consumer narrows: bits above the type are unspecified (AAPCS64 6.8.2, C.9). */
  narrowArgument: { to: 'type', rest: 'garbage' },
  narrowResult: { to: 'type', rest: 'garbage' },
  /** Frame record {x29, x30} at the bottom of the frame, x29 pointing to it. */
  frame: {
    size: 32,
    saves: [
      { what: 'framePointer', at: 0 },
      { what: 'returnAddress', at: 8 },
    ],
    framePointer: 0,
  },
  /** All within the ±128 MiB of a BL. */
  memory: {
    text: 0xffff_8000_8000_0000n,
    c: 0xffff_8000_8010_0000n,
    data: 0xffff_8000_8100_0000n,
    stack: 0xffff_8000_8200_0000n,
    threadSize: 16384,
    /** Beyond the 128 MiB of a BL from the kernel, and from each other. */
    modules: { text: 0xffff_8000_b000_0000n, initText: 0xffff_8000_c000_0000n },
  },
  /** None in the kernel: kernel_entry lowers SP by the pt_regs alone (arch/arm64/kernel/entry.S). */
  redZone: 0,
  place: (signature) =>
    placeByRules(
      {
        argumentRegisters,
        returnRegisters,
        stackArguments: 0,
        evenPairs: true,
        split: false,
        backfill: false,
        largeStruct: 'reference',
        /** x8 is no argument register: declared arguments keep their numbers. */
        hidden: { register: 'x8', shifts: false, returned: null },
      },
      signature,
    ),
  entryRegister: null,
  fixedRegisters: {},
  returnInstruction: 'ret',
} as const satisfies Abi;
