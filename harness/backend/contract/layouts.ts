// SPDX-License-Identifier: MIT
/**
 * Contract of a back-end: the structures its assembler and C side agree on, in bytes.
 */

import type { Width } from '../../machine/types.js';
import type { Errno } from '../errno.js';
import type { Config } from './config.js';

/** What a reader may find in a field, by the code that fills the structure. */
export type FieldState =
  /** The traced context's own value. */
  | 'real'
  /** A constant or an address the trampoline makes up. */
  | 'faked'
  /** Not written: whatever the stack held. */
  | 'stale';

export interface Field {
  readonly name: string;
  /** Bytes from the start of the structure. */
  readonly offset: number;
  readonly size: Width;
  /** By the entry trampoline without SAVE_REGS, with SAVE_REGS (absent: no such path), and by the return hook. */
  readonly plain: FieldState;
  readonly regs?: FieldState;
  readonly exit: FieldState;
}

export interface Layout {
  /** sizeof, bytes. */
  readonly size: number;
  /**
   * Bytes that ftrace_caller without SAVE_REGS builds, where it hands out less than the type promises; what lies
   * beyond belongs to the caller's frame. Absent: all of them.
   */
  readonly plainSize?: number;
  readonly fields: readonly Field[];
}

export interface PtRegsField {
  readonly name: string;
  readonly offset: number;
  readonly size: Width;
}

/** Kernel data that the sources name. */
export interface DataCell {
  /** Bytes. */
  readonly size: number;
  /** Symbol whose address its first 8 bytes start with. */
  readonly initial?: string;
  /** 8-byte words that do not start as zero: offset → symbol whose address, value, or bytes above the lowest of the first stack. */
  readonly words?: Readonly<Record<number, string | bigint | { readonly stack: bigint }>>;
}

export interface Layouts {
  /** What a callback's `fregs` points to. */
  ftraceRegs(config: Config): Layout;
  ptRegs(config: Config): { readonly size: number; readonly fields: readonly PtRegsField[] };
  /** struct ftrace_ops as trampolines see it: its size, `func` at 0, and `direct_call` (`null` where there is none). */
  ftraceOps(config: Config): {
    readonly size: number;
    readonly func: number;
    readonly directCall: number | null;
  };
  /**
   * 8-byte cells and structures of kernel data that the sources name: name → bytes. `function_trace_op` is always
   * there. Zeroed; see {@link DataCell} for what they start with.
   */
  dataCells(config: Config): Readonly<Record<string, DataCell>>;
  /** The frames our direct-call stubs build (trampoline.S): where the harness finds what a stub's C code sees. */
  stubs(config: Config): {
    /**
     * What attaching a BPF program to a function without call site gives: the trampoline is then called from patched text
     * instead of by ftrace, and bpf_arch_text_poke() refuses in its own way. Absent: ENOTSUPP.
     */
    readonly untraced?: Errno;
    /** `selfIp`: from SP at the callout, the address in the body the stub resumes at. */
    readonly direct: { readonly selfIp: number };
    /**
     * BPF trampolines: `bpf_fentry_N` with entry programs only, `bpf_fexit_N` that calls the body itself, `bpf_fmod_N` that
     * does so unless a modify-return program gave something else than 0. Offsets are from the program context (first C
     * argument): resume address, argument words in order, return value.
     */
    readonly bpf: {
      readonly selfIp: number;
      readonly arguments: number;
      readonly result: number;
      /** Word that is 0 before the body and not 0 behind it (bpf_session_is_return). */
      readonly isReturn: number;
      /** Argument words the JIT has room for (absent: all); of a function with more no program can be attached. */
      readonly words?: number;
      /**
       * Argument words that an image saves and reloads, from the sizes of the arguments in bytes. The core writes it to a
       * data cell (`argumentSlotCells`). Absent: the images are made for all there may be.
       */
      argumentSlots?(sizes: readonly number[]): number;
      /** Programs one trampoline takes (BPF_MAX_TRAMP_LINKS), where it is not the generic 38. */
      readonly maxLinks?: number;
      /**
       * Where images have the address of the body built in: prefix of the data cells (this + `N`, one for all images of
       * a number) that the core fills when it makes an image. Absent: they resume where they are told to.
       */
      readonly body?: string;
      /**
       * BPF_TRAMP_F_ORIG_STACK, for a function that may be livepatched: suffix of the images that call what they find
       * where a site leaves the address of the body. `refused`: the JIT makes no such image (-ENOTSUPP); `unseen`: it
       * does not look at the flag.
       */
      readonly origStack: { readonly suffix: string } | 'refused' | 'unseen';
      /** bpf_get_func_ip() is worked out from the resume address, less this; absent: the function's address, a constant. */
      readonly funcIp?: number;
    };
    /**
     * Jump mode (DYNAMIC_FTRACE_WITH_JMP): stub + `suffix` is the same stub for a direct address with bit 0 set. It
     * finds no address in the body on the stack, so the core writes that to the data cell stub + `body` before it
     * registers the stub. `direct_tramp_N` has such a cell; `bpf_fexit_N` and `bpf_fmod_N` share that of `bpf.body`.
     * Absent or `null`: none.
     */
    readonly jump?: { readonly suffix: string; readonly body: string } | null;
  };
  /** Constants for the `.S` files (the asm-offsets idea): one list for interpreter and assembler. */
  asmOffsets(config: Config): Readonly<Record<string, number | bigint>>;
}
