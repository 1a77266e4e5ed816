// SPDX-License-Identifier: MIT
/**
 * What a thread of a run does: runs cases on some of the subjects. It starts to run at once; whether the run takes place
 * at all is decided by who started it, from the {@link Ready} of all workers. It may die at any instruction: what it was at
 * stands in shared memory, and another goes on from there. However it ends otherwise, its targets are closed.
 */
import { once } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import type { LoadedBackend } from '../backend/contract.js';
import { sharedLists } from '../compare/compare.js';
import { EXIT, type ExitCode } from '../compare/exit-codes.js';
import type { ImageSettings } from '../target/images.js';
import { subjectName } from '../target/outcome.js';
import type { Target } from '../target/target.js';
import { isRenderable, rendered } from './problem.js';
import { inProcess, isNeeded } from './run.js';
import type { Fault, Place, Ran, Ready, Share } from './share.js';
import { archsOf, closeAll, type MakeTarget, type Subject, subjectsOf, targetsOf } from './subjects.js';

/** Cases between two messages. */
const BATCH = 16;

/** Where a thread gets its subjects from. */
export interface Supplies {
  backends(wanted: readonly string[]): Promise<LoadedBackend[]>;
  targets(wanted: readonly string[], images?: ImageSettings): Promise<MakeTarget>;
}

export async function work(port: MessagePort, place: Place, supplies: Supplies): Promise<void> {
  const { subjects: names, stop, images } = place;
  const make = await supplies.targets(targetsOf(names, []), images);
  const subjects = subjectsOf(await supplies.backends(archsOf(names)), [], make, names);
  const stopped = () => Atomics.load(stop, 0) !== 0;
  try {
    // Nearly always some case will run on each of them; what is wrong with one counts only then.
    for (const { target } of subjects) {
      if (!target.missing?.length && target.skips === undefined && !stopped()) attempt(target);
    }
    const [share] = (await once(port, 'message')) as [Share | null];
    if (share !== null) runShare(port, share, subjects, stopped);
  } finally {
    closeAll(subjects);
  }
}

function runShare(
  port: MessagePort,
  { cases, underWay, done, lost }: Share,
  subjects: readonly Subject[],
  stopped: () => boolean,
): void {
  const say = (message: Ready | Ran) => port.postMessage(message);
  const broken = firstBroken(subjects, cases);
  say({ kind: 'ready', broken });
  if (broken !== null) return;
  const isLost = new Set(lost);
  for (let from = done; from < cases.length && !stopped(); from += BATCH) {
    const outcomes = cases.slice(from, from + BATCH).map((spec, index) => {
      // Nobody waits for what comes after that.
      if (isLost.has(from + index) || stopped()) return [];
      Atomics.store(underWay, 0, from + index);
      // Equal lists are one, so that they are copied once.
      return sharedLists(inProcess(spec, subjects)).map(({ outcome }) => outcome);
    });
    say({ kind: 'ran', outcomes });
  }
  Atomics.store(underWay, 0, cases.length);
}

function firstBroken(subjects: readonly Subject[], cases: Share['cases']): Ready['broken'] {
  for (const { target } of subjects) {
    const fault = isNeeded(target, cases) ? attempt(target) : null;
    if (fault !== null) return { subject: subjectName(target.id), fault };
  }
  return null;
}

/** @throws what is no error meant for people: it ends the worker, and the run */
function attempt(target: Target): Fault | null {
  try {
    target.prepare?.();
    return null;
  } catch (error) {
    if (!isRenderable(error)) throw error;
    return { text: rendered(error), exit: (error as { exit?: ExitCode }).exit ?? EXIT.usage };
  }
}
