// SPDX-License-Identifier: MIT
/**
 * The ftrace_regs API of riscv (linux 6.12, 7.2 arch/riscv/include/asm/ftrace.h, linux 7.2
 * include/linux/ftrace_regs.h) and the pt_regs helpers behind it (arch/riscv/include/asm/ptrace.h,
 * arch/riscv/kernel/ptrace.c). At 6.1 ftrace_regs is a pt_regs by type, and the functions do what users of
 * ftrace_get_regs() did on it by hand: the macro that 6.1 has for setting the instruction pointer does nothing.
 */
import type { Accessors, Config, Fregs } from '../../harness/backend/contract.js';
import { ERRNO } from '../../harness/backend/errno.js';
import { getField, kernelStackNth, setField } from '../../harness/backend/fields.js';
import { abi } from './abi.js';
import { layouts } from './layout.js';

/** sstatus.SPP: the trap came from supervisor mode. */
const SR_SPP = 0x100n;

const get = (fregs: Fregs, name: string) => getField(fregs, layouts.ftraceRegs(fregs.config), name);
const set = (fregs: Fregs, name: string, value: bigint) =>
  setField(fregs, layouts.ftraceRegs(fregs.config), name, value);

/** What ftrace_partial_regs() copies; the names are the same on both sides. */
const PARTIAL = [...abi.argumentRegisters, 'epc', 'ra', 'sp', 's0', 't1'];

const isPtRegs = ({ config }: Fregs) => !config.has('DYNAMIC_FTRACE_WITH_ARGS');

export const accessors = {
  /** 6.1: never NULL, not even for the save area of ftrace_caller. Later there is no pt_regs inside: NULL. */
  getRegs: (fregs) => (isPtRegs(fregs) ? fregs.address : 0n),
  getInstructionPointer: (fregs) => get(fregs, 'epc'),
  setInstructionPointer: (fregs, ip) => set(fregs, 'epc', ip),
  argumentFields: ['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'],
  /** Arguments beyond the eighth read as 0, not from the stack. */
  getArgument: (fregs, n) => (n < abi.argumentRegisters.length ? get(fregs, `a${n}`) : 0n),
  getStackPointer: (fregs) => get(fregs, 'sp'),
  getFramePointer: (fregs) => get(fregs, 's0'),
  getReturnValue: (fregs) => get(fregs, 'a0'),
  setReturnValue: (fregs, value) => set(fregs, 'a0', value),
  getReturnAddress: (fregs) => get(fregs, 'ra'),
  getKernelStackNth: (fregs, n) => kernelStackNth(fregs, get(fregs, 'sp'), n, abi.memory.threadSize),
  overrideWithReturn: (fregs) => set(fregs, 'epc', get(fregs, 'ra')),
  /** From 6.12 on declared in the header and defined nowhere: a caller would not link. Unknown to 6.1. */
  queryRegisterOffset: null,
  setDirectCaller: (fregs, address) => set(fregs, 't1', address),
  /** status keeps the 0 of the buffer, so user_mode() of the result says yes. */
  partialRegs: (fregs, buffer) => {
    if (isPtRegs(fregs)) return fregs.address;
    const to = { ...fregs, address: buffer };
    const layout = layouts.ptRegs(fregs.config);
    for (const name of PARTIAL) setField(to, layout, name, get(fregs, name));
    return buffer;
  },
  partialRegsUpdate: (fregs, regs) => {
    const from = { ...fregs, address: regs };
    const layout = layouts.ptRegs(fregs.config);
    for (const name of ['epc', 'a0']) set(fregs, name, getField(from, layout, name));
  },
  /** arch_ftrace_fill_perf_regs is not defined, and the generic macro is empty. */
  fillPerfRegs: () => {},
  /** linux 7.2 arch/riscv/include/asm/perf_event.h: SR_PP is set here, which partial_regs forgets. */
  fetchCallerRegs: (regs, { ip, sp, fp }) => {
    const layout = layouts.ptRegs(regs.config);
    setField(regs, layout, 'epc', ip);
    setField(regs, layout, 's0', fp);
    setField(regs, layout, 'sp', sp);
    setField(regs, layout, 'status', SR_SPP);
  },
  tracing: {
    parameters: ['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'],
    result: 'a0',
    stackPointer: 'sp',
    instructionPointer: 'epc',
    link: 'ra',
  },
  userMode: (regs) => (getField(regs, layouts.ptRegs(regs.config), 'status') & SR_SPP) === 0n,
  /** Every field of pt_regs by its own name; no x-numbers. */
  ptRegsOffset: (config: Config, name: string) => {
    const found = layouts.ptRegs(config).fields.find((field) => field.name === name);
    return found ? found.offset : -ERRNO.EINVAL;
  },
  /** The generic default: tracers print a0 to a5 although there are eight argument registers. */
  maxArgs: 6,
} as const satisfies Accessors;
