// SPDX-License-Identifier: MIT
/**
 * kprobes. On rec->ip they are callbacks of ftrace; on the words before it, a TRAP whose instruction is emulated. Sources:
 * linux 6.1, 6.12, 7.2 arch/powerpc/kernel/kprobes.c, arch/powerpc/kernel/kprobes-ftrace.c, arch/powerpc/lib/sstep.c.
 */
import type { Displaced, Fregs, Kprobes } from '../../harness/backend/contract.js';
import { ERRNO } from '../../harness/backend/errno.js';
import { getField, setField } from '../../harness/backend/fields.js';
import { accessors } from './accessors.js';
import { MFLR_R0, NOP, TRAP, wordBytes } from './encoding.js';
import { layouts } from './layout.js';

const INSN_SIZE = 4;
/** The ftrace location is within so many bytes from the symbol. */
const ENTRY_BYTES = 16n;

const ADDI = 14;
const ADDIS = 15;

const get = (regs: Fregs, name: string) => getField(regs, layouts.ptRegs(regs.config), name);
const set = (regs: Fregs, name: string, value: bigint) =>
  setField(regs, layouts.ptRegs(regs.config), name, value);

/** emulate_step() of what stands in a call site before rec->ip, and of the NOP of the return trampoline. */
function emulation(word: number): ((regs: Fregs) => void) | null {
  if (word === NOP) return () => {};
  if (word === MFLR_R0) return (regs) => set(regs, 'gpr0', get(regs, 'link'));
  const opcode = word >>> 26;
  if (opcode !== ADDI && opcode !== ADDIS) return null;
  const [t, a] = [(word >>> 21) & 31, (word >>> 16) & 31];
  const immediate = BigInt.asIntN(16, BigInt(word & 0xffff)) << (opcode === ADDIS ? 16n : 0n);
  return (regs) => set(regs, `gpr${t}`, (a === 0 ? 0n : get(regs, `gpr${a}`)) + immediate);
}

export const kprobes = {
  /** regs_return_value() is that of system calls at every revision. */
  regs: { ...accessors, getReturnValue: accessors.regsReturnValue },

  /** The name alone stands for the ftrace location. 7.2 compares with it, older kernels with 16. */
  address({ config, symbol, offset, ip }) {
    const near = ip !== null && ip - symbol <= ENTRY_BYTES ? ip : null;
    const at = offset === 0 && near !== null ? near : symbol + BigInt(offset);
    const entry = config.revision === '7.2' && ip !== null ? ip - symbol : ENTRY_BYTES;
    return { at, entry: at - symbol <= entry };
  },

  /** Relative to what nip is: a handler's change stays, four bytes off. */
  ftrace: {
    pre: (found) => found - BigInt(INSN_SIZE),
    post: (now) => now + BigInt(INSN_SIZE),
    resume: (_found, now) => now,
  },

  prepare(machine, at): Displaced | number {
    if (at % BigInt(INSN_SIZE) !== 0n) return -ERRNO.EINVAL;
    const original = machine.load(at, INSN_SIZE);
    const emulate = emulation(Number(machine.loadWord(at, INSN_SIZE)));
    if (emulate === null) throw new RangeError('no instruction that the model can emulate');
    const simulate = (regs: Fregs) => {
      emulate(regs);
      set(regs, 'nip', get(regs, 'nip') + BigInt(INSN_SIZE));
    };
    return { original, breakpoint: wordBytes(TRAP), slot: null, simulate };
  },

  /** The program check, delivered to the entry code of trampoline.S. */
  exception: {
    by: 'entry',
    symbol: 'program_check',
    handler: 'program_check_exception',
    deliver(machine, pc) {
      machine.write('srr0', pc);
      machine.write('srr1', machine.read('msr'));
    },
  },
} as const satisfies Kprobes;
