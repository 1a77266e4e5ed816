// SPDX-License-Identifier: MIT
/** Options that no settings file and no profile may have, and where each of them belongs. */
import { nearest } from '../../ctype/nearest.js';
import type { OptionName } from '../options.js';
import { keyOf, variableOf } from './names.js';

/** Options that say which settings to read, or what this one command is about: they have no variable either. */
const COMMAND_LINE: readonly OptionName[] = [
  ...(['rerun', 'from', 'list', 'merge', 'subjects', 'unsupported', 'covers'] as const),
  ...(['schema', 'before', 'vs', 'watch', 'corpus', 'random', 'instructions'] as const),
];

/**
 * With a variable of their own, `--filter` and `--shard` since it holds for what runs and not for logs (filter.ts,
 * plan/shard.ts).
 */
const WITH_VARIABLE: readonly OptionName[] = ['config', 'profile', 'filter', 'shard'];

/** By key. */
const PLACES: ReadonlyMap<string, string> = new Map([
  ...COMMAND_LINE.map((name) => [keyOf(name), `--${keyOf(name)} is for the command line alone`] as const),
  ...WITH_VARIABLE.map(
    (name) =>
      [
        keyOf(name),
        `${keyOf(name)} is for the command line, --${keyOf(name)}, or the environment, ${variableOf(keyOf(name))}`,
      ] as const,
  ),
]);

export const ELSEWHERE: readonly OptionName[] = [...COMMAND_LINE, ...WITH_VARIABLE];

/** Where the option of a key belongs that settings do not have; `undefined` where they do, or nothing is called so. */
export function placeOf(key: string): string | undefined {
  return PLACES.get(key);
}

/** The same of a slip in its name, where no other key is as near. */
export function placeMeant(key: string, known: readonly string[]): string | undefined {
  const near = nearest(key, [...known, ...PLACES.keys()]);
  return near === undefined || known.includes(near) ? undefined : PLACES.get(near);
}
