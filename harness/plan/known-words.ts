// SPDX-License-Identifier: MIT
/**
 * Words of all back-ends that the corpus speaks of, in one list beside it, `cases/known-words.json`. A back-end's folder
 * may be taken away: what cases say of it then concerns nobody, and is no slip of the pen.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './package-root.js';
import type { Words } from './vocabulary.js';

export const KNOWN_WORDS = join(packageRoot, 'cases/known-words.json');

let known: Words | undefined;

/** Read when first asked for. */
export function knownWords(): Words {
  known ??= JSON.parse(readFileSync(KNOWN_WORDS, 'utf8')) as Words;
  return known;
}
