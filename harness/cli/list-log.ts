// SPDX-License-Identifier: MIT
/** `list --from LOG`: ids of a stored run, all or those that a filter finds by their results. */
import { EXIT } from '../compare/exit-codes.js';
import { Problem } from '../plan/problem.js';
import { filterForLog } from './filter.js';
import type { Invocation } from './invocation.js';
import { nothingSelected } from './run-part.js';
import { readParts } from './stored-log.js';

/** @throws Problem */
export async function listLog(invocation: Invocation, path: string): Promise<number> {
  const { options, io } = invocation;
  if (invocation.arguments.length > 0) {
    throw new Problem(
      `--from lists a log; choose among its cases with --filter '${invocation.arguments[0]}'`,
    );
  }
  if (options.shard !== undefined)
    throw new Problem('--shard is for what is to run, --from for what has run');
  const { header, cases } = readParts(path, io);
  const { filter } = options;
  const keep =
    filter === undefined
      ? () => true
      : await filterForLog({ text: filter, origin: '--filter' }, cases, header, invocation);
  const kept = cases.filter(keep);
  if (kept.length === 0 && !options.allowEmpty) throw nothingSelected();
  for (const { spec } of kept) io.out(`${spec.id}\n`);
  return EXIT.ok;
}
