// SPDX-License-Identifier: MIT
/** `run`: cases on subjects, the matrix on standard output, reports in a directory, exit by result. */
import { basename, isAbsolute, join, resolve } from 'node:path';
import { EXIT } from '../compare/exit-codes.js';
import { type Crew, NoThreads, type Recruits, threadsFor } from '../plan/crew.js';
import { backendNames } from '../plan/discover.js';
import { packageVersion } from '../plan/package-root.js';
import { courseOf, type Plan, prepare, run as runPlan, stream, whenAborted } from '../plan/run.js';
import { closeAll, type Subject, targetsOf } from '../plan/subjects.js';
import { weightOf } from '../plan/targets.js';
import type { RunEvent } from '../report/events.js';
import { dispatch } from '../report/jsonl.js';
import type { Gate } from './gate.js';
import type { Invocation } from './invocation.js';
import type { Io } from './io.js';
import { imageSettings } from './named-images.js';
import type { Narrowed } from './narrow.js';
import type { OptionValues } from './options.js';
import { checkPlaces, outputs, prepareReports } from './output.js';
import { checkedCases, narrows, selectedFiles, selectedSubjects } from './selection.js';
import { checkTogether } from './together.js';

export async function run(invocation: Invocation): Promise<number> {
  checkTogether(invocation);
  if (!invocation.options.list) checkPlaces(invocation.options, invocation.io);
  if (!invocation.options.list && !narrows(invocation)) return runCases(invocation, null);
  return (await import('./run-part.js')).runPart(invocation, runCases);
}

/** @param part `null`: all that the invocation names */
async function runCases(invocation: Invocation, part: Narrowed | null): Promise<number> {
  const { options, io } = invocation;
  if (options.watch) return watched(invocation);
  const gate =
    options.baseline === undefined
      ? null
      : (await import('./gate.js')).openGate(options.baseline, options, io);
  const started = await start(invocation, part);
  try {
    const events = await told(invocation, started, part, gate);
    if (gate !== null) return gate.judge(events);
    const footer = events.at(-1);
    if (footer?.event !== 'footer') return EXIT.unexpected;
    if (options.failUnsupported && footer.counts.UNSUPPORTED > 0) {
      io.err(`${footer.counts.UNSUPPORTED} unsupported: a failure, by --fail-unsupported\n`);
    }
    return footer.exitCode;
  } finally {
    await started.close();
  }
}

/** Prints and writes what a run is. */
async function told(
  { options, io }: Invocation,
  { events: stream, total }: Pick<Started, 'events' | 'total'>,
  part: Narrowed | null,
  gate: Gate | null,
): Promise<readonly RunEvent[]> {
  prepareReports(options, io);
  const output = await outputs(options, io, total);
  const events: RunEvent[] = [];
  for await (const event of stream) {
    events.push(event);
    if (event.event === 'header') gate?.admit(event);
    if (!part?.view) dispatch(event, output.listeners);
  }
  const shown = part?.view?.(events) ?? events;
  if (part?.view) for (const event of shown) dispatch(event, output.listeners);
  await output.finish(events, true, shown);
  if (options.keep) {
    const { writeCaseLogs } = await import('../report/case-logs.js');
    const cases = events.filter((event) => event.event === 'case');
    const many = writeCaseLogs(cases, resolve(io.cwd, options.out));
    io.err(`wrote ${many} ${many === 1 ? 'log' : 'logs'} below ${join(options.out, 'logs')}\n`);
  }
  return events;
}

async function watched(invocation: Invocation): Promise<number> {
  const { io, wiring } = invocation;
  const { isLower, supervise } = await import('./watch/restart.js');
  if (wiring.enlist !== undefined && !isLower(io.environment)) return supervise(io);
  const { watch } = await import('./watch/watch.js');
  return watch(invocation, (session) => {
    const course = { cases: session.cases, subjects: session.subjects, ...howOf(invocation) };
    const events = stream(course, (index) => session.compare(index), io.signal);
    return told(invocation, { events, total: session.cases.length }, null, null);
  });
}

interface Started {
  readonly events: AsyncIterable<RunEvent>;
  /** Cases. */
  readonly total: number;
  close(): Promise<void>;
}

/** In one thread or several; what is wrong with cases, back-ends and sources is found out here. */
async function start(invocation: Invocation, part: Narrowed | null): Promise<Started> {
  const { options, io, wiring } = invocation;
  const how = { ...howOf(invocation, part?.options), stopFail: options.stopFail, ...part?.course };
  const selection = part?.files ?? selectedFiles(invocation);
  const threads = threadsFor(options.jobs, selection.length, subjectsAbout(options));
  const several = threads > 1 && wiring.enlist !== undefined;
  // What is wrong with cases is told before what is wrong with back-ends, however many threads there are.
  const [found, recruits] = several ? await early(invocation, threads) : [null, null];
  let subjects: readonly Subject[] = found ?? [];
  const close = async () => {
    await recruits?.close();
    closeAll(subjects);
  };
  try {
    const cases = await checkedCases(invocation, part?.cases);
    if (found === null) subjects = await selectedSubjects(invocation);
    const plan = { cases, subjects, ...how };
    const targets = new Set(subjects.map(({ target }) => target.id.target));
    if (options.compare === 'target' && targets.size === 1)
      io.err(`--compare target: only ${[...targets][0]} is there to compare; name more with --target\n`);
    const total = cases.length;
    if (recruits !== null) {
      // Interrupted before they are ready: the run then has a head and an end, and no case is asked for.
      const crew = await Promise.race([mustered(recruits, plan, io), whenAborted(io.signal)]);
      if (crew !== NONE) {
        const events = stream(courseOf(plan), crew?.comparison ?? never, io.signal);
        return { events, total, close };
      }
    }
    prepare(plan);
    return { events: runPlan(plan, io.signal), total, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** There is no crew: it goes on in one thread. */
const NONE = Symbol('no threads');

async function mustered(recruits: Recruits, plan: Plan, io: Io): Promise<Crew | typeof NONE> {
  try {
    return await recruits.muster(plan);
  } catch (error) {
    if (!(error instanceof NoThreads)) throw error;
    io.err(`threads do not start (${error.message}): the run goes on in one\n`);
    return NONE;
  }
}

const never = () => new Promise<never>(() => {});

/** Threads that are under way while cases are read; none where the subjects cannot be told yet. */
async function early(invocation: Invocation, threads: number): Promise<[Subject[] | null, Recruits | null]> {
  try {
    const subjects = await selectedSubjects(invocation);
    const images = await imageSettings(invocation);
    return [subjects, invocation.wiring.enlist?.(subjects, threads, images) ?? null];
  } catch {
    // It is thrown again when its turn has come.
    return [null, null];
  }
}

function howOf(invocation: Invocation, narrowing?: readonly string[]) {
  const { options } = invocation;
  return {
    axis: options.compare,
    seed: options.seed,
    harness: packageVersion(),
    command: commandOf(invocation, narrowing),
    failUnsupported: options.failUnsupported,
  };
}

/** As many as there would be of the model if every back-end had every revision, or three where none is named. */
function subjectsAbout({ arch, kernel, target }: OptionValues): number {
  return (arch.length || backendNames().length) * (kernel.length || 3) * weightOf(targetsOf(arch, target));
}

/** What decides the outcome, without what only decides how it is shown, and without paths of the machine. */
function commandOf(
  { arguments: selectors, options }: Invocation,
  narrowing: readonly string[] = [],
): string[] {
  return [
    'run',
    ...selectors.map((selector) => (isAbsolute(selector) ? basename(selector) : selector)),
    ...options.arch.flatMap((name) => ['--arch', name]),
    ...options.kernel.flatMap((name) => ['--kernel', name]),
    ...options.target.flatMap((name) => ['--target', name]),
    ...narrowing,
    ...(options.compare === 'arch' ? [] : ['--compare', options.compare]),
    ...(options.failUnsupported ? ['--fail-unsupported'] : []),
    '--seed',
    String(options.seed),
  ];
}
