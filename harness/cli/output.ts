// SPDX-License-Identifier: MIT
/**
 * Where a run goes: one format to standard output, and all reports to a directory once the run has ended. An
 * interrupted run leaves its log only, and the log says so.
 */
import { join, relative, resolve } from 'node:path';
import { Problem } from '../plan/problem.js';
import { checkDirectory, makeDirectory, prepareDirectory } from '../report/directory.js';
import type { Listener, RunEvent } from '../report/events.js';
import { FORMATS, type Manner } from '../report/formats.js';
import { jsonl, logText } from '../report/jsonl.js';
import type { Progress } from '../report/progress.js';
import type { Detail } from '../report/rows.js';
import { coloured, mayColour, plain } from '../report/style.js';
import { writeAtomically } from '../report/write-atomically.js';
import type { Io } from './io.js';
import type { OptionValues } from './options.js';
import { readStored } from './stored-log.js';

export interface Output {
  readonly listeners: readonly Listener[];
  /** Prints formats that need the whole run, and writes the reports. @param shown what is printed, where it is not all */
  finish(events: readonly RunEvent[], write?: boolean, shown?: readonly RunEvent[]): Promise<void>;
}

/**
 * @param total cases to come, of a run; a stored one is told without progress
 * @throws Problem for an earlier run that cannot be read, and options that do not go with the format
 */
export async function outputs(options: OptionValues, io: Io, total?: number): Promise<Output> {
  const { format } = options;
  const { render, check } = FORMATS[format];
  const manner = mannerOf(options, io, total === undefined);
  const { badges } = options;
  if (badges !== undefined) prepareDirectory(resolve(io.cwd, badges), badges, [], '--badges');
  const bar = await progressOf(options, io, total);
  const out = (text: string) => {
    bar?.clear();
    io.out(text);
  };
  const listeners: Listener[] = [];
  if (check !== undefined) {
    const ask = await check();
    listeners.push({ header: (event) => ask(event, manner) });
  }
  if (format === 'pretty') {
    const { terminal } = await import('../report/terminal.js');
    const paint = mayColour(options.color, io.isTerminal, io.environment) ? coloured : plain;
    const width = Math.max(60, Math.min(io.columns, 120));
    listeners.push(terminal({ write: out, paint, width, detail: manner.detail }));
  } else if (format === 'jsonl') listeners.push(jsonl(out));
  if (bar !== null) listeners.push(bar);
  // Written while threads run the cases that follow.
  const lines: string[] = [];
  if (total !== undefined) listeners.push(jsonl((line) => lines.push(line)));
  return {
    listeners,
    async finish(events, write = true, shown = events) {
      if (render !== undefined) io.out(await render(shown, manner));
      const told = shown === events && lines.length === events.length;
      if (write) await writeReports(events, told ? lines.join('') : logText(events), options.out, io);
      if (badges !== undefined) await writeBadges(shown, badges, io);
    },
  };
}

function mannerOf(options: OptionValues, io: Io, stored: boolean): Manner {
  const { format, before, reporter = null, kcidbOrigin: origin, kcidbModels: models } = options;
  if (before !== undefined && format !== 'mail') {
    throw new Problem('--before is for --format mail');
  }
  if (stored && options.arch.length > 0 && format !== 'mail') {
    throw new Problem('a stored run is told whole, but for a mail: --arch goes with --format mail');
  }
  if (stored && options.target.length > 0 && format !== 'mail') {
    throw new Problem('a stored run is told whole, but for a mail: --target goes with --format mail');
  }
  return {
    detail: Math.min(2, options.verbose) as Detail,
    // A run has the back-ends and targets that it was given.
    arch: stored ? options.arch : [],
    target: stored ? options.target : [],
    before: before === undefined ? null : { name: before, events: readStored(before, io) },
    reporter,
    kcidb: { origin, models },
  };
}

async function progressOf(options: OptionValues, io: Io, total?: number): Promise<Progress | null> {
  if (total === undefined || (options.showProgress === 'auto' && io.errIsTerminal !== true)) return null;
  const { progress, progressKind } = await import('../report/progress.js');
  const how = progressKind(options.showProgress, io.errIsTerminal === true, io.environment);
  return how === 'none' ? null : progress({ write: io.err, how, total, width: io.columns });
}

/** All that a complete run writes. */
export const REPORT_FILES = ['run.jsonl', 'report.json', 'index.html'] as const;

/** Before anything is loaded. @throws Problem for places that can hold no reports */
export function checkPlaces({ out, badges }: OptionValues, io: Io): void {
  checkDirectory(resolve(io.cwd, out), out, REPORT_FILES);
  if (badges !== undefined) checkDirectory(resolve(io.cwd, badges), badges, [], '--badges');
}

/** @throws Problem when the reports of a run could not be written after it */
export function prepareReports({ out }: OptionValues, io: Io): void {
  prepareDirectory(resolve(io.cwd, out), out, REPORT_FILES);
}

async function writeReports(events: readonly RunEvent[], log: string, out: string, io: Io): Promise<void> {
  const directory = resolve(io.cwd, out);
  makeDirectory(directory, out);
  const write = (name: (typeof REPORT_FILES)[number], text: string) => {
    writeAtomically(join(directory, name), text);
    io.err(`wrote ${relative(io.cwd, join(directory, name)) || name}\n`);
  };
  write('run.jsonl', log);
  const footer = events.at(-1);
  if (footer?.event !== 'footer' || !footer.complete) return;
  const [{ reportJson }, { reportHtml }] = await Promise.all([
    import('../report/json.js'),
    import('../report/html/html.js'),
  ]);
  write('report.json', reportJson(events));
  write('index.html', reportHtml(events));
}

/** `alpha.json` and so on: files that shields.io can be pointed at. */
async function writeBadges(events: readonly RunEvent[], place: string, io: Io): Promise<void> {
  const { badgeFiles } = await import('../report/badges.js');
  const directory = resolve(io.cwd, place);
  makeDirectory(directory, place, '--badges');
  const files = badgeFiles(events);
  for (const [name, text] of files) writeAtomically(join(directory, name), text);
  io.err(`wrote ${files.size} badges to ${relative(io.cwd, directory) || '.'}\n`);
}
