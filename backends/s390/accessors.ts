// SPDX-License-Identifier: MIT
/**
 * The ftrace_regs API of s390 (linux 7.2 arch/s390/include/asm/ftrace.h, include/linux/ftrace_regs.h) and the pt_regs
 * helpers behind it (arch/s390/include/asm/ptrace.h, arch/s390/lib/error-inject.c). linux 6.1 has only
 * ftrace_get_regs() and the setting of the instruction pointer, on the same structure.
 */
import type { Accessors, Fregs } from '../../harness/backend/contract.js';
import { ERRNO } from '../../harness/backend/errno.js';
import { getField, kernelStackNth, setField } from '../../harness/backend/fields.js';
import { abi } from './abi.js';
import { layouts } from './layout.js';

/** Bit 4 of the flags word, PIF_FTRACE_FULL_REGS. */
const FULL_REGS = 0x10n;
/** PSW_MASK_PSTATE, the problem-state bit. */
const PROBLEM_STATE = 0x0001_0000_0000_0000n;

const ARGUMENTS = ['gprs[2]', 'gprs[3]', 'gprs[4]', 'gprs[5]', 'gprs[6]'];

/** ftrace_regs is one pt_regs at every revision. */
const get = (at: Fregs, name: string) => getField(at, layouts.ptRegs(at.config), name);
const set = (at: Fregs, name: string, value: bigint) => setField(at, layouts.ptRegs(at.config), name, value);

const stackNth = (fregs: Fregs, n: number) =>
  kernelStackNth(fregs, get(fregs, 'gprs[15]'), n, abi.memory.threadSize);

/** The register's number: neither a byte offset nor, for r1 to r7, anything that could be taken for one. */
function registerNumber(name: string): number {
  const number = /^r(\d+)$/.exec(name)?.[1];
  return number !== undefined && Number(number) < 16 ? Number(number) : -ERRNO.EINVAL;
}

export const accessors = {
  /** The flags word is 0 where ftrace_caller filled the block. At exit it is what the stack held. */
  getRegs: (fregs) => ((get(fregs, 'flags') & FULL_REGS) === 0n ? 0n : fregs.address),
  getInstructionPointer: (fregs) => get(fregs, 'psw.addr'),
  setInstructionPointer: (fregs, ip) => set(fregs, 'psw.addr', ip),
  argumentFields: ARGUMENTS,
  /** From the sixth on in memory, whether the function has that many or not. */
  getArgument: (fregs, n) => {
    const register = ARGUMENTS[n];
    if (register !== undefined) return get(fregs, register);
    return stackNth(fregs, abi.stackArguments / 8 + n - ARGUMENTS.length);
  },
  getStackPointer: (fregs) => get(fregs, 'gprs[15]'),
  getFramePointer: (fregs) => get(fregs, 'gprs[15]'),
  getReturnValue: (fregs) => get(fregs, 'gprs[2]'),
  /** At exit nobody reads it again: return_to_handler keeps r2 elsewhere. */
  setReturnValue: (fregs, value) => set(fregs, 'gprs[2]', value),
  /** At entry only: return_to_handler does not store r14. */
  getReturnAddress: (fregs) => get(fregs, 'gprs[14]'),
  getKernelStackNth: stackNth,
  /** What the function's own branch to r14 would do. */
  overrideWithReturn: (fregs, _justReturn) => set(fregs, 'psw.addr', get(fregs, 'gprs[14]')),
  queryRegisterOffset: (_fregs, name) => registerNumber(name),
  setDirectCaller: (fregs, address) => set(fregs, 'orig_gpr2', address),
  /** arch_ftrace_partial_regs() does not exist here: the block as it is, psw.mask not made up. */
  partialRegs: (fregs, _buffer) => fregs.address,
  partialRegsUpdate: (_fregs, _regs) => {},
  fillPerfRegs: (fregs, regs) => {
    const target = { ...fregs, address: regs };
    set(target, 'psw.mask', 0n);
    set(target, 'psw.addr', get(fregs, 'psw.addr'));
    set(target, 'gprs[15]', get(fregs, 'gprs[15]'));
  },
  /** linux 7.2 arch/s390/include/asm/perf_event.h. */
  fetchCallerRegs: (regs, { ip, sp }) => {
    set(regs, 'psw.mask', 0n);
    set(regs, 'psw.addr', ip);
    set(regs, 'gprs[15]', sp);
  },
  tracing: {
    parameters: ARGUMENTS,
    result: 'gprs[2]',
    stackPointer: 'gprs[15]',
    instructionPointer: 'psw.addr',
    link: 'gprs[14]',
  },
  userMode: (regs) => (get(regs, 'psw.mask') & PROBLEM_STATE) !== 0n,
  ptRegsOffset: (_config, name) => registerNumber(name),
  maxArgs: 6,
} as const satisfies Accessors;
