// SPDX-License-Identifier: MIT
/** Schemas of what `diff` and `expect audit` print as JSON, published as draft-07 beside this file; see report-schema.ts. */
import { z } from 'zod';
import { SEVERITY } from '../compare/statuses.js';
import type { Status } from '../compare/types.js';

const count = z.int().min(0).max(1e9);

const status = z
  .enum(SEVERITY as unknown as [Status, ...Status[]])
  .nullable()
  .describe('Verdict; null where that run has none.');

const names = (what: string) => z.array(z.string()).describe(what);

const facts = z.strictObject({
  harness: z.string().describe('Version of ftrace-conform.'),
  interpretation: z.int().min(0).max(1e9).describe('How cases are interpreted.'),
  axis: z.enum(['arch', 'revision', 'target']).describe('What was compared in that run.'),
});

const result = z.strictObject({
  subject: z.string().describe('Back-end @ revision / target.'),
  before: status,
  after: status,
  direction: z.enum(['better', 'worse', 'other']).describe('Which way it changed.'),
  reason: z.string().describe('Of the verdict after, or of the one before where there is none.'),
  seen: z
    .strictObject({
      sentence: z.string().nullable().describe('First difference of what is seen.'),
      diff: z.string().describe('Unified diff of what was seen.'),
    })
    .nullable()
    .describe('null where the same is seen, or a run does not keep it.'),
});

const change = z.strictObject({
  case: z.string().describe('Stable id.'),
  kind: z.enum(['added', 'deleted', 'changed']).describe('What became of the case.'),
  edited: z.boolean().nullable().describe('Whether its file changed; null where nobody knows.'),
  results: z.array(result).describe('Changed ones, in subject order.'),
});

export const diffSchema = z
  .strictObject({
    format: z.literal(1).describe('Version of this shape.'),
    before: facts.describe('The older run or baseline.'),
    after: facts.describe('The younger one.'),
    subjects: z
      .strictObject({
        both: names('In both.'),
        added: names('Only in the younger.'),
        deleted: names('Only in the older.'),
      })
      .describe('By name.'),
    cases: z.array(change).describe('Those that did not stay as they were, sorted by id.'),
    counts: z
      .strictObject({
        cases: z
          .strictObject({
            added: count.describe('New.'),
            deleted: count.describe('Gone.'),
            changed: count.describe('With a changed result.'),
            unchanged: count.describe('As they were.'),
          })
          .describe('Cases.'),
        results: z
          .strictObject({
            better: count.describe('Changed for the better.'),
            worse: count.describe('Changed for the worse, or new and failing.'),
            other: count.describe('Changed, neither better nor worse.'),
            added: count.describe('New and not failing.'),
            deleted: count.describe('Gone.'),
            unchanged: count.describe('As they were.'),
          })
          .describe('Case × subject.'),
      })
      .describe('What it adds up to.'),
  })
  .describe('Difference of two runs of ftrace-conform.');

export const auditSchema = z
  .strictObject({
    format: z.literal(1).describe('Version of this shape.'),
    divergences: z
      .array(
        z.strictObject({
          file: z.string().describe('Case file, relative.'),
          line: z.int().min(1).max(1e9).describe('Where the block begins.'),
          column: z.int().min(1).max(1e9).describe('Where the block begins.'),
          because: z.string().describe('Why subjects differ.'),
          source: z.string().describe('Where that is documented or implemented.'),
          cases: names('Cases of the file in which it applies.'),
          subjects: names('Subjects to which it applies.'),
          stale: names('Those of them that do without it.'),
          agree: names('Subjects that do as the case expects of everybody.'),
          since: z.string().nullable().describe('Day of its oldest line; null where git does not know.'),
        }),
      )
      .describe('In order of rank.'),
  })
  .describe('Declared divergences, ranked.');

const published = (schema: z.ZodType, title: string): Record<string, unknown> => ({
  ...z.toJSONSchema(schema, { target: 'draft-7' }),
  title,
});

export const publishedDiffSchema = () => published(diffSchema, 'ftrace-conform diff');
export const publishedAuditSchema = () => published(auditSchema, 'ftrace-conform expect audit');
