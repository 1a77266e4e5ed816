// SPDX-License-Identifier: MIT
/**
 * The re-creations of historical bugs: one file each below bugs/, and in not-shown.yaml the bugs that have none, with the
 * reason. A re-creation is an edit of the real sources, never a model of its own.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';

const words = z.union([z.string().transform((one) => [one]), z.array(z.string())]).default([]);

/** Subjects, as in `on` of a case's divergences: all conditions hold, a list of names gives alternatives. */
const where = z.strictObject({ arch: words, revision: words, feature: words, lacks: words });
export type Where = z.infer<typeof where>;

const edit = z.strictObject({
  /** Path in the repository. */
  file: z.string().regex(/^(backends|harness\/(ftrace|target\/session))\/[\w./-]+\.(S|ts)$/),
  /** Whole lines, which must be there exactly once; how far all of them are indented does not matter. */
  old: z.string().min(1),
  /** What stands in their place. */
  new: z.string(),
});
export type Edit = z.infer<typeof edit>;

const recreation = z.strictObject({
  /** Subject line of the commit that mended it. */
  title: z.string().min(1),
  /** Commit and kernel, as far as known. */
  fixed: z.string().min(1),
  class: z.enum(['TR', 'TB', 'AC', 'CO', 'PA']),
  /** What was wrong, in a sentence or two. */
  wrong: z.string().min(1),
  /** Where the re-creation is not the very step that was wrong. */
  note: z.string().min(1).optional(),
  /** Kconfig symbols of the build in which the bug shows, where the back-ends that `on` names have them otherwise. */
  config: z.record(z.string(), z.boolean()).default({}),
  change: z.array(edit).min(1),
  /** The subjects concerned: one of these holds. */
  on: z.array(where).min(1),
  /** Cases that fail: each on some of the subjects, on each of the subjects some. */
  cases: z.array(z.string()).default([]),
  /** The same, but written for this bug alone. */
  own: z.array(z.string()).default([]),
});
export interface Recreation extends z.infer<typeof recreation> {
  readonly id: string;
  /** All that fail: `cases` and `own`. */
  readonly caught: readonly string[];
}

const folder = new URL('bugs/', import.meta.url);

/** All re-creations, by id. @throws with the name of a file that is not as it should be */
export function recreations(): Recreation[] {
  const files = readdirSync(folder).sort();
  return files.map((file) => {
    const id = file.replace(/\.yaml$/, '');
    const read = recreation.safeParse(parse(readFileSync(new URL(file, folder), 'utf8')));
    if (!read.success) throw new Error(`${fileURLToPath(folder)}${file}: ${z.prettifyError(read.error)}`);
    return { id, ...read.data, caught: [...read.data.cases, ...read.data.own] };
  });
}

const reasons = z.record(z.string(), z.string().min(20));

/** Bugs without a re-creation: id → why. */
export function notShown(): Readonly<Record<string, string>> {
  return reasons.parse(parse(readFileSync(new URL('not-shown.yaml', import.meta.url), 'utf8')) ?? {});
}
