// SPDX-License-Identifier: MIT
/**
 * `report.json`: verdicts and differences for other programs, after `report.schema.json`. Keys sorted, no
 * times, no paths of the machine: a diff of two reports is the regression. Outcomes themselves are in the
 * log.
 */
import { subjectName } from '../target/outcome.js';
import type { CaseEvent, FooterEvent, HeaderEvent, RunEvent } from './events.js';
import { fidelityOf } from './fidelity.js';
import { stableJson } from './stable-json.js';

/** Raised when a reader of the former shape would be misled. */
export const REPORT_FORMAT = 1;

/** @param events a complete stream */
export function reportJson(events: readonly RunEvent[]): string {
  const header = events[0] as HeaderEvent;
  const footer = events.at(-1) as FooterEvent;
  const cases = events.filter((event): event is CaseEvent => event.event === 'case');
  const fidelity = fidelityOf(cases);
  return `${stableJson(
    {
      format: REPORT_FORMAT,
      harness: header.harness,
      interpretation: header.interpretation,
      caseSet: header.caseSet,
      axis: header.axis,
      seed: header.seed,
      command: header.command,
      subjects: header.subjects,
      cases: cases.map(caseRecord),
      counts: footer.counts,
      unexplained: footer.unexplained,
      partial: footer.partial,
      ...(fidelity === null ? {} : { fidelity }),
      exitCode: footer.exitCode,
    },
    2,
  )}\n`;
}

function caseRecord({ spec, comparison }: CaseEvent) {
  const { id, file, title, why, source, covers, requires } = spec;
  return {
    id,
    file,
    title,
    why,
    source,
    covers,
    requires,
    verdicts: comparison.verdicts.map(({ subject, status, reason, diff, divergences, absent }) => ({
      subject: subjectName(subject),
      status,
      reason,
      diff,
      divergences,
      absent,
    })),
    classes: comparison.classes,
    sentence: comparison.sentence,
    explained: comparison.explained,
  };
}
