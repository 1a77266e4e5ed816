// SPDX-License-Identifier: MIT
/**
 * struct fprobe, as its two engines share it: function graph (7.2) and one ftrace_ops with a rethook per probe
 * (6.1, 6.12). linux 7.2 and 6.12 include/linux/fprobe.h.
 */
import type { Fregs } from '../backend/contract.js';
import type { DataWords } from './data-words.js';
import type { Result } from './types.js';

/** What a handler gets. */
export interface FprobeCall {
  readonly ip: bigint;
  readonly retIp: bigint;
  /** ftrace_regs from 7.2 on, before that the pt_regs that every modelled architecture embeds at its start. */
  readonly fregs: Fregs;
  /** `null` without entry data. */
  readonly data: DataWords | null;
}

export interface Fprobe {
  readonly name: string;
  /** Address of the structure. */
  readonly address: bigint;
  /** Non-zero: no exit handler for this call. `null`: no entry handler. */
  readonly entry: ((call: FprobeCall) => number) | null;
  readonly exit: ((call: FprobeCall) => void) | null;
  /** Bytes of entry data. */
  dataSize: number;
  /** Nodes of the rethook pool; 0: chosen by the core. Without meaning from 7.2 on. */
  readonly maxActive: number;
  disabled: boolean;
  /** FPROBE_FL_KPROBE_SHARED: not inside of a kprobe's handler. */
  readonly shared: boolean;
  /** The structure is allocated, not part of the kernel image. */
  readonly dynamic?: boolean;
  nmissed: number;
  /** rec->ip of its functions while registered. */
  ips: ReadonlySet<bigint> | null;
  /** Nodes in the hash chain of an ip where they are not one: addresses that were given twice. */
  nodes?: ReadonlyMap<bigint, number>;
}

export type FprobeSpec = Pick<
  Fprobe,
  'name' | 'entry' | 'exit' | 'dataSize' | 'maxActive' | 'disabled' | 'shared' | 'dynamic'
>;

export interface FprobeEngine {
  create(spec: FprobeSpec): Fprobe;
  register(fprobe: Fprobe, ips: ReadonlySet<bigint>): Result;
  /** register_fprobe_ips() of a list as the caller gave it, in which an address may stand twice. */
  registerNodes(fprobe: Fprobe, ips: readonly bigint[]): Result;
  unregister(fprobe: Fprobe): Result;
}
