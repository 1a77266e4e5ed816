// SPDX-License-Identifier: MIT
/**
 * The ftrace_regs API of arm64 (linux 6.12, 7.2 arch/arm64/include/asm/ftrace.h, linux 7.2
 * include/linux/ftrace_regs.h) and the pt_regs helpers behind it (arch/arm64/include/asm/ptrace.h). At 6.1 ftrace_regs
 * is a pt_regs, and the functions do what users of ftrace_get_regs() did on it by hand: the macro that 6.1 has for
 * setting the instruction pointer does nothing.
 */
import type { Accessors, Config, Fregs } from '../../harness/backend/contract.js';
import { ERRNO } from '../../harness/backend/errno.js';
import { fieldOf, getField, kernelStackNth, setField } from '../../harness/backend/fields.js';
import { abi } from './abi.js';
import { layouts } from './layout.js';

/** PSTATE of a made-up pt_regs: EL1h, so that user_mode() says no (PSR_MODE_EL1h). */
const PSR_MODE_EL1H = 5n;
const PSR_MODE_MASK = 0xfn;

/** WITH_REGS: the structure is one pt_regs, filled by either trampoline as far as it goes. */
const isPtRegs = ({ config }: Fregs) => !config.has('DYNAMIC_FTRACE_WITH_ARGS');

const fregsLayout = ({ config }: Fregs) => layouts.ftraceRegs(config);
const get = (fregs: Fregs, name: string) => getField(fregs, fregsLayout(fregs), name);
const set = (fregs: Fregs, name: string, value: bigint) => setField(fregs, fregsLayout(fregs), name, value);

/** Names of x29 and x30 in ftrace_regs. */
const fp = (fregs: Fregs) => (isPtRegs(fregs) ? 'x29' : 'fp');
const lr = (fregs: Fregs) => (isPtRegs(fregs) ? 'x30' : 'lr');

/** Copies ftrace_regs fields into a pt_regs: pairs of pt_regs name and ftrace_regs name. */
function copy(fregs: Fregs, regs: bigint, pairs: readonly (readonly [to: string, from: string])[]): void {
  const target = { ...fregs, address: regs };
  const layout = layouts.ptRegs(fregs.config);
  for (const [to, from] of pairs) setField(target, layout, to, get(fregs, from));
  setField(target, layout, 'pstate', PSR_MODE_EL1H);
}

/** regs_query_register_offset(). */
function ptRegsOffset(config: Config, name: string): number {
  const field = name === 'lr' ? 'x30' : name;
  const known = /^(x\d+|sp|pc|pstate)$/.test(field);
  const found = known && layouts.ptRegs(config).fields.find((candidate) => candidate.name === field);
  return found ? found.offset : -ERRNO.EINVAL;
}

/** Names ftrace_regs_query_register_offset() accepts, and the field that answers. */
const REGISTER_FIELDS: ReadonlyMap<string, string> = new Map([
  ...Array.from({ length: 9 }, (_, n) => [`x${n}`, `x${n}`] as const),
  ['x29', 'fp'],
  ['x30', 'lr'],
  ['lr', 'lr'],
  ['sp', 'sp'],
  ['pc', 'pc'],
]);

const GENERAL = Array.from({ length: 9 }, (_, n) => [`x${n}`, `x${n}`] as const);

export const accessors = {
  /** 6.1: never NULL, even where the plain trampoline left most of it stale. Later there is no pt_regs: NULL. */
  getRegs: (fregs) => (isPtRegs(fregs) ? fregs.address : 0n),
  getInstructionPointer: (fregs) => get(fregs, 'pc'),
  setInstructionPointer: (fregs, ip) => set(fregs, 'pc', ip),
  argumentFields: ['x0', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7'],
  /** Arguments beyond the eighth read as 0, not from the stack. */
  getArgument: (fregs, n) => (n < abi.argumentRegisters.length ? get(fregs, `x${n}`) : 0n),
  getStackPointer: (fregs) => get(fregs, 'sp'),
  getFramePointer: (fregs) => get(fregs, fp(fregs)),
  getReturnValue: (fregs) => get(fregs, 'x0'),
  setReturnValue: (fregs, value) => set(fregs, 'x0', value),
  getReturnAddress: (fregs) => get(fregs, lr(fregs)),
  getKernelStackNth: (fregs, n) => kernelStackNth(fregs, get(fregs, 'sp'), n, abi.memory.threadSize),
  /** Continues at the return address: x30 already holds it. */
  overrideWithReturn: (fregs) => set(fregs, 'pc', get(fregs, lr(fregs))),
  queryRegisterOffset: (fregs, name) => {
    if (isPtRegs(fregs)) return ptRegsOffset(fregs.config, name);
    const field = REGISTER_FIELDS.get(name);
    return field === undefined ? -ERRNO.EINVAL : fieldOf(fregsLayout(fregs), field).offset;
  },
  setDirectCaller: (fregs, address) => set(fregs, 'direct_tramp', address),
  /** x0 to x8, sp, pc, x29, x30 and a made-up pstate; the rest of the buffer is left alone. */
  partialRegs: (fregs, buffer) => {
    if (isPtRegs(fregs)) return fregs.address;
    copy(fregs, buffer, [...GENERAL, ['sp', 'sp'], ['pc', 'pc'], ['x29', 'fp'], ['x30', 'lr']]);
    return buffer;
  },
  partialRegsUpdate: (fregs, regs) => {
    const from = { ...fregs, address: regs };
    const layout = layouts.ptRegs(fregs.config);
    set(fregs, 'pc', getField(from, layout, 'pc'));
    set(fregs, 'x0', getField(from, layout, 'x0'));
  },
  fillPerfRegs: (fregs, regs) =>
    copy(fregs, regs, [
      ['pc', 'pc'],
      ['x29', fp(fregs)],
      ['sp', 'sp'],
    ]),
  /** linux 7.2 arch/arm64/include/asm/perf_event.h. */
  fetchCallerRegs: (regs, { ip, sp, fp }) => {
    const layout = layouts.ptRegs(regs.config);
    setField(regs, layout, 'pc', ip);
    setField(regs, layout, 'x29', fp);
    setField(regs, layout, 'sp', sp);
    setField(regs, layout, 'pstate', PSR_MODE_EL1H);
  },
  tracing: {
    parameters: ['x0', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7'],
    result: 'x0',
    stackPointer: 'sp',
    instructionPointer: 'pc',
    link: 'x30',
  },
  userMode: (regs) => (getField(regs, layouts.ptRegs(regs.config), 'pstate') & PSR_MODE_MASK) === 0n,
  ptRegsOffset,
  /** The generic default: tracers print x0 to x5 although there are eight argument registers. */
  maxArgs: 6,
} as const satisfies Accessors;
