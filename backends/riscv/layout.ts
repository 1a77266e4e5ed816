// SPDX-License-Identifier: MIT
/**
 * Structures in memory. ftrace_regs: linux 7.2 arch/riscv/include/asm/ftrace.h (struct __arch_ftrace_regs),
 * whose members depend on the compiler and on DIRECT_CALLS. pt_regs: linux 7.2
 * arch/riscv/include/asm/ptrace.h. Which fields are written: arch/riscv/kernel/mcount-dyn.S, mcount.S.
 * Offsets and sizes in bytes, little-endian.
 */
import type { Config, Field, FieldState, Layout, Layouts } from '../../harness/backend/contract.js';
import { perConfig, words } from '../../harness/backend/fields.js';

const A = Array.from({ length: 8 }, (_, n) => `a${n}`);
/** clang's fastcc passes arguments of local functions in t-registers, so a clang build saves them. */
const FASTCC = ['t2', 't3', 't4', 't5', 't6'];

/** Only under HAVE_FUNCTION_GRAPH_FP_TEST does the trampoline store s0. */
const storesS0 = (config: Config) => config.has('FUNCTION_GRAPH_TRACER') && config.has('FRAME_POINTER');

const directCalls = (config: Config) => config.has('DYNAMIC_FTRACE_WITH_DIRECT_CALLS');

/** t1 at the store: 0 behind the test of ops->direct_call, else the ops literal, else the function's own. */
const t1AtEntry = (config: Config): FieldState =>
  directCalls(config) || config.has('DYNAMIC_FTRACE_WITH_CALL_OPS') ? 'faked' : 'real';

const ftraceRegs = perConfig((config): Layout => {
  const states: (readonly [name: string, plain: FieldState, exit: FieldState])[] = [
    // At exit the core stores the original return address.
    ['epc', 'real', 'real'],
    // At exit ra is the address of return_to_handler, where the function returned to.
    ['ra', 'real', 'faked'],
    ['sp', 'real', 'stale'],
    ['s0', storesS0(config) ? 'real' : 'stale', 'real'],
    ['t1', t1AtEntry(config), 'stale'],
    // Declared and never touched: the direct trampoline travels in t1.
    ...(directCalls(config) ? [['direct_tramp', 'stale', 'stale'] as const] : []),
    ...A.map((name, n) => [name, 'real', n < 2 ? 'real' : 'stale'] as const),
    ...(config.has('CC_IS_CLANG') ? FASTCC.map((name) => [name, 'real', 'stale'] as const) : []),
  ];
  const fields = states.map(
    ([name, plain, exit], index): Field => ({ name, offset: 8 * index, size: 8, plain, exit }),
  );
  return { size: 8 * fields.length, fields };
});

/** 288 bytes: user_regs_struct in front, then what traps need. */
const PT_REGS = words(
  0,
  ...['epc', 'ra', 'sp', 'gp', 'tp', 't0', 't1', 't2', 's0', 's1', ...A],
  ...['s2', 's3', 's4', 's5', 's6', 's7', 's8', 's9', 's10', 's11', 't3', 't4', 't5', 't6'],
  ...['status', 'badaddr', 'cause', 'orig_a0'],
);

/** `func` is the first member; where `direct_call` lies depends on configuration (here a Debian kernel's). */
const FTRACE_OPS = { size: 200, func: 0, directCall: 192 } as const;

/** Layout of the frames our direct-call stubs build, see trampoline.S. */
const STUBS = {
  /** From SP at the stub's call to C: address in the body to resume at. */
  DIRECT_SELF_IP: 64,
  /** From the program context: address in the body, argument words, return value. */
  BPF_SELF_IP: 120,
  BPF_ARGS: 0,
  BPF_RETURN: 96,
} as const;

export const layouts = {
  ftraceRegs,
  ptRegs: (_config: Config) => ({ size: 288, fields: PT_REGS }),
  ftraceOps: (_config: Config) => FTRACE_OPS,
  dataCells: (_config: Config) => ({ function_trace_op: { size: 8 }, ftrace_call_dest: { size: 8 } }),
  stubs: (_config: Config) => ({
    direct: { selfIp: STUBS.DIRECT_SELF_IP },
    bpf: { selfIp: STUBS.BPF_SELF_IP, arguments: STUBS.BPF_ARGS, result: STUBS.BPF_RETURN },
  }),
  asmOffsets: (config: Config) => {
    const { size, fields } = ftraceRegs(config);
    return {
      /** The structure on the stack, rounded up to keep SP 16-byte aligned (FREGS_SIZE_ON_STACK in the kernel). */
      FRAME_SIZE: Math.ceil(size / 16) * 16,
      ...Object.fromEntries(fields.map(({ name, offset }) => [`FREGS_${name.toUpperCase()}`, offset])),
      FTRACE_OPS_FUNC: FTRACE_OPS.func,
      FTRACE_OPS_DIRECT_CALL: FTRACE_OPS.directCall,
      ...STUBS,
    };
  },
} as const satisfies Layouts;
