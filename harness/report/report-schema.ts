// SPDX-License-Identifier: MIT
/**
 * Schema of `report.json`, published as draft-07 in `report.schema.json` beside this file. Only the test
 * that publishes it imports this: a run does not wait for a schema library.
 */
import { z } from 'zod';
import { SEVERITY, STATUSES } from '../compare/statuses.js';
import type { Status } from '../compare/types.js';
import { headerFields } from './header-schema.js';

const status = z
  .enum(SEVERITY as unknown as [Status, ...Status[]])
  .describe('Verdict; the meanings are those of ftrace-conform --help.');

const count = z.int().min(0).max(1e9);

const divergence = z.strictObject({
  because: z.string().describe('Why the architecture differs.'),
  source: z.string().describe('Where that is documented or implemented.'),
  at: z.string().describe('line:column in the case file.'),
});

const verdict = z.strictObject({
  subject: z.string().describe('Name of the subject.'),
  status,
  reason: z.string().describe('One sentence; empty for PASS.'),
  diff: z.string().nullable().describe('Unified diff of expected and observed normal forms.'),
  divergences: z.array(divergence).describe('Declared divergences that applied.'),
  absent: z
    .array(z.string())
    .describe('API or Kconfig names for lack of which fields the case asserts were not judged, sorted.'),
});

const outcomeClass = z.strictObject({
  subjects: z.array(z.string()).describe('Names of the subjects whose outcomes are equal, sorted.'),
  text: z.array(z.string()).describe('Their outcome in normal form, a line per observation.'),
});

const caseRecord = z.strictObject({
  id: z.string().describe('Stable id; may be pasted back as an argument.'),
  file: z.string().describe('Case file, relative.'),
  title: z.string().describe('What is asserted, as a sentence.'),
  why: z.string().describe('Why that must hold.'),
  source: z.string().nullable().describe('Where that is documented or implemented.'),
  covers: z.array(z.string()).describe('Upstream tests and historical bugs the case covers.'),
  requires: z.array(z.string()).describe('Kconfig symbols without which the case cannot run.'),
  verdicts: z.array(verdict).describe('In the order of subjects.'),
  classes: z.array(outcomeClass).describe('Equal outcomes, the largest class first.'),
  sentence: z.string().nullable().describe('Names the odd one out; null when all agree.'),
  explained: z.boolean().describe('Whether every difference is declared with reason and source.'),
});

const place = {
  arch: z.string().describe('Name of the back-end.'),
  revision: z.string().describe('Kernel version.'),
};

const fidelity = z.strictObject({
  rows: z
    .array(
      z.strictObject({
        ...place,
        targets: z.tuple([z.string(), z.string()]).describe('Names of two targets.'),
        cases: count.describe('Cases that ran to an end on both.'),
        equal: count.describe('Where both saw the same.'),
        different: count.describe('Where they did not.'),
        declared: count.describe('Of those, how many are declared with reason and source.'),
      }),
    )
    .describe('Two targets of a back-end at a revision.'),
  disagreements: z
    .array(
      z.strictObject({
        ...place,
        classes: z.array(z.array(z.string())).describe('Targets that saw the same, the largest class first.'),
        declared: z.boolean().describe('Whether the cases declare it.'),
        blame: z.string().describe('Who is to be suspected, or the declared reason.'),
        cases: z.array(z.string()).describe('Ids.'),
      }),
    )
    .describe('Cases on which targets part in the same way.'),
});

export const reportSchema = z
  .strictObject({
    format: z.literal(1).describe('Version of this shape.'),
    ...headerFields,
    cases: z.array(caseRecord).describe('Sorted by id.'),
    counts: z
      .strictObject(
        Object.fromEntries(SEVERITY.map((name) => [name, count.describe(`${STATUSES[name].meaning}.`)])),
      )
      .describe('Verdicts by status.'),
    partial: count.describe(
      'PASS verdicts that left an asserted field unjudged, since their kernel does not give it.',
    ),
    unexplained: count.describe('Cases with a difference nobody declared.'),
    fidelity: fidelity
      .optional()
      .describe('How far targets saw the same; only where several ran the same cases.'),
    exitCode: z.int().min(0).max(255).describe('What the run exited with.'),
  })
  .describe('Result of one run of ftrace-conform.');

/** Draft-07, as editors and validators read it. */
export function publishedSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(reportSchema, { target: 'draft-7' }), title: 'ftrace-conform report' };
}
