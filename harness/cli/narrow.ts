// SPDX-License-Identifier: MIT
/** From what is named on the command line to what runs here: what a rerun needs, then the filter, then the shard. */
import { basename, isAbsolute } from 'node:path';
import type { Case } from '../case/types.js';
import { EXIT, type ExitCode, gravestExit } from '../compare/exit-codes.js';
import { INTERPRETATION } from '../compare/interpretation.js';
import { caseSetOf, textDigest } from '../plan/case-set.js';
import { isWanted, loadCases } from '../plan/cases.js';
import { caseFilesBelow } from '../plan/files.js';
import type { Given } from '../plan/filter/compile.js';
import { Problem } from '../plan/problem.js';
import { type Before, failedOn, reasonsAfter } from '../plan/rerun.js';
import type { Course } from '../plan/run.js';
import type { Selected } from '../plan/select.js';
import { shardGiven, shardOf } from '../plan/shard.js';
import type { RunEvent } from '../report/events.js';
import { number, plural } from '../report/summary.js';
import { view } from '../report/view.js';
import { subjectName } from '../target/outcome.js';
import { filterForRun, filterGiven } from './filter.js';
import type { Invocation } from './invocation.js';
import { parseArguments } from './parse.js';
import { casePlace, selectedFiles, selectedSubjects } from './selection.js';
import { defaults } from './settings/settings.js';
import { readParts } from './stored-log.js';

export interface Narrowed {
  /** As a rerun completes it from its log. */
  readonly invocation: Invocation;
  readonly files: readonly Selected[];
  /** Sorted by id; those of `files` that are wanted. */
  readonly cases: readonly Case[];
  readonly course: Pick<Course, 'shard' | 'rerun' | 'exit'>;
  /** For the command in the header. */
  readonly options: readonly string[];
  /** What is shown of the run, where a filter asks about results; `null`: everything. */
  readonly view: ((events: readonly RunEvent[]) => RunEvent[]) | null;
  /** Code of a run without cases; `null`: that is an error. */
  readonly empty: ExitCode | null;
  /** What to tell beside the results. */
  readonly notes: readonly string[];
}

/** @param results whether there will be any @throws Problem, Problems */
export async function narrow(asked: Invocation, results: boolean): Promise<Narrowed> {
  const { options, io } = asked;
  const shard = shardGiven(options.shard, io.environment);
  const before = options.rerun === undefined ? null : readBefore(options.rerun, asked);
  const invocation = before === null ? asked : before.narrowed;
  const { cases, shows } = await filtered(invocation, results);
  const notes: string[] = [];
  const again = before && (await outstanding(before, cases, notes));
  const whole = again?.cases ?? cases;
  const left = again?.left ? [EXIT.outstanding] : [];
  const own = shard === null ? whole : whole.filter(({ id }) => shardOf(id, shard.of) === shard.index);
  if (shard !== null) {
    const many = `${number(own.length)} of ${number(whole.length)} ${plural(whole.length, 'case')}`;
    notes.push(`shard ${shard.index}/${shard.of} (${shard.origin}): ${many}`);
  }
  return {
    invocation,
    cases: own,
    files: filesOf(own, selectedFiles(invocation)),
    course: {
      ...(shard === null ? {} : { shard: { index: shard.index, of: shard.of, caseSet: caseSetOf(whole) } }),
      ...(again === null ? {} : { rerun: again.rerun }),
      exit: (code, { counts }) => {
        // A target that cannot be started would be missing from all shards.
        const nothingHere = code === EXIT.nothing && shard !== null && counts.SKIP === 0;
        return gravestExit([...(nothingHere ? [] : [code]), ...left]);
      },
    },
    options: narrowingOptions(invocation),
    view:
      shows &&
      ((events) => {
        const part = view(events, shows, (filterGiven(invocation) as Given).text);
        const all = events.length - 2;
        io.err(`shown: ${number(part.length - 2)} of ${number(all)} cases that ran, by the filter\n`);
        return part;
      }),
    empty: again !== null || options.allowEmpty ? gravestExit(left) : null,
    notes,
  };
}

/** Cases a run of this invocation is about, before shards. */
async function filtered(invocation: Invocation, results: boolean) {
  const files = selectedFiles(invocation);
  const cases = loadCases(files, await invocation.wiring.parser(files));
  const given = filterGiven(invocation);
  if (given === null) return { cases, shows: null };
  const { caseDirectory, shown } = casePlace(invocation);
  const all = caseFilesBelow(caseDirectory, shown).map(({ id, shown }) => ({ id, file: shown }));
  const { runs, shows } = await filterForRun(given, cases, all, invocation, results);
  return { cases: cases.filter(runs), shows };
}

/** The files of these cases, with the ids wanted where not all of a file are. */
function filesOf(cases: readonly Case[], files: readonly Selected[]): Selected[] {
  const byFile = new Map<string, string[]>();
  for (const { file, id } of cases) byFile.set(file, [...(byFile.get(file) ?? []), id]);
  return files.flatMap((selected): Selected[] => {
    const rows = byFile.get(selected.file.shown)?.filter((id) => isWanted(selected, { id }));
    return rows === undefined ? [] : [{ file: selected.file, rows }];
  });
}

interface Rerun {
  readonly name: string;
  readonly log: Before;
  /** What the log is a run of, or part of. */
  readonly whole: Invocation;
  /** What is asked for now; what is not said is as in `whole`. */
  readonly narrowed: Invocation;
}

function readBefore(name: string, asked: Invocation): Rerun {
  const log = readParts(name, asked.io);
  const { header } = log;
  if (header.interpretation !== INTERPRETATION) {
    throw new Problem(
      `${name}: of interpretation ${header.interpretation}, this version has ${INTERPRETATION}; run everything`,
      EXIT.refused,
    );
  }
  if (header.shard !== undefined) {
    throw new Problem(
      `${name}: is shard ${header.shard.index}/${header.shard.of}; merge the shards first`,
      EXIT.refused,
    );
  }
  const command = header.rerun?.of ?? header.command;
  const parsed = parseArguments(command);
  if (!('verb' in parsed) || command.includes(';')) {
    throw new Problem(`${name}: its command cannot be run again: ${command.join(' ')}`, EXIT.refused);
  }
  const { arch, kernel, target, filter, compare, seed, failUnsupported } = { ...defaults(), ...parsed.given };
  const { options } = asked;
  const whole: Invocation = {
    ...asked,
    arguments: parsed.arguments,
    options: { ...options, arch, kernel, target, filter, compare, seed, failUnsupported },
  };
  const selects = asked.arguments.length > 0 || filterGiven(asked) !== null;
  const narrowed: Invocation = {
    ...asked,
    arguments: selects ? asked.arguments : parsed.arguments,
    options: {
      ...options,
      arch: options.arch.length > 0 ? options.arch : arch,
      kernel: options.kernel.length > 0 ? options.kernel : kernel,
      target: options.target.length > 0 ? options.target : target,
      filter: selects ? options.filter : filter,
      compare,
      seed,
    },
  };
  return { name, log, whole, narrowed };
}

/** Of the cases asked for those that need it; and whether others would. */
async function outstanding({ name, log, whole, narrowed }: Rerun, asked: readonly Case[], notes: string[]) {
  const namesOf = async (one: Invocation) =>
    (await selectedSubjects(one)).map(({ target }) => subjectName(target.id));
  const [subjects, here] = [await namesOf(whole), await namesOf(narrowed)];
  const reasonFor = reasonsAfter(log, [...new Set([...subjects, ...here])]);
  // A filter from the environment narrows what runs now, never what the log is of.
  const quiet = { ...whole, io: { ...whole.io, environment: {} } };
  const { cases: all } = await filtered(quiet, true);
  const cases = asked.filter((spec) => reasonFor(spec) !== null);
  const runs = new Set(cases.map(({ id }) => id));
  const failed = new Map(log.cases.map((event) => [event.spec.id, failedOn(event, log.header)]));
  const elsewhere = (spec: Case) => {
    const wanted = reasonFor(spec) === 'failed' ? (failed.get(spec.id) ?? subjects) : subjects;
    return wanted.some((subject) => !here.includes(subject));
  };
  const needed = all.filter((spec) => reasonFor(spec) !== null);
  const left = needed.filter((spec) => !runs.has(spec.id) || elsewhere(spec));
  const count = (reason: string) => cases.filter((spec) => reasonFor(spec) === reason).length;
  const told = (['failed', 'did not run', 'new'] as const)
    .filter((reason) => count(reason) > 0)
    .map((reason) => `${number(count(reason))} ${reason}`);
  const rest = left.length > 0 ? `; ${number(left.length)} more outstanding` : '';
  notes.push(`rerun of ${name}: ${told.join(', ') || 'nothing to run again'}${rest}`);
  const settled = all.filter((spec) => reasonFor(spec) === null).map((spec) => [spec.id, textDigest(spec)]);
  return {
    cases,
    left: left.length,
    rerun: {
      of: log.header.rerun?.of ?? log.header.command,
      settled: Object.fromEntries(settled),
      subjects: [...new Set([...subjects, ...here])],
      left: left.map(({ id }) => id),
      outstanding: left.length,
    },
  };
}

function narrowingOptions({ options, io }: Invocation): string[] {
  const given = filterGiven({ options, io });
  const { rerun } = options;
  return [
    ...(given === null ? [] : ['--filter', given.text]),
    ...(rerun === undefined ? [] : ['--rerun', isAbsolute(rerun) ? basename(rerun) : rerun]),
  ];
}
