// SPDX-License-Identifier: MIT
/** What the tracers write into the ring buffer. A field is there only if it was saved. */
import type { Fregs } from '../../backend/contract.js';

/** Saved, not saved (`undefined`), or impossible on this kernel for want of the symbol. */
export type Saved<T> = { readonly value: T } | { readonly lacks: string } | undefined;

/** ftrace_graph_ent_entry, fgraph_retaddr_ent_entry, ftrace_entry. */
export interface EntryRecord {
  readonly ip: bigint;
  /** Function graph only. */
  readonly depth?: number;
  /** ftrace_entry.parent_ip; with funcgraph-retaddr, fgraph_retaddr_ent.retaddr. */
  readonly parentIp: Saved<bigint>;
  /** Registers that the argument words come from: read at once, in the callback. */
  readonly args: Saved<Fregs>;
}

/** ftrace_graph_ret_entry. */
export interface ExitRecord {
  readonly ip: bigint;
  readonly depth: number;
  /** rettime less calltime, ns, as the unsigned number that it is printed from. */
  readonly duration: bigint;
  /** The return register, and whether it is to be printed in hexadecimal whatever it is. */
  readonly retval: Saved<{ readonly word: bigint; readonly hex: boolean }>;
}

export interface TraceSink {
  entry(record: EntryRecord): void;
  exit(record: ExitRecord): void;
}
