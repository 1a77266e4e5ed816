// SPDX-License-Identifier: MIT
/**
 * The LP64S calling convention as the kernel is built: who passes what where, who preserves what.
 * Sources: LoongArch ELF psABI, "Procedure Calling Convention"; what GCC and clang 19 emit for
 * -march=loongarch64 -mabi=lp64s where it leaves room.
 */
import type { Abi } from '../../harness/backend/contract.js';
import { placeByRules } from '../../harness/backend/placement.js';

const argumentRegisters = ['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'];
const returnRegisters = ['a0', 'a1'];

export const abi = {
  byteOrder: 'little',
  stackPointer: 'sp',
  framePointer: 'fp',
  /** Call sites of traced functions link ra too, after it was moved to t0. */
  linkRegister: 'ra',
  argumentRegisters,
  returnRegisters,
  calleeSaved: ['fp', 's0', 's1', 's2', 's3', 's4', 's5', 's6', 's7', 's8'],
  callerSaved: ['ra', ...argumentRegisters, 't0', 't1', 't2', 't3', 't4', 't5', 't6', 't7', 't8'],
  /** tp: thread_info of the current task; u0: per-CPU base; crmd: privilege and interrupts. */
  reserved: ['tp', 'u0', 'crmd'],
  stackArguments: 0,
  stackAlignment: { modulus: 16, remainder: 0 },
  /** The producer widens by the sign of the type to 32 bits, then copies bit 31: even for u32. */
  narrowArgument: { to: 32, rest: 'sign' },
  narrowResult: { to: 32, rest: 'sign' },
  /** ra at the top of the frame. Kernels are built without frame pointers: nothing else is linked. */
  frame: { size: 32, saves: [{ what: 'returnAddress', at: 24 }], framePointer: null },
  /** Text, C and data within the ±128 MiB of a BL; the stack within one block of 4 GiB. */
  memory: {
    text: 0x9000_0000_0020_0000n,
    c: 0x9000_0000_0030_0000n,
    data: 0x9000_0000_0120_0000n,
    stack: 0x9000_0001_0001_0000n,
    threadSize: 16384,
    /** Beyond the 128 MiB of a BL. There is one PLT, so that all text of a module must reach it. */
    modules: { text: 0x9000_0000_3020_0000n, initText: 0x9000_0000_3030_0000n },
  },
  /** None: SAVE_SOME lowers SP by the pt_regs alone (arch/loongarch/include/asm/stackframe.h). */
  redZone: 0,
  place: (signature) =>
    placeByRules(
      {
        argumentRegisters,
        returnRegisters,
        stackArguments: 0,
        /** Not even values aligned to 16 bytes skip a register. */
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
