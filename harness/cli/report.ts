// SPDX-License-Identifier: MIT
/** `report`: stored runs in any format, several as the one run they are parts of; exits as that run did. */
import { resolve } from 'node:path';
import type { CaseEvent, FooterEvent, HeaderEvent, RunEvent } from '../report/events.js';
import { dispatch } from '../report/jsonl.js';
import type { Log } from '../report/log.js';
import type { Invocation } from './invocation.js';
import { checkPlaces, outputs, prepareReports, REPORT_FILES } from './output.js';
import { readParts } from './stored-log.js';

/** @throws Problem, with exit code 6 for logs that are incomplete or do not fit together */
export async function report(invocation: Invocation): Promise<number> {
  const { options, io } = invocation;
  const paths = invocation.arguments;
  if (options.merge) {
    checkPlaces(options, io);
    await refuseOverwriting(invocation);
  }
  const logs = paths.map((path) => readParts(path, io));
  const events = logs.length > 1 || options.merge ? await merged(logs, invocation) : eventsOf(logs[0] as Log);
  const shown = options.filter === undefined ? events : await viewOf(events, options.filter, invocation);
  if (options.merge) prepareReports(options, io);
  const output = await outputs(options, io);
  for (const event of shown) dispatch(event, output.listeners);
  await output.finish(events, options.merge, shown);
  // What a filter shows of a merged run is no verdict on it.
  const judged = options.merge ? events : shown;
  // Nor is a mail that is about some back-ends one on the others.
  if (options.arch.length > 0) return (await import('../report/view.js')).exitCodeOn(judged, options.arch);
  const footer = judged.at(-1);
  return footer?.event === 'footer' ? footer.exitCode : 1;
}

function eventsOf({ header, cases, footer }: Log): RunEvent[] {
  return [header, ...cases, footer];
}

async function merged(logs: readonly Log[], { wiring }: Invocation): Promise<RunEvent[]> {
  const [{ merge }, { caseOf }, parse] = await Promise.all([
    import('../report/merge.js'),
    import('./filter.js'),
    wiring.textParser(),
  ]);
  const specOf = caseOf(parse);
  return merge(logs, (spec) => specOf({ spec }));
}

async function viewOf(events: readonly RunEvent[], filter: string, invocation: Invocation) {
  const [{ filterForLog }, { view }] = await Promise.all([
    import('./filter.js'),
    import('../report/view.js'),
  ]);
  const cases = events.filter((event): event is CaseEvent => event.event === 'case');
  const header = events[0] as HeaderEvent;
  const keep = await filterForLog({ text: filter, origin: '--filter' }, cases, header, invocation);
  const shown = view(events, keep, filter);
  const { cases: left, complete } = shown.at(-1) as FooterEvent;
  if (left > 0) return shown;
  const { nothingSelected } = await import('./run-part.js');
  if (!invocation.options.allowEmpty) throw nothingSelected();
  return complete ? [...shown.slice(0, -1), { ...(shown.at(-1) as FooterEvent), exitCode: 0 }] : shown;
}

/** What a merge writes may be one of the logs it reads. */
async function refuseOverwriting({ arguments: paths, options, io }: Invocation): Promise<void> {
  const { Problem } = await import('../plan/problem.js');
  const written = REPORT_FILES.map((name) => resolve(io.cwd, options.out, name));
  const own = paths.find((path) => written.includes(resolve(io.cwd, path)));
  if (own === undefined) return;
  throw new Problem(`${own}: the merged run would be written over it; name another directory with --out`);
}
