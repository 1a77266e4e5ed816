// SPDX-License-Identifier: MIT
/**
 * Where a run goes: one format to standard output, and all reports to a directory once the run has ended. An
 * interrupted run leaves its log only, and the log says so.
 */
import { join, relative, resolve } from 'node:path';
import { makeDirectory, prepareDirectory } from '../report/directory.js';
import type { Listener, RunEvent } from '../report/events.js';
import { jsonl, logText } from '../report/jsonl.js';
import type { Detail } from '../report/rows.js';
import { coloured, mayColour, plain } from '../report/style.js';
import { writeAtomically } from '../report/write-atomically.js';
import type { Io } from './io.js';
import type { OptionValues } from './options.js';

export interface Output {
  readonly listeners: readonly Listener[];
  /** Prints formats that need the whole run, and writes the reports. */
  finish(events: readonly RunEvent[], write?: boolean): Promise<void>;
}

export async function outputs(options: OptionValues, io: Io): Promise<Output> {
  const { format } = options;
  const listeners: Listener[] = [];
  if (format === 'pretty') {
    const { terminal } = await import('../report/terminal.js');
    const paint = mayColour(options.color, io.isTerminal, io.environment) ? coloured : plain;
    const width = Math.max(60, Math.min(io.columns, 120));
    listeners.push(terminal({ write: io.out, paint, width, detail: Math.min(2, options.verbose) as Detail }));
  } else if (format === 'jsonl') listeners.push(jsonl(io.out));
  return {
    listeners,
    async finish(events, write = true) {
      if (format === 'json') io.out((await import('../report/json.js')).reportJson(events));
      if (format === 'html') io.out((await import('../report/html.js')).reportHtml(events));
      if (write) await writeReports(events, options.out, io);
    },
  };
}

/** All that a complete run writes. */
const FILES = ['run.jsonl', 'report.json', 'index.html'] as const;

/** @throws Problem when the reports of a run could not be written after it */
export function prepareReports({ out }: OptionValues, io: Io): void {
  prepareDirectory(out === '' ? '' : resolve(io.cwd, out), out, FILES);
}

async function writeReports(events: readonly RunEvent[], out: string, io: Io): Promise<void> {
  const directory = resolve(io.cwd, out);
  makeDirectory(directory, out);
  const write = (name: (typeof FILES)[number], text: string) => {
    writeAtomically(join(directory, name), text);
    io.err(`wrote ${relative(io.cwd, join(directory, name)) || name}\n`);
  };
  write('run.jsonl', logText(events));
  const footer = events.at(-1);
  if (footer?.event !== 'footer' || !footer.complete) return;
  const [{ reportJson }, { reportHtml }] = await Promise.all([
    import('../report/json.js'),
    import('../report/html.js'),
  ]);
  write('report.json', reportJson(events));
  write('index.html', reportHtml(events));
}
