// SPDX-License-Identifier: MIT
/** Profiles that are always there. A file's profile of the same name adds to them, key by key. */

/** Keys and values as in a settings file. */
export const PROFILES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  /** While one edits: the newest kernel only. */
  quick: { kernel: ['newest'] },
  /** Read as a log, by people who were not there. */
  ci: { color: 'never', verbose: 0 },
  /** Everything, and a row for each family. */
  nightly: { verbose: 1 },
};
