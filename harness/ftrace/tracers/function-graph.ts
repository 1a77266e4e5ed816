// SPDX-License-Identifier: MIT
/**
 * The function_graph tracer of one trace_array: a graph user that writes entries and exits. linux 7.2
 * kernel/trace/trace_functions_graph.c: graph_entry, trace_graph_return, graph_trace_init; linux 6.1 and 6.12
 * trace_graph_entry, trace_graph_return.
 */
import type { Fregs } from '../../backend/contract.js';
import type { TracerOption } from '../../case/tracer-options.js';
import type { DataWords } from '../data-words.js';
import type { CallTimes, FunctionGraph, GraphOps, GraphTrace } from '../graph/fgraph.js';
import { ShadowStack } from '../graph/shadow-stack.js';
import type { Result } from '../types.js';
import { GraphMarks } from './graph-marks.js';
import type { ExitRecord, Saved, TraceSink } from './records.js';
import type { GraphFiles, TraceArray, Tracer } from './trace-array.js';

const WORD = 8;

/** struct fgraph_times, in words; the second may be left out. */
const CALLTIME = 0;
const SLEEPTIME = 1;
const TIMES = 2;

export class FunctionGraphTracer implements Tracer {
  readonly allowInstances: boolean;
  readonly hasThreshold = true;
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
      exit: null,
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
    this.#gops.exit =
      this.files.threshold > 0n
        ? (trace, gops) => this.#exitAboveThreshold(trace, gops)
        : (trace, gops) => this.#exit(trace, gops);
    if (this.#reserves && !this.array.options.has('sleep-time')) this.graph.sleepTime.ask(true);
    return this.graph.register(this.#gops);
  }

  stop(): void {
    if (this.#reserves && !this.array.options.has('sleep-time')) this.graph.sleepTime.ask(false);
    this.graph.unregister(this.#gops);
  }

  /** func_graph_set_flag of the current tracer: told before the option changes. */
  optionWritten(name: TracerOption, on: boolean): void {
    if (this.#reserves && name === 'sleep-time' && on !== this.array.options.has(name))
      this.graph.sleepTime.ask(!on);
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
    // Only exits are written then, of the calls that took as long.
    if (this.files.threshold > 0n) return true;
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

  get #withoutSleep(): boolean {
    return this.graph.sleepTime.asked && !this.array.options.has('sleep-time');
  }

  /** One word for the time of the call; with `nosleep-time` another for the time slept until then. */
  #reserveTimes(gops: GraphOps): boolean {
    const words = this.#withoutSleep ? TIMES : 1;
    const { stack, clock, sleepTime } = this.graph;
    const block = stack.reserve(gops.index, words * WORD);
    if (block === null) return false;
    const times = stack.block(block);
    times.set(CALLTIME, clock.now);
    if (words === TIMES) times.set(SLEEPTIME, sleepTime.total);
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

  /** trace_graph_return. */
  #exit(trace: GraphTrace, gops: GraphOps): void {
    const times = this.#returned(trace, gops);
    if (times) this.#write(trace, times);
  }

  /** trace_graph_thresh_return. Times are of 64 bits without a sign. */
  #exitAboveThreshold(trace: GraphTrace, gops: GraphOps): void {
    const times = this.#returned(trace, gops);
    if (!times || duration(times) < this.files.threshold) return;
    this.#write(trace, times);
  }

  /** A call is over: the marks go, and its times are told; `null` where nothing of it is to be written. */
  #returned({ depth, times }: GraphTrace, gops: GraphOps): CallTimes | null {
    const { stack, clock } = this.graph;
    const ret = clock.now;
    this.#marks.finish(depth);
    if (this.#marks.notrace) {
      this.#marks.notrace = false;
      return null;
    }
    if (!this.#reserves) return times;
    const block = stack.retrieve(gops.index);
    if (block === null) return null;
    const words = stack.block(block);
    this.#leaveSleepOut(words);
    return { call: words.get(CALLTIME), ret };
  }

  /** handle_nosleeptime: the call began later by what its task slept in it. */
  #leaveSleepOut(times: DataWords): void {
    if (times.length < TIMES || !this.#withoutSleep) return;
    const slept = this.graph.sleepTime.total - times.get(SLEEPTIME);
    times.set(CALLTIME, times.get(CALLTIME) + slept);
  }

  #write({ func, depth, retval }: GraphTrace, times: CallTimes): void {
    this.sink.exit({ ip: func, depth, duration: duration(times), retval: this.#retval(retval) });
  }

  #retval(retval: bigint | null): ExitRecord['retval'] {
    const { options } = this.array;
    if (!options.has('funcgraph-retval')) return undefined;
    if (retval === null) return { lacks: 'FUNCTION_GRAPH_RETVAL' };
    return { value: { word: retval, hex: options.has('funcgraph-retval-hex') } };
  }
}

function duration({ call, ret }: CallTimes): bigint {
  return BigInt.asUintN(64, ret - call);
}
