// SPDX-License-Identifier: MIT
/**
 * A thread of a run: runs cases on some of the subjects. It starts to run at once; whether the run takes place at all is
 * decided by who started it, from the {@link Ready} of all workers. It may die at any instruction: what it was at
 * stands in shared memory, and another goes on from there.
 */
import { once } from 'node:events';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { sharedLists } from '../compare/compare.js';
import { EXIT, type ExitCode } from '../compare/exit-codes.js';
import { createModelTarget } from '../target/model/model.js';
import { subjectName } from '../target/outcome.js';
import type { Target } from '../target/target.js';
import { discover } from './discover.js';
import { isRenderable, rendered } from './problem.js';
import { inProcess, isNeeded } from './run.js';
import type { Fault, Place, Ran, Ready, Share } from './share.js';
import { archsOf, type Subject, subjectsOf } from './subjects.js';

/** Cases between two messages. */
const BATCH = 16;

const port = parentPort as MessagePort;
const say = (message: Ready | Ran) => port.postMessage(message);

const { subjects: names } = workerData as Place;
const subjects = subjectsOf(await discover(archsOf(names)), [], createModelTarget, names);
// Nearly always some case will run on each of them; what is wrong with one counts only then.
for (const { target } of subjects) if (!target.missing?.length) attempt(target);
const [{ cases, underWay, done, lost }] = (await once(port, 'message')) as [Share];
const broken = firstBroken(subjects);
say({ kind: 'ready', broken });
if (broken === null) {
  const isLost = new Set(lost);
  for (let from = done; from < cases.length; from += BATCH) {
    const outcomes = cases.slice(from, from + BATCH).map((spec, index) => {
      if (isLost.has(from + index)) return [];
      Atomics.store(underWay, 0, from + index);
      // Equal lists are one, so that they are copied once.
      return sharedLists(inProcess(spec, subjects)).map(({ outcome }) => outcome);
    });
    say({ kind: 'ran', outcomes });
  }
  Atomics.store(underWay, 0, cases.length);
}

function firstBroken(subjects: readonly Subject[]): Ready['broken'] {
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
