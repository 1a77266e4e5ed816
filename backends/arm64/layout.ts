// SPDX-License-Identifier: MIT
/**
 * Structures in memory. ftrace_regs: linux 7.2 arch/arm64/include/asm/ftrace.h (struct __arch_ftrace_regs).
 * pt_regs: linux 7.2 arch/arm64/include/asm/ptrace.h. Offsets and sizes in bytes, little-endian.
 */
import type { Config, Field, Layout, Layouts, PtRegsField } from '../../harness/backend/contract.js';
import { words } from '../../harness/backend/fields.js';

/**
 * 112 bytes. At exit return_to_handler writes x0 to x7 and fp; the core then stores pc. `direct_tramp` is
 * zeroed at entry so that only a direct ops' callback fills it; without direct calls it is a pad.
 */
const ftraceRegs = (direct: 'faked' | 'stale'): Layout => ({
  size: 112,
  fields: [
    ...words(0, 'x0', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7').map(
      (place): Field => ({ ...place, plain: 'real', exit: 'real' }),
    ),
    { name: 'x8', offset: 64, size: 8, plain: 'real', exit: 'stale' },
    { name: 'direct_tramp', offset: 72, size: 8, plain: direct, exit: 'stale' },
    { name: 'fp', offset: 80, size: 8, plain: 'real', exit: 'real' },
    { name: 'lr', offset: 88, size: 8, plain: 'real', exit: 'stale' },
    { name: 'sp', offset: 96, size: 8, plain: 'real', exit: 'stale' },
    { name: 'pc', offset: 104, size: 8, plain: 'real', exit: 'real' },
  ],
});
const FTRACE_REGS = ftraceRegs('faked');
const FTRACE_REGS_NO_DIRECT = ftraceRegs('stale');

const X = Array.from({ length: 31 }, (_, n) => `x${n}`);

/** 320 bytes at 7.2. */
const PT_REGS: readonly PtRegsField[] = [
  ...words(0, ...X, 'sp', 'pc', 'pstate', 'orig_x0'),
  { name: 'syscallno', offset: 280, size: 4 },
  { name: 'pmr', offset: 284, size: 4 },
  { name: 'sdei_ttbr1', offset: 288, size: 8 },
  ...words(296, 'stackframe.fp', 'stackframe.lr', 'stackframe.type'),
];

/** `func` is the first member; where `direct_call` lies depends on configuration (mutex size). */
const FTRACE_OPS = { size: 384, func: 0, directCall: 296 } as const;

/** Layout of the frames our direct-call stubs build, see trampoline.S. */
const STUBS = {
  /** From SP at the stub's call to C: address in the body to resume at. */
  DIRECT_SELF_IP: 88,
  /** From the program context: address in the body, argument words, return value. */
  BPF_SELF_IP: -16,
  BPF_ARGS: 0,
  BPF_RETURN: 96,
} as const;

/** BPF_MAX_TRAMP_LINKS (linux 7.2 include/linux/bpf.h): lower since 7.2. */
const maxLinks = (revision: Config['revision']) => (revision === '7.2' ? { maxLinks: 37 } : {});

export const layouts = {
  ftraceRegs: (config: Config) =>
    config.has('DYNAMIC_FTRACE_WITH_DIRECT_CALLS') ? FTRACE_REGS : FTRACE_REGS_NO_DIRECT,
  ptRegs: (_config: Config) => ({ size: 320, fields: PT_REGS }),
  ftraceOps: (_config: Config) => FTRACE_OPS,
  dataCells: (_config: Config) => ({ function_trace_op: { size: 8 } }),
  stubs: ({ revision }: Config) => ({
    direct: { selfIp: STUBS.DIRECT_SELF_IP },
    bpf: {
      selfIp: STUBS.BPF_SELF_IP,
      arguments: STUBS.BPF_ARGS,
      result: STUBS.BPF_RETURN,
      ...maxLinks(revision),
    },
  }),
  asmOffsets: (_config: Config) => ({
    FREGS_SIZE: FTRACE_REGS.size,
    ...Object.fromEntries(
      FTRACE_REGS.fields.map(({ name, offset }) => [`FREGS_${name.toUpperCase()}`, offset]),
    ),
    FTRACE_OPS_FUNC: FTRACE_OPS.func,
    FTRACE_OPS_DIRECT_CALL: FTRACE_OPS.directCall,
    ...STUBS,
  }),
} as const satisfies Layouts;
