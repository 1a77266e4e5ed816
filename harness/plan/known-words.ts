// SPDX-License-Identifier: MIT
/**
 * Words of all back-ends that the corpus speaks of, in one list beside it, `cases/known-words.json`. A back-end's folder
 * may be taken away: what cases say of it then concerns nobody, and is no slip of the pen.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './package-root.js';
import type { Words } from './vocabulary.js';

export const KNOWN_WORDS = join(packageRoot, 'cases/known-words.json');

let known: Words | undefined;

const NONE: Words = { archs: [], revisions: [], features: [], fields: { ftrace_regs: [], pt_regs: [] } };

/** Read when first asked for; where the corpus is not, nothing is known besides the back-ends. */
export function knownWords(): Words {
  known ??= existsSync(KNOWN_WORDS) ? (JSON.parse(readFileSync(KNOWN_WORDS, 'utf8')) as Words) : NONE;
  return known;
}
