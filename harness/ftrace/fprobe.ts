// SPDX-License-Identifier: MIT
/**
 * fprobe on function graph: linux 7.2 kernel/trace/fprobe.c. Probes with an exit handler share one graph user;
 * probes without share one ftrace_ops. Entry data travels on the shadow stack behind a header word
 * {data words : 4, fprobe pointer without its top 4 bits : 60}.
 */
import type { Fregs } from '../backend/contract.js';
import { ERRNO } from '../backend/errno.js';
import type { Ftrace } from './ftrace.js';
import type { FunctionGraph, GraphOps, GraphTrace } from './graph/fgraph.js';
import type { FtraceOps, Result } from './types.js';

/** What a handler gets. `data`: offset of its words on the shadow stack, `null` without entry data. */
export interface FprobeCall {
  readonly ip: bigint;
  readonly retIp: bigint;
  readonly fregs: Fregs;
  readonly data: number | null;
}

export interface Fprobe {
  readonly name: string;
  /** Address of the structure: what the header word carries. */
  readonly address: bigint;
  /** Non-zero: no exit handler for this call. `null`: no entry handler. */
  readonly entry: ((call: FprobeCall) => number) | null;
  readonly exit: ((call: FprobeCall) => void) | null;
  /** Bytes; rounded up to words at registration. */
  dataSize: number;
  disabled: boolean;
  nmissed: number;
  /** rec->ip of its functions while registered. */
  ips: ReadonlySet<bigint> | null;
}

/** 15 words: what four bits can count. */
const MAX_DATA_BYTES = 15 * 8;
const POINTER_MASK = (1n << 60n) - 1n;

export class Fprobes {
  /** Newest first, as in the hash chain of an address. */
  readonly #list: Fprobe[] = [];
  readonly #gops: GraphOps;
  readonly #ops: FtraceOps;

  constructor(
    readonly ftrace: Ftrace,
    readonly graph: FunctionGraph,
  ) {
    this.#gops = graph.createOps('fprobe_graph_ops', {
      entry: (trace, _gops, fregs) => this.#entry(trace, fregs),
      exit: (trace, _gops, fregs) => this.#return(trace, fregs),
    });
    this.#ops = ftrace.createOps(
      'fprobe_ftrace_entry',
      (ip, parentIp, _op, fregs) => this.#entryOnly(ip, parentIp, fregs),
      0,
    );
  }

  create(probe: Pick<Fprobe, 'name' | 'entry' | 'exit' | 'dataSize' | 'disabled'>): Fprobe {
    return { ...probe, address: this.ftrace.env.allocate(64), nmissed: 0, ips: null };
  }

  register(fprobe: Fprobe, ips: ReadonlySet<bigint>): Result {
    if (!this.ftrace.env.config.has('FPROBE')) return -ERRNO.EOPNOTSUPP;
    if (fprobe.ips) return -ERRNO.EEXIST;
    if (ips.size === 0) return -ERRNO.ENOENT;
    if (fprobe.dataSize > MAX_DATA_BYTES) return -ERRNO.E2BIG;
    fprobe.dataSize = Math.ceil(fprobe.dataSize / 8) * 8;
    fprobe.ips = ips;
    this.#list.unshift(fprobe);
    const result = this.#attach(fprobe.exit !== null, true);
    if (result !== 0) {
      this.#list.shift();
      fprobe.ips = null;
    }
    return result;
  }

  unregister(fprobe: Fprobe): Result {
    if (!fprobe.ips) return -ERRNO.EINVAL;
    this.#list.splice(this.#list.indexOf(fprobe), 1);
    fprobe.ips = null;
    return this.#attach(fprobe.exit !== null, false);
  }

  /** Brings the shared user of a kind up to date: first and last register it, others change its filter. */
  #attach(exit: boolean, added: boolean): Result {
    const members = this.#list.filter((fprobe) => (fprobe.exit !== null) === exit);
    const filter = new Set(members.flatMap((fprobe) => [...(fprobe.ips ?? [])]));
    const first = added && members.length === 1;
    const last = !added && members.length === 0;
    if (exit) {
      if (last) return this.graph.unregister(this.#gops);
      const result = this.graph.setHash(this.#gops, filter, new Set());
      return first ? this.graph.register(this.#gops) : result;
    }
    if (last) return this.ftrace.unregister(this.#ops);
    const result = this.ftrace.setHash(this.#ops, filter, new Set());
    return first ? this.ftrace.register(this.#ops) : result;
  }

  // -------------------------------------------------------------------------------------------- entry

  /** fprobe_ftrace_entry. */
  #entryOnly(ip: bigint, parentIp: bigint, fregs: Fregs): void {
    const bit = this.ftrace.recursion.trylock('FTRACE');
    if (bit === null) return;
    try {
      for (const fprobe of [...this.#list]) {
        if (fprobe.exit || fprobe.disabled || !fprobe.ips?.has(ip)) continue;
        fprobe.entry?.({ ip, retIp: parentIp, fregs, data: null });
      }
    } finally {
      this.ftrace.recursion.unlock(bit);
    }
  }

  /** fprobe_fgraph_entry: true when at least one exit handler is to be called. */
  #entry({ func }: GraphTrace, fregs: Fregs): boolean {
    const { stack } = this.graph;
    const here = this.#list.filter((fprobe) => fprobe.exit && fprobe.ips?.has(func));
    const words = here.reduce((sum, fprobe) => sum + 1 + fprobe.dataSize / 8, 0);
    if (words === 0) return false;
    const block = stack.reserve(this.#gops.index, 8 * words);
    if (!block) {
      for (const fprobe of here) if (!fprobe.disabled) fprobe.nmissed++;
      return false;
    }
    const retIp = this.ftrace.env.backend.accessors.getReturnAddress(fregs);
    let used = 0;
    for (const fprobe of here) {
      if (fprobe.disabled) continue;
      const dataWords = fprobe.dataSize / 8;
      const data = dataWords > 0 ? block.at + used + 1 : null;
      if ((fprobe.entry?.({ ip: func, retIp, fregs, data }) ?? 0) !== 0) continue;
      stack.set(block.at + used, (BigInt(dataWords) << 60n) | (fprobe.address & POINTER_MASK));
      used += 1 + dataWords;
    }
    if (used < block.words) stack.set(block.at + used, 0n);
    return used > 0;
  }

  // --------------------------------------------------------------------------------------------- exit

  /** fprobe_return: walks the headers in entry order. */
  #return({ func }: GraphTrace, fregs: Fregs): void {
    const { stack } = this.graph;
    const block = stack.retrieve(this.#gops.index);
    if (!block) return;
    const retIp = this.ftrace.env.backend.accessors.getInstructionPointer(fregs);
    for (let used = 0; used < block.words; ) {
      const header = stack.get(block.at + used);
      if (header === 0n) return;
      const dataWords = Number(header >> 60n);
      const fprobe = this.#byPointer(header & POINTER_MASK);
      if (fprobe && !fprobe.disabled) {
        fprobe.exit?.({ ip: func, retIp, fregs, data: dataWords > 0 ? block.at + used + 1 : null });
      }
      used += 1 + dataWords;
    }
  }

  /** Only a registered fprobe is found: unregistering in between loses the exit, harmlessly. */
  #byPointer(pointer: bigint): Fprobe | undefined {
    return this.#list.find((fprobe) => (fprobe.address & POINTER_MASK) === pointer);
  }
}
