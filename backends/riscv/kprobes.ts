// SPDX-License-Identifier: MIT
/**
 * kprobes: callbacks of ftrace at 6.1, later an EBREAK each. rec->ip is refused then: F itself at 6.12, F+4 at 7.2.
 * Sources: linux 6.1 arch/riscv/kernel/probes/ftrace.c; linux 6.1, 6.12, 7.2 arch/riscv/kernel/probes/kprobes.c,
 * decode-insn.c, simulate-insn.c, arch/riscv/include/asm/ptrace.h.
 */
import type { Displaced, Fregs, Kprobes } from '../../harness/backend/contract.js';
import { ERRNO } from '../../harness/backend/errno.js';
import { getField, kernelStackNth, setField } from '../../harness/backend/fields.js';
import { abi } from './abi.js';
import { auipcOffset, EBREAK, jalrOffset, wordBytes } from './encoding.js';
import { layouts } from './layout.js';

const INSN_SIZE = 4;
/** MCOUNT_INSN_SIZE of 6.1. */
const SITE_SIZE = 8n;

/** status of a trap from the kernel: previous privilege supervisor, previous interrupt enable. */
const SR_SPP_SPIE = 0x120n;
/** cause: breakpoint. */
const EXC_BREAKPOINT = 3n;

const get = (regs: Fregs, name: string) => getField(regs, layouts.ptRegs(regs.config), name);
const set = (regs: Fregs, name: string, value: bigint) =>
  setField(regs, layouts.ptRegs(regs.config), name, value);

const ARGUMENTS = ['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'] as const;

/**
 * simulate_auipc() and simulate_jalr() of a call site, whose register is t0; `null` for what goes to a slot. Relative to the
 * probe, not to what a handler has made of epc.
 */
function simulation(word: number, at: bigint): ((regs: Fregs) => void) | null {
  const high = auipcOffset(word);
  if (high !== undefined) {
    return (regs) => {
      set(regs, 't0', at + high);
      set(regs, 'epc', at + BigInt(INSN_SIZE));
    };
  }
  const low = jalrOffset(word);
  if (low === undefined) return null;
  return (regs) => {
    const to = get(regs, 't0') + low;
    set(regs, 't0', at + BigInt(INSN_SIZE));
    set(regs, 'epc', to);
  };
}

export const kprobes = {
  /** A pt_regs also where ftrace_regs is none. */
  regs: {
    getInstructionPointer: (regs) => get(regs, 'epc'),
    setInstructionPointer: (regs, ip) => set(regs, 'epc', ip),
    argumentFields: ARGUMENTS,
    /** Arguments beyond the eighth read as 0, not from the stack. */
    getArgument: (regs, n) => {
      const register = ARGUMENTS[n];
      return register === undefined ? 0n : get(regs, register);
    },
    getStackPointer: (regs) => get(regs, 'sp'),
    getFramePointer: (regs) => get(regs, 's0'),
    getReturnValue: (regs) => get(regs, 'a0'),
    setReturnValue: (regs, value) => set(regs, 'a0', value),
    getKernelStackNth: (regs, n) => kernelStackNth(regs, get(regs, 'sp'), n, abi.memory.threadSize),
    overrideWithReturn: (regs) => set(regs, 'epc', get(regs, 'ra')),
  },

  address: ({ symbol, offset }) => ({ at: symbol + BigInt(offset), entry: offset === 0 }),

  ftrace: {
    pre: (_found, ip) => ip,
    post: (_now, ip) => ip + SITE_SIZE,
    resume: (found) => found,
  },

  /** arch_check_kprobe() walks from the symbol; the words of an initialised site are not compressed. */
  prepare(machine, at, symbol): Displaced | number {
    if ((at - symbol) % BigInt(INSN_SIZE) !== 0n) return -ERRNO.EILSEQ;
    const original = machine.load(at, INSN_SIZE);
    const breakpoint = wordBytes(EBREAK);
    const simulate = simulation(Number(machine.loadWord(at, INSN_SIZE)), at);
    const slot = { bytes: Uint8Array.of(...original, ...breakpoint), stepped: INSN_SIZE };
    return { original, breakpoint, slot: simulate ? null : slot, simulate };
  },

  exception: {
    by: 'played',
    save: (_machine, pc) => ({ epc: pc, status: SR_SPP_SPIE, cause: EXC_BREAKPOINT }),
    restore: () => {},
  },
} as const satisfies Kprobes;
