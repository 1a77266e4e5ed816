// SPDX-License-Identifier: MIT
/**
 * Spreads a run over threads by file: each reads, runs and compares every nth file of the selection. What comes
 * out depends on neither their number nor their speed: comparisons are taken in order of the cases. A thread that dies
 * costs the case it was at.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Comparison } from '../compare/types.js';
import { collectCases } from './cases.js';
import { Problem, Problems } from './problem.js';
import type { CaseSpec, Course } from './run.js';
import {
  type Compared,
  type Fault,
  type FileRead,
  type Lost,
  type Orders,
  type Ready,
  type Share,
  STARTING,
} from './share.js';

/** Files × subjects below which one thread is done sooner than several have loaded, assembled and warmed up. */
const MANY = 6000;
/**
 * Processors below which that never pays: the engine's own threads compile and collect on a second one. The corpus on
 * 18 subjects took two processors 8.9 s with one thread and with two, and a third more of their time with two.
 */
const SPARE = 3;
/** More threads than this spend their time warming up. */
const MOST = 4;
/** Room for short-lived objects per thread: collected less often, and little of it survives. */
const YOUNG_MEGABYTES = 48;

/** Threads for a run. @param asked 0: as many as are worth it. @param subjects about how many there will be */
export function threadsFor(asked: number, files: number, subjects: number): number {
  if (asked > 0) return Math.min(asked, files);
  const processors = availableParallelism();
  return processors < SPARE || files * subjects < MANY ? 1 : Math.min(processors, MOST);
}

/** Threads of one place that die this often without having begun a case are not followed by another. */
const FALSE_STARTS = 3;

export interface Crew {
  readonly cases: Course['cases'];
  readonly subjects: Course['subjects'];
  /** To be asked for each case at most once. @throws when a thread has failed */
  comparison(index: number): Promise<Comparison>;
  /** Ends all threads, done or not. */
  close(): Promise<void>;
}

/**
 * Starts threads and waits until each has read its files and made its subjects ready.
 * @throws Problem, Problems as a run in one thread does; no thread is left then
 */
export async function muster(orders: Orders, threads: number): Promise<Crew> {
  const hands = Array.from({ length: threads }, (_, worker) => new Hand(orders, worker, threads));
  const close = async () => {
    await Promise.all(hands.map((hand) => hand.close()));
  };
  try {
    const ready = await Promise.all(hands.map((hand) => hand.ready));
    const { cases, subjects, workerOf } = merged(orders, ready);
    return {
      cases,
      subjects,
      close,
      comparison: (index) => {
        const { id } = cases[index] as CaseSpec;
        return (hands[workerOf.get(id) as number] as Hand).comparison(id);
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function merged({ selection }: Orders, ready: readonly Ready[]) {
  const workerOf = new Map<string, number>();
  const all = collectCases(selection, (_, index) => {
    const worker = index % ready.length;
    const file = ready[worker]?.files[Math.floor(index / ready.length)] as FileRead;
    if ('fault' in file) throw new Told(file.fault);
    for (const { id } of file.cases) workerOf.set(id, worker);
    return file.cases;
  });
  const unknown = all.flatMap((spec) => spec.unknown);
  if (unknown.length > 0) throw new Problems([...new Set(unknown)]);
  const { subjects } = ready[0] as Ready;
  if ('fault' in subjects) throw new Told(subjects.fault);
  const broken = ready.flatMap((one) => one.broken ?? []).sort((a, b) => a.subject - b.subject)[0];
  if (broken !== undefined) throw new Told(broken.fault);
  return { cases: all, subjects, workerOf };
}

/** An error that a thread has found and rendered. */
class Told extends Problem {
  constructor(private readonly fault: Fault) {
    super(fault.text, fault.exit);
  }
  override render(): string {
    return this.fault.text;
  }
}

/**
 * A place in the crew, seen from who mustered it: a thread, and when it dies the one that follows it. The case under
 * way is lost then; what was done before and not yet told is done again.
 */
class Hand {
  readonly ready: Promise<Ready>;
  private readonly share: Omit<Share, 'done' | 'lost'>;
  private readonly done = new Map<string, Comparison>();
  private readonly awaited = new Map<string, PromiseWithRejection<Comparison>>();
  private readonly lost: Lost[] = [];
  private worker: Worker;
  /** Comparisons that have been told. */
  private told = 0;
  private falseStarts = 0;
  private failure: Error | null = null;
  private closed = false;

  constructor(orders: Orders, worker: number, of: number) {
    const underWay = new Int32Array(new SharedArrayBuffer(4));
    this.share = { ...orders, worker, of, underWay };
    let [resolve, reject]: [(ready: Ready) => void, (error: Error) => void] = [() => {}, () => {}];
    this.ready = new Promise((...both) => {
      [resolve, reject] = both;
    });
    this.worker = this.start(resolve, reject);
  }

  comparison(id: string): Promise<Comparison> {
    const here = this.done.get(id);
    if (here !== undefined) {
      this.done.delete(id);
      return Promise.resolve(here);
    }
    if (this.failure !== null) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => this.awaited.set(id, { resolve, reject }));
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.worker.terminate();
  }

  private start(onReady: (ready: Ready) => void, onFailure: (error: Error) => void): Worker {
    const { share } = this;
    Atomics.store(share.underWay, 0, STARTING);
    const worker = new Worker(new URL('../plan/worker.js', import.meta.url), {
      workerData: { ...share, done: this.told, lost: this.lost } satisfies Share,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
    });
    let fault: Error | null = null;
    let cases = Number.POSITIVE_INFINITY;
    worker.on('message', (message: Ready | Compared) => {
      if (message.kind === 'ready') {
        cases = message.cases;
        onReady(message);
      } else for (const comparison of message.comparisons) this.take(comparison);
    });
    worker.on('error', (error) => {
      fault = error;
    });
    // What it said before has arrived by then.
    worker.on('exit', (code) => {
      if (this.closed) return;
      if (this.told >= cases) {
        this.fail(new Problem('case files changed while they were run; run again'));
        return;
      }
      const place = Atomics.load(share.underWay, 0);
      const isNew = place < cases && this.lost.every((one) => one.place !== place);
      if (place !== STARTING && isNew) this.lost.push({ place, why: deathOf(fault, code) });
      else if (++this.falseStarts >= FALSE_STARTS) {
        const failure = fault ?? new Error(deathOf(fault, code));
        onFailure(failure);
        this.fail(failure);
        return;
      }
      this.worker = this.start(onReady, onFailure);
    });
    return worker;
  }

  /** What was not told by now never will be. */
  private fail(failure: Error): void {
    this.failure = failure;
    for (const { reject } of this.awaited.values()) reject(failure);
  }

  private take(comparison: Comparison): void {
    this.told++;
    const waiting = this.awaited.get(comparison.case);
    if (waiting === undefined) this.done.set(comparison.case, comparison);
    else {
      this.awaited.delete(comparison.case);
      waiting.resolve(comparison);
    }
  }
}

/** Says the same whenever it happens. */
function deathOf(fault: (Error & { code?: string }) | null, code: number): string {
  if (fault?.code === 'ERR_WORKER_OUT_OF_MEMORY') return 'the thread that ran it died: out of memory';
  return `the thread that ran it died: ${fault === null ? `exit code ${code}` : fault.message}`;
}

interface PromiseWithRejection<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}
