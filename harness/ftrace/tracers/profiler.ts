// SPDX-License-Identifier: MIT
/**
 * The function profiler (function_profile_enabled) as a graph user: it counts calls, and reserves three 64-bit
 * values for times. linux 7.2 kernel/trace/ftrace.c: profile_graph_entry, profile_graph_return,
 * ftrace_profile_write. It follows the filter of the top directory. Times are not modelled.
 */
import type { FunctionGraph, GraphOps } from '../graph/fgraph.js';
import type { Result } from '../types.js';
import type { FilterUser, TraceArray } from './trace-array.js';

/** struct profile_fgraph_data: calltime, subtime, sleeptime. */
const DATA_BYTES = 24;

export class FunctionProfiler implements FilterUser {
  /** ftrace_profile.counter by function. */
  readonly hits = new Map<bigint, number>();
  readonly #gops: GraphOps;
  #enabled = false;

  constructor(
    name: string,
    readonly top: TraceArray,
    readonly graph: FunctionGraph,
  ) {
    this.#gops = graph.createOps(name, {
      entry: ({ func }, gops) => {
        // Counted before anything can decline it.
        this.hits.set(func, (this.hits.get(func) ?? 0) + 1);
        return graph.stack.reserve(gops.index, DATA_BYTES) !== null;
      },
      exit: () => {},
    });
  }

  setHash(filter: ReadonlySet<bigint>, notrace: ReadonlySet<bigint>): Result {
    return this.graph.setHash(this.#gops, filter, notrace);
  }

  /** `echo 1 > function_profile_enabled`: what was counted before is forgotten. */
  enable(): Result {
    if (this.#enabled) return 0;
    this.hits.clear();
    this.setHash(this.top.filter, this.top.notrace);
    const result = this.graph.register(this.#gops);
    if (result !== 0) return result;
    this.#enabled = true;
    this.top.follow(this, true);
    return 0;
  }

  disable(): Result {
    if (!this.#enabled) return 0;
    this.#enabled = false;
    this.top.follow(this, false);
    return this.graph.unregister(this.#gops);
  }
}
