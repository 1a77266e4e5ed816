// SPDX-License-Identifier: MIT
/**
 * What every task has of its own: the fields of struct task_struct that tracing added (ret_stack, curr_ret_depth,
 * trace_overrun, tracing_graph_pause, trace_recursion, rethooks). linux 7.2 include/linux/sched.h. Each task of a case
 * has a CPU to itself, so that what belongs to a CPU is one of these fields too.
 */

export class Tasks {
  readonly #fields: PerTask<unknown>[] = [];
  #running = 0;

  /** Number of the task that runs; the first is 0. */
  get running(): number {
    return this.#running;
  }

  switchTo(task: number): void {
    this.#running = task;
    for (const field of this.#fields) field.follow(task);
  }

  /** A field whose first value a task gets when it first runs, as a forked task does. */
  field<T>(first: () => T): PerTask<T> {
    const field = new PerTask(first, this.#running);
    this.#fields.push(field);
    return field;
  }
}

export class PerTask<T> {
  readonly #values: T[] = [];
  #task: number;
  /** Of the task that runs. */
  current: T;

  constructor(
    readonly first: () => T,
    task: number,
  ) {
    this.#task = task;
    this.current = first();
  }

  /** Of every task there is. */
  get all(): readonly T[] {
    this.#values[this.#task] = this.current;
    return this.#values.filter((value) => value !== undefined);
  }

  follow(task: number): void {
    this.#values[this.#task] = this.current;
    this.#task = task;
    this.current = this.#values[task] ?? this.first();
  }
}
