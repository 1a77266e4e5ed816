// SPDX-License-Identifier: MIT
/** `run`: cases on subjects, the matrix on standard output, reports in a directory, exit by result. */
import { basename, isAbsolute } from 'node:path';
import { packageVersion } from '../plan/package-root.js';
import { type Plan, run as runPlan } from '../plan/run.js';
import type { RunEvent } from '../report/events.js';
import { dispatch } from '../report/jsonl.js';
import { outputs, prepareReports } from './output.js';
import { checkedCases, selectedSubjects } from './selection.js';
import type { Invocation } from './verbs.js';

export async function run(invocation: Invocation): Promise<number> {
  const { options, io } = invocation;
  const cases = await checkedCases(invocation);
  const plan: Plan = {
    cases,
    subjects: await selectedSubjects(invocation),
    axis: options.compare,
    seed: options.seed,
    harness: packageVersion(),
    command: commandOf(invocation),
  };
  // What is broken is found out before anything runs: sources that do not assemble, reports that cannot be kept.
  for (const subject of plan.subjects) void subject.target;
  prepareReports(options, io);
  const output = await outputs(options, io);
  const events: RunEvent[] = [];
  for await (const event of runPlan(plan, io.signal)) {
    events.push(event);
    dispatch(event, output.listeners);
  }
  await output.finish(events);
  const footer = events.at(-1);
  return footer?.event === 'footer' ? footer.exitCode : 1;
}

/** What decides the outcome, without what only decides how it is shown, and without paths of the machine. */
function commandOf({ arguments: selectors, options }: Invocation): string[] {
  return [
    'run',
    ...selectors.map((selector) => (isAbsolute(selector) ? basename(selector) : selector)),
    ...options.arch.flatMap((name) => ['--arch', name]),
    ...options.kernel.flatMap((name) => ['--kernel', name]),
    ...(options.compare === 'arch' ? [] : ['--compare', options.compare]),
    '--seed',
    String(options.seed),
  ];
}
