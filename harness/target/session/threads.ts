// SPDX-License-Identifier: MIT
/**
 * The tasks of a case. Each has a CPU, a stack, and registers of its own; which fields of task_struct and of the CPU
 * the ftrace core keeps for it, it says itself (ftrace/tasks.ts). One runs at a time: it begins, goes on until it is
 * done or sleeps, and whoever let it run goes on.
 */
import { STACKS } from '../../backend/stacks.js';
import type { Tasks } from '../../ftrace/tasks.js';
import { registerPoison } from '../../machine/poison.js';
import type { Fn } from './address-book.js';
import type { Frame } from './frames.js';
import { CaseProblem } from './host.js';
import type { Processor } from './processor.js';

/** What goes on in steps, and stops where a task sleeps. */
export type Activity<T = void> = Generator<undefined, T, undefined>;

/** Runs to the end what must not sleep. @throws CaseProblem */
export function withoutSleep<T>(activity: Activity<T>): T {
  const { done, value } = activity.next();
  if (!done) throw new CaseProblem('a handler, an interrupt and the first task cannot sleep');
  return value;
}

interface Thread {
  readonly number: number;
  /** Where its steps stand: they call in this frame. */
  frame: Frame | null;
  registers: BigUint64Array | null;
  pc: bigint;
  /** What it was doing when it fell asleep. */
  asleep: Activity | null;
}

export class Threads {
  readonly #threads = new Map<string, Thread>();
  #running: Thread;

  constructor(
    readonly tasks: Tasks,
    readonly processor: Processor,
    /** Makes the function at the top of a task's stack. */
    readonly outermost: (name: string) => Fn,
    /** Where that function returns to. */
    readonly bottom: () => bigint,
    first: string,
  ) {
    this.#running = { number: 0, frame: null, registers: null, pc: 0n, asleep: null };
    this.#threads.set(first, this.#running);
  }

  /** What the registers of a new task hold. */
  #poison(): BigUint64Array {
    return BigUint64Array.from(this.processor.machine.save(), (_, index) => registerPoison(index, 0));
  }

  /** Begins the first task. */
  begin(name: string): Frame {
    const { frames } = this.processor;
    const frame = frames.enterThread(this.outermost(name), this.bottom());
    this.#running.frame = frame;
    return frame;
  }

  get isFirst(): boolean {
    return this.#running.number === 0;
  }

  /** A task does something, and this one goes on when it is done or sleeps. */
  run(name: string, activity: (frame: Frame) => Activity): void {
    const thread = this.#threads.get(name) ?? this.#fork(name);
    if (thread.asleep) throw new CaseProblem(`${name} sleeps in the middle of something: wake it`);
    if (thread === this.#running || thread.number === 0) throw new CaseProblem(`${name} runs already`);
    this.#switch(thread, () => {
      thread.frame ??= this.begin(name);
      this.#goOn(thread, activity(thread.frame));
    });
  }

  /** Gives whether it slept: where another function ran than the case meant, it may have come to its end. */
  wake(name: string): boolean {
    const thread = this.#threads.get(name);
    const activity = thread?.asleep;
    if (!thread || !activity) return false;
    thread.asleep = null;
    this.#switch(thread, () => this.#goOn(thread, activity));
    return true;
  }

  #goOn(thread: Thread, activity: Activity): void {
    if (!activity.next().done) thread.asleep = activity;
  }

  #fork(name: string): Thread {
    const number = this.#threads.size;
    if (number >= STACKS) throw new CaseProblem(`more than ${STACKS} tasks`);
    const thread: Thread = { number, frame: null, registers: null, pc: 0n, asleep: null };
    this.#threads.set(name, thread);
    return thread;
  }

  #switch(to: Thread, act: () => void): void {
    const from = this.#running;
    this.#leave(from);
    this.#enter(to);
    try {
      act();
    } finally {
      this.#leave(to);
      this.#enter(from);
    }
  }

  #leave(thread: Thread): void {
    const { machine } = this.processor;
    thread.registers = machine.save();
    thread.pc = machine.pc;
  }

  #enter(thread: Thread): void {
    const { machine } = this.processor;
    this.#running = thread;
    this.tasks.switchTo(thread.number);
    machine.restore(thread.registers ?? this.#poison());
    machine.pc = thread.pc;
  }
}
