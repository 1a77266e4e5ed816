// SPDX-License-Identifier: MIT
/**
 * The program that fetches one argument: a value, then dereferences, then a store and what is done to it. linux 7.2
 * kernel/trace/trace_probe.h: enum fetch_op, FETCH_INSN_MAX.
 */

export type FetchStep =
  | { readonly op: 'STACKP' | 'RETVAL' | 'COMM' }
  | { readonly op: 'STACK' | 'ARG'; readonly index: number }
  /** Byte offset in the entry data. */
  | { readonly op: 'EDATA'; readonly offset: number }
  /** Offset of the register in pt_regs, as regs_query_register_offset() gives it. */
  | { readonly op: 'REG'; readonly name: string }
  | { readonly op: 'IMM'; readonly value: bigint }
  | { readonly op: 'DATA'; readonly text: string }
  /** `NAME+offset`; the address goes into the IMM that follows. */
  | { readonly op: 'SYMBOL'; readonly symbol: string }
  | { readonly op: 'DEREF'; readonly offset: bigint }
  | { readonly op: 'ST_RAW'; readonly bytes: number }
  | { readonly op: 'ST_MEM'; readonly bytes: number; readonly offset: bigint }
  | { readonly op: 'ST_STRING' | 'ST_SYMSTR'; readonly offset: bigint }
  | { readonly op: 'MOD_BF'; readonly bytes: number; readonly lshift: number; readonly rshift: number }
  | { readonly op: 'LP_ARRAY'; readonly count: number };

/** Steps of a program; the last slot is taken from the start. */
const MAX = 16;

export class FetchCode {
  readonly steps: (FetchStep | null)[] = [null];

  /** The step being built, `null` while nothing has been put there. */
  get current(): FetchStep | null {
    return this.steps.at(-1) ?? null;
  }

  set(step: FetchStep): void {
    this.steps[this.steps.length - 1] = step;
  }

  /** Goes on to the next slot. False when it is the last one. */
  next(): boolean {
    this.steps.push(null);
    return this.steps.length < MAX;
  }

  finished(): FetchStep[] {
    return this.steps.filter((step) => step !== null);
  }
}
