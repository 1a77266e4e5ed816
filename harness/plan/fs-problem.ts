// SPDX-License-Identifier: MIT
/** What the file system refused, for a person: why, and what to do about it. Codes are those of errno(3). */
import { lstatSync, type Stats, statSync } from 'node:fs';
import { Problem } from './problem.js';

const WHY: Readonly<Record<string, string>> = {
  EACCES: 'permission denied; make it readable, and the folders above it searchable',
  EPERM: 'permission denied; make it readable, and the folders above it searchable',
  ENOENT: 'does not exist',
  ENOTDIR: 'not a directory; name a directory, or name a case file as an argument',
  EISDIR: 'a directory, not a file; name one that holds case files, or rename it',
  ELOOP: 'a link that leads back to itself; remove it or point it at a file',
  ENAMETOOLONG: 'the name is too long for this file system',
  EEXIST: 'something of that name is there that is no directory',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the device',
  EMFILE: 'too many open files; raise the limit (ulimit -n)',
};

/** `cases/a.yaml: permission denied; …` */
export function fsProblem(shown: string, error: unknown): Problem {
  return new Problem(`${shown}: ${fsReason(error)}`);
}

export function fsReason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  const why = WHY[code];
  return why === undefined ? `cannot be read (${code})` : `${why} (${code})`;
}

/**
 * What a path leads to, links followed; `undefined` where there is nothing of that name.
 * @throws Problem for a link to nothing or to itself, and for what may not be looked at
 */
export function lookAt(path: string, shown: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && isLink(path))
      throw new Problem(`${shown}: a link to what does not exist; remove the link or restore its target`);
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return undefined;
    throw fsProblem(shown, error);
  }
}

/** What is no regular file is not opened: reading a FIFO waits for ever, reading a device may do anything. */
export function refuseIrregular(shown: string, stats: Stats): void {
  if (stats.isFile()) return;
  if (stats.isDirectory()) throw fsProblem(shown, { code: 'EISDIR' });
  const what = stats.isFIFO() ? 'a FIFO' : stats.isSocket() ? 'a socket' : 'a device';
  throw new Problem(`${shown}: ${what}, which is not opened; a case is a regular file`);
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}
