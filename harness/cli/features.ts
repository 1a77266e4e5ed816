// SPDX-License-Identifier: MIT
/**
 * `features`: one table per feature in the form of the kernel's arch-support.txt files (below Documentation/features), with a
 * column per revision instead of one status.
 */

import { byVersion } from '../backend/by-version.js';
import { EXIT } from '../compare/exit-codes.js';
import { Problem } from '../plan/problem.js';
import type { Subject } from '../plan/subjects.js';
import { didYouMean } from '../plan/suggest.js';
import type { Invocation } from './invocation.js';
import { selectedSubjects } from './selection.js';

/** As in arch-support.txt: supported, or not (there: still to be done); `-`: not modelled. */
const MARK = { yes: 'ok', no: '..', none: '-' } as const;

/** @throws Problem for a feature that no subject knows */
export async function features(invocation: Invocation): Promise<number> {
  const subjects = await selectedSubjects(invocation);
  const targets = [...new Set(subjects.map(({ target }) => target.id.target))];
  if (targets.length > 1)
    throw new Problem(`features takes one --target at a time, not ${targets.join(' and ')}`);
  const known = [...new Set(subjects.flatMap(({ target }) => [...target.features]))].sort();
  const wanted = invocation.arguments.length > 0 ? invocation.arguments : known;
  for (const name of wanted) {
    if (known.includes(name)) continue;
    throw new Problem(`no subject has the feature ${name}${didYouMean(name, known)}`);
  }
  invocation.io.out(wanted.map((name) => featureTable(name, subjects)).join('\n'));
  return EXIT.ok;
}

export function featureTable(name: string, subjects: readonly Subject[]): string {
  const revisions = [...new Set(subjects.map(({ target }) => target.id.revision))].sort(byVersion);
  const archs = [...new Set(subjects.map(({ target }) => target.id.arch))];
  const room = Math.max(...archs.map((arch) => arch.length)) + 1;
  const rule = `    ${'-'.repeat(room + 6 + 9 * revisions.length)}`;
  const row = (head: string, cells: readonly string[]) =>
    `    | ${head.padStart(room + 1)} |${cells.map((cell) => cell.padStart(5).padEnd(8)).join('|')}|`;
  const lines = archs.map((arch) =>
    row(
      `${arch}:`,
      revisions.map((revision) => {
        const subject = subjects.find(
          ({ target }) => target.id.arch === arch && target.id.revision === revision,
        );
        if (!subject) return MARK.none;
        return subject.target.features.has(name) ? MARK.yes : MARK.no;
      }),
    ),
  );
  const title = `#\n# Feature name:  ${name}\n#         Kconfig:  ${name}\n#`;
  return [title, rule, row('arch', revisions), rule, ...lines, rule, ''].join('\n');
}
