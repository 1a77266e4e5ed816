// SPDX-License-Identifier: MIT
/** Options of `run` that do not go together, refused before anything is read. */
import { Problem } from '../plan/problem.js';
import type { Invocation } from './invocation.js';
import { narrows } from './selection.js';

/** @throws Problem for the first that does not */
export function checkTogether(invocation: Invocation): void {
  const { options, given } = invocation;
  // What settings ask of every run is no contradiction to a command line that runs nothing.
  const lists = (one: keyof typeof given, option: string): Wrong => [
    options.list && given[one] !== undefined,
    `--list runs nothing: not with ${option}`,
  ];
  const wrong: readonly Wrong[] = [
    lists('baseline', '--baseline'),
    lists('watch', '--watch'),
    [
      options.watch && (options.baseline !== undefined || narrows(invocation)),
      '--watch runs whole files: name them or their folders, without --filter, --shard, --rerun or --baseline',
    ],
    [
      options.watch && options.format !== 'pretty',
      `--watch tells people what an edit changes: not with --format ${options.format}`,
    ],
    [options.watch && given.stopFail === true, '--watch stays when a case fails: not with --stop-fail'],
    [
      options.baseline !== undefined && options.stopFail,
      '--stop-fail would end at what is known to fail: not with --baseline',
    ],
  ];
  const first = wrong.find(([is]) => is);
  if (first !== undefined) throw new Problem(first[1]);
}

type Wrong = readonly [is: boolean, why: string];
