// SPDX-License-Identifier: MIT
/**
 * Structures in memory. ftrace_regs is one pt_regs (linux 6.1 and 6.12 arch/x86/include/asm/ftrace.h, 7.2
 * include/linux/ftrace_regs.h; arch/x86/include/asm/ptrace.h); what is in it: ftrace_caller, ftrace_regs_caller and
 * return_to_handler (arch/x86/kernel/ftrace_64.S). Offsets and sizes in bytes, little-endian.
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

const NAMES = [
  ...['r15', 'r14', 'r13', 'r12', 'bp', 'bx', 'r11', 'r10', 'r9', 'r8', 'ax', 'cx', 'dx', 'si', 'di'],
  ...['orig_ax', 'ip', 'cs', 'flags', 'sp', 'ss'],
] as const;
type Name = (typeof NAMES)[number];

const SIZE = 168;

/** Fields by ftrace_caller, ftrace_regs_caller, return_to_handler; where all are the same, one word. */
const STATES: Readonly<Record<Name, readonly [plain: FieldState, regs: FieldState, exit: FieldState]>> = {
  r15: ['stale', 'real', 'stale'],
  r14: ['stale', 'real', 'stale'],
  r13: ['stale', 'real', 'stale'],
  r12: ['stale', 'real', 'stale'],
  bp: ['real', 'real', 'real'],
  bx: ['stale', 'real', 'stale'],
  /** Stored by ftrace_regs_caller, but never loaded again. */
  r11: ['stale', 'real', 'stale'],
  r10: ['stale', 'real', 'stale'],
  r9: ['real', 'real', 'stale'],
  r8: ['real', 'real', 'stale'],
  ax: ['real', 'real', 'real'],
  cx: ['real', 'real', 'stale'],
  dx: ['real', 'real', 'real'],
  si: ['real', 'real', 'stale'],
  di: ['real', 'real', 'stale'],
  /** Zeroed at entry so that only a direct ops' callback can fill it. */
  orig_ax: ['faked', 'faked', 'stale'],
  /** At exit the core of 7.2 stores the return address before handlers run. */
  ip: ['real', 'real', 'real'],
  /** All 8 bytes: 0 marks a partial block, 0x10 a full one. */
  cs: ['faked', 'faked', 'stale'],
  flags: ['stale', 'real', 'stale'],
  sp: ['real', 'real', 'real'],
  ss: ['stale', 'faked', 'stale'],
};

/** At 6.1 return_to_handler builds no such structure: nothing of it is there. */
function exitState(config: Config, name: Name): FieldState {
  if (!config.has('HAVE_FUNCTION_GRAPH_FREGS')) return 'stale';
  if (name === 'ip' && config.revision !== '7.2') return 'stale';
  return STATES[name][2];
}

const ftraceRegs = perConfig((config): Layout => {
  return {
    size: SIZE,
    fields: words(0, ...NAMES).map((place): Field => {
      const [plain, regs] = STATES[place.name as Name];
      return { ...place, plain, regs, exit: exitState(config, place.name as Name) };
    }),
  };
});

/** `cs` and `ss` are u16 in a union with the whole word (csx, ssx) since 6.12; 8 bytes at 6.1. */
const ptRegsFields = perConfig(({ revision }): readonly PtRegsField[] => {
  return words(0, ...NAMES).map((place) =>
    revision !== '6.1' && (place.name === 'cs' || place.name === 'ss') ? { ...place, size: 2 } : place,
  );
});

/** Layout of the frames our direct-call stubs build, see trampoline.S. */
const STUBS = {
  /** From SP at the callout (return address of the stub's call): address in the body to resume at. */
  DIRECT_SELF_IP: 72,
  /** From the program context: address in the body, number of argument words, the words, return value. */
  BPF_SELF_IP: -16,
  BPF_COUNT: -8,
  BPF_ARGS: 0,
  BPF_RETURN: 96,
  /** Whether the body has returned; the JIT has a bit for it in the word with the number. */
  BPF_IS_RETURN: 104,
} as const;

/** BPF_MAX_TRAMP_LINKS (linux 7.2 include/linux/bpf.h): lower since 7.2. */
const maxLinks = (revision: Config['revision']) => (revision === '7.2' ? { maxLinks: 36 } : {});

/** Words of arguments a BPF trampoline has room for: those in registers at 6.1, where more are refused. */
const bpfWords = (config: Config) => (config.has('BPF_TRAMPOLINE_STACK_ARGS') ? 12 : 6);

/** What is entered by a jump finds no address in the body on the stack, but in a cell. */
const JUMP = { suffix: '_jmp', body: '_body' } as const;
const BODY = 'bpf_body_';
const images = [0, 1, 2, 3];
const jumpMode = (config: Config) =>
  config.has('DYNAMIC_FTRACE_WITH_DIRECT_CALLS') && config.has('DYNAMIC_FTRACE_WITH_JMP');

export const layouts = {
  ftraceRegs,
  ptRegs: (config: Config) => ({ size: SIZE, fields: ptRegsFields(config) }),
  ftraceOps,
  dataCells: (config: Config) => ({
    function_trace_op: { size: 8 },
    ...Object.fromEntries(images.map((n) => [`${BODY}${n}`, { size: 8 }])),
    ...modLinkCells,
    ...Object.fromEntries(
      jumpMode(config) ? images.map((n) => [`direct_tramp_${n}${JUMP.body}`, { size: 8 }]) : [],
    ),
  }),
  stubs: (config: Config) => ({
    /** linux 7.2 arch/x86/net/bpf_jit_comp.c __bpf_arch_text_poke: the function does not begin with the NOP. */
    untraced: 'EBUSY',
    direct: { selfIp: STUBS.DIRECT_SELF_IP },
    bpf: {
      selfIp: STUBS.BPF_SELF_IP,
      arguments: STUBS.BPF_ARGS,
      result: STUBS.BPF_RETURN,
      isReturn: STUBS.BPF_IS_RETURN,
      words: bpfWords(config),
      ...maxLinks(config.revision),
      body: BODY,
      origStack: { suffix: '_stack' },
    },
    jump: jumpMode(config) ? JUMP : null,
  }),
  asmOffsets: (config: Config) => ({
    FREGS_SIZE: SIZE,
    ...Object.fromEntries(
      ftraceRegs(config).fields.map(({ name, offset }) => [`FREGS_${name.toUpperCase()}`, offset]),
    ),
    /** Kernel selectors (arch/x86/include/asm/segment.h). */
    KERNEL_CS: 0x10,
    KERNEL_DS: 0x18,
    ...STUBS,
    BPF_WORDS: bpfWords(config),
  }),
} as const satisfies Layouts;
