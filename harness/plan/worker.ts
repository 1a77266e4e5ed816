// SPDX-License-Identifier: MIT
/**
 * A thread of a run: reads and runs its share of the case files. It starts to run at once; whether the run
 * takes place at all is decided by who started it, from the {@link Ready} of all workers. It may die at any
 * instruction: what it was at stands in shared memory, and another goes on from there.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { Case } from '../case/types.js';
import { EXIT, type ExitCode } from '../compare/exit-codes.js';
import type { Comparison } from '../compare/types.js';
import { createModelTarget } from '../target/model/model.js';
import { openStore } from './case-store.js';
import { isWanted, type Parse, parseFile } from './cases.js';
import { discover } from './discover.js';
import { byId } from './order.js';
import { isRenderable, rendered } from './problem.js';
import { comparedInFull, described, isNeeded, kept, lost } from './run.js';
import type { Selected } from './select.js';
import type { Compared, Fault, FileRead, Ready, Share } from './share.js';
import { storedParser } from './stored-parser.js';
import { archsOf, type Subject, subjectsOf } from './subjects.js';
import { vocabularyCheck } from './vocabulary.js';

/** Cases between two messages. */
const BATCH = 16;

const share = workerData as Share;
const mine = share.selection.filter((_, index) => index % share.of === share.worker);
const say = (message: Ready | Compared) => parentPort?.postMessage(message);

const parse = await storedParser(
  mine,
  openStore(),
  async () => (await import('../case/parse.js')).parseCases,
);
const [cases, files] = read(parse);
const [check, subjects] = await subjectsAndCheck();
const told = files.map((file, index): FileRead => {
  if ('fault' in file) return file;
  const wanted = (spec: Case) => isWanted(mine[index] as Selected, spec);
  return { cases: file.map((spec) => ({ ...kept(spec), unknown: wanted(spec) ? check(spec) : [] })) };
});
// What is wrong with a case is told first, and then nothing runs.
const runs = told.every((file) => 'cases' in file && file.cases.every(({ unknown }) => unknown.length === 0));
const broken = !runs || 'fault' in subjects ? null : firstBroken(subjects);
say({
  kind: 'ready',
  files: told,
  cases: runs && broken === null && !('fault' in subjects) ? cases.length : 0,
  subjects: 'fault' in subjects ? subjects : subjects.map(described),
  broken,
});
if (runs && !('fault' in subjects) && broken === null) {
  const whyLost = new Map(share.lost.map(({ place, why }) => [place, why]));
  const compare = (spec: Case, place: number) => {
    const why = whyLost.get(place);
    if (why !== undefined) return lost(spec, subjects, share.axis, why);
    Atomics.store(share.underWay, 0, place);
    return comparedInFull(spec, subjects, share.axis);
  };
  for (let from = share.done; from < cases.length; from += BATCH) {
    const comparisons: Comparison[] = [];
    for (const [index, spec] of cases.slice(from, from + BATCH).entries())
      comparisons.push(await compare(spec, from + index));
    say({ kind: 'compared', comparisons });
  }
  Atomics.store(share.underWay, 0, cases.length);
}

/** Cases to run, sorted by id, and all cases by file. */
function read(parse: Parse): [Case[], (readonly Case[] | { fault: Fault })[]] {
  const wanted: Case[] = [];
  const all = mine.map((selected) => {
    const parsed = attempt(() => parseFile(selected.file, parse));
    if (!('fault' in parsed)) wanted.push(...parsed.filter((spec) => isWanted(selected, spec)));
    return parsed;
  });
  return [wanted.sort((a, b) => byId(a.id, b.id)), all];
}

/** Without back-ends there is no vocabulary to check; that they are missing is then the error. */
async function subjectsAndCheck(): Promise<[(spec: Case) => string[], Subject[] | { fault: Fault }]> {
  let check = (_: Case): string[] => [];
  try {
    check = vocabularyCheck(await discover([]));
    const backends = await discover(archsOf(share.arch));
    return [check, subjectsOf(backends, share.revisions, createModelTarget, share.arch)];
  } catch (error) {
    return [check, { fault: faultOf(error) }];
  }
}

function firstBroken(subjects: readonly Subject[]): Ready['broken'] {
  for (const [subject, { target }] of subjects.entries()) {
    const done = attempt(() => {
      if (isNeeded(target, cases)) target.prepare?.();
      return {};
    });
    if ('fault' in done) return { subject, fault: done.fault };
  }
  return null;
}

function attempt<T extends object>(act: () => T): T | { fault: Fault } {
  try {
    return act();
  } catch (error) {
    return { fault: faultOf(error) };
  }
}

/** @throws what is no error meant for people: it ends the worker, and the run */
function faultOf(error: unknown): Fault {
  if (!isRenderable(error)) throw error;
  return { text: rendered(error), exit: (error as { exit?: ExitCode }).exit ?? EXIT.usage };
}
