// SPDX-License-Identifier: MIT
/** Where kernels are kept: below the user's cache directory (XDG Base Directory Specification 0.8), if no place is named. */
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** Variable that names the directory. */
export const KERNELS_VARIABLE = 'FTRACE_CONFORM_KERNELS';

/** @param given by option; else the variable, else the cache */
export function kernelsPlace({ environment, cwd }: Surroundings, given?: string): string {
  const named = given || environment[KERNELS_VARIABLE];
  if (named) return resolve(cwd, named);
  const cache = environment.XDG_CACHE_HOME ?? '';
  // Relative paths there are to be ignored.
  const root = isAbsolute(cache) ? cache : join(environment.HOME || homedir(), '.cache');
  return join(root, 'ftrace-conform', 'kernels');
}
