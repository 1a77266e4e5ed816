// SPDX-License-Identifier: MIT
/**
 * Directories for reports, made step by step: Node's recursive mkdir never returns below a file system that
 * makes nothing (/proc), where every step says ENOENT.
 */
import { accessSync, constants, mkdirSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fsReason } from '../plan/fs-problem.js';
import { Problem } from '../plan/problem.js';

/** The option that names a directory, where no other does. */
const OUT = '--out';

/**
 * What can be told of a directory before anything is loaded; makes nothing.
 * @param names of the files to come
 * @throws Problem
 */
export function checkDirectory(
  path: string,
  shown: string,
  names: readonly string[],
  option: string = OUT,
): void {
  if (shown === '') throw new Problem(`${option} is empty; name a directory`);
  if (!existing(path, shown, option)) return;
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw refused(shown, 'cannot be written to', error, option);
  }
  for (const name of names) {
    if (statSync(join(path, name), { throwIfNoEntry: false })?.isFile() === false) {
      throw new Problem(
        `${option} ${shown}: ${name} is there and is no regular file; remove it or name another directory`,
      );
    }
  }
}

/** Makes a directory and those above it; gives those it made, outermost first. @throws Problem */
export function makeDirectory(path: string, shown: string, option: string = OUT): string[] {
  const wanted: string[] = [];
  let ancestor = path;
  while (!existing(ancestor, shown, option)) {
    wanted.unshift(ancestor);
    ancestor = dirname(ancestor);
  }
  const made: string[] = [];
  try {
    for (const one of wanted) {
      mkdirSync(one);
      made.push(one);
    }
  } catch (error) {
    for (const one of made.reverse()) rmdirSync(one);
    const where = basename(ancestor) || ancestor;
    // The parent is there: that it "does not exist" is how a file system says that it makes nothing.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new Problem(`${option} ${shown}: no directory can be made in ${where}; name another directory`);
    }
    throw refused(shown, `no directory can be made in ${where}`, error, option);
  }
  return made;
}

/**
 * Makes sure before a run that its reports can be written after it.
 * @param names of the files to come
 * @throws Problem; then nothing was made
 */
export function prepareDirectory(
  path: string,
  shown: string,
  names: readonly string[],
  option: string = OUT,
): void {
  checkDirectory(path, shown, names, option);
  const made = makeDirectory(path, shown, option);
  const probe = join(path, `.${process.pid}.probe`);
  try {
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    for (const one of made.reverse()) rmdirSync(one);
    throw refused(shown, 'cannot be written to', error, option);
  }
}

function existing(path: string, shown: string, option: string): boolean {
  try {
    if (statSync(path).isDirectory()) return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && dirname(path) !== path) return false;
    if (code === 'ENOTDIR' && dirname(path) !== path) return existing(dirname(path), shown, option);
    throw refused(shown, basename(path) || path, error, option);
  }
  throw new Problem(`${option} ${shown}: ${basename(path)} is a file; name a directory`);
}

function refused(shown: string, what: string, error: unknown, option: string): Problem {
  return new Problem(`${option} ${shown}: ${what}: ${fsReason(error)}; name another directory`);
}
