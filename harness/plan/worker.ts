// SPDX-License-Identifier: MIT
/** A thread of a run, with the back-ends and targets of this package. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { discover } from './discover.js';
import type { Place } from './share.js';
import { loadTargets } from './targets.js';
import { work } from './work.js';

await work(parentPort as MessagePort, workerData as Place, {
  backends: discover,
  targets: (wanted, images) => loadTargets(wanted, undefined, images),
});
