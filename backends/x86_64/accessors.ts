// SPDX-License-Identifier: MIT
/**
 * The ftrace_regs API of x86_64 (linux 6.1, 6.12, 7.2 arch/x86/include/asm/ftrace.h, 7.2 include/linux/ftrace_regs.h;
 * at 6.1 only ftrace_get_regs() and ftrace_instruction_pointer_set() have these names) and the
 * pt_regs helpers behind it (arch/x86/include/asm/ptrace.h, arch/x86/kernel/ptrace.c, arch/x86/lib/error-inject.c).
 */
import type { Accessors, Config, Fregs } from '../../harness/backend/contract.js';
import { ERRNO } from '../../harness/backend/errno.js';
import { getField, kernelStackNth, setField } from '../../harness/backend/fields.js';
import { abi } from './abi.js';
import { layouts } from './layout.js';

const KERNEL_CS = 0x10n;
/** Requested privilege level of a selector: not 0 is user mode. */
const RPL_MASK = 3n;
/** X86_EFLAGS_FIXED. */
const FLAGS_FIXED = 2n;

const ARGUMENTS = ['di', 'si', 'dx', 'cx', 'r8', 'r9'];

/** ftrace_regs is one pt_regs, so all go through that layout: cs and ss are 16 bits wide since 6.12. */
const get = (at: Fregs, name: string) => getField(at, layouts.ptRegs(at.config), name);
const set = (at: Fregs, name: string, value: bigint) => setField(at, layouts.ptRegs(at.config), name, value);

const stackNth = (fregs: Fregs, n: number) =>
  kernelStackNth(fregs, get(fregs, 'sp'), n, abi.memory.threadSize);

function registerOffset(config: Config, name: string): number {
  const field = layouts.ptRegs(config).fields.find((candidate) => candidate.name === name);
  return field ? field.offset : -ERRNO.EINVAL;
}

export const accessors = {
  /** cs is 0 where only ftrace_caller filled the block. At exit it is what the stack held. */
  getRegs: (fregs) => (get(fregs, 'cs') === 0n ? 0n : fregs.address),
  getInstructionPointer: (fregs) => get(fregs, 'ip'),
  setInstructionPointer: (fregs, ip) => set(fregs, 'ip', ip),
  argumentFields: ARGUMENTS,
  /** The seventh is the word above the return address. */
  getArgument: (fregs, n) => {
    const register = ARGUMENTS[n];
    return register === undefined ? stackNth(fregs, n - ARGUMENTS.length + 1) : get(fregs, register);
  },
  getStackPointer: (fregs) => get(fregs, 'sp'),
  getFramePointer: (fregs) => get(fregs, 'bp'),
  getReturnValue: (fregs) => get(fregs, 'ax'),
  setReturnValue: (fregs, value) => set(fregs, 'ax', value),
  /** The word at sp: right at entry only. */
  getReturnAddress: (fregs) => fregs.machine.loadWord(get(fregs, 'sp'), 8),
  getKernelStackNth: stackNth,
  /** Continues at a lone RET, which takes the return address from the stack. */
  overrideWithReturn: (fregs, justReturn) => set(fregs, 'ip', justReturn),
  queryRegisterOffset: ({ config }, name) => registerOffset(config, name),
  setDirectCaller: (fregs, address) => set(fregs, 'orig_ax', address),
  /** The live block, made to look like one of kernel mode; later callbacks see that. */
  partialRegs: (fregs) => {
    set(fregs, 'flags', get(fregs, 'flags') | FLAGS_FIXED);
    set(fregs, 'cs', KERNEL_CS);
    return fregs.address;
  },
  /** Nothing to copy: the pt_regs is the block itself. */
  partialRegsUpdate: () => {},
  fillPerfRegs: (fregs, regs) => {
    const target = { ...fregs, address: regs };
    set(target, 'ip', get(fregs, 'ip'));
    set(target, 'sp', get(fregs, 'sp'));
    set(target, 'cs', KERNEL_CS);
    set(target, 'flags', 0n);
  },
  /** linux 7.2 arch/x86/include/asm/perf_event.h: the frame address serves as stack pointer. */
  fetchCallerRegs: (regs, { ip, fp }) => {
    set(regs, 'ip', ip);
    set(regs, 'sp', fp);
    set(regs, 'cs', KERNEL_CS);
    set(regs, 'flags', 0n);
  },
  tracing: {
    parameters: ARGUMENTS,
    result: 'ax',
    stackPointer: 'sp',
    instructionPointer: 'ip',
    link: null,
  },
  userMode: (regs) => (get(regs, 'cs') & RPL_MASK) !== 0n,
  ptRegsOffset: registerOffset,
  maxArgs: 6,
} as const satisfies Accessors;
