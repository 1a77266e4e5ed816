// SPDX-License-Identifier: MIT
/**
 * kprobes. None sits on a call site of ftrace: each is a BRK #4, and the instruction under it is executed in a slot that
 * ends in BRK #6. Sources: linux 6.1, 6.12, 7.2 arch/arm64/kernel/probes/kprobes.c, arch/arm64/include/asm/ptrace.h.
 */
import type { Displaced, Fregs, Kprobes } from '../../harness/backend/contract.js';
import { ERRNO } from '../../harness/backend/errno.js';
import { getField, kernelStackNth, setField } from '../../harness/backend/fields.js';
import { abi } from './abi.js';
import { wordBytes } from './encoding.js';
import { layouts } from './layout.js';

/** BRK64_OPCODE_KPROBES and BRK64_OPCODE_KPROBES_SS. */
const BRK_KPROBE = 0xd4200080;
const BRK_STEPPED = 0xd42000c0;
const INSN_SIZE = 4;

/** PSTATE: EL1h, and the condition flags. */
const EL1H = 5n;
const FLAGS = 0xf000_0000n;

const get = (regs: Fregs, name: string) => getField(regs, layouts.ptRegs(regs.config), name);
const set = (regs: Fregs, name: string, value: bigint) =>
  setField(regs, layouts.ptRegs(regs.config), name, value);

const ARGUMENTS = ['x0', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7'] as const;

export const kprobes = {
  /** A pt_regs also where ftrace_regs is none. */
  regs: {
    getInstructionPointer: (regs) => get(regs, 'pc'),
    setInstructionPointer: (regs, ip) => set(regs, 'pc', ip),
    argumentFields: ARGUMENTS,
    /** Arguments beyond the eighth read as 0, not from the stack. */
    getArgument: (regs, n) => {
      const register = ARGUMENTS[n];
      return register === undefined ? 0n : get(regs, register);
    },
    getStackPointer: (regs) => get(regs, 'sp'),
    getFramePointer: (regs) => get(regs, 'x29'),
    getReturnValue: (regs) => get(regs, 'x0'),
    setReturnValue: (regs, value) => set(regs, 'x0', value),
    getKernelStackNth: (regs, n) => kernelStackNth(regs, get(regs, 'sp'), n, abi.memory.threadSize),
    overrideWithReturn: (regs) => set(regs, 'pc', get(regs, 'x30')),
  },

  /** The generic rule: the MOV or the landing pad at F, so that rec->ip, which is refused, is never meant by a name. */
  address: ({ symbol, offset }) => ({ at: symbol + BigInt(offset), entry: offset === 0 }),

  ftrace: null,

  /** Everything in a call site but a BL can be stepped in a slot; the BL stands at rec->ip. */
  prepare(machine, at): Displaced | number {
    if (at % BigInt(INSN_SIZE) !== 0n) return -ERRNO.EINVAL;
    const original = machine.load(at, INSN_SIZE);
    const bytes = Uint8Array.of(...original, ...wordBytes(BRK_STEPPED));
    return {
      original,
      breakpoint: wordBytes(BRK_KPROBE),
      slot: { bytes, stepped: INSN_SIZE },
      simulate: null,
    };
  },

  exception: {
    by: 'played',
    save: (machine, pc) => ({ pc, pstate: (machine.read('nzcv') & FLAGS) | EL1H }),
    restore: (regs) => regs.machine.write('nzcv', get(regs, 'pstate') & FLAGS),
  },
} as const satisfies Kprobes;
