// SPDX-License-Identifier: MIT
/** Reads stored runs named on the command line. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Problem } from '../plan/problem.js';
import { readLog } from '../report/jsonl.js';
import type { Log } from '../report/merge.js';
import type { Io } from './io.js';

/** @throws Problem for what cannot be read, or is no whole log */
export function readStored(path: string, { cwd }: Pick<Io, 'cwd'>): Log {
  let text: string;
  try {
    text = readFileSync(resolve(cwd, path), 'utf8');
  } catch (error) {
    throw new Problem(
      `${path}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`,
    );
  }
  const [header, ...rest] = readLog(text, path);
  return {
    name: path,
    header,
    cases: rest.slice(0, -1) as Log['cases'],
    footer: rest.at(-1) as Log['footer'],
  };
}
