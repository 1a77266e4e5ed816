// SPDX-License-Identifier: MIT
/**
 * fprobe on function graph: linux 7.2 kernel/trace/fprobe.c. Probes with an exit handler share one graph user;
 * probes without share one ftrace_ops. Entry data travels on the shadow stack behind a header.
 */
import type { Fregs } from '../backend/contract.js';
import { ERRNO } from '../backend/errno.js';
import type { Fprobe, FprobeCall, FprobeEngine, FprobeSpec } from './fprobe.js';
import { FprobeHeaders } from './fprobe-header.js';
import type { Ftrace } from './ftrace.js';
import type { FunctionGraph, GraphOps, GraphTrace } from './graph/fgraph.js';
import { KprobeBusy } from './kprobe-busy.js';
import type { Kprobes } from './kprobes/kprobes.js';
import type { FtraceOps, Result } from './types.js';

/** 15 words: what four bits can count. */
const MAX_DATA_BYTES = 15 * 8;

export class GraphFprobes implements FprobeEngine {
  /** Newest first, as in the hash chain of an address. */
  readonly #list: Fprobe[] = [];
  readonly #gops: GraphOps;
  readonly #ops: FtraceOps;
  readonly #headers: FprobeHeaders;
  readonly #kprobeBusy: KprobeBusy;

  constructor(
    readonly ftrace: Ftrace,
    readonly graph: FunctionGraph,
    kprobes: Kprobes,
  ) {
    this.#kprobeBusy = new KprobeBusy(ftrace.env, kprobes.running);
    this.#headers = new FprobeHeaders(ftrace.env.backend.graph.fprobeHeaderMsb);
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

  create(spec: FprobeSpec): Fprobe {
    return { ...spec, address: this.ftrace.env.allocate(64), nmissed: 0, ips: null };
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

  /** Every entry of the list becomes a node of its own: the handlers run once for each. */
  registerNodes(fprobe: Fprobe, ips: readonly bigint[]): Result {
    const nodes = new Map<bigint, number>();
    for (const ip of ips) nodes.set(ip, (nodes.get(ip) ?? 0) + 1);
    fprobe.nodes = nodes;
    return this.register(fprobe, new Set(ips));
  }

  /** The hash chain of an address: newest first. */
  #nodesAt(ip: bigint): Fprobe[] {
    return this.#list.flatMap((fprobe) =>
      fprobe.ips?.has(ip) ? Array.from({ length: fprobe.nodes?.get(ip) ?? 1 }, () => fprobe) : [],
    );
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
    if (!this.ftrace.rcuIsWatching) return;
    const bit = this.ftrace.recursion.trylock('FTRACE');
    if (bit === null) return;
    try {
      for (const fprobe of this.#nodesAt(ip)) {
        if (fprobe.exit || fprobe.disabled) continue;
        this.#handle(fprobe, { ip, retIp: parentIp, fregs, data: null });
      }
    } finally {
      this.ftrace.recursion.unlock(bit);
    }
  }

  /** __fprobe_handler, __fprobe_kprobe_handler: what the entry handler returns; 0 where it is missed. */
  #handle(fprobe: Fprobe, call: FprobeCall): number {
    const { entry } = fprobe;
    if (!fprobe.shared) return entry?.(call) ?? 0;
    const result = this.#kprobeBusy.around(() => entry?.(call) ?? 0);
    if (result === undefined) fprobe.nmissed++;
    return result ?? 0;
  }

  /** fprobe_fgraph_entry: true when at least one exit handler is to be called. */
  #entry({ func }: GraphTrace, fregs: Fregs | null): boolean {
    if (!fregs || !this.ftrace.rcuIsWatching) return false;
    const { stack } = this.graph;
    const headers = this.#headers;
    const here = this.#nodesAt(func).filter((fprobe) => fprobe.exit);
    const words = here.reduce((sum, fprobe) => sum + headers.words + fprobe.dataSize / 8, 0);
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
      const data =
        dataWords > 0 ? stack.block({ at: block.at + used + headers.words, words: dataWords }) : null;
      if (this.#handle(fprobe, { ip: func, retIp, fregs, data }) !== 0) continue;
      const header = headers.encode({ pointer: fprobe.address, dataWords });
      if (!header) continue;
      for (const [index, word] of header.entries()) stack.set(block.at + used + index, word);
      used += headers.words + dataWords;
    }
    if (used < block.words) stack.set(block.at + used, 0n);
    return used > 0;
  }

  // --------------------------------------------------------------------------------------------- exit

  /** fprobe_return: walks the headers in entry order. */
  #return({ func }: GraphTrace, fregs: Fregs | null): void {
    if (!fregs || !this.ftrace.rcuIsWatching) return;
    const { stack } = this.graph;
    const headers = this.#headers;
    const block = stack.retrieve(this.#gops.index);
    if (!block) return;
    const retIp = this.ftrace.env.backend.accessors.getInstructionPointer(fregs);
    for (let used = 0; used < block.words; ) {
      const at = block.at + used;
      const header = headers.decode((index) => stack.get(at + index));
      if (!header) return;
      // Only a registered fprobe is found: unregistering in between loses the exit, harmlessly.
      const fprobe = this.#list.find(({ address }) => address === header.pointer);
      const { dataWords } = header;
      const data = dataWords > 0 ? stack.block({ at: at + headers.words, words: dataWords }) : null;
      if (fprobe && !fprobe.disabled) fprobe.exit?.({ ip: func, retIp, fregs, data });
      used += headers.words + dataWords;
    }
  }
}
