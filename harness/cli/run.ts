// SPDX-License-Identifier: MIT
/** `run`: cases on subjects, the matrix on standard output, reports in a directory, exit by result. */
import { basename, isAbsolute } from 'node:path';
import { threadsFor } from '../plan/crew.js';
import { backendNames } from '../plan/discover.js';
import { packageVersion } from '../plan/package-root.js';
import { prepare, run as runPlan, stream } from '../plan/run.js';
import type { RunEvent } from '../report/events.js';
import { dispatch } from '../report/jsonl.js';
import type { Invocation } from './invocation.js';
import type { Narrowed } from './narrow.js';
import type { OptionValues } from './options.js';
import { outputs, prepareReports } from './output.js';
import { checkedCases, narrows, selectedFiles, selectedSubjects } from './selection.js';

export async function run(invocation: Invocation): Promise<number> {
  if (!invocation.options.list && !narrows(invocation)) return runCases(invocation, null);
  return (await import('./run-part.js')).runPart(invocation, runCases);
}

/** @param part `null`: all that the invocation names */
async function runCases(invocation: Invocation, part: Narrowed | null): Promise<number> {
  const { options, io } = invocation;
  const gate =
    options.baseline === undefined
      ? null
      : (await import('./gate.js')).openGate(options.baseline, options, io);
  const started = await start(invocation, part);
  try {
    prepareReports(options, io);
    const output = await outputs(options, io, started.total);
    const events: RunEvent[] = [];
    for await (const event of started.events) {
      events.push(event);
      if (event.event === 'header') gate?.admit(event);
      if (!part?.view) dispatch(event, output.listeners);
    }
    const shown = part?.view?.(events) ?? events;
    if (part?.view) for (const event of shown) dispatch(event, output.listeners);
    await output.finish(events, true, shown);
    if (gate !== null) return gate.judge(events);
    const footer = events.at(-1);
    return footer?.event === 'footer' ? footer.exitCode : 1;
  } finally {
    await started.close();
  }
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
  const how = {
    axis: options.compare,
    seed: options.seed,
    harness: packageVersion(),
    command: commandOf(invocation, part?.options),
    stopFail: options.stopFail,
    ...part?.course,
  };
  const selection = part?.files ?? selectedFiles(invocation);
  const threads = threadsFor(options.jobs, selection.length, subjectsAbout(options));
  if (threads > 1 && wiring.muster !== undefined) {
    const orders = { selection, arch: options.arch, revisions: options.kernel, axis: options.compare };
    const { cases, subjects, comparison, close } = await wiring.muster(orders, threads);
    return {
      events: stream({ cases, subjects, ...how }, comparison, io.signal),
      total: cases.length,
      close,
    };
  }
  const plan = {
    cases: await checkedCases(invocation, part?.cases),
    subjects: await selectedSubjects(invocation),
    ...how,
  };
  prepare(plan);
  return { events: runPlan(plan, io.signal), total: plan.cases.length, close: async () => {} };
}

/** Subjects of a run if every back-end has every revision, or three where none is named. */
function subjectsAbout({ arch, kernel }: OptionValues): number {
  return (arch.length || backendNames().length) * (kernel.length || 3);
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
    ...narrowing,
    ...(options.compare === 'arch' ? [] : ['--compare', options.compare]),
    '--seed',
    String(options.seed),
  ];
}
