// SPDX-License-Identifier: MIT
/** Reads case files: which are there, and the text of one, refusing what cannot be a case. */
import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fsProblem, lookAt, refuseIrregular } from './fs-problem.js';
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
 * All case files below a directory, sorted by id. Links to directories are not followed.
 * @throws Problem for a directory that cannot be read, for a file that is nearly called a case, `a.yml`, and for a
 *   directory that is called like one: a case that is left out without a word would be taken for one that passes
 */
export function caseFilesBelow(directory: string, shownPrefix: string): CaseFile[] {
  const files: CaseFile[] = [];
  const walk = (path: string, below: string) => {
    for (const entry of entriesOf(path, `${shownPrefix}${below}` || basename(path))) {
      const [inner, name] = [join(path, entry.name), `${below}${entry.name}`];
      if (NEARLY.test(entry.name)) {
        refuseNearly(entry, `${shownPrefix}${name}`);
        files.push({ id: name.slice(0, -EXTENSION.length), path: inner, shown: `${shownPrefix}${name}` });
      } else if (entry.isDirectory()) walk(inner, `${name}/`);
    }
  };
  walk(directory, '');
  return files.sort((a, b) => byId(a.id, b.id));
}

function refuseNearly(entry: Dirent, shown: string): void {
  if (entry.isDirectory())
    throw new Problem(`${shown}: a directory; only case files are called *${EXTENSION}`);
  if (entry.name.endsWith(EXTENSION)) return;
  const right = entry.name.replace(NEARLY, EXTENSION);
  throw new Problem(`${shown}: cases end in ${EXTENSION}; rename it to ${right}`);
}

function entriesOf(path: string, shown: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    throw fsProblem(shown, error);
  }
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
    const stats = lookAt(file.path, file.shown);
    if (stats === undefined) throw refuse('is no longer there');
    refuseIrregular(file.shown, stats);
    if (stats.size > MAX_BYTES) {
      throw refuse(`${(stats.size / 1e6).toFixed(1)} MB; a case file has at most ${MAX_BYTES / 1e6} MB`);
    }
    bytes = readFileSync(file.path);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw fsProblem(file.shown, error);
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // Falls through to the refusal below: not UTF-8.
  }
  throw refuse('a binary file, not YAML text in UTF-8');
}
