// SPDX-License-Identifier: MIT
/**
 * struct trace_array: the top-level tracefs directory or an instance, with its set_ftrace_filter, its
 * current_tracer and its options. linux 7.2 kernel/trace/trace.c: tracing_set_tracer; trace_functions.c:
 * ftrace_create_function_files. The files set_graph_function, set_graph_notrace and max_graph_depth exist once.
 */
import type { Revision } from '../../backend/contract.js';
import { ERRNO } from '../../backend/errno.js';
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
}

/** Files that all instances share. */
export interface GraphFiles {
  readonly functions: Set<bigint>;
  readonly notrace: Set<bigint>;
  /** 0: no limit. */
  maxDepth: number;
}

export class TraceArray {
  filter: ReadonlySet<bigint> = new Set();
  notrace: ReadonlySet<bigint> = new Set();
  #current: Tracer | null = null;
  readonly #others = new Set<FilterUser>();

  constructor(
    readonly name: string,
    readonly options: OptionSet,
  ) {}

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
  readonly graph: GraphFiles = { functions: new Set(), notrace: new Set(), maxDepth: 0 };
  readonly #arrays = new Map<string, TraceArray>();
  readonly #shared = new OptionSet();

  constructor(readonly revision: Revision) {}

  /** Calls that the profiler counted, by function; `null`: there is none. */
  hits: ReadonlyMap<bigint, number> | null = null;

  /** The named instance, made when first asked for. */
  get(name: string): TraceArray {
    const made = this.#arrays.get(name);
    if (made) return made;
    const array = new TraceArray(name, ownFlags(this.revision) ? new OptionSet() : this.#shared);
    this.#arrays.set(name, array);
    return array;
  }
}
