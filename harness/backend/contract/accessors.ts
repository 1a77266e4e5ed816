// SPDX-License-Identifier: MIT
/**
 * Contract of a back-end: what C code asks a callback's registers for.
 */
import type { Machine } from '../../machine/types.js';
import type { Config } from './config.js';

/** A `struct ftrace_regs *` handed to a callback, or a `struct pt_regs *`. */
export interface Fregs {
  readonly machine: Machine;
  readonly config: Config;
  readonly address: bigint;
}

/** Names of the pt_regs fields that BPF programs read, by the macros for them (linux 7.2 tools/lib/bpf/bpf_tracing.h). */
export interface TracingFields {
  /** PT_REGS_PARM1() and on. */
  readonly parameters: readonly string[];
  /** PT_REGS_RC(). */
  readonly result: string;
  /** PT_REGS_SP(). */
  readonly stackPointer: string;
  /** PT_REGS_IP(). */
  readonly instructionPointer: string;
  /** Where override_function_with_return() and unwinders look for the return address; `null`: on the stack. */
  readonly link: string | null;
}

/** C code as it sees itself: the address it will return to, its stack pointer, its frame address. */
export interface Caller {
  readonly ip: bigint;
  readonly sp: bigint;
  readonly fp: bigint;
}

/**
 * The ftrace_regs API under the kernel's names without the `ftrace_regs_` prefix. A member is `null`
 * where the architecture does not define the function at any modelled revision.
 */
export interface Accessors {
  /** arch_ftrace_get_regs: address of the full pt_regs, or 0 for NULL. */
  getRegs(fregs: Fregs): bigint;
  getInstructionPointer(fregs: Fregs): bigint;
  setInstructionPointer(fregs: Fregs, ip: bigint): void;
  /** Field of ftrace_regs that holds the n-th argument register, in order. */
  readonly argumentFields: readonly string[];
  /** n-th integer argument, raw 64 bits. */
  getArgument(fregs: Fregs, n: number): bigint;
  getStackPointer(fregs: Fregs): bigint;
  getFramePointer(fregs: Fregs): bigint;
  getReturnValue(fregs: Fregs): bigint;
  /** regs_return_value() on a pt_regs, where it is not the function above. */
  regsReturnValue?(regs: Fregs): bigint;
  setReturnValue(fregs: Fregs, value: bigint): void;
  /** ftrace_regs_get_return_address. */
  getReturnAddress(fregs: Fregs): bigint;
  /** ftrace_regs_get_kernel_stack_nth: 0 outside the stack. */
  getKernelStackNth(fregs: Fregs, n: number): bigint;
  /** ftrace_override_function_with_return. `justReturn`: address of just_return_func. */
  overrideWithReturn(fregs: Fregs, justReturn: bigint): void;
  /**
   * ftrace_regs_query_register_offset: offset in bytes (or, where regs_get_register() takes that, the register's number)
   * or -EINVAL; `null`: not defined.
   */
  queryRegisterOffset: null | ((fregs: Fregs, name: string) => number);
  /** arch_ftrace_set_direct_caller. */
  setDirectCaller(fregs: Fregs, address: bigint): void;
  /** ftrace_partial_regs: fills or returns; `buffer` is a zeroed per-CPU pt_regs. Returns the pt_regs. */
  partialRegs(fregs: Fregs, buffer: bigint): bigint;
  /** ftrace_partial_regs_update. */
  partialRegsUpdate(fregs: Fregs, regs: bigint): void;
  /** arch_ftrace_fill_perf_regs into a zeroed pt_regs. */
  fillPerfRegs(fregs: Fregs, regs: bigint): void;
  /** perf_arch_fetch_caller_regs() into a zeroed pt_regs: what perf makes up for an event that has no registers. */
  fetchCallerRegs(regs: Fregs, caller: Caller): void;
  readonly tracing: TracingFields;
  /** user_mode() on a pt_regs. */
  userMode(regs: Fregs): boolean;
  /** regs_query_register_offset() on pt_regs names, counted likewise, or -EINVAL. */
  ptRegsOffset(config: Config, name: string): number;
  /** FTRACE_REGS_MAX_ARGS: how many arguments the tracers print. */
  readonly maxArgs: number;
}
