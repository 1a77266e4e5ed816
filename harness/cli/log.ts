// SPDX-License-Identifier: MIT
/** A stored run by its parts, as merging, filters and reruns take it. */
import type { Log } from '../report/merge.js';
import type { Io } from './io.js';
import { readStored } from './stored-log.js';

/** @throws Problem for what cannot be read, or is no whole log */
export function readParts(path: string, io: Pick<Io, 'cwd'>): Log {
  const [header, ...rest] = readStored(path, io);
  return {
    name: path,
    header,
    cases: rest.slice(0, -1) as Log['cases'],
    footer: rest.at(-1) as Log['footer'],
  };
}
