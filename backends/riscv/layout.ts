// SPDX-License-Identifier: MIT
/**
 * Structures in memory. ftrace_regs: linux 6.12, 7.2 arch/riscv/include/asm/ftrace.h (struct __arch_ftrace_regs),
 * whose members depend at 7.2 on the compiler and on DIRECT_CALLS; linux 6.1 include/linux/ftrace.h (one pt_regs).
 * pt_regs: linux 6.1, 6.12, 7.2 arch/riscv/include/asm/ptrace.h. Which fields are written: arch/riscv/kernel/mcount-dyn.S, mcount.S.
 * Offsets and sizes in bytes, little-endian.
 */
import type { Config, Field, FieldState, Layout, Layouts } from '../../harness/backend/contract.js';
import { modLinkCells } from '../../harness/backend/externals.js';
import { perConfig, words } from '../../harness/backend/fields.js';
import { ftraceOps, ftraceOpsOffsets } from '../../harness/backend/ftrace-ops.js';

const A = Array.from({ length: 8 }, (_, n) => `a${n}`);
/** clang's fastcc passes arguments of local functions in t-registers, so a clang build saves them. */
const FASTCC = ['t2', 't3', 't4', 't5', 't6'];

/** Only under HAVE_FUNCTION_GRAPH_FP_TEST does the trampoline store s0. */
const storesS0 = (config: Config) => config.has('FUNCTION_GRAPH_TRACER') && config.has('FRAME_POINTER');

const directCalls = (config: Config) => config.has('DYNAMIC_FTRACE_WITH_DIRECT_CALLS');

/** Members that came after 6.12. */
const isLater = ({ revision }: Config) => revision === '7.2';

/**
 * t1 at the store. 6.12 clears it first; 7.2: 0 behind the test of ops->direct_call, else the ops literal, else the
 * function's own.
 */
const t1AtEntry = (config: Config): FieldState =>
  !isLater(config) || directCalls(config) || config.has('DYNAMIC_FTRACE_WITH_CALL_OPS') ? 'faked' : 'real';

const compact = perConfig((config): Layout => {
  const states: (readonly [name: string, plain: FieldState, exit: FieldState])[] = [
    // At exit the core of 7.2 stores the original return address.
    ['epc', 'real', isLater(config) ? 'real' : 'stale'],
    // At exit ra is the address of return_to_handler, where the function returned to.
    ['ra', 'real', 'faked'],
    ['sp', 'real', 'stale'],
    ['s0', storesS0(config) ? 'real' : 'stale', 'real'],
    ['t1', t1AtEntry(config), 'stale'],
    // Declared and never touched: the direct trampoline travels in t1.
    ...(isLater(config) && directCalls(config) ? [['direct_tramp', 'stale', 'stale'] as const] : []),
    ...A.map((name, n) => [name, 'real', n < 2 ? 'real' : 'stale'] as const),
    ...(isLater(config) && config.has('CC_IS_CLANG')
      ? FASTCC.map((name) => [name, 'real', 'stale'] as const)
      : []),
  ];
  const fields = states.map(
    ([name, plain, exit], index): Field => ({ name, offset: 8 * index, size: 8, plain, exit }),
  );
  return { size: 8 * fields.length, fields };
});

const TRAP = ['status', 'badaddr', 'cause', 'orig_a0'];
/** 288 bytes at every revision: user_regs_struct in front, then what traps need. */
const PT_REGS = words(
  0,
  ...['epc', 'ra', 'sp', 'gp', 'tp', 't0', 't1', 't2', 's0', 's1', ...A],
  ...['s2', 's3', 's4', 's5', 's6', 's7', 's8', 's9', 's10', 's11', 't3', 't4', 't5', 't6'],
  ...TRAP,
);

/** What ftrace_caller of 6.1 saves: a0 to a7, t0, ra. */
const SAVE_AREA = 80;

/**
 * 6.1: a pt_regs by type. ftrace_regs_caller builds one, sp being the address of the structure itself.
 * ftrace_caller hands out its save area instead: what is read as epc is a0, as ra a1, and so on to s0 (F+8) and s1
 * (the return address); from there on a reader is in the caller's frame.
 */
const MIXED: Layout = {
  size: 288,
  plainSize: SAVE_AREA,
  fields: PT_REGS.map((place): Field => {
    const regs = place.name === 'sp' ? 'faked' : TRAP.includes(place.name) ? 'stale' : 'real';
    return { ...place, plain: place.offset < SAVE_AREA ? 'faked' : 'stale', regs, exit: 'stale' };
  }),
};

const ftraceRegs = (config: Config) => (config.has('DYNAMIC_FTRACE_WITH_ARGS') ? compact(config) : MIXED);

/** Layout of the frames our direct-call stubs build, see trampoline.S. */
const STUBS = {
  /** From SP at the stub's call to C: address in the body to resume at. */
  DIRECT_SELF_IP: 64,
  /** From the program context: address in the body, argument words, return value. */
  BPF_SELF_IP: 136,
  BPF_ARGS: 0,
  BPF_RETURN: 96,
  /** Whether the body has returned; the JIT has a bit for it in the word with the number of arguments. */
  BPF_IS_RETURN: 120,
} as const;

const offsetsOf = (prefix: string, fields: readonly { readonly name: string; readonly offset: number }[]) =>
  Object.fromEntries(fields.map(({ name, offset }) => [`${prefix}_${name.toUpperCase()}`, offset]));

const BODY = 'bpf_body_';

export const layouts = {
  ftraceRegs,
  ptRegs: (_config: Config) => ({ size: 288, fields: PT_REGS }),
  ftraceOps,
  dataCells: (_config: Config) => ({
    function_trace_op: { size: 8 },
    ftrace_call_dest: { size: 8 },
    ...Object.fromEntries([0, 1, 2, 3].map((n) => [`${BODY}${n}`, { size: 8 }])),
    ...modLinkCells,
  }),
  stubs: (_config: Config) => ({
    /** linux 7.2 arch/riscv/net/bpf_jit_comp64.c bpf_arch_text_poke: the function does not begin with NOPs. */
    untraced: 'EFAULT',
    direct: { selfIp: STUBS.DIRECT_SELF_IP },
    bpf: {
      selfIp: STUBS.BPF_SELF_IP,
      arguments: STUBS.BPF_ARGS,
      result: STUBS.BPF_RETURN,
      isReturn: STUBS.BPF_IS_RETURN,
      body: BODY,
      origStack: 'refused',
    },
  }),
  asmOffsets: (config: Config) => {
    const { size, fields } = ftraceRegs(config);
    return {
      /** The structure on the stack, rounded up to keep SP 16-byte aligned (FREGS_SIZE_ON_STACK in the kernel). */
      FRAME_SIZE: Math.ceil(size / 16) * 16,
      ...offsetsOf('FREGS', fields),
      PT_REGS_SIZE: 288,
      ...offsetsOf('PT', PT_REGS),
      ...ftraceOpsOffsets(config),
      ...STUBS,
    };
  },
} as const satisfies Layouts;
