// SPDX-License-Identifier: MIT
/**
 * Structures in memory. ftrace_regs is one pt_regs at every revision (linux 7.2 arch/s390/include/asm/ptrace.h,
 * include/linux/ftrace_regs.h; linux 6.1 arch/s390/include/asm/ftrace.h); what is in it: ftrace_caller,
 * ftrace_regs_caller and return_to_handler (arch/s390/kernel/mcount.S). Offsets and sizes in bytes, big-endian.
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
import { ftraceOps } from '../../harness/backend/ftrace-ops.js';

const SIZE = 200;

const GPRS = Array.from({ length: 16 }, (_, n) => `gprs[${n}]`);

/** Common to all revisions. */
const COMMON: readonly PtRegsField[] = [
  ...words(0, 'args[0]', 'psw.mask', 'psw.addr', ...GPRS, 'orig_gpr2'),
  { name: 'int_code', offset: 160, size: 4 },
  { name: 'int_parm', offset: 164, size: 4 },
  ...words(168, 'int_parm_long', 'flags'),
];

const OLD = [...COMMON, ...words(184, 'cr1', 'last_break')];
const NEW: readonly PtRegsField[] = [
  ...COMMON,
  ...words(184, 'last_break'),
  { name: 'cpu', offset: 192, size: 4 },
  { name: 'percpu_register', offset: 196, size: 1 },
];

const ptRegsFields = ({ revision }: Config) => (revision === '7.2' ? NEW : OLD);

/** By ftrace_caller, ftrace_regs_caller, return_to_handler; `stale` where nothing is said. */
function states(
  name: string,
  config: Config,
): readonly [plain: FieldState, regs: FieldState, exit: FieldState] {
  const fregs = config.has('HAVE_FUNCTION_GRAPH_FREGS');
  switch (name) {
    case 'psw.mask':
      return ['stale', 'real', 'stale'];
    // At exit by the core, from 7.2 on, before handlers run.
    case 'psw.addr':
      return ['real', 'real', config.revision === '7.2' ? 'real' : 'stale'];
    case 'gprs[2]':
    case 'gprs[15]':
      return ['real', 'real', fregs ? 'real' : 'stale'];
    // Not even ftrace_regs_caller has them: they were spent on the way here.
    case 'gprs[0]':
    case 'gprs[1]':
      return ['stale', 'stale', 'stale'];
    // Cleared, for a direct ops' callback to fill; the mark by which full blocks are told.
    case 'orig_gpr2':
    case 'flags':
      return ['faked', 'faked', 'stale'];
    default:
      return name.startsWith('gprs') ? ['real', 'real', 'stale'] : ['stale', 'stale', 'stale'];
  }
}

const ftraceRegs = perConfig((config): Layout => {
  const fields = ptRegsFields(config).map((place): Field => {
    const [plain, regs, exit] = states(place.name, config);
    return { ...place, plain, regs, exit };
  });
  return { size: SIZE, fields };
});

/** struct stack_frame of the packed layout: save slots of r6 to r15 and the back chain. */
const FRAME = {
  STACK_FRAME_OVERHEAD: 160,
  SF_GPRS: 72,
  SF_R14: 136,
  SF_R15: 144,
  SF_BACKCHAIN: 152,
} as const;

/** Layout of the frames our direct-call stubs build, see trampoline.S. */
const STUBS = {
  /** From SP at the callout: address in the body to resume at. */
  DIRECT_SELF_IP: 168,
  /** From the program context: address in the body, the argument words, return value. */
  BPF_SELF_IP: -8,
  BPF_ARGS: 0,
  BPF_RETURN: 96,
  /** Whether the body has returned; the JIT has a bit for it in the word with the number of arguments. */
  BPF_IS_RETURN: 120,
} as const;

/** Cells with what the JIT puts into an image as a constant. */
const BODY = 'bpf_body_';

/** FREGS_PSW_ADDR, FREGS_GPRS_2_, … */
const symbol = (name: string) => `FREGS_${name.toUpperCase().replace(/\W/g, '_')}`;

export const layouts = {
  ftraceRegs,
  ptRegs: (config: Config) => ({ size: SIZE, fields: ptRegsFields(config) }),
  ftraceOps,
  dataCells: (_config: Config) => ({
    function_trace_op: { size: 8 },
    /** What the common trampolines call. */
    ftrace_func: { size: 8, initial: 'ftrace_stub' },
    ...Object.fromEntries([0, 1, 2, 3].map((n) => [`${BODY}${n}`, { size: 8 }])),
    ...modLinkCells,
  }),
  stubs: (_config: Config) => ({
    /** linux 7.2 arch/s390/net/bpf_jit_comp.c bpf_arch_text_poke: the function does not begin with a branch. */
    untraced: 'EINVAL',
    direct: { selfIp: STUBS.DIRECT_SELF_IP },
    bpf: {
      selfIp: STUBS.BPF_SELF_IP,
      arguments: STUBS.BPF_ARGS,
      result: STUBS.BPF_RETURN,
      isReturn: STUBS.BPF_IS_RETURN,
      /** BPF_MAX_TRAMP_LINKS (linux 7.2 include/linux/bpf.h). */
      maxLinks: 27,
      body: BODY,
      origStack: { suffix: '_stack' },
    },
  }),
  asmOffsets: (config: Config) => ({
    FREGS_SIZE: SIZE,
    ...Object.fromEntries(ptRegsFields(config).map(({ name, offset }) => [symbol(name), offset])),
    ...FRAME,
    ...STUBS,
  }),
} as const satisfies Layouts;
