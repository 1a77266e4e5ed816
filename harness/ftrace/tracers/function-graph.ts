// SPDX-License-Identifier: MIT
/**
 * The function_graph tracer of one trace_array: a graph user that writes entries and exits. linux 7.2
 * kernel/trace/trace_functions_graph.c: graph_entry, trace_graph_return, graph_trace_init; linux 6.1 and 6.12
 * trace_graph_entry, trace_graph_return.
 */
import type { Fregs } from '../../backend/contract.js';
import type { FunctionGraph, GraphOps, GraphTrace } from '../graph/fgraph.js';
import { ShadowStack } from '../graph/shadow-stack.js';
import type { Result } from '../types.js';
import { GraphMarks } from './graph-marks.js';
import type { ExitRecord, Saved, TraceSink } from './records.js';
import type { GraphFiles, TraceArray, Tracer } from './trace-array.js';

const WORD = 8;

export class FunctionGraphTracer implements Tracer {
  readonly allowInstances: boolean;
  readonly #gops: GraphOps;
  readonly #marks: GraphMarks;
  /** The function_graph tracer keeps its times itself: 7.2 struct fgraph_times. */
  readonly #reserves: boolean;

  constructor(
    name: string,
    readonly array: TraceArray,
    readonly graph: FunctionGraph,
    readonly files: GraphFiles,
    readonly sink: TraceSink,
  ) {
    const { revision } = graph.ftrace.env.config;
    this.allowInstances = revision !== '6.1';
    this.#reserves = revision === '7.2';
    this.#gops = graph.createOps(name, {
      entry: (trace, gops, fregs) => this.#entry(trace, gops, fregs),
      exit: (trace, gops) => this.#exit(trace, gops),
    });
    // 6.1 has one user, and the bits in the task's recursion word, which no registration clears.
    const recursion = graph.ftrace.env.tasks.field(() => ({ word: 0n }));
    const variable = () => ShadowStack.variable(this.#gops.index);
    this.#marks = new GraphMarks(
      revision === '6.1'
        ? {
            get: () => recursion.current.word,
            set: (value) => {
              recursion.current.word = value;
            },
          }
        : { get: () => graph.stack.get(variable()), set: (value) => graph.stack.set(variable(), value) },
    );
  }

  setHash(filter: ReadonlySet<bigint>, notrace: ReadonlySet<bigint>): Result {
    return this.graph.setHash(this.#gops, filter, notrace);
  }

  start(): Result {
    return this.graph.register(this.#gops);
  }

  stop(): void {
    this.graph.unregister(this.#gops);
  }

  /** The order of the tests is the kernel's: marks may stay although the function is declined after them. */
  #entry({ func, depth }: GraphTrace, gops: GraphOps, fregs: Fregs | null): boolean {
    if (this.#marks.notrace) return false;
    if (this.files.notrace.has(func)) {
      this.#marks.notrace = true;
      // Accepted, so that the exit takes the mark away; nothing is written.
      return true;
    }
    if (this.#ignored(func, depth)) return false;
    if (this.#reserves && !this.#reserveTimes(gops)) return false;
    this.sink.entry({ ip: func, depth, parentIp: this.#returnAddress(), args: this.#args(fregs) });
    return true;
  }

  /** ftrace_graph_ignore_func. */
  #ignored(func: bigint, depth: number): boolean {
    const { functions, maxDepth } = this.files;
    const marks = this.#marks;
    if (!marks.inside && functions.size > 0) {
      if (!functions.has(func)) return true;
      marks.enter(depth);
    }
    return maxDepth > 0 && depth >= maxDepth;
  }

  /** One word for the time of the call; with `nosleep-time` another for the time slept until then. */
  #reserveTimes(gops: GraphOps): boolean {
    const words = this.array.options.has('sleep-time') ? 1 : 2;
    const { stack } = this.graph;
    const block = stack.reserve(gops.index, words * WORD);
    if (block === null) return false;
    // No clock is modelled: the words are written, with a time that says nothing.
    const times = stack.block(block);
    for (let index = 0; index < words; index++) times.set(index, 0n);
    return true;
  }

  #returnAddress(): Saved<bigint> {
    if (!this.array.options.has('funcgraph-retaddr')) return undefined;
    if (!this.graph.ftrace.env.config.has('FUNCTION_GRAPH_RETADDR'))
      return { lacks: 'FUNCTION_GRAPH_RETADDR' };
    return { value: this.graph.topReturnAddress() };
  }

  #args(fregs: Fregs | null): Saved<Fregs> {
    if (!this.array.options.has('funcgraph-args')) return undefined;
    const has = this.graph.ftrace.env.config.has('FUNCTION_TRACE_ARGS');
    return has && fregs ? { value: fregs } : { lacks: 'FUNCTION_TRACE_ARGS' };
  }

  #exit({ func, depth, retval }: GraphTrace, gops: GraphOps): void {
    this.#marks.finish(depth);
    if (this.#marks.notrace) {
      this.#marks.notrace = false;
      return;
    }
    if (this.#reserves && this.graph.stack.retrieve(gops.index) === null) return;
    this.sink.exit({ ip: func, depth, retval: this.#retval(retval) });
  }

  #retval(retval: bigint | null): ExitRecord['retval'] {
    const { options } = this.array;
    if (!options.has('funcgraph-retval')) return undefined;
    if (retval === null) return { lacks: 'FUNCTION_GRAPH_RETVAL' };
    return { value: { word: retval, hex: options.has('funcgraph-retval-hex') } };
  }
}
