// SPDX-License-Identifier: MIT
/**
 * Contract of a back-end: kprobes. Where one is planted, what its handlers see as instruction pointer when it sits on a call
 * site of ftrace, and how an instruction is displaced by a breakpoint and executed elsewhere.
 */
import type { Machine } from '../../machine/types.js';
import type { Accessors, Fregs } from './accessors.js';
import type { Config } from './config.js';

/** The pt_regs functions that handlers use, under their ftrace_regs names: instruction_pointer(), regs_get_kernel_argument(). */
export type PtRegsApi = Pick<
  Accessors,
  | 'getInstructionPointer'
  | 'setInstructionPointer'
  | 'argumentFields'
  | 'getArgument'
  | 'getStackPointer'
  | 'getFramePointer'
  | 'getReturnValue'
  | 'setReturnValue'
  | 'getKernelStackNth'
  | 'overrideWithReturn'
>;

/** kprobe_ftrace_handler(): the instruction pointer a handler sees, and where execution goes on. `ip` is rec->ip. */
export interface KprobeOnFtrace {
  /** For the pre_handler; `found` is what ftrace had put there. */
  pre(found: bigint, ip: bigint): bigint;
  /** For the post_handler, as if the NOP had been stepped over; `now` is what the pre_handler left. */
  post(now: bigint, ip: bigint): bigint;
  /** After both, where the pre_handler returned 0; `now` is what the post_handler left. */
  resume(found: bigint, now: bigint): bigint;
}

/** An instruction that a breakpoint takes the place of. */
export interface Displaced {
  readonly original: Uint8Array;
  /** As many bytes. */
  readonly breakpoint: Uint8Array;
  /** Executed out of line: `bytes` for a slot in text, and where in it, after the instruction, the next breakpoint lies. */
  readonly slot: { readonly bytes: Uint8Array; readonly stepped: number } | null;
  /** Where there is no slot: what the instruction does to the saved registers, the instruction pointer included. */
  readonly simulate: ((regs: Fregs) => void) | null;
}

/** How the exception of a breakpoint gets to C and back. Kernel entry code is out of the models' scope. */
export type Exception =
  /** By code of the trampoline source that calls the C function `handler` with its pt_regs as first argument. */
  | {
      readonly by: 'entry';
      readonly symbol: string;
      readonly handler: string;
      /** What the processor does before the first instruction, besides going there. */
      deliver(machine: Machine, pc: bigint): void;
    }
  /**
   * Played: a pt_regs below SP, its fields that are called as registers are filled with them, and on the way back the
   * registers with what the fields hold then.
   */
  | {
      readonly by: 'played';
      /** Fields besides: field → value. */
      save(machine: Machine, pc: bigint): Readonly<Record<string, bigint>>;
      /** Registers that those fields hold. */
      restore(regs: Fregs): void;
    };

/** Where a probe is asked for: `ip` is the address of the function's record, `null` without one. */
export interface ProbePoint {
  readonly machine: Machine;
  readonly config: Config;
  readonly symbol: bigint;
  readonly offset: number;
  readonly ip: bigint | null;
}

export interface Kprobes {
  readonly regs: PtRegsApi;
  /** kprobe_lookup_name() and arch_adjust_kprobe_addr(): the address, and whether it counts as the function's entry. */
  address(point: ProbePoint): { readonly at: bigint; readonly entry: boolean };
  /** `null` where no kprobe ever sits on a call site. */
  readonly ftrace: KprobeOnFtrace | null;
  /**
   * arch_prepare_kprobe() for the instruction at `at` of the function at `symbol`: how it is displaced, or a negative errno.
   * @throws RangeError for an instruction of the call site whose displacement is not modelled
   */
  prepare(machine: Machine, at: bigint, symbol: bigint): Displaced | number;
  /** `null` where the models have no instruction that a breakpoint could displace. */
  readonly exception: Exception | null;
}
