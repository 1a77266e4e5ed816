// SPDX-License-Identifier: MIT
/**
 * The ftrace_regs API of powerpc (linux 6.1, 6.12, 7.2 arch/powerpc/include/asm/ftrace.h, include/linux/ftrace_regs.h)
 * and the pt_regs helpers behind it (arch/powerpc/include/asm/ptrace.h, arch/powerpc/kernel/ptrace/ptrace.c,
 * arch/powerpc/lib/error-inject.c).
 */
import type { Accessors, Config, Fregs } from '../../harness/backend/contract.js';
import { ERRNO } from '../../harness/backend/errno.js';
import { getField, kernelStackNth, setField } from '../../harness/backend/fields.js';
import { abi } from './abi.js';
import { layouts } from './layout.js';

/** MSR: problem state, that is, user mode. */
const MSR_PR = 0x4000n;
/** Summary overflow of CR0: how a system call says that it failed. */
const CR0_SO = 0x1000_0000n;
/** Vector of a `scv` system call, and the bit of `trap` that is no part of the vector. */
const SCV_VECTOR = 0x3000n;
const TRAP_FLAGS = 1n;

const get = (at: Fregs, name: string) => getField(at, layouts.ptRegs(at.config), name);
const set = (at: Fregs, name: string, value: bigint) => setField(at, layouts.ptRegs(at.config), name, value);

/** regs_set_return_ip(): the saved SRR0 and HSRR0 of an exception frame no longer agree with nip. */
function setInstructionPointer(fregs: Fregs, ip: bigint): void {
  const { machine, config } = fregs;
  set(fregs, 'nip', ip);
  const { PACASRR_VALID, PACAHSRR_VALID } = layouts.asmOffsets(config);
  const paca = machine.read('r13');
  for (const offset of [PACASRR_VALID, PACAHSRR_VALID]) machine.storeWord(paca + BigInt(offset), 1, 0n);
}

/** regs_return_value(), which the accessor of 6.12 uses too: the sign of a failed system call, judged by what ccr and trap hold. */
function syscallReturnValue(fregs: Fregs): bigint {
  const value = get(fregs, 'gpr3');
  const failed = (get(fregs, 'ccr') & CR0_SO) !== 0n;
  const scv = (get(fregs, 'trap') & ~TRAP_FLAGS) === SCV_VECTOR;
  return failed && !scv ? BigInt.asUintN(64, -value) : value;
}

function registerOffset(config: Config, name: string): number {
  const { fields } = layouts.ptRegs(config);
  const field = name.replace(/^r(?=\d+$)/, 'gpr');
  const known = /^(gpr\d+|nip|msr|ctr|link|xer|ccr|softe|mq|trap|dar|dsisr)$/.test(field);
  const found = known ? fields.find((candidate) => candidate.name === field) : undefined;
  return found ? found.offset : -ERRNO.EINVAL;
}

export const accessors = {
  /** msr is 0 where only ftrace_caller filled the block. At exit it is what the stack held. */
  getRegs: (fregs) => (get(fregs, 'msr') === 0n ? 0n : fregs.address),
  getInstructionPointer: (fregs) => get(fregs, 'nip'),
  setInstructionPointer,
  argumentFields: ['gpr3', 'gpr4', 'gpr5', 'gpr6', 'gpr7', 'gpr8', 'gpr9', 'gpr10'],
  /** Arguments beyond the eighth read as 0, not from the stack. */
  getArgument: (fregs, n) => (n < abi.argumentRegisters.length ? get(fregs, `gpr${3 + n}`) : 0n),
  getStackPointer: (fregs) => get(fregs, 'gpr1'),
  getFramePointer: (fregs) => (fregs.config.revision === '7.2' ? get(fregs, 'gpr1') : 0n),
  getReturnValue: (fregs) =>
    fregs.config.revision === '6.12' ? syscallReturnValue(fregs) : get(fregs, 'gpr3'),
  regsReturnValue: syscallReturnValue,
  setReturnValue: (fregs, value) => set(fregs, 'gpr3', value),
  getReturnAddress: (fregs) => get(fregs, 'link'),
  /** Word 0 is the back chain, word 2 the LR save slot, word 12 the ninth argument. */
  getKernelStackNth: (fregs, n) => kernelStackNth(fregs, get(fregs, 'gpr1'), n, abi.memory.threadSize),
  /** Continues at the return address. */
  overrideWithReturn: (fregs) => setInstructionPointer(fregs, get(fregs, 'link')),
  queryRegisterOffset: ({ config }, name) => registerOffset(config, name),
  setDirectCaller: (fregs, address) => set(fregs, 'orig_gpr3', address),
  /** The live block as it is: a partial one keeps msr 0. */
  partialRegs: (fregs) => fregs.address,
  /** Nothing to copy: the pt_regs is the block itself. */
  partialRegsUpdate: () => {},
  /** msr is that of now, not of the function's entry. */
  fillPerfRegs: (fregs, regs) => {
    const target = { ...fregs, address: regs };
    set(target, 'result', 0n);
    set(target, 'nip', get(fregs, 'nip'));
    set(target, 'gpr1', get(fregs, 'gpr1'));
    set(target, 'msr', fregs.machine.read('msr'));
  },
  /** linux 7.2 arch/powerpc/include/asm/perf_event.h. */
  fetchCallerRegs: (regs, { ip, sp }) => {
    set(regs, 'result', 0n);
    set(regs, 'nip', ip);
    set(regs, 'gpr1', sp);
    set(regs, 'msr', regs.machine.read('msr'));
  },
  tracing: {
    parameters: ['gpr3', 'gpr4', 'gpr5', 'gpr6', 'gpr7', 'gpr8', 'gpr9', 'gpr10'],
    result: 'gpr3',
    stackPointer: 'gpr1',
    instructionPointer: 'nip',
    link: 'link',
  },
  userMode: (regs) => (get(regs, 'msr') & MSR_PR) !== 0n,
  ptRegsOffset: registerOffset,
  /** The generic default: tracers print r3 to r8 although there are eight argument registers. */
  maxArgs: 6,
} as const satisfies Accessors;
