// SPDX-License-Identifier: MIT
/** Writes a file whole or not at all: a temporary file in the same directory, then rename(2). */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { Problem } from '../plan/problem.js';

/** @throws Problem when the directory cannot be written */
export function writeAtomically(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    remove(temporary);
    throw new Problem(`cannot write ${path} (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
}

/** What failed first is what is told; a rest that cannot be removed is not. */
function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Nothing was written there.
  }
}
