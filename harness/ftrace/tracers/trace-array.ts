// SPDX-License-Identifier: MIT
/**
 * struct trace_array: the top-level tracefs directory or an instance, with its set_ftrace_filter, its
 * current_tracer and its options. linux 7.2 kernel/trace/trace.c: tracing_set_tracer; trace_functions.c:
 * ftrace_create_function_files. The files set_graph_function, set_graph_notrace and max_graph_depth exist once.
 */
import type { Config } from '../../backend/contract.js';
import { ERRNO } from '../../backend/errno.js';
import { type TracerOption, tracerOptions } from '../../case/tracer-options.js';
import type { SleepTime } from '../graph/sleep-time.js';
import type { Result } from '../types.js';
import { OptionSet, ownFlags } from './options.js';

/** The directory itself, as opposed to instances/NAME. */
export const TOP = 'top';

/** Who follows the filter of a trace_array. */
export interface FilterUser {
  setHash(filter: ReadonlySet<bigint>, notrace: ReadonlySet<bigint>): Result;
}

/** What can be a current_tracer. */
export interface Tracer extends FilterUser {
  /** tracer->allow_instances. */
  readonly allowInstances: boolean;
  start(): Result;
  stop(): void;
  /** An option of the current tracer is about to be written. */
  optionWritten?(name: TracerOption, on: boolean): void;
  /** Whether the tracer starts anew when tracing_thresh is written (tracer->update_thresh). */
  readonly hasThreshold?: boolean;
}

/** Files that all instances share. */
export interface GraphFiles {
  readonly functions: Set<bigint>;
  readonly notrace: Set<bigint>;
  /** 0: no limit. */
  maxDepth: number;
  /** tracing_thresh, ns; 0: none. Of the top directory, but heeded in every instance. */
  threshold: bigint;
}

export class TraceArray {
  filter: ReadonlySet<bigint> = new Set();
  notrace: ReadonlySet<bigint> = new Set();
  #current: Tracer | null = null;
  readonly #others = new Set<FilterUser>();
  /** fprofile_no_sleep_time, of 7.2's function profiler. */
  #profilesWithoutSleep = false;

  constructor(
    readonly name: string,
    readonly options: OptionSet,
    readonly config: Config,
    readonly sleepTime: SleepTime,
  ) {}

  /** `echo TEXT > trace_options`, or the same by the file of the option; func_graph_set_flag hears of it first. */
  writeOption(text: string): void {
    const name = (text in tracerOptions ? text : text.replace(/^no/, '')) as TracerOption;
    const on = name === text;
    if (name === 'sleep-time') this.#sleepTimeWritten(on);
    this.#current?.optionWritten?.(name, on);
    this.options.write(text);
  }

  #sleepTimeWritten(on: boolean): void {
    const { config, sleepTime } = this;
    if (!ownFlags(config.revision)) sleepTime.count(on);
    else if (this.name === TOP && config.has('FUNCTION_PROFILER') && on === this.#profilesWithoutSleep) {
      this.#profilesWithoutSleep = !on;
      sleepTime.ask(!on);
    }
  }

  /** update_thresh: the current tracer is started anew. */
  updateThreshold(): Result {
    const current = this.#current;
    if (!current?.hasThreshold) return 0;
    current.stop();
    return current.start();
  }

  /** A user of the filter beside the current tracer: the profiler, in the top directory. */
  follow(user: FilterUser, on: boolean): void {
    if (on) this.#others.add(user);
    else this.#others.delete(user);
  }

  /** Writes set_ftrace_filter and set_ftrace_notrace. */
  setFilter(filter: ReadonlySet<bigint>, notrace: ReadonlySet<bigint>): Result {
    this.filter = new Set(filter);
    this.notrace = new Set(notrace);
    for (const user of [...(this.#current ? [this.#current] : []), ...this.#others]) {
      const result = user.setHash(this.filter, this.notrace);
      if (result !== 0) return result;
    }
    return 0;
  }

  /** `echo NAME > current_tracer`: the one before is stopped first; a failure leaves nop. */
  setTracer(tracer: Tracer): Result {
    if (this.name !== TOP && !tracer.allowInstances) return -ERRNO.EINVAL;
    if (tracer === this.#current) return 0;
    this.setNop();
    tracer.setHash(this.filter, this.notrace);
    const result = tracer.start();
    if (result === 0) this.#current = tracer;
    return result;
  }

  /** `echo nop > current_tracer`. */
  setNop(): void {
    this.#current?.stop();
    this.#current = null;
  }

  /** A tracer that another one has replaced is not stopped by whoever asked for it. */
  isCurrent(tracer: Tracer): boolean {
    return this.#current === tracer;
  }
}

/** The directory: all trace_arrays of a kernel, and what they share. */
export class Tracefs {
  readonly graph: GraphFiles = { functions: new Set(), notrace: new Set(), maxDepth: 0, threshold: 0n };
  readonly #arrays = new Map<string, TraceArray>();
  readonly #shared = new OptionSet();

  constructor(
    readonly config: Config,
    readonly sleepTime: SleepTime,
  ) {}

  /** Writes tracing_thresh: microseconds. */
  setThreshold(microseconds: number): Result {
    this.graph.threshold = BigInt(microseconds) * 1000n;
    return this.#arrays.get(TOP)?.updateThreshold() ?? 0;
  }

  /** Calls that the profiler counted, by function; `null`: there is none. */
  hits: ReadonlyMap<bigint, number> | null = null;

  /** The named instance, made when first asked for. */
  get(name: string): TraceArray {
    const made = this.#arrays.get(name);
    if (made) return made;
    const array = new TraceArray(
      name,
      ownFlags(this.config.revision) ? new OptionSet() : this.#shared,
      this.config,
      this.sleepTime,
    );
    this.#arrays.set(name, array);
    return array;
  }
}
