// SPDX-License-Identifier: MIT
/**
 * kprobes. On rec->ip, the first word of a call site, they are callbacks of ftrace; on its second, which ftrace patches,
 * nothing stops a breakpoint. Sources: linux 6.12, 7.2 arch/loongarch/kernel/ftrace_dyn.c (kprobe_ftrace_handler),
 * arch/loongarch/kernel/kprobes.c.
 */
import type { Displaced, Fregs, Kprobes } from '../../harness/backend/contract.js';
import { ERRNO } from '../../harness/backend/errno.js';
import { getField, setField } from '../../harness/backend/fields.js';
import { accessors } from './accessors.js';
import { BREAK_KPROBE, BREAK_STEPPED, branchTarget, isBl, wordBytes } from './encoding.js';
import { layouts } from './layout.js';

const INSN_SIZE = 4;

/** PRMD: the kernel's privilege level, previous interrupt enable. */
const PRMD_PIE = 4n;
/** ESTAT: exception code BRK. */
const ESTAT_BRK = 0xc_0000n;

const get = (regs: Fregs, name: string) => getField(regs, layouts.ptRegs(regs.config), name);
const set = (regs: Fregs, name: string, value: bigint) =>
  setField(regs, layouts.ptRegs(regs.config), name, value);

export const kprobes = {
  regs: accessors,

  address: ({ symbol, offset }) => ({ at: symbol + BigInt(offset), entry: offset === 0 }),

  /** Behind the first word, though the site has two; what the handler left there is dropped. */
  ftrace: {
    pre: (_found, ip) => ip,
    post: (_now, ip) => ip + BigInt(INSN_SIZE),
    resume: (found) => found,
  },

  /** A BL is simulated, the rest goes to a slot. */
  prepare(machine, at): Displaced | number {
    if (at % BigInt(INSN_SIZE) !== 0n) return -ERRNO.EILSEQ;
    const original = machine.load(at, INSN_SIZE);
    const word = Number(machine.loadWord(at, INSN_SIZE));
    const bytes = Uint8Array.of(...original, ...wordBytes(BREAK_STEPPED));
    const simulate = (regs: Fregs) => {
      const era = get(regs, 'csr_era');
      set(regs, 'r1', era + BigInt(INSN_SIZE));
      set(regs, 'csr_era', branchTarget(word, era));
    };
    const calls = isBl(word);
    return {
      original,
      breakpoint: wordBytes(BREAK_KPROBE),
      slot: calls ? null : { bytes, stepped: INSN_SIZE },
      simulate: calls ? simulate : null,
    };
  },

  exception: {
    by: 'played',
    save: (machine, pc) => ({
      csr_era: pc,
      csr_crmd: machine.read('crmd'),
      csr_prmd: PRMD_PIE,
      csr_estat: ESTAT_BRK,
    }),
    restore: () => {},
  },
} as const satisfies Kprobes;
