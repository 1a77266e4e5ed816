// SPDX-License-Identifier: MIT
/** A difference of two runs for other programs, after `diff.schema.json`. Keys sorted, no times, no paths. */
import type { RunDiff, Standing } from '../compare/over-time.js';
import { seenDiff, seenOtherwise } from '../compare/seen-before.js';
import { stableJson } from './stable-json.js';

/** Raised when a reader of the former shape would be misled. */
export const DIFF_FORMAT = 1;

export function diffJson(diff: RunDiff, before: Standing, after: Standing): string {
  const { subjects, counts, cases } = diff;
  return `${stableJson(
    {
      format: DIFF_FORMAT,
      before: facts(before),
      after: facts(after),
      subjects,
      counts,
      cases: cases.map(({ results, ...one }) => ({
        ...one,
        results: results.map(({ seen, ...result }) => ({
          ...result,
          seen: seen === null ? null : { sentence: seenOtherwise(seen), diff: seenDiff(seen) },
        })),
      })),
    },
    2,
  )}\n`;
}

function facts({ harness, interpretation, axis }: Standing) {
  return { harness, interpretation, axis };
}
