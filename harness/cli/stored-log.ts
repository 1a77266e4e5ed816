// SPDX-License-Identifier: MIT
/** Files that arguments name, and logs in them. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Problem } from '../plan/problem.js';
import { readLog } from '../report/jsonl.js';
import type { Log } from '../report/log.js';
import type { Io } from './io.js';

/** @throws Problem */
export function textOf({ cwd }: Pick<Io, 'cwd'>, name: string): string {
  try {
    return readFileSync(resolve(cwd, name), 'utf8');
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new Problem(`${name}: cannot be read (${code})`);
  }
}

/** @throws Problem for what cannot be read, with exit code 6 for what is no whole log */
export function readStored(log: string, io: Pick<Io, 'cwd'>): ReturnType<typeof readLog> {
  return readLog(textOf(io, log), log);
}

/** A stored run by its parts, as merging, filters and reruns take it. @throws as {@link readStored} */
export function readParts(log: string, io: Pick<Io, 'cwd'>): Log {
  const [header, ...rest] = readStored(log, io);
  return {
    name: log,
    header,
    cases: rest.slice(0, -1) as Log['cases'],
    footer: rest.at(-1) as Log['footer'],
  };
}
