// SPDX-License-Identifier: MIT
/**
 * Structures in memory. ftrace_regs is one pt_regs (linux 6.1, 6.12, 7.2 arch/powerpc/include/asm/ftrace.h,
 * arch/powerpc/include/asm/ptrace.h); what is in it: linux 6.1 arch/powerpc/kernel/trace/ftrace_mprofile.S, linux 6.12
 * and 7.2 arch/powerpc/kernel/trace/ftrace_entry.S. Offsets and sizes in bytes, little-endian.
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

const GPR = Array.from({ length: 32 }, (_, n) => `gpr${n}`);

/** 64-bit: 48 doublewords. */
const PT_REGS: readonly PtRegsField[] = words(
  0,
  ...GPR,
  ...['nip', 'msr', 'orig_gpr3', 'ctr', 'link', 'xer', 'ccr', 'softe', 'trap', 'dar', 'dsisr', 'result'],
  ...['ppr', 'exit_result', 'kuap', 'iamr'],
);
const SIZE = 384;

/** 32-bit without KUAP and BOOKE: 44 words. Only these offsets are modelled of it. */
const PT_REGS_32: readonly PtRegsField[] = [
  ...GPR,
  ...['nip', 'msr', 'orig_gpr3', 'ctr', 'link', 'xer', 'ccr', 'mq', 'trap', 'dar', 'dsisr', 'result'],
].map((name, index) => ({ name, offset: 4 * index, size: 4 }));
const SIZE_32 = 176;

const ptRegs = perConfig((config): { readonly size: number; readonly fields: readonly PtRegsField[] } => {
  return config.has('PPC32') ? { size: SIZE_32, fields: PT_REGS_32 } : { size: SIZE, fields: PT_REGS };
});

/** What ftrace_caller stores, and what ftrace_regs_caller stores besides. */
const PLAIN = new Set([...GPR.slice(3, 11), 'gpr0', 'gpr1', 'nip', 'link']);
const REGS = new Set([...GPR, 'nip', 'link', 'msr', 'ctr', 'xer', 'ccr']);
/** The results; r1; and the core stores the original return address. */
const EXIT = new Set(['gpr1', 'gpr3', 'gpr4', 'nip']);

const ftraceRegs = perConfig((config): Layout => {
  const ool = config.has('PPC_FTRACE_OUT_OF_LINE');
  const direct = config.has('DYNAMIC_FTRACE_WITH_DIRECT_CALLS');
  const plain = (name: string): FieldState => {
    // Callee-saved registers that the trampoline itself needs across the callback.
    if (name === 'gpr14') return ool || config.has('LIVEPATCH_64') ? 'real' : 'stale';
    if (name === 'gpr15') return ool ? 'real' : 'stale';
    // 0 marks a partial block.
    if (name === 'msr') return 'faked';
    return PLAIN.has(name) ? 'real' : 'stale';
  };
  const state = (name: string, of: (name: string) => FieldState): FieldState =>
    // Zeroed so that only a direct ops' callback can fill it.
    name === 'orig_gpr3' && direct ? 'faked' : of(name);
  const exit = (name: string): FieldState =>
    config.has('HAVE_FUNCTION_GRAPH_FREGS') && EXIT.has(name) ? 'real' : 'stale';
  const { size, fields } = ptRegs(config);
  return {
    size,
    fields: fields.map(
      (place): Field => ({
        ...place,
        plain: state(place.name, plain),
        regs: state(place.name, (name) => (REGS.has(name) ? 'real' : 'stale')),
        exit: exit(place.name),
      }),
    ),
  };
});

/** struct paca_struct and struct thread_info, as far as trampolines look at them; the kernel's offsets vary. */
const PACA = {
  PACATOC: 8,
  PACA_THREAD_INFO: 16,
  PACA_FTRACE_ENABLED: 24,
  PACASRR_VALID: 25,
  PACAHSRR_VALID: 26,
} as const;
const TI_LIVEPATCH_SP = 8;

/** Frames of the kernel's assembler; before 6.2 the header before pt_regs was 64 bytes larger. */
function frames({ revision }: Config) {
  const regs = revision === '6.1' ? 112 : 48;
  return {
    /** Header, and the LR save slot in it. */
    STACK_FRAME_MIN_SIZE: 32,
    LRSAVE: 16,
    STK_GOT: 24,
    /** Offset of pt_regs in a frame that has one, and that frame. */
    STACK_INT_FRAME_REGS: regs,
    SWITCH_FRAME_SIZE: regs + SIZE,
    /** An exception's frame leaves the 288 bytes below r1 alone. */
    INT_FRAME_SIZE: regs + SIZE + 288,
  };
}

/** Layout of the frames our direct-call stubs build, see trampoline.S. */
const STUBS = {
  /** From SP at the stub's call to C: address in the body to resume at. */
  DIRECT_SELF_IP: 112,
  /** From the program context: address in the body, argument words, return value. */
  BPF_SELF_IP: -8,
  BPF_ARGS: 0,
  BPF_RETURN: 96,
  /** Whether the body has returned; the JIT has a bit for it in the word with the number of arguments. */
  BPF_IS_RETURN: 104,
} as const;

export const layouts = {
  ftraceRegs,
  ptRegs,
  ftraceOps,
  dataCells: (_config: Config) => ({
    function_trace_op: { size: 8 },
    kernel_toc_base: { size: 8 },
    ...modLinkCells,
    paca: {
      size: 32,
      words: {
        [PACA.PACATOC]: 'kernel_toc_base',
        [PACA.PACA_THREAD_INFO]: 'thread_info',
        /** ftrace_enabled, a byte. */
        [PACA.PACA_FTRACE_ENABLED]: 1n,
      },
    },
    /** livepatch_sp: the side stack begins above the magic word at the end of the stack. */
    thread_info: { size: 16, words: { [TI_LIVEPATCH_SP]: { stack: 8n } } },
  }),
  stubs: (_config: Config) => ({
    /** linux 7.2 arch/powerpc/net/bpf_jit_comp.c bpf_arch_text_poke: kernel text is not patched by it. */
    untraced: 'EOPNOTSUPP',
    direct: { selfIp: STUBS.DIRECT_SELF_IP },
    bpf: {
      selfIp: STUBS.BPF_SELF_IP,
      arguments: STUBS.BPF_ARGS,
      result: STUBS.BPF_RETURN,
      isReturn: STUBS.BPF_IS_RETURN,
      words: 12,
      maxLinks: 27,
      /** The body's address comes from the branch at LR in every image. */
      origStack: 'unseen',
      /** From the same branch, which goes behind the NOP of the site. */
      funcIp: 4,
    },
  }),
  asmOffsets: perConfig((config) => ({
    ...frames(config),
    ...Object.fromEntries(
      ptRegs(config).fields.map(({ name, offset }) => [`PT_${name.toUpperCase()}`, offset]),
    ),
    ...PACA,
    TI_livepatch_sp: TI_LIVEPATCH_SP,
    /** include/uapi/linux/magic.h */
    STACK_END_MAGIC: 0x57ac6e9d,
    ...ftraceOpsOffsets(config),
    ...STUBS,
  })),
} as const satisfies Layouts;
