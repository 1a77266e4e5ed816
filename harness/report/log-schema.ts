// SPDX-License-Identifier: MIT
/** Schema of one line of the log, `run.jsonl`; see log-record.ts for what a case's line leaves out. */
import { z } from 'zod';
import { SEVERITY, STATUSES } from '../compare/statuses.js';
import type { Status } from '../compare/types.js';
import { headerFields, subjectId } from './header-schema.js';

const count = z.int().min(0).max(1e12);
const place = count.describe('Index into a list of this line.');

const header = z
  .looseObject({
    event: z.literal('header').describe('The first line.'),
    format: z.literal(2).describe('Version of the log.'),
    ...headerFields,
  })
  .describe('What the run is.');

const observation = z.strictObject({
  kind: z.string().describe('What was seen: entry, exit, body, result, …'),
  fields: z
    .record(z.string(), z.union([z.string(), z.array(z.string())]))
    .describe('Normal forms, in the order of the kind.'),
});

const end = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('completed').describe('Ran to its end.') }),
    z.strictObject({
      kind: z.literal('unsupported').describe('Did not run.'),
      lacks: z.array(z.string()).describe('Features.'),
    }),
    z.strictObject({
      kind: z.literal('skipped').describe('Could not be started.'),
      why: z.string().describe('Why, and the remedy.'),
    }),
    z.strictObject({ kind: z.literal('crashed').describe('Faulted.'), why: z.string().describe('How.') }),
    z.strictObject({ kind: z.literal('error').describe('No verdict.'), why: z.string().describe('Why.') }),
  ])
  .describe('How the run of the case ended; completed when left out.');

const result = z.strictObject({
  subject: subjectId.optional().describe("Left out where it is the header's at this place."),
  status: z.enum(SEVERITY as unknown as [Status, ...Status[]]).describe('Verdict.'),
  reason: z.string().optional().describe('One sentence.'),
  diff: z
    .tuple([place, z.boolean()])
    .optional()
    .describe('Index into diffs; whether headings that name the subject go before it.'),
  divergences: place.optional(),
  absent: z.array(z.string()).optional().describe('What asserted fields were not judged for lack of.'),
  end: end.optional(),
  seen: place,
  instructions: count.nullable().describe('Machine instructions executed; null where nobody counts them.'),
});

const divergence = z.strictObject({
  because: z.string().describe('Why the architecture differs.'),
  source: z.string().describe('Where that is documented or implemented.'),
  at: z.string().describe('line:column in the case file.'),
});

const text = (what: string) =>
  z.string().optional().describe(`${what} As in the case before of this file when left out.`);

const caseLine = z
  .looseObject({
    event: z.literal('case').describe('One per case, sorted by id.'),
    spec: z
      .looseObject({
        id: z.string().describe('Stable id; may be pasted back as an argument.'),
        file: z.string().describe('Case file, relative.'),
        title: text('What is asserted.'),
        why: text('Why that must hold.'),
        source: z.string().nullable().optional().describe('Where that is documented or implemented.'),
        covers: z.array(z.string()).optional().describe('Upstream tests and historical bugs.'),
        requires: z.array(z.string()).optional().describe('Kconfig symbols.'),
        text: text('The YAML.'),
      })
      .describe('The case.'),
    seen: z.array(z.array(observation)).describe('Distinct lists of what subjects saw.'),
    diffs: z.array(z.string()).describe('Distinct unified diffs.'),
    divergences: z.array(z.array(divergence)).describe('Distinct lists of declared divergences.'),
    results: z.array(result).describe("In the order of the header's subjects."),
    classes: z.array(z.array(place)).describe('Subjects that saw the same, the largest class first.'),
    sentence: z.string().nullable().describe('Names the odd one out; null when all agree.'),
    explained: z.boolean().describe('Whether every difference is declared with reason and source.'),
  })
  .describe('What came of one case.');

const footer = z
  .looseObject({
    event: z.literal('footer').describe('The last line; a log without it is incomplete.'),
    complete: z.boolean().describe('Whether every selected case ran.'),
    cases: count.describe('Lines of cases.'),
    counts: z
      .strictObject(
        Object.fromEntries(SEVERITY.map((name) => [name, count.describe(`${STATUSES[name].meaning}.`)])),
      )
      .describe('Verdicts by status.'),
    unexplained: count.describe('Cases with a difference nobody declared.'),
    partial: count.describe('PASS verdicts that left an asserted field unjudged.'),
    exitCode: z.int().min(0).max(255).describe('What the run exited with.'),
    interrupted: z.boolean().describe('Whether it was stopped.'),
  })
  .describe('What came of the run.');

/** Draft-07, of one line. */
export function logSchema(): Record<string, unknown> {
  const line = z.discriminatedUnion('event', [header, caseLine, footer]);
  return { ...z.toJSONSchema(line, { target: 'draft-7' }), title: 'A line of a log of ftrace-conform' };
}
