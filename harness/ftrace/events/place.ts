// SPDX-License-Identifier: MIT
/** What a definition's arguments are fetched from, and what the parser asks of the kernel it runs in. */
import type { Revision } from '../../backend/contract.js';
import type { Signature, StructType } from '../../ctype/types.js';
import type { ProbeLog } from './errors.js';

/** The kernel around the parser. */
export interface EventKernel {
  readonly revision: Revision;
  has(feature: string): boolean;
  /** kallsyms: how many functions are called so. */
  symbols(name: string): number;
  /** BTF of a function; `null`: none. */
  prototype(name: string): Signature | null;
  /** BTF of a struct. */
  struct(tag: string): StructType | null;
  /** regs_query_register_offset(): negative where there is no such register. */
  registerOffset(name: string): number;
  /** Functions that ftrace can trace whose names match a glob. */
  traceable(glob: string): readonly string[];
  /** kallsyms_lookup_name() of data or a function; `null`: not there. */
  address(symbol: string): bigint | null;
}

export interface Place {
  readonly kernel: EventKernel;
  readonly log: ProbeLog;
  /** Where the probe is: TPARG_FL_FENTRY, TPARG_FL_RETURN, or neither. */
  readonly at: 'entry' | 'return' | 'inside';
  /** fprobe events and tracepoint probes have no pt_regs. */
  readonly by: 'kprobe' | 'fprobe' | 'tracepoint';
  /** ctx->funcname. */
  readonly function: string | null;
  /** Arguments that a return probe has to save at entry: its data, a word for each, in order of first use. */
  readonly saved: number[];
}

/** CONFIG_PROBE_EVENTS_BTF_ARGS: events know C names and types. */
export function knowsTypes({ kernel }: Place): boolean {
  return kernel.has('PROBE_EVENTS_BTF_ARGS');
}

/** query_btf_context. */
export function prototypeOf({ kernel, function: name }: Place): Signature | null {
  return name === null ? null : kernel.prototype(name);
}

/** Byte offset in the entry data of an argument, which is saved there if it was not yet. */
export function savedAt(place: Place, argument: number): number {
  if (!place.saved.includes(argument)) place.saved.push(argument);
  return 8 * place.saved.indexOf(argument);
}

/** is_good_name: a C identifier. */
export function isGoodName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}
