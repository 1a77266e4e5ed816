// SPDX-License-Identifier: MIT
/** A readable log of each case, whatever its verdict, as ftracetest keeps them with -k: `logs/ID.log`. */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SEVERITY } from '../compare/statuses.js';
import { subjectName } from '../target/outcome.js';
import type { CaseEvent } from './events.js';
import { writeAtomically } from './write-atomically.js';

/** @param directory of reports @returns how many were written */
export function writeCaseLogs(events: readonly CaseEvent[], directory: string): number {
  for (const event of events) {
    const path = join(directory, 'logs', `${event.spec.id}.log`);
    mkdirSync(dirname(path), { recursive: true });
    writeAtomically(path, caseLog(event));
  }
  return events.length;
}

/** Verdicts, gravest first, then what was seen, once for all who saw the same. */
export function caseLog({ spec, comparison }: CaseEvent): string {
  const { verdicts, classes, sentence, explained } = comparison;
  const told = SEVERITY.flatMap((status) => verdicts.filter((verdict) => verdict.status === status));
  return [
    `${spec.id}  ${spec.title}`,
    spec.file,
    ...(sentence === null ? [] : [`${explained ? 'declared' : 'not declared'}: ${sentence}`]),
    '',
    ...told.flatMap(({ subject, status, reason, diff, divergences }) => [
      `${status} ${subjectName(subject)}${reason === '' ? '' : `: ${reason}`}`,
      ...(diff === null ? [] : diff.split('\n').map((line) => `    ${line}`)),
      ...divergences.map(({ because, source }) => `    declared: ${because.trim()} (${source})`),
    ]),
    ...classes.flatMap(({ subjects, text }) => [
      '',
      `seen by ${subjects.join(', ')}`,
      ...(text.length === 0 ? ['    nothing'] : text.map((line) => `    ${line}`)),
    ]),
    '',
  ].join('\n');
}
