// SPDX-License-Identifier: MIT
/**
 * `list`: ids for scripts, one per line and nothing else; subjects with features; what covers which upstream test; or what
 * cannot run and why.
 */
import { covered } from '../case/covered.js';
import { EXIT } from '../compare/exit-codes.js';
import { coverBlock, coverSums } from '../report/cover-table.js';
import { wrap } from '../report/wrap.js';
import { lacking } from '../target/lacking.js';
import { subjectName } from '../target/outcome.js';
import type { Invocation } from './invocation.js';
import { checkedCases, narrows, selectedCases, selectedSubjects } from './selection.js';

export async function list(invocation: Invocation): Promise<number> {
  const { options, io } = invocation;
  if (options.from !== undefined) return (await import('./list-log.js')).listLog(invocation, options.from);
  // Subjects are the same whichever cases run.
  const part =
    narrows(invocation) && !options.subjects
      ? await (await import('./narrow.js')).narrow(invocation, false)
      : null;
  // That an environment leaves out cases is not seen on the command line.
  if (options.shard === undefined) for (const note of part?.notes ?? []) io.err(`${note}\n`);
  if (part?.cases.length === 0) return (await import('./run-part.js')).nothing(invocation, part);
  if (options.subjects) {
    for (const { target, short } of await selectedSubjects(invocation)) {
      io.out(`${subjectName(target.id)}  (${short})\n`);
      if (target.skips !== undefined)
        for (const line of wrap(`cannot run here: ${target.skips}`, 76)) io.out(`    ${line}\n`);
      for (const line of wrap([...target.features].sort().join(' ') || 'no features', 76))
        io.out(`    ${line}\n`);
    }
    return EXIT.ok;
  }
  if (options.covers) {
    const cases = part?.cases ?? (await selectedCases(invocation));
    const table = covered(cases);
    // Of a selection, what it covers; of everything, what nothing covers too.
    const whole = invocation.arguments.length === 0 && part === null;
    const shown = table.filter((row) => whole || row.cases.length > 0);
    io.out(shown.map((row) => coverBlock(row, cases)).join(''));
    if (whole) io.out(`\n${coverSums(table)}`);
    return EXIT.ok;
  }
  if (!options.unsupported) {
    for (const { id } of part?.cases ?? (await selectedCases(invocation))) io.out(`${id}\n`);
    return EXIT.ok;
  }
  const cases = await checkedCases(invocation, part?.cases);
  const subjects = await selectedSubjects(invocation);
  for (const { target } of subjects) {
    if (target.skips !== undefined) io.out(`every case  ${subjectName(target.id)}  ${target.skips}\n`);
  }
  for (const spec of cases) {
    for (const { target } of subjects) {
      if (target.skips !== undefined) continue;
      const lacks = lacking(target, spec);
      if (lacks.length > 0) io.out(`${spec.id}  ${subjectName(target.id)}  lacks ${lacks.join(', ')}\n`);
    }
  }
  return EXIT.ok;
}
