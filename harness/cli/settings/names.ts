// SPDX-License-Identifier: MIT
/** What options are called in settings files and in the environment. */
import { OPTIONS, type OptionName } from '../options.js';

export const PREFIX = 'FTRACE_CONFORM_';

/** `--show-progress <how>` → `show-progress`. */
export function keyOf(name: OptionName): string {
  return /--([\w-]+)/.exec(OPTIONS[name].flags)?.[1] ?? name;
}

export const variableOf = (key: string) => `${PREFIX}${key.toUpperCase().replaceAll('-', '_')}`;
