// SPDX-License-Identifier: MIT
/** A log as an argument names it. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Problem } from '../plan/problem.js';
import { readLog } from '../report/jsonl.js';
import type { Io } from './io.js';

/** @throws Problem for what cannot be read, with exit code 6 for what is no whole log */
export function readStored(log: string, { cwd }: Pick<Io, 'cwd'>): ReturnType<typeof readLog> {
  let text: string;
  try {
    text = readFileSync(resolve(cwd, log), 'utf8');
  } catch (error) {
    throw new Problem(`${log}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
  return readLog(text, log);
}
