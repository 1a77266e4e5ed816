// SPDX-License-Identifier: MIT
/**
 * Structures in memory. ftrace_regs is one pt_regs (linux 7.2 include/linux/ftrace_regs.h,
 * arch/loongarch/include/asm/ptrace.h), the same at 6.12; what is in it: ftrace_caller and ftrace_regs_caller
 * (arch/loongarch/kernel/mcount_dyn.S), return_to_handler (same file). Offsets and sizes in bytes, little-endian.
 */
import type { Config, Field, FieldState, Layout, Layouts } from '../../harness/backend/contract.js';
import { argumentSlotCells, modLinkCells } from '../../harness/backend/externals.js';
import { perConfig, words } from '../../harness/backend/fields.js';
import { ftraceOps } from '../../harness/backend/ftrace-ops.js';

/** regs[0] to regs[31]. */
const R = Array.from({ length: 32 }, (_, n) => `r${n}`);
const CSRS = ['csr_era', 'csr_badvaddr', 'csr_crmd', 'csr_prmd', 'csr_euen', 'csr_ecfg', 'csr_estat'];

const PT_REGS = words(0, ...R, 'orig_a0', ...CSRS);
const SIZE = 320;

type States = readonly [plain: FieldState, regs: FieldState, exit: FieldState];
const range = (from: number, to: number, states: States) =>
  R.slice(from, to + 1).map((name) => [name, states] as const);

/** Fields by ftrace_caller, ftrace_regs_caller, return_to_handler; the CSRs not named are never written. */
const STATES: ReadonlyMap<string, States> = new Map([
  ...range(0, 0, ['stale', 'real', 'stale']),
  /** ra: the parent's address, which the site has put in t0. */
  ...range(1, 1, ['real', 'real', 'stale']),
  ...range(2, 2, ['stale', 'real', 'stale']),
  ...range(3, 3, ['real', 'real', 'stale']),
  ...range(4, 5, ['real', 'real', 'real']),
  ...range(6, 11, ['real', 'real', 'stale']),
  /** t0: the parent's address again; the function's own was lost at the site. */
  ...range(12, 12, ['stale', 'faked', 'stale']),
  /** t1: zero, so that only a direct ops' callback can fill it. */
  ...range(13, 13, ['faked', 'faked', 'stale']),
  ...range(14, 21, ['stale', 'real', 'stale']),
  /** fp: zero at exit, for a frame pointer test that is not built. */
  ...range(22, 22, ['real', 'real', 'faked']),
  ...range(23, 31, ['stale', 'real', 'stale']),
]);

const ftraceRegs = perConfig(({ revision }): Layout => {
  /** At exit the core stores the real return address, but not before 7.2. */
  const era: States = ['real', 'real', revision === '6.12' ? 'stale' : 'real'];
  const never: States = ['stale', 'stale', 'stale'];
  const fields = PT_REGS.map((place): Field => {
    const [plain, regs, exit] = place.name === 'csr_era' ? era : (STATES.get(place.name) ?? never);
    return { ...place, plain, regs, exit };
  });
  return { size: SIZE, fields };
});

/** Layout of the frames our direct-call stubs build, see trampoline.S. */
const STUBS = {
  /** From SP at the stub's call to C: address in the body to resume at. */
  DIRECT_SELF_IP: 64,
  /** From the program context: address in the body, argument words, return value. */
  BPF_SELF_IP: 152,
  BPF_ARGS: 0,
  BPF_RETURN: 96,
  /** Whether the body has returned; the JIT has a bit for it in the word with the number of arguments. */
  BPF_IS_RETURN: 120,
} as const;

const BODY = 'bpf_body_';

export const layouts = {
  ftraceRegs,
  ptRegs: (_config: Config) => ({ size: SIZE, fields: PT_REGS }),
  ftraceOps,
  dataCells: (_config: Config) => ({
    function_trace_op: { size: 8 },
    ...Object.fromEntries([0, 1, 2, 3].map((n) => [`${BODY}${n}`, { size: 8 }])),
    ...modLinkCells,
    ...argumentSlotCells,
  }),
  stubs: (_config: Config) => ({
    direct: { selfIp: STUBS.DIRECT_SELF_IP },
    bpf: {
      selfIp: STUBS.BPF_SELF_IP,
      arguments: STUBS.BPF_ARGS,
      result: STUBS.BPF_RETURN,
      isReturn: STUBS.BPF_IS_RETURN,
      /** A struct of up to 16 bytes is passed in as many registers as it has words. */
      argumentSlots: (sizes: readonly number[]) =>
        sizes.reduce((slots, size) => slots + Math.ceil(size / 8), 0),
      body: BODY,
      origStack: 'refused',
    },
  }),
  asmOffsets: (_config: Config) => ({
    PT_SIZE: SIZE,
    ...Object.fromEntries(PT_REGS.map(({ name, offset }) => [`PT_${name.toUpperCase()}`, offset])),
    ...STUBS,
  }),
} as const satisfies Layouts;
