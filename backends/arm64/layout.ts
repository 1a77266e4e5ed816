// SPDX-License-Identifier: MIT
/**
 * Structures in memory. ftrace_regs: linux 6.12, 7.2 arch/arm64/include/asm/ftrace.h (struct __arch_ftrace_regs);
 * linux 6.1 include/linux/ftrace.h (one pt_regs). pt_regs: linux 6.1, 6.12, 7.2 arch/arm64/include/asm/ptrace.h.
 * Which fields are written: arch/arm64/kernel/entry-ftrace.S. Offsets and sizes in bytes, little-endian.
 */
import type {
  Config,
  Field,
  FieldState,
  Layout,
  Layouts,
  PtRegsField,
} from '../../harness/backend/contract.js';
import { modLinkCells } from '../../harness/backend/externals.js';
import { perConfig, words } from '../../harness/backend/fields.js';
import { ftraceOps, ftraceOpsOffsets } from '../../harness/backend/ftrace-ops.js';

const X = Array.from({ length: 31 }, (_, n) => `x${n}`);

const PT_REGS_HEAD: readonly PtRegsField[] = [
  ...words(0, ...X, 'sp', 'pc', 'pstate', 'orig_x0'),
  { name: 'syscallno', offset: 280, size: 4 },
];

/** 320 bytes: the frame record has become one of exception metadata. */
const PT_REGS_7_2 = {
  size: 320,
  fields: [
    ...PT_REGS_HEAD,
    { name: 'pmr', offset: 284, size: 4 },
    ...words(288, 'sdei_ttbr1', 'stackframe.fp', 'stackframe.lr', 'stackframe.type'),
  ],
} as const;

/** 336 bytes at 6.1 and 6.12. */
const PT_REGS_6 = {
  size: 336,
  fields: [
    ...PT_REGS_HEAD,
    { name: 'unused2', offset: 284, size: 4 },
    ...words(288, 'sdei_ttbr1', 'pmr_save', 'stackframe.fp', 'stackframe.lr', 'lockdep_hardirqs', 'exit_rcu'),
  ],
} as const;

const ptRegs = ({ revision }: Config) => (revision === '7.2' ? PT_REGS_7_2 : PT_REGS_6);

/**
 * 112 bytes. At exit return_to_handler writes x0 to x7 and fp; from 7.2 on the core then stores pc. `direct_tramp`
 * is zeroed at entry so that only a direct ops' callback fills it; without direct calls it is a pad.
 */
function compact(config: Config): Layout {
  const direct = config.has('DYNAMIC_FTRACE_WITH_DIRECT_CALLS') ? 'faked' : 'stale';
  const pc = config.revision === '7.2' ? 'real' : 'stale';
  return {
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
      { name: 'pc', offset: 104, size: 8, plain: 'real', exit: pc },
    ],
  };
}

/** What each trampoline of 6.1 writes of its pt_regs; nothing reads one at exit. */
function full(config: Config): Layout {
  const { size, fields } = ptRegs(config);
  const states = (name: string): readonly [plain: FieldState, regs: FieldState] => {
    const x = /^x(\d+)$/.exec(name);
    // The site's MOV has destroyed x9: it is the return address.
    if (name === 'x9' || name === 'stackframe.fp' || name === 'stackframe.lr') return ['faked', 'faked'];
    if (name === 'sp' || name === 'pc') return ['real', 'real'];
    if (x === null) return ['stale', 'stale'];
    const number = Number(x[1]);
    return [number < 9 || number > 28 ? 'real' : 'stale', 'real'];
  };
  return {
    size,
    fields: fields.map((field): Field => {
      const [plain, regs] = states(field.name);
      return { ...field, plain, regs, exit: 'stale' };
    }),
  };
}

const ftraceRegs = perConfig((config) => (config.has('DYNAMIC_FTRACE_WITH_ARGS') ? compact : full)(config));

/** Layout of the frames our direct-call stubs build, see trampoline.S. */
const STUBS = {
  /** From SP at the stub's call to C: address in the body to resume at. */
  DIRECT_SELF_IP: 88,
  /** From the program context: address in the body, argument words, return value. */
  BPF_SELF_IP: -16,
  BPF_ARGS: 0,
  BPF_RETURN: 96,
  /** Whether the body has returned; the JIT has a bit for it in the word with the number of arguments. */
  BPF_IS_RETURN: -8,
} as const;

/** BPF_MAX_TRAMP_LINKS (linux 7.2 include/linux/bpf.h): lower since 7.2. */
const maxLinks = (revision: Config['revision']) => (revision === '7.2' ? { maxLinks: 37 } : {});

/** `stackframe.fp` → `PT_STACKFRAME_FP`. */
const offsetsOf = (prefix: string, fields: readonly PtRegsField[]) =>
  Object.fromEntries(
    fields.map(({ name, offset }) => [`${prefix}_${name.toUpperCase().replace(/\W/g, '_')}`, offset]),
  );

export const layouts = {
  ftraceRegs,
  ptRegs,
  ftraceOps,
  dataCells: (_config: Config) => ({ function_trace_op: { size: 8 }, ...modLinkCells }),
  stubs: ({ revision }: Config) => ({
    direct: { selfIp: STUBS.DIRECT_SELF_IP },
    bpf: {
      selfIp: STUBS.BPF_SELF_IP,
      arguments: STUBS.BPF_ARGS,
      result: STUBS.BPF_RETURN,
      isReturn: STUBS.BPF_IS_RETURN,
      ...maxLinks(revision),
      /** The body's address comes from the stack in every image. */
      origStack: 'unseen',
    },
  }),
  asmOffsets: (config: Config) => ({
    FREGS_SIZE: ftraceRegs(config).size,
    ...offsetsOf('FREGS', ftraceRegs(config).fields),
    PT_REGS_SIZE: ptRegs(config).size,
    ...offsetsOf('PT', ptRegs(config).fields),
    ...ftraceOpsOffsets(config),
    ...STUBS,
  }),
} as const satisfies Layouts;
