// SPDX-License-Identifier: MIT
/** Reads case files: which are there, and the text of one, refusing what cannot be a case. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { byId } from './order.js';
import { Problem } from './problem.js';

export const EXTENSION = '.yaml';
/** A case of this many bytes is a mistake. */
export const MAX_BYTES = 1_000_000;

export interface CaseFile {
  /** Id of the case, or of its family: path below the case directory, with `/`, without extension. */
  readonly id: string;
  /** To open it. */
  readonly path: string;
  /** To print it, relative and with `/`. */
  readonly shown: string;
}

/** What somebody took for the name of a case file. */
const NEARLY = /\.(yml|yaml)$/i;

/**
 * All case files below a directory, sorted by id.
 * @throws Problem for a file that is nearly called a case, `a.yml`, and a directory that is called like one:
 *   a case that is left out without a word would be taken for one that passes
 */
export function caseFilesBelow(directory: string, shownPrefix: string): CaseFile[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => NEARLY.test(entry.name))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const below = relative(directory, path).split(sep).join('/');
      if (entry.isDirectory()) {
        throw new Problem(`${shownPrefix}${below}: a directory; only case files are called *${EXTENSION}`);
      }
      if (!entry.name.endsWith(EXTENSION)) {
        throw new Problem(
          `${shownPrefix}${below}: cases end in ${EXTENSION}; rename it to ${entry.name.replace(NEARLY, EXTENSION)}`,
        );
      }
      return { id: below.slice(0, -EXTENSION.length), path, shown: `${shownPrefix}${below}` };
    })
    .sort((a, b) => byId(a.id, b.id));
}

/** A file named on the command line that lies in no case directory. */
export function looseFile(path: string): CaseFile {
  const name = basename(path);
  if (!name.endsWith(EXTENSION)) {
    throw new Problem(`${path}: not a case file; cases end in ${EXTENSION}`);
  }
  return { id: name.slice(0, -EXTENSION.length), path, shown: name };
}

/** @throws Problem for what is no readable text of reasonable size; at 1:1 for what is wrong with the file as a whole */
export function readCase(file: CaseFile): string {
  const refuse = (why: string) => new Problem(`${file.shown}:1:1: ${why}`);
  let bytes: Buffer;
  try {
    const { size } = statSync(file.path);
    if (size > MAX_BYTES) {
      throw refuse(`${(size / 1e6).toFixed(1)} MB; a case file has at most ${MAX_BYTES / 1e6} MB`);
    }
    bytes = readFileSync(file.path);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(
      `${file.shown}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`,
    );
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // Falls through to the refusal below: not UTF-8.
  }
  throw refuse('a binary file, not YAML text in UTF-8');
}
