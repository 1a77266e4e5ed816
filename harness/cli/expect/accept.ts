// SPDX-License-Identifier: MIT
/** `expect accept`: a finished log becomes the baseline, in the selected part only, after the difference was shown. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { EXIT } from '../../compare/exit-codes.js';
import { compareRuns, incomparable, type Standing } from '../../compare/over-time.js';
import { byId } from '../../plan/order.js';
import { Problem } from '../../plan/problem.js';
import { didYouMean } from '../../plan/suggest.js';
import { accepted } from '../../report/accept.js';
import { baselineText, readBaseline } from '../../report/baseline.js';
import { sums } from '../../report/diff-text.js';
import { standingOf } from '../../report/standing.js';
import { coloured, mayColour, plain } from '../../report/style.js';
import { number } from '../../report/summary.js';
import { writeAtomically } from '../../report/write-atomically.js';
import { subjectName } from '../../target/outcome.js';
import { wholeRun } from '../comparable.js';
import type { Invocation } from '../invocation.js';
import { BASELINE } from '../options.js';
import { textOf } from '../stored-log.js';

/** Changed lines printed; `-v` prints all. */
const SHOWN = 200;

export async function accept({ arguments: selectors, options, io }: Invocation): Promise<number> {
  if (/^(?!(0|false)?$)/i.test(io.environment.CI ?? '') && !options.dryRun)
    throw new Problem(
      'CI is set: a baseline is accepted by a person, who then commits it; nothing was written',
    );
  const name = options.baseline ?? BASELINE;
  const log = options.log ?? join(options.out, 'run.jsonl');
  const path = resolve(io.cwd, name);
  const stored = existsSync(path) ? textOf(io, name) : null;
  const oldText = stored?.replaceAll('\r\n', '\n') ?? null;
  const old = oldText === null ? null : readBaseline(oldText, name);
  const { header, cases } = wholeRun(textOf(io, log), log);
  const fresh = standingOf(header, cases);
  const partly =
    selectors.length > 0 || options.arch.length > 0 || options.kernel.length > 0 || options.target.length > 0;
  if (old !== null) refuseMixture(old, fresh, { name, log, partly, across: options.acrossVersions });
  const wanted = chosenCases(selectors, [...(old?.cases.keys() ?? []), ...fresh.cases.keys()]);
  refuseUnknown('arch', options.arch, fresh.subjects, log);
  refuseUnknown('revision', options.kernel, fresh.subjects, log);
  refuseUnknown('target', options.target, fresh.subjects, log);
  const idle = idleSubjects(fresh);
  if (idle.length > 0) io.err(`left as they are, since ${log} skips every case there: ${idle.join(', ')}\n`);
  const result = accepted(old, fresh, {
    case: wanted,
    subject: ({ arch, revision, target }) =>
      !idle.includes(subjectName({ arch, revision, target })) &&
      (options.arch.length === 0 || options.arch.includes(arch)) &&
      (options.kernel.length === 0 || options.kernel.includes(revision)) &&
      (options.target.length === 0 || options.target.includes(target)),
    pruneCases: options.prune,
    pruneSubjects: options.prune && !partly,
  });
  const text = baselineText(result);
  if (text === oldText) {
    io.out(`${name} says what ${log} says: nothing to accept.\n`);
    return EXIT.ok;
  }
  const paint = mayColour(options.color, io.isTerminal, io.environment) ? coloured : plain;
  for (const line of changedLines(oldText, text, options.verbose > 0 ? Number.POSITIVE_INFINITY : SHOWN))
    io.out(`${paint(line.startsWith('-') ? 'red' : line.startsWith('+') ? 'green' : 'grey', line)}\n`);
  if (old !== null) for (const line of sums(compareRuns(old, result, byId), 80)) io.out(`${line}\n`);
  const left =
    old === null ? 0 : [...old.cases.keys()].filter((id) => wanted(id) && !fresh.cases.has(id)).length;
  if (left > 0 && !options.prune)
    io.out(`${number(left)} of the baseline are not in ${log} and stay as they are; --prune drops them.\n`);
  if (options.dryRun) return EXIT.ok;
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new Problem(`${name}: its directory cannot be made (${code})`);
  }
  // With the line ends of the file: only what changed is to change.
  writeAtomically(path, stored?.includes('\r\n') ? text.replaceAll('\n', '\r\n') : text);
  io.err(`wrote ${name}\n`);
  return EXIT.ok;
}

/** Lines of two meanings must not stand in one file. */
function refuseMixture(
  old: Standing,
  fresh: Standing,
  how: { name: string; log: string; partly: boolean; across: boolean },
): void {
  // Another target is one more column, not another meaning.
  const reasons = incomparable({ ...old, subjects: [] }, { ...fresh, subjects: [] });
  if (reasons.length === 0 || (how.across && !how.partly)) return;
  const why = `${how.name}, ${how.log}: ${reasons.join('; ')}; refused`;
  throw new Problem(
    how.across
      ? `${why}\na part of a baseline cannot change its version: accept all of a run of the whole corpus`
      : `${why}\n--across-versions --prune makes the baseline anew from a run of the whole corpus`,
    EXIT.refused,
  );
}

/** Ids, folders and families, also as paths: `cases/fprobe/`, `cases/fprobe/arguments.yaml`. */
function chosenCases(selectors: readonly string[], ids: readonly string[]): (id: string) => boolean {
  if (selectors.length === 0) return () => true;
  const heads = selectors.map((one) => one.replace(/^(\.\/)?(cases\/)?/, '').replace(/\/+$|\.yaml$/, ''));
  const means = (head: string, id: string) =>
    head === '' || id === head || id.startsWith(`${head}/`) || id.startsWith(`${head}.`);
  heads.forEach((head, index) => {
    if (ids.some((id) => means(head, id))) return;
    throw new Problem(
      `neither the log nor the baseline has a case ${selectors[index]}${didYouMean(head, ids)}`,
      EXIT.nothing,
    );
  });
  return (id) => heads.some((head) => means(head, id));
}

/** Names of subjects that could not be started: that is no fact about them. */
function idleSubjects({ subjects, cases }: Standing): string[] {
  const all = [...cases.values()];
  const isIdle = (place: number) => all.every(({ statuses }) => statuses[place] === 'SKIP');
  return all.length === 0 ? [] : subjects.filter((_, place) => isIdle(place)).map(subjectName);
}

function refuseUnknown(
  what: 'arch' | 'revision' | 'target',
  wanted: readonly string[],
  subjects: Standing['subjects'],
  log: string,
): void {
  const known = [...new Set(subjects.map((id) => id[what]))];
  for (const one of wanted)
    if (!known.includes(one))
      throw new Problem(`${log} has no ${one}${didYouMean(one, known)}`, EXIT.nothing);
}

/** Lines as a diff would sign them, without those around them. */
function changedLines(before: string | null, after: string, limit: number): string[] {
  const lines = (text: string) => text.trimEnd().split('\n');
  if (before === null) return [`+ ${number(lines(after).length)} lines, a new file`];
  const [old, young] = [lines(before), lines(after)];
  const [gone, come] = [new Set(old), new Set(young)];
  const key = (line: string) => line.slice(line.lastIndexOf(' ') + 1);
  const replaced = new Map<string, string[]>();
  const signed: string[] = [];
  for (const line of old.filter((one) => !come.has(one))) {
    if (line.startsWith('#')) signed.push(`-${line}`);
    else replaced.set(key(line), [`-${line}`]);
  }
  for (const line of young.filter((one) => !gone.has(one))) {
    if (line.startsWith('#')) signed.push(`+${line}`);
    else replaced.set(key(line), [...(replaced.get(key(line)) ?? []), `+${line}`]);
  }
  const all = [...signed, ...[...replaced].sort(([a], [b]) => byId(a, b)).flatMap(([, two]) => two)];
  const more = all.length - limit;
  return more > 0 ? [...all.slice(0, limit), `… ${number(more)} lines more; -v prints them`] : all;
}
