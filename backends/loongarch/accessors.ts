// SPDX-License-Identifier: MIT
/**
 * The ftrace_regs API of LoongArch (linux 7.2 arch/loongarch/include/asm/ftrace.h, include/linux/ftrace_regs.h) and the
 * pt_regs helpers behind it (arch/loongarch/include/asm/ptrace.h, arch/loongarch/lib/error-inject.c). 6.12 has the same
 * functions but for get_return_address, get_kernel_stack_nth and the two of partial_regs.
 */
import type { Accessors, Config, Fregs } from '../../harness/backend/contract.js';
import { ERRNO } from '../../harness/backend/errno.js';
import { getField, kernelStackNth, setField } from '../../harness/backend/fields.js';
import { abi } from './abi.js';
import { layouts } from './layout.js';

/** csr_prmd.PPLV: the privilege level before the exception; 3 is user mode. */
const PLV_MASK = 3n;
const PLV_USER = 3n;

const ARGUMENTS = ['r4', 'r5', 'r6', 'r7', 'r8', 'r9', 'r10', 'r11'];

/** ftrace_regs is one pt_regs, so all go through that layout. */
const get = (at: Fregs, name: string) => getField(at, layouts.ptRegs(at.config), name);
const set = (at: Fregs, name: string, value: bigint) => setField(at, layouts.ptRegs(at.config), name, value);

const stackNth = (fregs: Fregs, n: number) =>
  kernelStackNth(fregs, get(fregs, 'r3'), n, abi.memory.threadSize);

function registerOffset(config: Config, name: string): number {
  const field = layouts.ptRegs(config).fields.find((candidate) => candidate.name === name);
  return field ? field.offset : -ERRNO.EINVAL;
}

export const accessors = {
  /** The block itself, however little of it was filled: nothing marks a partial one. */
  getRegs: ({ address }) => address,
  getInstructionPointer: (fregs) => get(fregs, 'csr_era'),
  setInstructionPointer: (fregs, ip) => set(fregs, 'csr_era', ip),
  argumentFields: ARGUMENTS,
  /** The ninth is the word at sp. */
  getArgument: (fregs, n) => {
    const register = ARGUMENTS[n];
    return register === undefined ? stackNth(fregs, n - ARGUMENTS.length) : get(fregs, register);
  },
  getStackPointer: (fregs) => get(fregs, 'r3'),
  getFramePointer: (fregs) => get(fregs, 'r22'),
  getReturnValue: (fregs) => get(fregs, 'r4'),
  setReturnValue: (fregs, value) => set(fregs, 'r4', value),
  /** Not regs[1], which is the return address, but the word found there: two instructions of the caller. */
  getReturnAddress: (fregs) => fregs.machine.loadWord(get(fregs, 'r1'), 8),
  getKernelStackNth: stackNth,
  overrideWithReturn: (fregs) => set(fregs, 'csr_era', get(fregs, 'r1')),
  queryRegisterOffset: ({ config }, name) => registerOffset(config, name),
  setDirectCaller: (fregs, address) => set(fregs, 'r13', address),
  /** The live block; the hook that might complete it is empty, so csr_prmd stays stale. */
  partialRegs: ({ address }) => address,
  /** Nothing to copy: the pt_regs is the block itself. */
  partialRegsUpdate: () => {},
  /** arch_ftrace_fill_perf_regs is not defined, and the generic macro is empty. */
  fillPerfRegs: () => {},
  /** linux 7.2 arch/loongarch/include/asm/perf_event.h: the frame address serves as stack pointer. */
  fetchCallerRegs: (regs, { ip, fp }) => {
    set(regs, 'csr_era', ip);
    set(regs, 'r3', fp);
  },
  tracing: {
    parameters: ARGUMENTS,
    result: 'r4',
    stackPointer: 'r3',
    instructionPointer: 'csr_era',
    link: 'r1',
  },
  userMode: (regs) => (get(regs, 'csr_prmd') & PLV_MASK) === PLV_USER,
  /** Registers by number only: `r4`, not `a0`. */
  ptRegsOffset: registerOffset,
  /** The generic default: tracers print a0 to a5 although there are eight argument registers. */
  maxArgs: 6,
} as const satisfies Accessors;
