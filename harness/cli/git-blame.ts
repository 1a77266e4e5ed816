// SPDX-License-Identifier: MIT
/** Since when lines of a file stand there, by git where it is and knows the file. */
import { execFile } from 'node:child_process';
import { basename, dirname } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Days as `2026-11-20` by 1-based line; a line that is not committed has none. `null`: git is not there, or knows no such file. */
export type Days = ReadonlyMap<number, string> | null;

/** git blame(1), "THE PORCELAIN FORMAT". The author's time: rebasing does not make a line younger. */
export async function daysOf(path: string): Promise<Days> {
  let text: string;
  try {
    const asked = ['-C', dirname(path), 'blame', '--line-porcelain', '--', basename(path)];
    text = (await run('git', asked, { maxBuffer: 64e6 })).stdout;
  } catch {
    return null;
  }
  const days = new Map<number, string>();
  let [line, committed] = [0, false];
  for (const row of text.split('\n')) {
    const [, commit, place] = /^([0-9a-f]{40,64}) \d+ (\d+)/.exec(row) ?? [];
    if (commit !== undefined) [line, committed] = [Number(place), !/^0+$/.test(commit)];
    const [, seconds] = /^author-time (\d+)$/.exec(row) ?? [];
    if (seconds !== undefined && committed)
      days.set(line, new Date(Number(seconds) * 1000).toISOString().slice(0, 10));
  }
  return days;
}
