// SPDX-License-Identifier: MIT
/**
 * The function tracer of one trace_array: an ops that writes an entry. linux 7.2 kernel/trace/trace_functions.c:
 * function_trace_call, function_args_trace_call.
 */
import type { Fregs } from '../../backend/contract.js';
import { apiExists } from '../api.js';
import { OPS } from '../flags.js';
import type { FunctionGraph } from '../graph/fgraph.js';
import type { FtraceOps, Result } from '../types.js';
import type { Saved, TraceSink } from './records.js';
import type { TraceArray, Tracer } from './trace-array.js';

export class FunctionTracer implements Tracer {
  readonly allowInstances = true;
  readonly #ops: FtraceOps;

  constructor(
    name: string,
    readonly array: TraceArray,
    readonly graph: FunctionGraph,
    readonly sink: TraceSink,
  ) {
    this.#ops = graph.ftrace.createOps(
      name,
      (ip, parentIp, _op, fregs) => this.#call(ip, parentIp, fregs),
      OPS.PID,
    );
  }

  setHash(filter: ReadonlySet<bigint>, notrace: ReadonlySet<bigint>): Result {
    return this.graph.ftrace.setHash(this.#ops, filter, notrace);
  }

  start(): Result {
    return this.graph.ftrace.register(this.#ops);
  }

  stop(): void {
    this.graph.ftrace.unregister(this.#ops);
  }

  #call(ip: bigint, parentIp: bigint, fregs: Fregs): void {
    const { recursion } = this.graph.ftrace;
    const bit = recursion.trylock('FTRACE');
    if (bit === null) return;
    try {
      const args = this.#args(fregs);
      const parent = args === undefined || 'lacks' in args ? this.#trueParent(parentIp, fregs) : parentIp;
      this.sink.entry({ ip, parentIp: { value: parent }, args });
    } finally {
      recursion.unlock(bit);
    }
  }

  #args(fregs: Fregs): Saved<Fregs> {
    if (!this.array.options.has('func-args')) return undefined;
    const has = this.graph.ftrace.env.config.has('FUNCTION_TRACE_ARGS');
    return has ? { value: fregs } : { lacks: 'FUNCTION_TRACE_ARGS' };
  }

  /** function_get_true_parent_ip; the callback that saves arguments does not call it. */
  #trueParent(parentIp: bigint, fregs: Fregs): bigint {
    const { env } = this.graph.ftrace;
    if (!apiExists('function_get_true_parent_ip', env.config.revision)) return parentIp;
    return this.graph.cursor()(parentIp, env.backend.graph.trueParentRetp(fregs));
  }
}
