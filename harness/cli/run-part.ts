// SPDX-License-Identifier: MIT
/** A run of what a filter, a shard or a rerun leaves, or only its ids. */
import { EXIT } from '../compare/exit-codes.js';
import { Problem } from '../plan/problem.js';
import type { Invocation } from './invocation.js';
import { type Narrowed, narrow } from './narrow.js';

export async function runPart(
  asked: Invocation,
  run: (invocation: Invocation, part: Narrowed) => Promise<number>,
): Promise<number> {
  const { options, io } = asked;
  const part = await narrow(asked, !options.list);
  for (const note of part.notes) io.err(`${note}\n`);
  if (options.list) {
    if (part.cases.length === 0) return nothing(asked, part);
    for (const { id } of part.cases) io.out(`${id}\n`);
    return EXIT.ok;
  }
  // The log of a shard without cases is one of those that are merged.
  if (part.cases.length === 0 && part.course.shard === undefined) return nothing(asked, part);
  return run(part.invocation, part);
}

/** @throws Problem unless that is no error */
export function nothing({ options, io }: Invocation, { empty, course }: Narrowed): number {
  if (course.shard === undefined && empty === null) throw nothingSelected();
  io.err('nothing to run\n');
  return options.list ? EXIT.ok : (empty ?? EXIT.ok);
}

export function nothingSelected(): Problem {
  return new Problem('no case is selected; --allow-empty takes that for an answer', EXIT.nothing);
}
