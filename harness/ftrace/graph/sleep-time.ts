// SPDX-License-Identifier: MIT
/**
 * Time that tasks spend asleep, for tracers with `nosleep-time`: the probe of function graph on sched_switch. 7.2 adds it up
 * for each task while anybody asks, and a tracer takes what was added during a call; before, every frame of the task was told
 * that it began so much later. linux 6.1, 6.12, 7.2 kernel/trace/fgraph.c ftrace_graph_probe_sched_switch.
 */
import type { Clock } from '../clock.js';
import type { PerTask, Tasks } from '../tasks.js';

interface Slept {
  /** task_struct.ftrace_timestamp: when it was last switched out, ns; 0: never, while somebody asked. */
  timestamp: bigint;
  /** task_struct.ftrace_sleeptime: ns asleep, all told. */
  total: bigint;
}

export class SleepTime {
  readonly #task: PerTask<Slept>;
  /** fgraph_no_sleep_time: who asks. */
  #asking = 0;

  constructor(
    readonly clock: Clock,
    tasks: Tasks,
    /** Before 7.2: moves the times in the frames of the task. */
    readonly shift: ((by: bigint) => void) | null,
  ) {
    this.#task = tasks.field(() => ({ timestamp: 0n, total: 0n }));
  }

  /** ftrace_sleeptime of the task that runs, ns. */
  get total(): bigint {
    return this.#task.current.total;
  }

  get asked(): boolean {
    return this.#asking > 0;
  }

  /** One more asks, or one fewer. */
  ask(more: boolean): void {
    this.#asking = Math.max(0, this.#asking + (more ? 1 : -1));
  }

  /** ftrace_graph_sleep_time_control(), before 7.2: a switch. */
  count(asleepToo: boolean): void {
    this.#asking = asleepToo ? 0 : 1;
  }

  /** The task that runs is switched out. */
  out(): void {
    if (this.asked) this.#task.current.timestamp = this.clock.now;
  }

  /** The task that runs is back. The time stamp stays. */
  in(): void {
    const task = this.#task.current;
    if (!this.asked || task.timestamp === 0n) return;
    const slept = this.clock.now - task.timestamp;
    if (this.shift) this.shift(slept);
    else task.total += slept;
  }
}
