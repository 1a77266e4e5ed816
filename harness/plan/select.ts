// SPDX-License-Identifier: MIT
/**
 * Which case files a selector of the command line means: a dotted id, a folder of ids, a file or a
 * directory. No selector means all of the case directory.
 */
import { join, relative, resolve, sep } from 'node:path';
import { EXIT } from '../compare/exit-codes.js';
import { type CaseFile, caseFilesBelow, EXTENSION, looseFile } from './files.js';
import { fsProblem, lookAt, refuseIrregular } from './fs-problem.js';
import { byId } from './order.js';
import { Problem } from './problem.js';
import { didYouMean } from './suggest.js';

export interface Selected {
  readonly file: CaseFile;
  /** Expanded ids wanted of a family; `null`: all of the file. */
  readonly rows: readonly string[] | null;
}

export interface Place {
  /** Directory with the cases that have ids. */
  readonly caseDirectory: string;
  /** How it is printed: `cases/`. */
  readonly shown: string;
  /** Directory relative selectors start at. */
  readonly from: string;
}

/** @throws Problem for a selector that names nothing, or a case directory without cases */
export function select(selectors: readonly string[], place: Place): Selected[] {
  const there = lookAt(place.caseDirectory, place.shown);
  if (there?.isDirectory() === false) throw fsProblem(place.shown.replace(/\/$/, ''), { code: 'ENOTDIR' });
  const known = there === undefined ? [] : caseFilesBelow(place.caseDirectory, place.shown);
  const chosen = new Map<string, Selected>();
  const add = (file: CaseFile, rows: readonly string[] | null) => {
    const before = chosen.get(file.path);
    const merged = before === undefined ? rows : before.rows && rows && [...before.rows, ...rows];
    chosen.set(file.path, { file, rows: merged });
  };
  if (selectors.length === 0) {
    if (known.length === 0) {
      throw new Problem(
        `no cases: ${place.shown} ${there === undefined ? 'does not exist' : `has no ${EXTENSION} file`}`,
      );
    }
    for (const file of known) add(file, null);
  }
  for (const selector of selectors) {
    const found = filesById(selector, known) ?? filesByPath(selector, known, place);
    if (found === undefined) throw nothing(selector, known);
    for (const { file, rows } of found) add(file, rows);
  }
  return [...chosen.values()].sort((a, b) => byId(a.file.id, b.file.id));
}

function filesById(selector: string, known: readonly CaseFile[]): Selected[] | undefined {
  const id = selector.replace(/\/+$/, '');
  const exact = known.find((file) => file.id === id);
  if (exact !== undefined) return [{ file: exact, rows: null }];
  const below = known.filter((file) => file.id.startsWith(`${id}/`));
  if (below.length > 0) return below.map((file) => ({ file, rows: null }));
  const family = known.find((file) => id.startsWith(`${file.id}.`) && id !== `${file.id}${EXTENSION}`);
  return family && [{ file: family, rows: [id] }];
}

function filesByPath(selector: string, known: readonly CaseFile[], place: Place): Selected[] | undefined {
  const path = resolve(place.from, selector);
  const there = selector === '' ? undefined : lookAt(path, selector);
  if (there === undefined) return undefined;
  const same = known.find((file) => resolve(file.path) === path);
  if (same !== undefined) return [{ file: same, rows: null }];
  if (!there.isDirectory()) {
    refuseIrregular(selector, there);
    return [{ file: looseFile(path), rows: null }];
  }
  const below = relative(path, place.caseDirectory).split(sep);
  const files =
    below[0] === '..' || below.join('') === ''
      ? known.filter((file) => resolve(file.path).startsWith(path + sep))
      : caseFilesBelow(path, '');
  const list = files.length > 0 ? files : caseFilesBelow(path, '');
  if (list.length === 0)
    throw new Problem(`${selector}: a directory without cases (no ${EXTENSION} file below)`);
  return list.map((file) => ({ file, rows: null }));
}

function nothing(selector: string, known: readonly CaseFile[]): Problem {
  if (/[/\\]|\.yaml$/.test(selector) && selector.endsWith(EXTENSION)) {
    const bare = selector.slice(0, -EXTENSION.length).replace(/^.*?cases\//, '');
    return new Problem(
      `no such file: ${selector}${didYouMean(
        bare,
        known.map((file) => file.id),
      )}`,
    );
  }
  const folders = known.map((file) => file.id.replace(/\/[^/]*$/, ''));
  const hint = didYouMean(selector, [...known.map((file) => file.id), ...folders]);
  return new Problem(`no case matches ${selector}${hint}\nids: ftrace-conform list`, EXIT.nothing);
}

/** The default: `cases/` of the package. */
export function defaultPlace(packageRoot: string, from: string): Place {
  return { caseDirectory: join(packageRoot, 'cases'), shown: 'cases/', from };
}
