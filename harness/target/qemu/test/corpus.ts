// SPDX-License-Identifier: MIT
/** For tests: all cases of the project. */
import { readFileSync } from 'node:fs';
import { parseCases } from '../../../case/parse.js';
import type { Case } from '../../../case/types.js';
import { caseFilesBelow } from '../../../plan/files.js';

const directory = new URL('../../../../cases/', import.meta.url).pathname;

export function corpus(): readonly Case[] {
  return caseFilesBelow(directory, 'cases/').flatMap(
    ({ path, shown, id }) => parseCases(shown, readFileSync(path, 'utf8'), id).cases,
  );
}
