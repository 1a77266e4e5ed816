// SPDX-License-Identifier: MIT
/**
 * The lp64 calling convention as the kernel is built: who passes what where, who preserves what.
 * Sources: RISC-V ELF psABI, "Integer Calling Convention" and "Frame Pointer Convention"; what clang 19 and
 * GCC emit for the cases where it leaves room.
 */
import type { Abi } from '../../harness/backend/contract.js';
import { placeByRules } from '../../harness/backend/placement.js';

const argumentRegisters = ['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'];
const returnRegisters = ['a0', 'a1'];

export const abi = {
  byteOrder: 'little',
  stackPointer: 'sp',
  framePointer: 's0',
  /** Of C. The call site of a traced function links t0, so that ra still is the return address. */
  linkRegister: 'ra',
  argumentRegisters,
  returnRegisters,
  /** LLVM's fastcc, for functions of internal linkage: t3 to t6, in older versions t2 too. GCC has nothing like it. */
  localArguments: (config) => (config.has('CC_IS_CLANG') ? ['t2', 't3', 't4', 't5', 't6'] : []),
  calleeSaved: ['s0', 's1', 's2', 's3', 's4', 's5', 's6', 's7', 's8', 's9', 's10', 's11'],
  callerSaved: ['ra', 't0', 't1', 't2', 't3', 't4', 't5', 't6', ...argumentRegisters],
  /** gp: shadow call stack pointer where there is one; tp: the current task. */
  reserved: ['gp', 'tp'],
  stackArguments: 0,
  stackAlignment: { modulus: 16, remainder: 0 },
  /** The producer widens by the sign of the type to 32 bits, then copies bit 31: even for u32. */
  narrowArgument: { to: 32, rest: 'sign' },
  narrowResult: { to: 32, rest: 'sign' },
  /** s0 = S, the record {s0, ra} below it. */
  frame: {
    size: 32,
    saves: [
      { what: 'returnAddress', at: 24 },
      { what: 'framePointer', at: 16 },
    ],
    framePointer: 32,
  },
  /**
   * Text, C and data within the ±2 GiB of AUIPC pairs. Text starts behind the head of the image, so that a
   * u32 of 0x80000000, which is 0xffffffff80000000 in a register, is not taken for a code address.
   */
  memory: {
    text: 0xffff_ffff_8000_2000n,
    c: 0xffff_ffff_8010_0000n,
    data: 0xffff_ffff_8100_0000n,
    stack: 0xff20_0000_0001_0000n,
    threadSize: 16384,
  },
  /** None: handle_exception lowers SP by the pt_regs alone (arch/riscv/kernel/entry.S). */
  redZone: 0,
  place: (signature) =>
    placeByRules(
      {
        argumentRegisters,
        returnRegisters,
        stackArguments: 0,
        /** Only variadic arguments align pairs, and no traced prototype is variadic. */
        evenPairs: false,
        split: true,
        backfill: false,
        largeStruct: 'reference',
        /** An implicit first argument: declared arguments move to a1 and on. */
        hidden: { register: 'a0', shifts: true, returned: null },
      },
      signature,
    ),
  entryRegister: null,
  fixedRegisters: {},
  returnInstruction: 'ret',
} as const satisfies Abi;
