// SPDX-License-Identifier: MIT
/**
 * Spreads a run over threads: by back-end, and where that makes unequal parts by case too. What comes out
 * depends on neither their number nor their speed: cases are compared here, in their order. A thread that dies costs the
 * case it was at.
 */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Runnable } from '../case/runnable.js';
import type { Case } from '../case/types.js';
import type { Comparison } from '../compare/types.js';
import type { ImageSettings } from '../target/images.js';
import { type Outcome, subjectName } from '../target/outcome.js';
import { Problem } from './problem.js';
import { comparedInFull, lost, type Plan } from './run.js';
import { type Fault, type Place, type Ran, type Ready, type Share, STARTING } from './share.js';
import type { Subject } from './subjects.js';

/** Files × subjects below which one thread is done sooner than several have loaded, assembled and warmed up. */
const MANY = 2000;
/**
 * Processors below which that never pays. On two, two threads took seven eighths of the time of one for the corpus on 18
 * subjects, and a fifth more of work.
 */
const SPARE = 2;
/** More threads than this spend their time warming up. */
const MOST = 4;
/** Room for short-lived objects per thread: collected less often, and little of it survives. */
const YOUNG_MEGABYTES = 48;

/** Threads per processor, whoever asks: each takes some 100 MB. */
const AT_MOST = 4;

/** Threads for a run. @param asked 0: as many as are worth it. @param subjects about how many there will be */
export function threadsFor(asked: number, files: number, subjects: number): number {
  const processors = availableParallelism();
  if (asked > 0) return Math.min(asked, files, AT_MOST * processors);
  return processors < SPARE || files * subjects < MANY ? 1 : Math.min(processors, MOST);
}

/**
 * Milliseconds for a thread to come to the end of its case and to close its targets, before it is ended as it stands. A
 * thread whose targets have nothing to close is not waited for.
 */
const GRACE = 5_000;

/** Threads of one place that die this often without having begun a case are not followed by another. */
const FALSE_STARTS = 3;

/** Threads that make their subjects ready while the cases are still being read. */
export interface Recruits {
  /**
   * Gives them their cases, and waits until each is ready to run them.
   * @throws what one thread would: what is wrong with the first subject that cannot be made ready. No thread is left then.
   */
  muster(plan: Pick<Plan, 'cases' | 'axis'>): Promise<Crew>;
  /** Ends all threads, done or not. */
  close(): Promise<void>;
}

export interface Crew {
  /** Of the case at this place of the plan; to be asked for each at most once. @throws when a thread has failed */
  comparison(index: number): Promise<Comparison>;
}

export function enlist(subjects: readonly Subject[], threads: number, images?: ImageSettings): Recruits {
  const groups = grouped(subjects, threads);
  const hands = Array.from({ length: Math.floor(threads / groups.length) }, (_, slice) =>
    groups.map(
      (names, group) => new Hand(slice * groups.length + group, names, closes(subjects, names), images),
    ),
  );
  const close = async () => {
    await Promise.all(hands.flat().map((hand) => hand.close()));
  };
  return {
    close,
    muster: async (plan) => {
      try {
        return await muster({ ...plan, subjects }, hands);
      } catch (error) {
        await close();
        throw error;
      }
    },
  };
}

/** Whether some of these targets hold what must be given back. */
function closes(subjects: readonly Subject[], names: readonly string[]): boolean {
  return subjects.some(({ target }) => target.close !== undefined && names.includes(subjectName(target.id)));
}

async function muster(
  { cases, subjects, axis }: Pick<Plan, 'cases' | 'subjects' | 'axis'>,
  hands: readonly (readonly Hand[])[],
): Promise<Crew> {
  const names = subjects.map(({ target }) => subjectName(target.id));
  const slices = hands.length;
  const runnable = cases.map(runnablePart);
  const ready = await Promise.all(
    hands.flatMap((row, slice) => {
      const own = runnable.filter((_, index) => index % slices === slice);
      return row.map((hand) => hand.begin(own));
    }),
  );
  const broken = ready
    .flatMap(({ broken }) => broken ?? [])
    .sort((a, b) => names.indexOf(a.subject) - names.indexOf(b.subject))[0];
  if (broken !== undefined) throw new Told(broken.fault);
  // Where each subject's outcome is among those that hands tell.
  const told = new Map((hands[0] ?? []).flatMap((hand, group) => hand.places(group)));
  const places = names.map((name) => told.get(name) as readonly [number, number]);
  return {
    comparison: async (index) => {
      const spec = cases[index] as Case;
      const place = Math.floor(index / slices);
      const parts = await Promise.all((hands[index % slices] ?? []).map((hand) => hand.outcomes(place)));
      const why = parts.find((part) => typeof part === 'string');
      if (why !== undefined) return lost(spec, subjects, axis, why as string);
      const results = subjects.map(({ target: { id, features } }, subject) => {
        const [group, member] = places[subject] as readonly [number, number];
        // One object for a subject, whichever message it came in.
        return { outcome: { ...(parts[group]?.[member] as Outcome), subject: id }, features };
      });
      return comparedInFull(spec, subjects, axis, results);
    },
  };
}

/**
 * Names of subjects, those of a back-end together: a thread of its own then has half of the back-ends to assemble and
 * to warm up with, where one with half of the cases would have all of them: that took a twelfth more of work and of time.
 * As many groups as make every thread's part the same; where that is one, threads differ by case alone.
 */
function grouped(subjects: readonly Subject[], threads: number): string[][] {
  const archs = [...new Set(subjects.map(({ target }) => target.id.arch))];
  const groups = Array.from({ length: commonDivisor(threads, archs.length) }, (): string[] => []);
  for (const { target } of subjects)
    groups[archs.indexOf(target.id.arch) % groups.length]?.push(subjectName(target.id));
  return groups;
}

/** Texts and expectations are two thirds of a case, and no thread asks for them. */
function runnablePart({ id, requires, structs, objects, functions, probes, steps }: Case): Runnable {
  return { id, requires, structs, objects, functions, probes, steps };
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/** Threads end before they have run anything, whatever is to be run. */
export class NoThreads extends Error {
  override readonly name = 'NoThreads';
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
  private readonly underWay = new Int32Array(new SharedArrayBuffer(4));
  private readonly stop = new Int32Array(new SharedArrayBuffer(4));
  private cases: readonly Runnable[] = [];
  private readonly done = new Map<number, readonly Outcome[]>();
  private readonly awaited = new Map<number, PromiseWithRejection<readonly Outcome[] | string>>();
  /** Places of cases that a thread died of, and what of. */
  private readonly lost = new Map<number, string>();
  private worker: Worker;
  /** Cases that have been told. */
  private told = 0;
  private falseStarts = 0;
  private failure: Error | null = null;
  private closed = false;

  constructor(
    private readonly number: number,
    private readonly subjects: readonly string[],
    private readonly gently: boolean,
    private readonly images: ImageSettings | undefined,
  ) {
    this.worker = this.recruit();
  }

  /** By name of a subject: this group, and its place in it. */
  places(group: number): [name: string, place: readonly [group: number, member: number]][] {
    return this.subjects.map((name, member) => [name, [group, member]]);
  }

  /** To be called once. @throws when no thread gets as far as its cases */
  begin(cases: readonly Runnable[]): Promise<Ready> {
    this.cases = cases;
    return new Promise((...both) => this.engage(...both));
  }

  /** Of the case at a place of the share: on its subjects in their order, or why it was lost. */
  outcomes(place: number): Promise<readonly Outcome[] | string> {
    const here = this.done.get(place);
    if (here !== undefined) {
      this.done.delete(place);
      return Promise.resolve(this.lost.get(place) ?? here);
    }
    if (this.failure !== null) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => this.awaited.set(place, { resolve, reject }));
  }

  async close(): Promise<void> {
    this.closed = true;
    if (this.gently) await this.ended();
    await this.worker.terminate();
  }

  /** Asks the thread to close its targets, and waits for it. */
  private async ended(): Promise<void> {
    const { worker } = this;
    if (worker.threadId < 0) return;
    Atomics.store(this.stop, 0, 1);
    worker.postMessage(null);
    const patience = new AbortController();
    await Promise.race([
      once(worker, 'exit', { signal: patience.signal }).catch(() => {}),
      setTimeout(GRACE, undefined, { signal: patience.signal }).catch(() => {}),
    ]);
    patience.abort();
  }

  private recruit(): Worker {
    return new Worker(new URL('../plan/worker.js', import.meta.url), {
      workerData: {
        ...{ worker: this.number, subjects: this.subjects, stop: this.stop },
        ...(this.images === undefined ? {} : { images: this.images }),
      } satisfies Place,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
    });
  }

  /** Gives the thread what is left of the share, and follows it by another when it dies. */
  private engage(onReady: (ready: Ready) => void, onFailure: (error: Error) => void): void {
    const { cases, underWay, worker } = this;
    Atomics.store(underWay, 0, STARTING);
    worker.postMessage({ cases, underWay, done: this.told, lost: [...this.lost.keys()] } satisfies Share);
    let fault: Error | null = null;
    worker.on('message', (message: Ready | Ran) => {
      if (message.kind === 'ready') onReady(message);
      else for (const outcomes of message.outcomes) this.take(outcomes);
    });
    worker.on('error', (error) => {
      fault = error;
    });
    // What it said before has arrived by then.
    worker.on('exit', (code) => {
      if (this.closed || this.told >= cases.length) return;
      const place = Atomics.load(underWay, 0);
      if (place !== STARTING && !this.lost.has(place)) this.lost.set(place, deathOf(fault, code));
      else if (++this.falseStarts >= FALSE_STARTS) {
        this.failure = new NoThreads(fault?.message ?? `exit code ${code}`);
        onFailure(this.failure);
        // What was not told by now never will be.
        for (const { reject } of this.awaited.values()) reject(this.failure);
        return;
      }
      this.worker = this.recruit();
      this.engage(onReady, onFailure);
    });
  }

  private take(outcomes: readonly Outcome[]): void {
    const place = this.told++;
    const waiting = this.awaited.get(place);
    if (waiting === undefined) {
      this.done.set(place, outcomes);
      return;
    }
    this.awaited.delete(place);
    waiting.resolve(this.lost.get(place) ?? outcomes);
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
